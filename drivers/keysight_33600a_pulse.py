"""Pulses of the Keysight 33600A as its commands: limits, conversions and the state to be read back. Pure functions.

A pulse of this series runs from LOW to HIGH and rests at LOW. A downward pulse therefore uses the inverted output:
"the waveform is inverted relative to the offset voltage", so that it rests at HIGH (the base) and goes to LOW (the
level).

Edges: the instrument's edge times lie between the 10 % and 90 % points; the role speaks of the full straight ramp,
0–100 %, which is 1.25 times as long. Widths lie between the 50 % points in both.

Source: Keysight 33500/33600 series operating and service guide ("Pulse Waveforms", "Waveform Polarity", "Output
Termination", SCPI subsystems FUNCtion:PULSe and VOLTage). The shortest edge and width of the 33600A are from its data
sheet.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from drivers.checks import finite, quantity, within
from drivers.errors import Refused
from drivers.records import PulseGeneratorAbilities, PulseShape

RAMP: Final = 1.25  # full ramp (0–100 %) over the 10–90 % time of a straight edge
SHORTEST_EDGE: Final = 2.9e-9  # s, 10–90 %; the longest is 1 µs
FIT: Final = 1.6  # the width, and the rest of the period, are at least this times the longer edge
SHORTEST_REST: Final = 16e-9  # s of a period beside the width; also a width that fits any period
SLACK: Final = 1.25  # default period over the shortest that fits
TIME_STEP: Final = 1.001e-10  # s, resolution of the times
TIME_ROUNDING: Final = 1e-5  # relative
EDGE_ROUNDING: Final = 1e-2  # relative: edges are kept with few digits
LEVEL_ROUNDING: Final = 1e-3  # relative: levels are kept with four digits

ABILITIES: Final = PulseGeneratorAbilities(
    widths=(5e-9, 1e6),
    edges=(3.625e-9, 1.25e-6),
    periods=(33e-9, 1e6),
    edge_share=FIT / RAMP,
    highest_open=10.0,
    highest_50_ohm=5.0,
    smallest_amplitude_open=2e-3,
    resolution=1e-3,
    source_resistance=50.0,
    loads=(1.0, 1e4),
    max_count=10**8,
    endless=False,
    width_definition="50%",
    triggers=("bus",),
    arbitrary=None,
    shared_trigger=True,
)

Expected: TypeAlias = dict[str, tuple[float, float] | str]
"""State name → (value, tolerance) or a keyword."""


def number(value: float) -> str:
    """A number as SCPI reads it, with twelve digits."""
    return f"{value:.12g}"


def terminal_share(load: float) -> float:
    """Terminal voltage over open-circuit voltage at a load in Ω (inf = open)."""
    return 1.0 if load == math.inf else load / (load + ABILITIES.source_resistance)


def smallest_amplitude(load: float) -> float:
    """The least |level − base| in V at a load."""
    return ABILITIES.smallest_amplitude_open * terminal_share(load)


def requested(
    *,
    base: float,
    level: float,
    width: float,
    period: float | None,
    rise: float | None,
    fall: float | None,
    delay: float,
) -> PulseShape:
    """The pulse asked for, with defaults filled in; `Refused` if its times do not fit the instrument or one another."""
    within("pulse width", width, "s", *ABILITIES.widths)
    within("delay", delay, "s", 0.0, 1000.0)
    ramps = [
        within("edge", ABILITIES.edges[0] if ramp is None else ramp, "s", *ABILITIES.edges) for ramp in (rise, fall)
    ]
    edge = FIT / RAMP * max(ramps)
    if width < edge:
        raise Refused(f"pulse width {quantity(width, 's')} is too short for its edges: at least {quantity(edge, 's')}")
    shortest = max(width + max(edge, SHORTEST_REST), ABILITIES.periods[0])
    if period is None:
        period = min(max(SLACK * (width + edge), shortest), ABILITIES.periods[1])
    within("period", period, "s", shortest, ABILITIES.periods[1], "width and edges must fit the period")
    return PulseShape(finite("base", base, "V"), finite("level", level, "V"), width, period, ramps[0], ramps[1], delay)


def check_levels(shape: PulseShape, load: float) -> None:
    """Refuse levels that the terminals cannot reach at `load` (Ω), and amplitudes below the smallest."""
    highest = ABILITIES.highest_open * terminal_share(load)
    for name, value in (("base", shape.base), ("level", shape.level)):
        within(name, value, "V", -highest, highest, f"that is all the output gives at a load of {load:g} ohm")
    amplitude, smallest = abs(shape.level - shape.base), smallest_amplitude(load)
    if amplitude < smallest:
        raise Refused(
            f"a pulse of {quantity(amplitude, 'V')} is below the smallest amplitude {quantity(smallest, 'V')}"
        )


def time_commands(n: str, shape: PulseShape) -> list[str]:
    """Times of channel `n`.

    Shortest edges and width go first: then the new period fits, and the rest fits the new period.
    """
    pulse = f":SOUR{n}:FUNC:PULS"
    return [
        f"{pulse}:HOLD WIDT",
        f"{pulse}:TRAN {number(SHORTEST_EDGE)}",
        f"{pulse}:WIDT {number(SHORTEST_REST)}",
        f"{pulse}:PER {number(shape.period)}",
        f"{pulse}:WIDT {number(shape.width)}",
        f"{pulse}:TRAN:LEAD {number(shape.rise / RAMP)}",
        f"{pulse}:TRAN:TRA {number(shape.fall / RAMP)}",
        f":TRIG{n}:DEL {number(shape.delay)}",
    ]


def level_commands(n: str, shape: PulseShape, load: float) -> list[str]:
    """Levels of channel `n`.

    The smallest amplitude goes first: then the new offset fits, and the amplitude fits the offset.
    """
    volt = f":SOUR{n}:VOLT"
    return [
        f"{volt}:UNIT VPP",
        f"{volt} {number(smallest_amplitude(load))}",
        f"{volt}:OFFS {number((shape.level + shape.base) / 2)}",
        f"{volt} {number(abs(shape.level - shape.base))}",
        f":OUTP{n}:POL {polarity(shape)}",
    ]


def burst_commands(n: str, count: int) -> list[str]:
    """Trains of `count` pulses on channel `n`, fired over the bus."""
    return [
        f":SOUR{n}:BURS:MODE TRIG",
        f":SOUR{n}:BURS:NCYC {count}",
        f":TRIG{n}:SOUR BUS",
        f":SOUR{n}:BURS:STAT ON",
    ]


def polarity(shape: PulseShape) -> str:
    """NORM for a pulse that goes up from its base, INV for one that goes down."""
    return "NORM" if shape.level > shape.base else "INV"


def expected_state(shape: PulseShape, count: int) -> Expected:
    """What the instrument must read back if it changed nothing by more than rounding."""
    low, high = sorted((shape.base, shape.level))
    volts = LEVEL_ROUNDING * max(abs(low), abs(high))
    times = {"width": shape.width, "period": shape.period, "trigger delay": shape.delay}
    edges = {"leading edge": shape.rise / RAMP, "trailing edge": shape.fall / RAMP}
    return {
        "function": "PULS",
        "polarity": polarity(shape),
        "burst mode": "TRIG",
        "trigger": "BUS",
        "burst": (1.0, 0.0),
        "count": (float(count), 0.0),
        "low": (low, volts),
        "high": (high, volts),
        **{name: (value, TIME_STEP + TIME_ROUNDING * value) for name, value in times.items()},
        **{name: (value, TIME_STEP + EDGE_ROUNDING * value) for name, value in edges.items()},
    }


def shape_of(state: dict[str, float | str]) -> PulseShape:
    """The pulse that a channel's state describes."""
    value = {name: item for name, item in state.items() if isinstance(item, float)}
    base, level = (value["low"], value["high"]) if state["polarity"] == "NORM" else (value["high"], value["low"])
    return PulseShape(
        base,
        level,
        value["width"],
        value["period"],
        RAMP * value["leading edge"],
        RAMP * value["trailing edge"],
        value["trigger delay"],
    )
