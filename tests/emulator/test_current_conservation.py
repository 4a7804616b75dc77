"""What all ports send into the circuit adds up to what leaves by leaky lines, whatever hangs on the chip."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator.drives import CurrentSource, Drive, Ground, Open, VoltageSource

MODEL = DeviceModel(
    v0=0.3,
    charge=1e-9,
    rate_up=1e-3,
    rate_down=2e-3,
    ocp_slope=0.2,
    gate_leakage=1e-10,
    flicker=1e-7,
    cycle_noise=0.01,
    read_activation=0.1,
    ungated_resistance=2e4,
    trap_count=1.0,
    y_low=-0.1,
    y_high=5.0,
)
LEAK = 1e7  # Ohm

volts = st.floats(-2.0, 2.0)
drives = st.one_of(
    st.builds(VoltageSource, volts, st.sampled_from([0.0, 50.0, 1e6]), st.sampled_from([1e-9, 1e-6, 1e-3, 10.0])),
    st.builds(CurrentSource, st.floats(-1e-6, 1e-6), st.sampled_from([0.1, 1.0, 5.0])),
    st.just(Open()),
    st.just(Ground()),
)


@st.composite
def benches(draw: st.DrawFn) -> dict[str, Any]:
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    lines = [f"{letter}{n}" for letter, count in (("G", rows), ("S", rows), ("D", columns)) for n in range(count)]
    options = {name: draw(st.booleans()) for name in ("heater", "taps")}
    pads = list(lines)
    if options["taps"]:
        pads += [f"{letter}{n}" for letter in "TU" for n in range(rows * columns)]
    if options["heater"]:
        pads += ["H+", "H-"]
    return {
        "size": (rows, columns),
        "options": options,
        "drives": {pad: draw(drives) for pad in pads},
        "joined": draw(st.lists(st.tuples(st.sampled_from(pads), st.sampled_from(pads)), max_size=2)),
        "faults": draw(st.dictionaries(st.sampled_from(lines), st.sampled_from(["dead", "leaky"]), max_size=3)),
        "device_fault": draw(st.sampled_from(["none", "stuck", "open_channel", "gate_short", "open_gate"])),
    }


@settings(max_examples=60, deadline=None)
@given(benches(), st.sampled_from([0.0, 1e-3, 10.0]), st.sampled_from([1e-6, 0.02, 1.0]))
def test_currents_add_up(bench: dict[str, Any], before: float, aperture: float) -> None:
    chip = Chip(Array(MODEL, *bench["size"], seed=1, initial_state=0.5), **bench["options"])
    chip.set_fault(0, 0, bench["device_fault"])
    for line, kind in bench["faults"].items():
        chip.set_line_fault(line, kind, LEAK)
    harness = Harness(VirtualClock(), chip)
    ports = {pad: _port(harness, pad, drive) for pad, drive in bench["drives"].items()}
    for a, b in bench["joined"]:
        harness.connect(f"chip.{a}", f"chip.{b}")
    harness.advance(before)
    samples = dict(zip(ports, harness.measure_all(list(ports.values()), aperture), strict=True))
    currents = [sample.current for sample in samples.values()]
    leaks = [samples[line].voltage / LEAK for line, kind in bench["faults"].items() if kind == "leaky"]
    # The mean voltage told at a gate that swings or meets a limit is not quite the one that drives its leak.
    inexact = 0.05 * sum(map(abs, leaks))
    assert abs(sum(currents) - sum(leaks)) <= 1e-9 * max(map(abs, currents)) + 1e-12 + inexact


def _port(harness: Harness, pad: str, drive: Drive) -> Any:
    port = harness.add_port(f"unit.{pad}")
    harness.connect(port.name, f"chip.{pad}")
    port.drive = drive
    return port
