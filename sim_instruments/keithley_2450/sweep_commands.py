""":SOURce:SWEep, :SOURce:LIST and source configuration lists (reference manual 2450-901-01, SOURce subsystem)."""

from __future__ import annotations

from typing import Final

from sim_instruments.keithley_2450 import sweeps
from sim_instruments.keithley_2450.configuration_lists import ConfigurationList, source_list
from sim_instruments.keithley_2450.settings import bound, first_only, show
from sim_instruments.keithley_2450.source import CURRENT, VOLTAGE, LevelSettings, SourceFunction
from sim_instruments.keithley_2450.sweeps import SweepOptions
from sim_instruments.keithley_2450.trigger import Instruments, TriggerModel
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, integer, keyword, number, string

_SECONDS: Final = ("S", "SEC")
_MOST_COUNTS: Final = 268_435_455
_OPTIONS: Final = 6
"""Arguments that all sweeps have behind their levels; that of a logarithmic one ends with its asymptote."""
_UNITS: Final = {VOLTAGE: ("V",), CURRENT: ("A",)}


class SweepCommands:
    """Handlers of the commands that set sweeps up; INITiate runs them."""

    def __init__(self, around: Instruments, model: TriggerModel) -> None:
        self._around, self._model = around, model

    def _function(self, suffix: int, name: str) -> SourceFunction:
        first_only(suffix)
        return self._around.source.functions[name]

    # -- lists of levels -----------------------------------------------------------------------------------------

    @command(":SOURce#:LIST:VOLTage")
    def _set_voltages(self, suffix: int, *levels: bytes) -> None:
        self._store(self._function(suffix, VOLTAGE), levels, append=False)

    @command(":SOURce#:LIST:CURRent")
    def _set_currents(self, suffix: int, *levels: bytes) -> None:
        self._store(self._function(suffix, CURRENT), levels, append=False)

    @command(":SOURce#:LIST:VOLTage:APPend")
    def _append_voltages(self, suffix: int, *levels: bytes) -> None:
        self._store(self._function(suffix, VOLTAGE), levels, append=True)

    @command(":SOURce#:LIST:CURRent:APPend")
    def _append_currents(self, suffix: int, *levels: bytes) -> None:
        self._store(self._function(suffix, CURRENT), levels, append=True)

    def _store(self, function: SourceFunction, levels: tuple[bytes, ...], *, append: bool) -> None:
        if not levels:
            raise ScpiError(-109)
        if len(levels) > sweeps.LIST_PART:
            raise ScpiError(-223, f"{len(levels)} levels, at most {sweeps.LIST_PART} in one command")
        values = [number(level, _UNITS[function.name]) for level in levels]
        entries = sweeps.entries(function, values, "AUTO" if function.now.auto else "FIX")
        name = sweeps.CUSTOM_LISTS[function.name]
        before = self._stored(name).entries if append and name in self._around.lists else []
        if len(before) + len(entries) > sweeps.LONGEST_LIST:
            raise ScpiError(-223, f"at most {sweeps.LONGEST_LIST} levels in a list")
        self._around.lists[name] = source_list(self._around.source, function.name, before + entries)

    def _stored(self, name: str) -> ConfigurationList[LevelSettings]:
        return self._around.source_list(name)

    @command(":SOURce#:LIST:VOLTage?")
    def _voltages(self, suffix: int) -> Reply:
        return self._levels(self._function(suffix, VOLTAGE))

    @command(":SOURce#:LIST:CURRent?")
    def _currents(self, suffix: int) -> Reply:
        return self._levels(self._function(suffix, CURRENT))

    def _levels(self, function: SourceFunction) -> str:
        stored = self._stored(sweeps.CUSTOM_LISTS[function.name])
        return ",".join(show(entry.level) for entry in stored.entries)

    @command(":SOURce#:LIST:VOLTage:POINts?")
    def _voltage_points(self, suffix: int) -> Reply:
        return self._points(self._function(suffix, VOLTAGE))

    @command(":SOURce#:LIST:CURRent:POINts?")
    def _current_points(self, suffix: int) -> Reply:
        return self._points(self._function(suffix, CURRENT))

    def _points(self, function: SourceFunction) -> str:
        return str(len(self._stored(sweeps.CUSTOM_LISTS[function.name]).entries))

    # -- sweeps --------------------------------------------------------------------------------------------------

    @command(":SOURce#:SWEep:VOLTage:LINear")
    def _voltage_linear(self, suffix: int, start: bytes, stop: bytes, points: bytes, *options: bytes) -> None:
        self._sweep_points(self._function(suffix, VOLTAGE), start, stop, points, options, logarithmic=False)

    @command(":SOURce#:SWEep:CURRent:LINear")
    def _current_linear(self, suffix: int, start: bytes, stop: bytes, points: bytes, *options: bytes) -> None:
        self._sweep_points(self._function(suffix, CURRENT), start, stop, points, options, logarithmic=False)

    @command(":SOURce#:SWEep:VOLTage:LOG")
    def _voltage_log(self, suffix: int, start: bytes, stop: bytes, points: bytes, *options: bytes) -> None:
        self._sweep_points(self._function(suffix, VOLTAGE), start, stop, points, options, logarithmic=True)

    @command(":SOURce#:SWEep:CURRent:LOG")
    def _current_log(self, suffix: int, start: bytes, stop: bytes, points: bytes, *options: bytes) -> None:
        self._sweep_points(self._function(suffix, CURRENT), start, stop, points, options, logarithmic=True)

    def _sweep_points(
        self,
        function: SourceFunction,
        start: bytes,
        stop: bytes,
        points: bytes,
        options: tuple[bytes, ...],
        *,
        logarithmic: bool,
    ) -> None:
        units = _UNITS[function.name]
        ends = number(start, units), number(stop, units)
        count = integer(points, 2, sweeps.MOST_POINTS)
        if logarithmic:
            asymptote = number(options[_OPTIONS], units) if len(options) > _OPTIONS else 0.0
            levels = sweeps.logarithmic(*ends, count, asymptote)
            self._load_sweep(function, levels, self._options(options[:_OPTIONS] + options[_OPTIONS + 1 :]))
        else:
            self._load_sweep(function, sweeps.linear(*ends, count), self._options(options))

    @command(":SOURce#:SWEep:VOLTage:LINear:STEP")
    def _voltage_steps(self, suffix: int, start: bytes, stop: bytes, step: bytes, *options: bytes) -> None:
        self._sweep_steps(self._function(suffix, VOLTAGE), start, stop, step, options)

    @command(":SOURce#:SWEep:CURRent:LINear:STEP")
    def _current_steps(self, suffix: int, start: bytes, stop: bytes, step: bytes, *options: bytes) -> None:
        self._sweep_steps(self._function(suffix, CURRENT), start, stop, step, options)

    def _sweep_steps(
        self, function: SourceFunction, start: bytes, stop: bytes, step: bytes, options: tuple[bytes, ...]
    ) -> None:
        units = _UNITS[function.name]
        first, last, size = number(start, units), number(stop, units), abs(number(step, units))
        if size == 0.0 or abs(last - first) / size >= sweeps.MOST_POINTS:
            raise ScpiError(-222, "step")
        count = round(abs(last - first) / size) + 1
        self._load_sweep(function, sweeps.linear(first, last, max(2, count)), self._options(options))

    def _load_sweep(self, function: SourceFunction, levels: list[float], options: SweepOptions) -> None:
        if options.dual:
            levels = sweeps.there_and_back(levels)
        entries = sweeps.entries(function, levels, options.range_type)
        self._start(function, entries, 1, options)

    def _start(self, function: SourceFunction, entries: list[LevelSettings], start: int, options: SweepOptions) -> None:
        if self._model.running:
            raise ScpiError(-221, "the trigger model is running")
        name = f"{function.name.capitalize()}SweepList"
        self._around.lists[name] = source_list(self._around.source, function.name, entries)
        self._model.load(sweeps.blocks(name, start, len(entries) - start + 1, options))

    @command(":SOURce#:SWEep:VOLTage:LIST")
    def _voltage_list(self, suffix: int, start: bytes = b"1", *options: bytes) -> None:
        self._sweep_list(self._function(suffix, VOLTAGE), start, options)

    @command(":SOURce#:SWEep:CURRent:LIST")
    def _current_list(self, suffix: int, start: bytes = b"1", *options: bytes) -> None:
        self._sweep_list(self._function(suffix, CURRENT), start, options)

    def _sweep_list(self, function: SourceFunction, start: bytes, arguments: tuple[bytes, ...]) -> None:
        delay, count, fail, buffer, name = _filled(arguments, b"0", b"1", b"ON", b'"defbuffer1"', b"")
        options = self._options((delay, count, b"BEST", fail, b"OFF", buffer))
        stored = self._stored(string(name) if name else sweeps.CUSTOM_LISTS[function.name])
        self._start(function, stored.entries, integer(start, 1, len(stored.entries)), options)

    def _options(self, arguments: tuple[bytes, ...]) -> SweepOptions:
        delay, count, kind, fail, dual, buffer = _filled(arguments, b"0", b"1", b"BEST", b"ON", b"OFF", b'"defbuffer1"')
        self._around.buffer(string(buffer))
        return SweepOptions(
            _delay(delay),
            integer(count, 0, _MOST_COUNTS),
            keyword(kind, "AUTO", "BEST", "FIXed"),
            boolean(fail),
            boolean(dual),
            string(buffer),
        )


def _filled(arguments: tuple[bytes, ...], *defaults: bytes) -> tuple[bytes, ...]:
    """Arguments with the missing ones at their end; ScpiError -108 for more than there are."""
    if len(arguments) > len(defaults):
        raise ScpiError(-108)
    return arguments + defaults[len(arguments) :]


def _delay(argument: bytes) -> float:
    """0, or 50 µs … 10 ks; -1 asks for the automatic source delay, which is no extra delay."""
    seconds = number(argument, _SECONDS)
    if seconds in (0.0, -1.0):
        return 0.0
    return bound(seconds, sweeps.SHORTEST_DELAY, sweeps.LONGEST_DELAY)
