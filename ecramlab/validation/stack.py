"""What lies around the gated channel: heat, ungated stretches, and ions that pile up until the stack breaks."""

import math

from ecramlab.bench import Bench
from ecramlab.sequences.gate_pulses import GatePulse, gate_pulser
from ecramlab.sequences.heating import HeatedPulser, Heating
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, at_least, between, close_to
from ecramlab.validation.measuring import conductance
from emulator import literature
from emulator.linearity import curvature_from_label

LI = "Li et al. 2020 [61]"
KWAK = "Kwak et al. 2021 [63]"
ONEN = "Onen et al. 2022 [81]"
COLD, HOT = 298.15, 433.15  # K
READ_VOLTAGE = 0.1
SCAN = 20e-9  # s; step of the widths
SURFACE_TIME, SURFACE_LIMIT = 1e-6, 0.1  # s, share of the window: assumed in the device file


def checks() -> list[Check]:
    """Three devices."""
    return [
        Check(
            "li2020-arrhenius",
            "li2020",
            LI,
            "one pulse of 1.5 V: 20 µs on a hot plate at 160 °C, 1 s at 25 °C; ratio of ΔG per second",
            (close_to("ratio", "Speed of writing, 160 °C over 25 °C (0.9 eV)", _arrhenius_ratio(), 0.01),),
            speed_by_heat,
        ),
        Check(
            "li2020-heater",
            "li2020",
            LI,
            "written with the heater on, read with it off: 20 pulses of 1.5 V, 2 µs",
            (close_to("step", "Step written at 160 °C (350 nS / 125)", 350e-9 / 125, 0.03, "S"),),
            step_by_heater,
        ),
        Check(
            "kwak2021-hall-bar",
            "kwak2021",
            KWAK,
            "published pulses up; voltages of both inner taps at 0.1 V from drain to source",
            (
                at_least("gated", "Change of the gated stretch", 500.0, "%"),
                between("ungated", "Change of the ungated stretches", -2.0, 2.0, "%"),
            ),
            hall_bar,
        ),
        Check(
            "onen2022-breakdown",
            "onen2022",
            ONEN,
            "a fresh device, one pulse of 10 V, 5 ns or 40 … 1000 ns by 20 ns, then a usual one; "
            "foretold: ions pile up at the measured rate",
            (
                at_least("survives", "Step after a pulse of 5 ns, over the one before", 0.9),
                between("fails_from", "Shortest width that destroys, over the one foretold", 0.9, 1.2),
            ),
            breakdown,
        ),
    ]


def _arrhenius_ratio(activation: float = 0.9, v0: float = 0.375, voltage: float = 1.5) -> float:
    """Ratio of r(T) sinh(V/v0(T)) with v0 proportional to T; Mott and Gurney hopping."""
    rates = math.exp(-activation / 8.617333e-5 * (1.0 / HOT - 1.0 / COLD))
    return rates * math.sinh(voltage * 300.0 / (v0 * HOT)) / math.sinh(voltage * 300.0 / (v0 * COLD))


def _change(bench: Bench, voltage: float, width: float, count: int = 1) -> float:
    """Change of the conductance [S] by pulses as quick as they may follow each other."""
    before = conductance(bench)
    pulser = gate_pulser(bench.gate, bench.limits, bench.clock)
    pulser.load(GatePulse(voltage, width), None)
    pulser.fire(count)
    return conductance(bench) - before


def speed_by_heat() -> Measured:
    """Change per second at 160 degC over that at 25 degC."""
    changes = []
    for temperature, width in (("160 degC", 20e-6), ("25 degC", 1.0)):
        with bench_of("li2020", chip={"temperature": temperature}) as bench:
            changes.append(_change(bench, 1.5, width) / width)
    return {"ratio": changes[0] / changes[1]}


def step_by_heater() -> Measured:
    """Mean step of 20 pulses that are sent hot [S]: 135 K by 1e5 K/W, assumed, at 1 kOhm."""
    heating = Heating(math.sqrt((HOT - COLD) / 1e5 * 1e3), 2e-3)
    with bench_of("li2020", shipped="heater") as bench:
        assert bench.heater is not None
        before = conductance(bench)
        cold = gate_pulser(bench.gate, bench.limits, bench.clock)
        pulser = HeatedPulser(cold, bench.heater, heating, bench.limits, bench.clock)
        pulser.load(GatePulse(1.5, 2e-6), 1e-3)
        pulser.fire(20)
        return {"step": (conductance(bench) - before) / 20}


def hall_bar() -> Measured:
    """Changes by potentiation of the conductance between the inner taps, and of that outside them [%]."""
    source_side, drain_side = (_divided("T0"), _divided("U0"))
    gated, ungated = [], []
    for (current, low), (_, high) in zip(source_side, drain_side, strict=True):
        gated.append(current / (high - low))
        ungated.append(current / (READ_VOLTAGE - (high - low)))
    return {name: 100.0 * (values[1] / values[0] - 1.0) for name, values in (("gated", gated), ("ungated", ungated))}


def _divided(tap: str) -> list[tuple[float, float]]:
    """Drain current [A] and voltage of a tap [V], before and after the published potentiating pulses."""
    wiring = {"smu.b": f"chip.{tap}"}
    with bench_of("kwak2021", chip={"taps": True}, wiring=wiring, roles={"source": "smu.b"}) as bench:
        protocol = literature.load("kwak2021").protocol
        pulser = gate_pulser(bench.gate, bench.limits, bench.clock)
        pulser.load(GatePulse(protocol.up_amplitude, protocol.width, edge=protocol.edge), protocol.period)
        before = _read_divider(bench)
        pulser.fire(protocol.count)
        return [before, _read_divider(bench)]


def _read_divider(bench: Bench) -> tuple[float, float]:
    """The channel is read, with the second unit as a voltmeter: it sources 0 A."""
    voltmeter, drain = bench.source, bench.drain
    assert voltmeter is not None
    voltmeter.source_current(0.0, voltage_limit=0.5, current_range=1e-6)
    drain.source_voltage(READ_VOLTAGE, current_limit=1e-6)
    for unit in (voltmeter, drain):
        unit.measure_setup(aperture=0.02, current_range=1e-6)
        unit.output(True)
    read = drain.measure().current, voltmeter.measure().voltage
    for unit in (drain, voltmeter):
        unit.output(False)
    return read


def breakdown() -> Measured:
    """Step after a short pulse over that before it, and the width that destroys over that foretold from the rate."""
    fatal = (width for width in (k * SCAN for k in range(2, 51)) if abs(_step_after(width)) < 0.5)
    first = next(fatal, None)
    return {
        "survives": _step_after(5e-9),
        "fails_from": None if first is None else first / _foretold_breakdown(),
    }


def _step_after(width: float) -> float:
    """Step of a usual pulse after one of `width` [s], over the step of a usual pulse before it."""
    with bench_of("onen2022") as bench:
        usual = _change(bench, 10.0, 5e-9)
        _change(bench, 10.0, width)
        return _change(bench, 10.0, 5e-9) / usual


def _foretold_breakdown() -> float:
    """Width [s] at which ions that arrive at the measured rate, and leave the surface in 1 us, exceed the limit of 0.1.

    The rate is that of the flat top: of 60 ns over 20 ns.
    """
    with bench_of("onen2022") as bench:
        changes = [_change(bench, 10.0, width) for width in (20e-9, 60e-9)]
    device = literature.load("onen2022")
    window = 230e-9 - 11e-9
    u = curvature_from_label(device.labels[0])
    rate = (changes[1] - changes[0]) / window / 40e-9 / (u / (1.0 - math.exp(-u)))
    return -SURFACE_TIME * math.log(1.0 - SURFACE_LIMIT / (rate * SURFACE_TIME))
