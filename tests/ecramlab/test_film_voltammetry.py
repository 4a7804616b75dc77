"""Cyclic voltammetry through drivers and instruments: the peak current is that of Randles and Sevcik."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from drivers.roles import Readings, SourceMeasureUnit
from ecramlab import bench_file, emulation
from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile, BenchFileError
from tests.ecramlab.conftest import QUIET, BenchMaker

F, R, T = 96485.33212, 8.314462618, 300.0
AREA, D, C0 = 1e-8, 1e-14, 2e4
SLOW = {"area": AREA, "thickness": "2 µm", "diffusivity": D, "concentration": C0, "rate_constant": 1e-12}
FAST = {**SLOW, "rate_constant": 1e-4, "formal_potential": "0.4 V"}
STEP = 1.5e-3  # V


def film_bench(folder: Path, driver: str, film: dict[str, Any]) -> BenchFile:
    terminal = {"keithley_2450": "smu.1", "keithley_2636b": "smu.a"}[driver]
    counter = {"keithley_2450": "other.1", "keithley_2636b": "smu.b"}[driver]
    instruments = {"smu": {"driver": driver, "resource": "GPIB0::26::INSTR"}}
    if counter.startswith("other"):
        instruments["other"] = {"driver": driver, "resource": "GPIB0::27::INSTR"}
    document = {
        "title": "A film",
        "instruments": instruments,
        "wiring": {terminal: "chip.G0", counter: "chip.D0", "ground": "chip.S0"},
        "roles": {"gate": terminal, "drain": counter, "source": "ground"},
        "chip": {"limits": {"gate_voltage": "1.5 V", "gate_current": "10 µA", "drain_current": "10 µA"}},
        "emulation": {"film": film, **QUIET},
    }
    folder.mkdir(exist_ok=True)
    path = folder / "film.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return bench_file.load(path)


def swept(file: BenchFile, levels: Sequence[float], aperture: float) -> Readings:
    with open_bench(file, emulate=True) as bench:
        gate = bench.gate
        assert isinstance(gate, SourceMeasureUnit)
        gate.source_voltage(levels[0], current_limit=1e-5, voltage_range=2.0)
        gate.measure_setup(aperture=aperture, current_range=1e-5)
        gate.output(True)
        return gate.sweep(levels, dwell=0.0, aperture=aperture)


def peak(file: BenchFile, turn: float, aperture: float) -> tuple[float, float]:
    """Scan rate [V/s] as the instrument's clock tells it, and largest current [A] on the way from 0 V."""
    readings = swept(file, (np.arange(round(turn / STEP)) * STEP).tolist(), aperture)
    rate = (readings.levels[-1] - readings.levels[0]) / (readings.times[-1] - readings.times[0])
    top = int(np.argmax(readings.currents))
    assert 0 < top < len(readings) - 1
    return rate, readings.currents[top]


@pytest.mark.parametrize(
    ("driver", "film", "turn", "prefactor"),
    [("keithley_2450", SLOW, 0.72, 0.4958 * math.sqrt(0.5)), ("keithley_2636b", FAST, 0.5, 0.4463)],
)
def test_peak_current_goes_with_the_root_of_the_scan_rate(
    driver: str, film: dict[str, Any], turn: float, prefactor: float, tmp_path: Path
) -> None:
    apertures = (0.16, 0.04, 0.02)
    found = [peak(film_bench(tmp_path / str(k), driver, film), turn, seconds) for k, seconds in enumerate(apertures)]
    rates, amperes = np.array(found).T
    assert rates.max() > 5.0 * rates.min()
    assert np.polyfit(np.log(rates), np.log(amperes), 1)[0] == pytest.approx(0.5, abs=0.005)
    law = prefactor * F**1.5 / math.sqrt(R * T) * AREA * C0 * np.sqrt(D * rates)
    np.testing.assert_allclose(amperes, law, rtol=0.005)


def test_the_film_has_three_pads_and_the_temperature_of_the_file(make_bench: BenchMaker) -> None:
    file = make_bench("film-voltammetry", chip={"temperature": "40 degC"})
    cell = emulation.build_specimen(file)
    assert set(cell.pads) == set(file.chip.pads())
    assert cell.temperature == pytest.approx(313.15)
    assert emulation.build_specimen(make_bench("film-voltammetry")).temperature == 300.0


def test_a_run_file_records_the_film(make_bench: BenchMaker) -> None:
    recorded = emulation.describe(make_bench("film-voltammetry"))
    electrode = {
        "area": 1e-8, "thickness": 2e-6, "diffusivity": 1e-14, "concentration": 2e4, "rate_constant": 1e-12,
        "transfer_coefficient": 0.5, "formal_potential": 0.0, "filling": 1.0,
    }  # fmt: skip
    assert recorded["model"] == pytest.approx(electrode)


def test_a_film_fits_no_array(make_bench: BenchMaker) -> None:
    for chip in ({"rows": 2}, {"heater": True}, {"taps": True}, {"ends": "both"}):
        file = make_bench("film-voltammetry", chip=chip)
        with pytest.raises(
            BenchFileError, match=r"emulation\.film: a film has the pads G0, S0, D0 alone: give chip 1 row"
        ):
            emulation.build_bench(file.path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"area": 0.0}, r"film\.area"),
        ({"thickness": "0 m"}, r"film: thickness = 0\.0 of a film is not allowed: give a finite number above 0"),
        ({"filling": 1.5}, r"film\.filling"),
    ],
)
def test_impossible_films(changed: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(BenchFileError, match=words):
        emulation.build_bench(film_bench(tmp_path, "keithley_2636b", {**SLOW, **changed}).path)
