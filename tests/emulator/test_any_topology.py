"""Bounds, energy and Kirchhoff's law on arrays of every layout, wired, driven, heated and broken at random."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Array, Chip, Defects, DeviceModel, Harness, SpreadMap, VirtualClock
from emulator import kernels as k
from emulator.drives import CurrentSource, Ground, Open, Sample, VoltageSource
from emulator.resistive_lines import Wires

BOLTZMANN_EV = 8.617333262e-5

volts = st.floats(-4.0, 4.0)
free = st.one_of(st.just(Open()), st.just(Ground()))
resistances = st.sampled_from([0.0, 50.0, 1e6])
IN_BOUNDS = st.one_of(free, st.builds(VoltageSource, volts, resistances, st.just(10.0)))
LIMITED = st.one_of(
    free,
    st.builds(VoltageSource, volts, resistances, st.sampled_from([1e-9, 1e-6, 1e-3])),
    st.builds(CurrentSource, st.floats(-1e-6, 1e-6), st.sampled_from([0.1, 1.0, 5.0])),
)
models = st.builds(
    DeviceModel,
    v0=st.just(0.3),
    rate_up=st.sampled_from([1e-3, 10.0]),
    rate_down=st.just(0.5),
    polarity=st.sampled_from([1, -1]),
    curvature_up=st.sampled_from([0.0, 2.0]),
    curvature_down=st.sampled_from([0.0, -1.0]),
    cycle_noise=st.just(0.05),
    ocp_slope=st.sampled_from([0.0, 0.3]),
    dispersion_onset=st.sampled_from([0.0, 1e-8]),
    gate_leakage=st.sampled_from([0.0, 1e-10]),
    series_resistance=st.sampled_from([0.0, 1e6]),
    selector_threshold=st.sampled_from([math.inf, 0.5]),
    conductance_map=st.sampled_from(["linear", "exponential", "capacitive", "memcapacitive"]),
    capacitive_thinning=st.just(0.4),
    memcapacitor_depletion=st.just(0.5),
    memcapacitor_depletion_gain=st.just(2.0),
    contact_resistance=st.sampled_from([0.0, 2e4]),
    read_activation=st.sampled_from([0.0, 0.1]),
    drift_exponent=st.sampled_from([0.0, 0.02]),
    spread_rate=st.just(0.3),
    spread_conductance=st.just(0.1),
    flicker=st.just(1e-7),
    trap_count=st.just(1.0),
    y_low=st.just(-0.2),
    y_high=st.just(1.5),
)
defects = st.builds(
    Defects,
    stuck=st.just(0.1),
    open_channel=st.just(0.1),
    gate_short=st.just(0.1),
    open_gate=st.just(0.1),
    weak=st.just(0.1),
    dead_lines=st.sampled_from([0.0, 0.2]),
)


@st.composite
def chips(draw: st.DrawFn) -> Chip:
    """Any size, layout, ends and extras, with or without defects."""
    size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    maps = {"rate": SpreadMap(length=1.0, row_gradient=0.5)} if draw(st.booleans()) else {}
    array = Array(draw(models), *size, seed=draw(st.integers(0, 5)), initial_state=0.5, spread_maps=maps)
    chip = Chip(
        array,
        layout=draw(st.sampled_from("ABCD")),
        ends=draw(st.sampled_from(["near", "both"])),
        heater=draw(st.booleans()),
        taps=draw(st.booleans()),
        wires=draw(st.sampled_from([None, Wires(gate=10.0, source=1.0, drain=0.0)])),
    )
    if draw(st.booleans()):
        draw(defects).apply(chip)
    return chip


@st.composite
def benches(
    draw: st.DrawFn, drives: st.SearchStrategy[Any]
) -> tuple[Chip, list[tuple[str, str]], list[dict[str, Any]]]:
    """A chip, pads that are joined, and steps in time: drives of all pads, temperature, seconds."""
    chip = draw(chips())
    pads = st.sampled_from(chip.pads)
    step = st.fixed_dictionaries(
        {
            "drives": st.fixed_dictionaries(dict.fromkeys(chip.pads, drives)),
            "kelvin": st.floats(250.0, 400.0),
            "seconds": st.floats(-8.0, 5.0).map(lambda x: 10.0**x),
        }
    )
    return chip, draw(st.lists(st.tuples(pads, pads), max_size=3)), draw(st.lists(step, min_size=1, max_size=3))


def conductance_bounds(array: Array, kelvin: float) -> tuple[np.ndarray, np.ndarray]:
    """Conductances of all devices [S] at both hard limits of the state, in closed form."""
    m, low, high = array.model, array.devices[k.GMIN], array.devices[k.GMAX]

    def capacitance(s: float) -> float:
        oxide, depleted = 1.0 + m.memcapacitor_oxide_gain * s, 1.0 + m.memcapacitor_depletion_gain * s
        return 1.0 / (1.0 / oxide + m.memcapacitor_depletion / depleted)

    def at(s: float) -> np.ndarray:
        share = {
            "linear": s,
            "exponential": 0.0,
            "capacitive": s * (1.0 - m.capacitive_thinning) / (1.0 - m.capacitive_thinning * s),
            "memcapacitive": (capacitance(s) - capacitance(0.0)) / (capacitance(1.0) - capacitance(0.0)),
        }[m.conductance_map]
        gated = low * (high / low) ** s if m.conductance_map == "exponential" else low + (high - low) * share
        gated = np.maximum(gated, 0.0) * math.exp(-m.read_activation / BOLTZMANN_EV * (1.0 / kelvin - 1.0 / 300.0))
        return gated / (1.0 + gated * array.shared[k.R_UNGATED])  # 0 where the taps have taken it out of the device

    return at(m.y_low), at(m.y_high)


@settings(max_examples=50, deadline=None)
@given(benches(IN_BOUNDS))
def test_sources_within_their_limits(bench: Any) -> None:
    for samples in run_and_check(*bench):
        currents = [sample.current for sample in samples]
        assert abs(sum(currents)) <= 1e-9 * max(map(abs, currents)) + 1e-12


@settings(max_examples=50, deadline=None)
@given(benches(LIMITED))
def test_sources_at_their_limits(bench: Any) -> None:
    """A port at a limit beside a gate that swings does not tell its current exactly; all else holds."""
    for samples in run_and_check(*bench):
        assert all(math.isfinite(sample.current) for sample in samples)


def run_and_check(chip: Chip, joined: list[tuple[str, str]], steps: list[dict[str, Any]]) -> Iterator[list[Sample]]:
    """Run the steps -> what all ports measured in each."""
    array, model = chip.array, chip.array.model
    harness = Harness(VirtualClock(), chip)
    ports = {pad: harness.add_port(f"unit.{pad}") for pad in chip.pads}
    for pad in chip.pads:
        harness.connect(f"unit.{pad}", f"chip.{pad}")
    for a, b in joined:
        harness.connect(f"chip.{a}", f"chip.{b}")
    for step in steps:
        chip.temperature = step["kelvin"]
        for pad, drive in step["drives"].items():
            ports[pad].drive = drive
        energy = array.energy.copy()
        samples = harness.measure_all(list(ports.values()), step["seconds"])
        assert not np.isnan(array.devices).any()
        assert model.y_low <= array.y.min()
        assert array.y.max() <= model.y_high
        assert (array.energy >= energy).all()
        low, high = conductance_bounds(array, chip.device_temperature)
        healthy = array.integers[k.FLAG] == k.OK
        assert (chip.conductances >= 0.0).all()
        assert (chip.conductances[healthy] >= low[healthy] * (1.0 - 1e-9)).all()
        assert (chip.conductances <= high * (1.0 + 1e-9)).all()
        yield samples


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from("ABCD"),
    st.sampled_from(["near", "both"]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.floats(-1.5, 1.5),
)
def test_the_layout_does_not_matter_where_all_lines_are_driven_alike(
    layout: str, ends: Any, rows: int, columns: int, level: float
) -> None:
    model = DeviceModel(
        v0=0.3, rate_up=10.0, rate_down=5.0, cycle_noise=0.02, spread_rate=0.2, ocp_slope=0.2, y_low=-9.0, y_high=9.0
    )
    states = []
    for options in ({"layout": layout, "ends": ends}, {}):
        chip = Chip(Array(model, rows, columns, seed=2, initial_state=0.4), **options)
        harness = Harness(VirtualClock(), chip)
        gate, drain = harness.add_port("unit.g"), harness.add_port("unit.d")
        for pad in chip.pads:
            harness.connect({"G": "unit.g", "S": "ground", "D": "unit.d"}[pad[0]], f"chip.{pad}")
        gate.drive, drain.drive = VoltageSource(level), VoltageSource(0.1)
        current = harness.measure(drain, 1e-4).current
        states.append((chip.array.y, current))
    assert states[0][0] == pytest.approx(states[1][0], rel=1e-12)
    assert states[0][1] == pytest.approx(states[1][1], rel=1e-9)
