"""How quickly a channel charges: the transient of the drain current after a step of the gate."""

import math

import numpy as np

from drivers.roles import SourceMeasureUnit
from ecramlab.analysis.branches import Floats
from ecramlab.analysis.straight_line import fit_line
from ecramlab.bench import Bench
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, close_to

STEP = 0.1  # V; too little to move ions
RANGE = 1e-7  # A
LONG = {"double_layer_capacitance": 1e-5, "conductance_min": 1e-9, "conductance_max": 1e-8}
SHORT = {"double_layer_capacitance": 1e-7, "conductance_min": 1e-7, "conductance_max": 1e-6}
"""A channel of 1/100 of the length: as much less capacitance, as much more conductance."""


def checks() -> list[Check]:
    """One device, with a channel of two lengths."""
    return [
        Check(
            "kim2019-channel-length",
            "kim2019",
            "Bishop et al. 2018 [98]",
            "drain current at 0 V after a step of the gate by 0.1 V; 10 µF and 1 nS, then a channel of 1/100 of the "
            "length (0.1 µF, 100 nS)",
            (
                close_to("long", "Charging time C/(π² G) of the channel", 1e-5 / (math.pi**2 * 1e-9), 0.01, "s"),
                close_to("ratio", "Charging time of 1/100 of the length over it", 1e-4, 0.01),
            ),
            charging_times,
        )
    ]


def charging_times() -> Measured:
    """Time constant of the long channel [s], and that of the short one over it."""
    long, short = (_charging_time(parameters) for parameters in (LONG, SHORT))
    if long is None or short is None:
        return {}
    return {"long": long, "ratio": short / long}


def _charging_time(parameters: dict[str, float]) -> float | None:
    """From one to three time constants the slowest mode is alone; one is what C and G foretell [s]."""
    foretold = parameters["double_layer_capacitance"] / (math.pi**2 * parameters["conductance_min"])
    with bench_of("kim2019", "unit", emulation={"device_parameters": parameters}) as bench:
        times, currents = _transient(bench, foretold * np.linspace(1.0, 3.0, 21))
    line = fit_line(times, np.log(np.abs(currents)))
    return None if line is None else -1.0 / line.slope


def _transient(bench: Bench, moments: Floats) -> tuple[list[float], list[float]]:
    """Times [s] after the step of the gate, at about `moments`, and drain currents [A]."""
    gate, drain, clock = bench.gate, bench.drain, bench.clock
    assert isinstance(gate, SourceMeasureUnit)
    for unit in (gate, drain):
        unit.source_voltage(0.0, current_limit=1e-3, voltage_range=STEP)
        unit.output(True)
    drain.measure_setup(aperture=1e-3, current_range=RANGE)
    gate.set_level(STEP)
    started = clock.now()
    times, currents = [], []
    for moment in moments:
        clock.sleep(started + float(moment) - clock.now())
        currents.append(drain.measure().current)
        times.append(clock.now() - started)
    return times, currents
