"""Settings that several models have, at the headers that a model gives them."""

from collections.abc import Callable
from typing import Any

from sim_instruments.generator.channel import GeneratorChannel
from sim_instruments.generator.instrument import GeneratorInstrument
from sim_instruments.generator.levels import Levels
from sim_instruments.scpi.settings import Limits, Settings

SECONDS = ("S", "SEC")


def add_levels(instrument: GeneratorInstrument[Any], voltage: str, *, limit_state: bool = True) -> None:
    """Offset, high and low level and the voltage limits below a header; `Levels` itself decides what fits.

    limit_state: whether the limits can be switched on and off.
    """

    def changed(levels: Levels) -> None:
        instrument.changed(next(channel for channel in instrument.channels if channel.levels is levels))

    settings: Settings[Levels] = Settings(
        instrument.commands,
        lambda suffix: instrument.channel(suffix).levels,
        lambda value, *_: value,
        changed,
        instrument.show,
    )
    settings.number(voltage + ":OFFSet", "offset", lambda levels: levels.offset_limits, ("V",))
    settings.number(voltage + ":HIGH", "high", lambda levels: levels.high_limits, ("V",))
    settings.number(voltage + ":LOW", "low", lambda levels: levels.low_limits, ("V",))
    settings.number(voltage + ":LIMit:HIGH", "limit_high", _voltage_limit(1.0), ("V",))
    settings.number(voltage + ":LIMit:LOW", "limit_low", _voltage_limit(-1.0), ("V",))
    if limit_state:
        settings.boolean(voltage + ":LIMit:STATe", "limited")


def _voltage_limit(sign: float) -> Callable[[Levels], Limits]:
    return lambda levels: Limits(-levels.peak, levels.peak, sign * levels.peak)


def frequency_limits(channel: GeneratorChannel) -> Limits:
    """Frequencies that the function of a channel allows."""
    return channel.frequency_limits


def period_limits(channel: GeneratorChannel) -> Limits:
    """Periods that the function of a channel allows."""
    return channel.period_limits


def pulse_period_limits(channel: GeneratorChannel) -> Limits:
    """Periods of the pulse function."""
    at = channel.model.pulse
    return Limits(at.shortest_period, at.longest_period, 1.0 / channel.model.frequency)


def width_limits(channel: GeneratorChannel) -> Limits:
    """Pulse widths."""
    at = channel.model.pulse
    return Limits(at.shortest_width, at.longest_width, at.width)


def edge_limits(channel: GeneratorChannel) -> Limits:
    """Edge times."""
    at = channel.model.pulse
    return Limits(at.shortest_edge, at.longest_edge, at.edge)


def square_limits(channel: GeneratorChannel) -> Limits:
    """Duty cycles of the square function."""
    return channel.square_limits
