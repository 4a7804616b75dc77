"""Bench files: the shipped ones load, and errors name line, key, what was given and what is allowed."""

import re
from pathlib import Path

import pytest

from drivers.errors import Refused
from ecramlab import bench_file, emulation, limits
from ecramlab.bench_file import BenchFileError
from emulator import Array, Chip, DeviceModel, VoltageSource

MINIMAL = """\
instruments:
  smu:
    driver: keithley_2636b
    resource: GPIB0::26::INSTR
wiring:
  smu.a: chip.G0
  smu.b: chip.D0
  ground: chip.S0
roles:
  gate: smu.a
  drain: smu.b
chip:
  limits:
    gate_voltage: 4 V
"""


def parse(text: str) -> bench_file.BenchFile:
    return bench_file.parse(text, Path("lab.yaml"))


def test_the_shipped_benches_load() -> None:
    shipped = bench_file.shipped()
    assert {"single-device", "crosspoint-8x8"} <= set(shipped)
    for path in shipped.values():
        assert bench_file.load(path).title


def test_the_array_is_wired_pad_by_pad() -> None:
    wiring = bench_file.load(bench_file.shipped()["crosspoint-8x8"]).cabling
    lines = {f"{line}{n}": wiring.line_of(f"chip.{line}{n}", "matrix") for line in "GSD" for n in range(8)}
    assert lines["G0"] == "101"
    assert lines["S4"] == "201"
    assert lines["D7"] == "212"
    assert len(set(lines.values())) == 24


def test_quantities_have_units() -> None:
    assert parse(MINIMAL).chip.limits.gate_voltage == 4.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "gate_voltage: 4 V",
            "gate_voltage: 4 A",
            "lab.yaml, line 14: chip.limits.gate_voltage: '4 A' is in A, but V is needed",
        ),
        (
            "gate_voltage: 4 V",
            "gate_voltage: 4 kV",
            "lab.yaml, line 14: chip.limits.gate_voltage: 4 kV given, allowed is less than or equal to 200 V",
        ),
        (
            "driver: keithley_2636b",
            "driver: keithley_2400",
            "lab.yaml, line 3: instruments.smu.driver: no driver is called 'keithley_2400': there are",
        ),
        ("resource:", "resourse:", "lab.yaml, line 4: instruments.smu.resourse: unknown"),
        ("smu.b: chip.D0", "smu.c: chip.D0", "smu.c: a keithley_2636b has no terminal 'c'"),
        ("smu.b: chip.D0", "smu.b: chip.D1", "chip.D1: this chip has the pads G0 … D0"),
        ("gate: smu.a", "gate: pulser.1", "pulser.1: no instrument 'pulser'; known are smu, chip and ground"),
        ("  drain: smu.b\n", "", "lab.yaml, line 9: roles.drain: missing"),
        ("smu:\n", "chip:\n", "'chip' cannot name an instrument"),
        ("ground: chip.S0", "ground: chip.H-", "chip.H-: this chip has the pads G0 … D0"),
        (
            "chip:\n",
            "chip:\n  temperature: 25 V\n",
            "chip.temperature: '25 V' is not a temperature; give for example '25",
        ),
        ("chip:\n", "chip:\n  temperature: 1.2.3 K\n", "chip.temperature: '1.2.3 K' is not a temperature"),
        ("chip:\n", "chip:\n  temperature: 200 degC\n", "K is beyond the chip's limit of 450 K"),
        (
            "chip:\n",
            "chip:\n  temperature: -300 degC\n",
            "lab.yaml, line 13: chip.temperature: -26.85 K given, allowed",
        ),
    ],
)
def test_errors_name_line_key_given_and_allowed(old: str, new: str, words: str) -> None:
    assert old in MINIMAL
    with pytest.raises(BenchFileError) as caught:
        parse(MINIMAL.replace(old, new, 1))
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1", "just words"])
def test_what_is_no_bench_file_is_refused(text: str) -> None:
    with pytest.raises(BenchFileError, match=r"lab\.yaml"):
        parse(text)


def test_a_missing_file_names_what_is_shipped() -> None:
    with pytest.raises(BenchFileError, match="single-device"):
        bench_file.find("no-such-bench")


def with_chip(extra: str) -> bench_file.BenchFile:
    return parse(MINIMAL.replace("chip:\n", f"chip:\n{extra}", 1))


@pytest.mark.parametrize(("text", "kelvin"), [("25 degC", 298.15), ("-10°C", 263.15), ("300 K", 300.0), ("310", 310.0)])
def test_temperatures_have_units(text: str, kelvin: float) -> None:
    assert with_chip(f"  temperature: {text}\n").chip.temperature == pytest.approx(kelvin)


@pytest.mark.parametrize("extra", ["", "  heater: true\n", "  taps: true\n  heater: true\n  ends: both\n  rows: 2\n"])
def test_the_emulated_chip_has_the_pads_of_the_bench_file(extra: str) -> None:
    file = with_chip(extra)
    assert tuple(file.chip.pads()) == emulation.build_chip(file).pads
    assert set(file.pads()) <= set(file.chip.pads())


def test_the_twin_has_the_wires_of_the_file() -> None:
    """One segment of the drain line, between two rows; gate and source lines have one crosspoint each."""

    def nets(extra: str) -> int:
        return len(emulation.build_chip(with_chip(f"  rows: 2\n{extra}")).netlist.resistors)

    assert nets("") == 0
    assert nets("  wires: { gate: 0, source: 0, drain: 100 Ω }\n") == 1
    with pytest.raises(BenchFileError, match=r"chip\.wires\.gate"):
        with_chip("  wires: { gate: -1 }\n")


def test_the_twin_takes_the_temperature_of_the_file_or_of_the_published_pulses() -> None:
    assert emulation.build_chip(with_chip("  temperature: 25 degC\n")).temperature == 298.15
    assert emulation.build_chip(bench_file.load(bench_file.find("heater"))).temperature == 298.15
    assert emulation.build_chip(parse(MINIMAL)).temperature == 300.0


def with_emulation(extra: str) -> bench_file.BenchFile:
    return parse(f"{MINIMAL}emulation:\n  device_parameters: {extra}\n")


def test_single_parameters_of_the_device_take_other_values() -> None:
    file = with_emulation("{ trap_count: 3, heater_resistance: 250.0 }")
    model = emulation.build_chip(file).array.model
    assert (model.trap_count, model.heater_resistance) == (3, 250.0)
    assert emulation.describe(file)["model"]["trap_count"] == 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("{ traps: 3 }", "emulation.device_parameters.traps is not a parameter: choose from polarity, charge"),
        ("{ trap_amplitude: 2 }", "emulation.device_parameters: trap_amplitude = 2.* is not allowed: give .* to 1"),
        ("{ max_temperature: 290 }", "temperature = 300.0 K is not allowed: these devices bear 290.0 K at most"),
    ],
)
def test_impossible_twins(extra: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(with_emulation(extra).text)
    with pytest.raises(BenchFileError, match=rf"lab\.yaml: no twin can be built\. {words}"):
        emulation.build_bench(path)


def of_emulation(keys: str) -> bench_file.BenchFile:
    return parse(f"{MINIMAL}emulation: {keys}\n")


def test_defects_and_spread_maps_of_the_twin() -> None:
    plain = emulation.build_chip(of_emulation("{ seed: 2 }"))
    file = of_emulation("{ seed: 2, defects: { open_channel: 1.0 }, spread_maps: { rate: { length: 3 } } }")
    chip = emulation.build_chip(file)
    assert chip.conductances.max() == 0.0
    assert plain.conductances.min() > 0.0
    assert chip.array.spread_maps["rate"].length == 3
    described = emulation.describe(file)
    assert (described["defects"], described["spread_maps"]) == ({"open_channel": 1.0}, {"rate": {"length": 3.0}})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("{ defects: { broken: 0.1 } }", "emulation.defects.broken is not a key: choose from stuck, open_channel"),
        ("{ defects: { stuck: 2 } }", "emulation.defects: stuck = 2.0 is not allowed: give a probability, 0 to 1"),
        ("{ spread_maps: { rates: { length: 3 } } }", "spread map 'rates' is not known: choose from rate, v0"),
        ("{ spread_maps: { v0: { size: 3 } } }", "emulation.spread_maps.v0.size is not a key: choose from length"),
        ("{ spread_maps: { v0: { length: -3 } } }", "emulation.spread_maps.v0: length = -3.0 cells is not allowed"),
    ],
)
def test_impossible_defects_and_spread_maps(keys: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(of_emulation(keys).text)
    with pytest.raises(BenchFileError, match=rf"lab\.yaml: no twin can be built\. {words}"):
        emulation.build_bench(path)


def test_heat_and_read_over_the_shipped_heater_bench() -> None:
    """A source-measure unit on the heater: 1 V into 1 kOhm and 1e5 K/W make 100 K."""
    harness = emulation.build_bench(bench_file.find("heater")).harness
    heater = harness.ports["smu.b"]
    heater.drive = VoltageSource(1.0)
    assert harness.measure(heater, 0.1).current == pytest.approx(1e-3)
    assert harness.chip is not None
    assert harness.chip.device_temperature == pytest.approx(398.15)


LAYOUTS = {  # arrays of 2 rows and 3 columns: gate, source, drain lines of cell (1, 2)
    "A": ("G1", "S1", "D2"),
    "B": ("G1", "S2", "D1"),
    "C": ("G1", "S2", "D2"),
    "D": ("G2", "S1", "D2"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_lines_of_a_cell_follow_the_layout_of_the_emulated_chip(layout: str) -> None:
    chip = limits.Chip.model_validate({"rows": 2, "columns": 3, "layout": layout})
    emulated = Chip(Array(DeviceModel(), 2, 3, seed=1), layout=layout)
    assert tuple(chip.pads()) == emulated.pads
    assert chip.lines_of_cell(1, 2) == LAYOUTS[layout]
    nodes = [emulated.netlist.nodes[n].removeprefix("chip.") for n in emulated.netlist.terminals[:, 1 * 3 + 2]]
    assert tuple(nodes) == LAYOUTS[layout]


def test_a_cell_of_a_column_that_cannot_be_read_apart_is_refused() -> None:
    with pytest.raises(Refused, match=r"layout C joins the channels of all 2 cells of a column"):
        limits.Chip.model_validate({"rows": 2, "columns": 3, "layout": "C"}).check_cell(0, 0)
    limits.Chip.model_validate({"rows": 1, "columns": 3, "layout": "C"}).check_cell(0, 2)


def test_the_defects_and_maps_of_the_readme() -> None:
    """The keys that the README shows are those that the twin knows."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"`((?:defects|spread_maps): \{[^`]*)`", readme)
    assert len(shown) == 2
    emulation.build_chip(of_emulation("{ " + ", ".join(shown) + " }"))


WITH_TRIGGERS = MINIMAL.replace(
    "wiring:\n",
    "  pulser:\n    driver: keysight_33622a\n    resource: TCPIP0::192.0.2.1::inst0::INSTR\n"
    "triggers: { smu.digio1: pulser.ext, pulser.sync: [smu.digio2, smu.digio3] }\nwiring:\n",
)


def test_trigger_cables_reach_the_twin(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(WITH_TRIGGERS)
    bench = emulation.build_bench(path)
    pulser, smu = bench.instruments["pulser"], bench.instruments["smu"]
    pulser.execute(b"OUTP1:LOAD INF;:FUNC PULS;:TRIG1:SOUR EXT;:BURS:STAT ON;:OUTP1 ON")
    smu.execute(b"digio.trigger[1].mode = digio.TRIG_RISINGM digio.trigger[1].assert()")
    assert bench.harness.ports["pulser.1"].remaining > 0.0


@pytest.mark.parametrize(
    ("cable", "message"),
    [
        ("smu.digio15: pulser.ext", r"smu\.digio15: a keithley_2636b has no trigger output 'digio15' \(form: digio"),
        ("pulser.ext: smu.digio1", r"pulser\.ext: a keysight_33622a has no trigger output 'ext' \(form: sync\|trigout"),
        ("smu.digio1: pulser.sync", r"pulser\.sync: a keysight_33622a has no trigger input 'sync' \(form: ext\)"),
        ("scope.out: pulser.ext", r"scope\.out: no instrument 'scope'; known are smu, pulser"),
    ],
)
def test_a_trigger_cable_joins_an_output_to_an_input(cable: str, message: str) -> None:
    with pytest.raises(BenchFileError, match=message):
        parse(WITH_TRIGGERS.replace("{ smu.digio1: pulser.ext,", "{ " + cable + ","))


def test_a_model_without_digital_lines_takes_no_trigger_cables() -> None:
    with pytest.raises(BenchFileError, match=r"a keithley_2634b has no trigger output 'digio1' \(it has none\)"):
        parse(WITH_TRIGGERS.replace("keithley_2636b", "keithley_2634b"))
