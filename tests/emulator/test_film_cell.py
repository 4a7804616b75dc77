"""A film electrode behind ports: what instruments see of it follows from the closed forms and from the film alone."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emulator import (
    CurrentSource,
    FilmCell,
    FilmElectrode,
    Ground,
    Harness,
    Open,
    VirtualClock,
    VoltageSource,
    Waveform,
)

F, R, T = 96485.33212, 8.314462618, 300.0
AREA, HEIGHT, D, C0 = 1e-8, 2e-6, 1e-14, 2e4
FILM = FilmElectrode(area=AREA, thickness=HEIGHT, diffusivity=D, concentration=C0, rate_constant=1e-3)


class Cell:
    """A cell between two ports."""

    def __init__(self, **changes: float) -> None:
        self.cell = FilmCell(replace(FILM, **changes), temperature=T)
        self.harness = Harness(VirtualClock(), self.cell)
        self.gate, self.counter = self.harness.add_port("unit.g"), self.harness.add_port("unit.c")
        self.harness.connect("unit.g", "chip.G0")
        self.harness.connect("unit.c", "chip.D0")
        self.counter.drive = Ground()

    def lost(self) -> float:
        """Charge that the film has lost since it was full [C]."""
        return (1.0 - self.cell.film.filling) * F * AREA * HEIGHT * C0


def test_both_ports_measure_the_charge_that_the_film_loses():
    rig = Cell()
    rig.gate.drive = VoltageSource(0.6)
    gate, counter = rig.harness.measure_all([rig.gate, rig.counter], 4.0)
    assert gate.current == pytest.approx(2.0 * F * AREA * C0 * math.sqrt(D / math.pi / 4.0), rel=0.005)  # Cottrell
    assert counter.current == pytest.approx(-gate.current, rel=1e-9)
    assert gate.current * 4.0 == pytest.approx(rig.lost(), rel=1e-9)
    assert gate.voltage == pytest.approx(0.6, rel=1e-12)


def test_only_the_voltage_between_the_electrodes_counts():
    rig, lifted = Cell(), Cell()
    rig.gate.drive = VoltageSource(0.1)
    lifted.gate.drive, lifted.counter.drive = VoltageSource(-0.3), VoltageSource(-0.4)
    sample, other = (cell.harness.measure(cell.gate, 2.0) for cell in (rig, lifted))
    assert other.current == pytest.approx(sample.current, rel=1e-9)
    assert other.voltage == pytest.approx(-0.3, rel=1e-9)


def test_the_second_counter_pad_is_the_first():
    rig = Cell()
    extra = rig.harness.add_port("unit.s")
    rig.harness.connect("unit.s", "chip.S0")
    rig.counter.drive, extra.drive = Open(), Ground()
    rig.gate.drive = VoltageSource(0.6)
    gate, source = rig.harness.measure_all([rig.gate, extra], 4.0)
    assert source.current == pytest.approx(-gate.current, rel=1e-9)
    assert gate.current > 0.0


def test_an_open_cell_shows_its_potential_and_keeps_its_ions():
    rig = Cell(filling=0.25)
    for drive in (Open(), CurrentSource(0.0)):
        rig.gate.drive = drive
        sample = rig.harness.measure(rig.gate, 10.0)
        assert sample.voltage == pytest.approx(R * T / F * math.log(3.0), rel=1e-6)
        assert sample.current == 0.0
    rig.gate.drive, rig.counter.drive = VoltageSource(0.5), Open()
    assert rig.harness.measure(rig.gate, 10.0).current == pytest.approx(0.0, abs=1e-15)
    assert rig.cell.film.filling == pytest.approx(0.25, rel=1e-9)


def test_a_current_source_gives_its_charge_until_its_voltage_limit():
    amperes = 5e-7
    sand = math.pi * D * (F * AREA * C0 / (2.0 * amperes)) ** 2
    rig = Cell()
    rig.gate.drive = CurrentSource(amperes, voltage_limit=1.0)
    sample = rig.harness.measure(rig.gate, 0.97 * sand)
    assert not sample.limited
    assert sample.current == pytest.approx(amperes, rel=1e-9)
    assert rig.lost() == pytest.approx(amperes * 0.97 * sand, rel=1e-9)
    rig.harness.advance(0.1 * sand)
    sample = rig.harness.measure(rig.gate, 0.01 * sand)
    assert sample.limited
    assert sample.voltage == pytest.approx(1.0, rel=1e-9)
    assert 0.0 < sample.current < amperes


def test_a_current_limit_holds_until_diffusion_is_the_bottleneck():
    rig = Cell()
    rig.gate.drive = VoltageSource(0.6, current_limit=5e-7)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert sample.limited
    assert sample.current == pytest.approx(5e-7, rel=1e-9)
    assert sample.voltage < 0.2
    rig.harness.advance(60.0)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert not sample.limited
    assert sample.current < 5e-7


def test_a_resistor_in_series_takes_voltage():
    rig = Cell(filling=0.5)
    rig.gate.drive = VoltageSource(0.3, resistance=1e6)
    sample = rig.harness.measure(rig.gate, 5.0)
    assert sample.voltage + 1e6 * sample.current == pytest.approx(0.3, rel=1e-6)
    assert 0.0 < sample.voltage < 0.24


def test_probing_leaves_the_film_as_it_is():
    rig = Cell(rate_constant=1e-9)
    rig.gate.drive = VoltageSource(0.1)
    before = rig.cell.film.concentration.copy()
    sample = rig.harness.probe(rig.gate)
    fast = 1e-9 * math.exp(0.5 * F * 0.1 / (R * T))  # a full film: nothing comes back
    assert sample.current == pytest.approx(F * AREA * fast * C0, rel=1e-3)
    np.testing.assert_array_equal(rig.cell.film.concentration, before)


def test_a_ramp_gives_the_peak_of_randles_and_sevcik():
    rate, turn = 0.02, 0.4
    rig = Cell()
    rig.gate.drive = VoltageSource(-0.4)
    rig.gate.start(Waveform(times=(0.0, 0.8 / rate), levels=(-0.4, turn)))
    currents = [rig.harness.measure(rig.gate, 0.002 / rate).current for _ in range(350)]
    law = 0.4463 * F**1.5 / math.sqrt(R * T) * AREA * C0 * math.sqrt(D * rate)
    assert max(currents) == pytest.approx(law, rel=0.005)


def test_impossible_temperatures_are_refused():
    with pytest.raises(ValueError, match=r"temperature = 0\.0 K is not allowed"):
        FilmCell(FILM, temperature=0.0)
