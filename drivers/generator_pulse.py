"""Pulses as a generator's commands: limits, conversions and the state to be read back. Pure functions.

A pulse of these generators runs from LOW to HIGH and rests at LOW. A downward pulse therefore uses the inverted
output, which mirrors the pulse about its offset: it rests at HIGH (the base) and goes to LOW (the level).

Edges: the instruments' edge times lie between the 10 % and 90 % points; the role speaks of the full straight ramp,
0–100 %, which is 1.25 times as long. Widths lie between the 50 % points in both.

Source: Keysight 33500/33600 series operating and service guide ("Pulse Waveforms", "Waveform Polarity", "Output
Termination"); the other makers use the same definitions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from drivers import pulse_checks
from drivers.checks import finite, quantity, within
from drivers.errors import Refused
from drivers.generator_dialect import Dialect, GeneratorLimits
from drivers.pulse_channel import PulseRequest
from drivers.pulse_checks import terminal_share
from drivers.records import PulseShape

RAMP: Final = 1.25  # full ramp (0–100 %) over the 10–90 % time of a straight edge
SLACK: Final = 1.25  # default period over the shortest that fits
FASTEST: Final = 1.0 + 1e-6  # edges up to this times the shortest count as the shortest

Expected: TypeAlias = dict[str, tuple[float, float] | str]
"""State name → (value, tolerance) or a keyword."""


def number(value: float) -> str:
    """A number as SCPI reads it, with twelve digits."""
    return f"{value:.12g}"


def requested(limits: GeneratorLimits, asked: PulseRequest) -> PulseShape:
    """The pulse asked for, with defaults filled in; `Refused` if its times do not fit the instrument or one another."""
    can = limits.abilities
    width = within("pulse width", asked.width, "s", *can.widths)
    delay = within("delay", asked.delay, "s", 0.0, limits.longest_delay)
    ramps = _ramps(limits, asked.rise, asked.fall)
    edge = can.edge_share * max(ramps)
    shortest_width = edge if max(ramps) <= FASTEST * can.edges[0] else max(edge, limits.slow_width)
    if width < shortest_width:
        raise Refused(
            f"pulse width {quantity(width, 's')} is too short for its edges: at least {quantity(shortest_width, 's')}"
        )
    shortest = max(width + max(edge, limits.shortest_rest), can.periods[0])
    period = asked.period
    if period is None:
        period = min(max(SLACK * (width + edge), shortest), can.periods[1])
    within("period", period, "s", shortest, can.periods[1], "width and edges must fit the period")
    base, level = finite("base", asked.base, "V"), finite("level", asked.level, "V")
    return PulseShape(base, level, width, period, *ramps, delay)


def _ramps(limits: GeneratorLimits, rise: float | None, fall: float | None) -> tuple[float, float]:
    """Full ramps of both edges, the shortest where none is asked for."""
    fastest, slowest = limits.abilities.edges
    if limits.equal_edges:
        rise, fall = (fall if rise is None else rise), (rise if fall is None else fall)
    rise = within("edge", fastest if rise is None else rise, "s", fastest, slowest)
    fall = within("edge", fastest if fall is None else fall, "s", fastest, slowest)
    if limits.equal_edges and rise != fall:
        raise Refused(
            f"edges of {quantity(rise, 's')} and {quantity(fall, 's')} differ: this model has one setting for both"
        )
    return rise, fall


def check_levels(limits: GeneratorLimits, base: float, level: float, load: float) -> None:
    """Refuse levels that the terminals cannot reach at `load` (Ω), and amplitudes below the smallest or above the
    largest.
    """
    pulse_checks.check_levels(limits.abilities, base, level, load)
    amplitude = abs(level - base)
    largest = limits.largest_amplitude_open * terminal_share(limits.abilities, load)
    if amplitude > largest:
        raise Refused(f"a pulse of {quantity(amplitude, 'V')} is above the largest amplitude {quantity(largest, 'V')}")


def time_commands(dialect: Dialect, n: str, shape: PulseShape) -> list[str]:
    """Times of channel `n`."""
    can = dialect.abilities
    return _filled(
        dialect.times,
        n=n,
        shortest_edge=number(can.edges[0] / RAMP),
        shortest_width=number(dialect.limits.shortest_rest),
        period=number(shape.period),
        width=number(shape.width),
        rise=number(shape.rise / RAMP),
        fall=number(shape.fall / RAMP),
        delay=number(shape.delay),
    )


def level_commands(dialect: Dialect, n: str, base: float, level: float, load: float) -> list[str]:
    """Levels of channel `n` at a load of `load` Ω."""
    smallest = dialect.abilities.smallest_amplitude_open * terminal_share(dialect.abilities, load)
    return _filled(
        dialect.levels,
        n=n,
        smallest=number(smallest),
        offset=number((level + base) / 2),
        amplitude=number(abs(level - base)),
        polarity=polarity(base, level),
    )


def _filled(templates: Iterable[str], **values: str) -> list[str]:
    return [template.format(**values) for template in templates]


def polarity(base: float, level: float) -> str:
    """NORM for a pulse that goes up from its base, INV for one that goes down."""
    return "NORM" if level > base else "INV"


def expected_state(dialect: Dialect, shape: PulseShape, count: int) -> Expected:
    """What the instrument must read back if it changed nothing by more than rounding."""
    limits = dialect.limits
    times = {"width": shape.width, "period": shape.period, "trigger delay": shape.delay}
    edges = {"leading edge": shape.rise / RAMP, "trailing edge": shape.fall / RAMP}
    return {
        "function": "PULS",
        **expected_levels(dialect, shape.base, shape.level, count),
        **{name: (value, limits.time_step + limits.time_rounding * value) for name, value in times.items()},
        **{name: (value, limits.time_step + limits.edge_rounding * value) for name, value in edges.items()},
    }


def expected_levels(dialect: Dialect, base: float, level: float, count: int) -> Expected:
    """The part of that state that does not depend on the function: levels, bursts."""
    low, high = sorted((base, level))
    volts = dialect.limits.level_rounding * max(abs(low), abs(high))
    fixed = {name: value if isinstance(value, str) else (value, 0.0) for name, value in dialect.expected.items()}
    return {
        **fixed,
        "polarity": polarity(base, level),
        "count": (float(count), 0.0),
        "low": (low, volts),
        "high": (high, volts),
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
