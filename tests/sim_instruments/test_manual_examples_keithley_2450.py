"""Examples of the 2450 reference manual, 2450-901-01 rev. B, on a known resistor and on a channel."""

from __future__ import annotations

import itertools

import pytest

from emulator import Array, Chip, Harness, VirtualClock, literature
from sim_instruments import Surroundings, create
from tests.sim_instruments.unit_2450 import Unit2450

LIST_SWEEP = (
    "*RST", 'SENS:FUNC "CURR"', "SENS:CURR:RANG:AUTO ON", "SENS:CURR:RSEN OFF", "SOUR:FUNC VOLT", "SOUR:VOLT:RANG 20",
    "SOUR:VOLT:ILIM 1", "SOUR:LIST:VOLT 1, 5, 1, 5, 1, 5", "SOUR:SWE:VOLT:LIST 1, 0.2", "INIT", "*WAI",
)  # fmt: skip


def test_readings_one_by_one_into_a_buffer_of_its_own() -> None:
    """Page 6-124: five triggers, then their relative times; a reading takes as long as the one before."""
    unit = Unit2450(1e6)
    unit.write("SOUR:VOLT 1", "OUTP ON", 'TRACe:MAKE "MyBuffer", 100')
    unit.write(*['TRACe:TRIG "MyBuffer"'] * 5)
    times = unit.numbers('TRACe:DATA? 1,5, "MyBuffer", rel')
    assert times[0] == 0.0
    steps = [late - early for early, late in itertools.pairwise(times)]
    assert steps == pytest.approx([steps[0]] * 4, abs=1e-5)
    assert 0.02 < steps[0] < 0.5  # the manual's printout has 0.41 s, on another range
    assert unit.numbers('TRACe:DATA? 1,5, "MyBuffer"') == pytest.approx([1e-6] * 5, rel=1e-5)
    assert unit.ask('TRACe:ACTual? "MyBuffer"') == "5"
    assert unit.errors() == []


def test_the_list_sweep_starts_after_its_index_and_appends() -> None:
    """Pages 6-78 and 6-79: the list of the example, longer by two levels, from its third level on."""
    unit = Unit2450(1e6)
    unit.write(*LIST_SWEEP[:-3], "SOUR:LIST:VOLT:APP 2, 3", "SOUR:SWE:VOLT:LIST 3, 0.2", "INIT", "*WAI")
    values = unit.numbers('TRAC:DATA? 1, 6, "defbuffer1", SOUR, READ')
    assert values[::2] == pytest.approx([1, 5, 1, 5, 2, 3], rel=1e-6)
    assert values[1::2] == pytest.approx([1e-6, 5e-6, 1e-6, 5e-6, 2e-6, 3e-6], rel=1e-5)
    assert unit.errors() == []


def test_the_list_sweep_on_a_channel() -> None:
    """Page 6-78 with levels that a channel stands: the current is the conductance of the literature times the level."""
    device = literature.load("kim2019").model
    array = Array(device, 1, 1, seed=1, device_spread=False, cycle_noise=False)
    harness = Harness(VirtualClock(), Chip(array, read_noise=False))
    unit = create("keithley_2450", Surroundings("unit", harness, noise=False, accuracy=False))
    harness.connect("unit.1", "chip.D0")
    for pad in ("G0", "S0"):
        harness.connect(f"chip.{pad}", "ground")
    for message in (*LIST_SWEEP[:7], "SOUR:LIST:VOLT 0.1, 0.2, 0.1, 0.2", *LIST_SWEEP[8:]):
        assert unit.execute(message.encode("ascii")) is None
    reply = unit.execute(b'TRAC:DATA? 1, 4, "defbuffer1", READ')
    assert reply is not None
    currents = [float(part) for part in reply.split(b",")]
    assert currents == pytest.approx([0.15e-6, 0.3e-6, 0.15e-6, 0.3e-6], rel=0.01)  # 1.5 µS at the start


def test_four_wire_current_and_voltage_of_a_solar_cell_on_a_2450() -> None:
    """A linear sweep (page 6-81) of 56 steps to 0.53 V at 0.1 s each, as for a solar cell; put together from the
    description of the commands.
    """
    unit = Unit2450(1e3)
    unit.write(
        "*RST", 'SENS:FUNC "CURR"', "SENS:CURR:RANG:AUTO ON", "SENS:CURR:RSEN ON", "SOUR:FUNC VOLT", "SOUR:VOLT:RANG 2",
        "SOUR:VOLT:ILIM 1", "SOUR:SWE:VOLT:LIN 0, 0.53, 56, 0.1", ":INIT", "*WAI",
    )  # fmt: skip
    values = unit.numbers('TRAC:DATA? 1, 56, "defbuffer1", SOUR, READ')
    assert values[::2] == pytest.approx([0.53 * k / 55 for k in range(56)], abs=1e-6)
    assert values[1::2] == pytest.approx([0.53e-3 * k / 55 for k in range(56)], abs=1e-8)
    assert unit.now >= 56 * 0.1
    assert unit.errors() == []
