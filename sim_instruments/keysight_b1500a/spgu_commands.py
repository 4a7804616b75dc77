"""The commands of the pulse generators: SIM, SPRM, SPPER, SPM, SPT, SPV, SER, SPUPD, SRP, SPP, SPST?."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim_instruments.flex import FlexError, Reply, command
from sim_instruments.flex.errors import VALUE
from sim_instruments.flex.instrument import integer, within
from sim_instruments.keysight_b1500a import spgu
from sim_instruments.keysight_b1500a.spgu import PulseOutput, Shared

MOST_PULSES, SHORTEST_RUN, LONGEST_RUN = 1_000_000, 1e-6, 31_556_926.0
LOADS = (0.1, 1e6)


class PulseCommands:
    """Writes into the outputs; `find` gives the output of a channel number or raises FlexError."""

    def __init__(self, outputs: dict[int, PulseOutput], shared: Shared, find: Callable[[float], PulseOutput]) -> None:
        self._outputs, self._shared, self._find = outputs, shared, find

    @command("SIM", 1)
    def _operation(self, mode: float) -> None:
        self._shared.operation = integer(mode, 0, 1)
        for output in self._outputs.values():
            output.zero()

    @command("SIM?")
    def _get_operation(self) -> Reply:
        return str(self._shared.operation)

    @command("SPRM", 1, 2)
    def _run_mode(self, mode: float, condition: float | None = None) -> None:
        kind = integer(mode, 0, 2)
        if kind != spgu.FREE_RUN and condition is None:
            raise FlexError(VALUE)
        if kind == spgu.COUNT and condition is not None:
            condition = integer(condition, 1, MOST_PULSES)
        elif kind == spgu.DURATION and condition is not None:
            within(condition, SHORTEST_RUN, LONGEST_RUN)
        for output in self._outputs.values():
            output.stop()
        self._shared.run_mode, self._shared.condition = kind, condition or 0.0

    @command("SPRM?")
    def _get_run_mode(self) -> Reply:
        return f"{self._shared.run_mode},{self._shared.condition:g}"

    @command("SPPER", 1)
    def _period(self, seconds: float) -> None:
        self._shared.period = spgu.rounded(within(seconds, spgu.SHORTEST_PERIOD, spgu.LONGEST_PERIOD))

    @command("SPPER?")
    def _get_period(self) -> Reply:
        return f"{self._shared.period:.9G}"

    @command("SPM", 2)
    def _mode(self, channel: float, mode: float) -> None:
        output = self._find(channel)
        output.settings = output.check(replace(output.settings, mode=integer(mode, 0, 3)))

    @command("SPM?", 1)
    def _get_mode(self, channel: float) -> Reply:
        return str(self._find(channel).settings.mode)

    @command("SPV", 3, 4)
    def _levels(self, channel: float, source: float, base: float, peak: float = 0.0) -> None:
        output, number = self._find(channel), integer(source, 0, 2)
        settings = output.settings
        if number == 0:
            output.settings = output.check(replace(settings, dc=base))
        else:
            changed = replace(settings.signals[number - 1], base=base, peak=peak)
            output.settings = output.check(replace(settings, signals=_with(settings.signals, number, changed)))

    @command("SPV?", 2)
    def _get_levels(self, channel: float, source: float) -> Reply:
        settings, number = self._find(channel).settings, integer(source, 0, 2)
        if number == 0:
            return f"{settings.dc:.7G},0"
        signal = settings.signals[number - 1]
        return f"{signal.base:.7G},{signal.peak:.7G}"

    @command("SPT", 5, 6)
    def _times(
        self, channel: float, source: float, delay: float, width: float, leading: float, trailing: float | None = None
    ) -> None:
        output, number = self._find(channel), integer(source, 1, 2)
        trailing = leading if trailing is None else trailing
        within(delay, 0.0, spgu.LONGEST_PERIOD)
        within(width, spgu.SHORTEST_WIDTH, spgu.LONGEST_PERIOD)
        for edge in (leading, trailing):
            within(edge, spgu.SHORTEST_EDGE, spgu.LONGEST_EDGE)
        times = (spgu.rounded(time) for time in (delay, width, leading, trailing))
        names = ("delay", "width", "leading", "trailing")
        changed = replace(output.settings.signals[number - 1], **dict(zip(names, times, strict=True)))
        output.settings = replace(output.settings, signals=_with(output.settings.signals, number, changed))

    @command("SPT?", 2)
    def _get_times(self, channel: float, source: float) -> Reply:
        signal = self._find(channel).settings.signals[integer(source, 1, 2) - 1]
        return f"{signal.delay:.9G},{signal.width:.9G},{signal.leading:.9G},{signal.trailing:.9G}"

    @command("SER", 2)
    def _load(self, channel: float, ohms: float) -> None:
        output = self._find(channel)
        output.settings = output.check(replace(output.settings, load=within(ohms, *LOADS)))

    @command("SER?", 1)
    def _get_load(self, channel: float) -> Reply:
        return f"{self._find(channel).settings.load:.7G}"

    @command("SPUPD", 1, 10)
    def _update(self, *channels: float) -> None:
        for output in [self._find(channel) for channel in channels]:
            output.update()

    @command("SRP")
    def _start(self) -> None:
        for output in self._outputs.values():
            output.start()

    @command("SPP")
    def _stop(self) -> None:
        for output in self._outputs.values():
            output.stop()

    @command("SPST?")
    def _status(self) -> Reply:
        return f"{any(output.running for output in self._outputs.values()):d}"


def _with(
    signals: tuple[spgu.Signal, spgu.Signal], number: int, changed: spgu.Signal
) -> tuple[spgu.Signal, spgu.Signal]:
    return (changed, signals[1]) if number == 1 else (signals[0], changed)
