"""The ordinary settings of the 2450: header, attribute, limits, unit (reference manual 2450-901-01, SCPI commands)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sim_instruments.keithley_2450.calculations import LIMIT_TESTS
from sim_instruments.keithley_2450.measure import RESISTANCE, Measure, SenseFunction
from sim_instruments.keithley_2450.source import CURRENT, PROTECTIONS, USER_DELAYS, VOLTAGE, Source, SourceFunction
from sim_instruments.scpi import CommandTable, Reply, ScpiError
from sim_instruments.scpi.parameters import number
from sim_instruments.scpi.settings import INFINITY, Limits, Settings, Together

_Owner = TypeVar("_Owner")

_LONGEST_DELAY = 10e3
_SECONDS = ("S", "SEC")
_UNITS = {VOLTAGE: ("V",), CURRENT: ("A",), RESISTANCE: ("OHM",)}
_WORDS = {VOLTAGE: "VOLTage[:DC]", CURRENT: "CURRent[:DC]", RESISTANCE: "RESistance"}
_SHOWN = {VOLTAGE: ("VOLT", "OHM", "WATT"), CURRENT: ("AMP", "OHM", "WATT"), RESISTANCE: ("OHM", "AMP", "WATT")}
_SOURCE_WORDS = {VOLTAGE: "VOLTage", CURRENT: "CURRent"}
_LEVELS = {VOLTAGE: Limits(-210.0, 210.0, 0.0), CURRENT: Limits(-1.05, 1.05, 0.0)}
_LIMITS = {VOLTAGE: Limits(1e-9, 1.05, 105e-6), CURRENT: Limits(0.02, 210.0, 21.0)}
_MEASURE_RANGES = {
    VOLTAGE: Limits(0.02, 200.0, 2.0),
    CURRENT: Limits(1e-8, 1.0, 1e-4),
    RESISTANCE: Limits(20, 2e8, 2e5),
}


def show(value: float) -> str:
    """A setting as the instrument writes it."""
    if abs(value) >= INFINITY:
        return "9.9E+37"
    return f"{value:.6E}" if value != round(value) or abs(value) >= 1e6 else f"{value:.0f}"


def bound(value: float, low: float, high: float) -> float:
    """The value; ScpiError -222 outside low … high."""
    if not low <= value <= high:
        raise ScpiError(-222, f"{value:g}")
    return value


def first_only(suffix: int) -> None:
    """ScpiError -114 for any channel but 1: there is one."""
    if suffix != 1:
        raise ScpiError(-114, str(suffix))


def add_source(commands: CommandTable, source: Source) -> None:
    """SOURce and OUTPut subsystems, as far as they are plain settings."""
    settings = _settings(commands, lambda: source)
    settings.keyword(":SOURce#:FUNCtion[:MODE]", "function", "VOLTage", "CURRent")
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.boolean(":OUTPut#:INTerlock:STATe", "interlock_required")
    for name, function in source.functions.items():
        _add_function(_settings(commands, partial(source.functions.__getitem__, name)), name)
        _add_user_delays(commands, f":SOURce#:{_SOURCE_WORDS[name]}:DELay:USER#", _SourceDelays(function))


def _add_function(settings: Settings[SourceFunction], name: str) -> None:
    word, units, top = f":SOURce#:{_SOURCE_WORDS[name]}", _UNITS[name], _LEVELS[name].high
    limit, limit_units = (":ILIMit", ("A",)) if name == VOLTAGE else (":VLIMit", ("V",))
    settings.number(word + "[:LEVel][:IMMediate][:AMPLitude]", "level", _LEVELS[name], units)
    settings.number(word + ":RANGe", "range", Limits(-top, top, _MEASURE_RANGES[name].low), units)
    settings.boolean(word + ":RANGe:AUTO", "range_auto")
    settings.number(word + limit + "[:LEVel]", "limit", _LIMITS[name], limit_units)
    settings.number(word + ":DELay", "delay", Limits(0.0, _LONGEST_DELAY, 0.0), _SECONDS)
    settings.boolean(word + ":DELay:AUTO", "auto_delay")
    settings.boolean(word + ":READ:BACK", "read_back")
    settings.boolean(word + ":HIGH:CAPacitance", "high_capacitance")
    settings.keyword(word + ":PROTection[:LEVel]", "protection", *(f"PROT{level}" for level in PROTECTIONS), "NONE")
    output = f":OUTPut#:{_WORDS[name]}:SMODe"
    settings.keyword(output, "off_state", "NORMal", "ZERO", "HIMPedance", "GUARd")


def add_sense(commands: CommandTable, measure: Measure) -> None:
    """SENSe subsystem, as far as it is plain settings."""
    shared = _settings(commands, lambda: measure)
    shared.number("[:SENSe#]:COUNt", "count", Limits(1, 300_000, 1), whole=True)
    for name, word in _WORDS.items():
        own = f"[:SENSe#]:{word}"
        settings = _settings(commands, partial(_sense_function, measure, name))
        ranges = _MEASURE_RANGES[name]
        spans = Limits(-1.05 * ranges.high, 1.05 * ranges.high, ranges.default)
        settings.number(own + ":RANGe[:UPPer]", "range", spans, _UNITS[name])
        settings.boolean(own + ":RANGe:AUTO", "auto")
        settings.number(own + ":RANGe:AUTO:LLIMit", "lowest", ranges, _UNITS[name])
        settings.number(own + ":NPLCycles", "nplc", Limits(0.01, 10.0, 1.0))
        settings.boolean(own + ":AZERo[:STATe]", "autozero")
        settings.boolean(own + ":AVERage[:STATe]", "filter_on")
        settings.number(own + ":AVERage:COUNt", "filter_count", Limits(1, 100, 10), whole=True)
        settings.keyword(own + ":AVERage:TCONtrol", "filter_type", "REPeat", "MOVing")
        settings.boolean(own + ":RELative:STATe", "relative_on")
        settings.number(own + ":RELative", "relative", Limits(-210.0, 210.0, 0.0), _UNITS[name])
        settings.keyword(own + ":UNIT", "unit", *_SHOWN[name])
        if name == RESISTANCE:
            settings.boolean(own + ":OCOMpensated", "offset_compensation")
        _add_user_delays(commands, own + ":DELay:USER#", _SenseDelays(measure, name))


def add_calculations(commands: CommandTable, measure: Measure) -> None:
    """CALCulate subsystems, as far as they are plain settings; without a function they are those of all functions."""

    def every(name: str) -> Sequence[SenseFunction]:
        return [measure.functions[name]] if name else list(measure.functions.values())

    for name, node in (("", ""), *((name, ":" + word) for name, word in _WORDS.items())):
        _add_math(commands, f":CALCulate1{node}:MATH", partial(every, name))
        _add_limits(commands, f":CALCulate2{node}:LIMit#", partial(every, name))


def _add_math(commands: CommandTable, header: str, functions: Callable[[], Sequence[SenseFunction]]) -> None:
    settings = _settings(commands, lambda: Together([one.calculations.math for one in functions()]))
    settings.boolean(header + "[:STATe]", "on")
    settings.keyword(header + ":FORMat", "operation", "MXB", "PERCent", "RECiprocal")
    settings.number(header + ":MBFactor", "offset", Limits(-1e12, 1e12, 0.0))
    settings.number(header + ":MMFactor", "factor", Limits(-1e12, 1e12, 1.0))
    settings.number(header + ":PERCent", "reference", Limits(-1e12, 1e12, 1.0))


def _add_limits(commands: CommandTable, header: str, functions: Callable[[], Sequence[SenseFunction]]) -> None:
    def tests(number: int) -> Together:
        if not 1 <= number <= LIMIT_TESTS:
            raise ScpiError(-114, str(number))
        return Together([one.calculations.limits[number - 1] for one in functions()])

    def clear(number: int) -> None:
        tests(number)
        for one in functions():
            one.calculations.limits[number - 1].clear()

    settings = Settings(commands, tests, bound, lambda _: None, show)
    settings.boolean(header + ":STATe", "on")
    settings.number(header + ":LOWer[:DATA]", "lower", Limits(-9.99999e11, 9.99999e11, -1.0))
    settings.number(header + ":UPPer[:DATA]", "upper", Limits(-9.99999e11, 9.99999e11, 1.0))
    settings.boolean(header + ":CLEar:AUTO", "clear_auto")
    settings.keyword(header + ":AUDible", "audible", "NONE", "FAIL", "PASS")
    commands.add(header + ":CLEar[:IMMediate]", clear)
    commands.add(header + ":FAIL?", lambda number: tests(number).result)


def _sense_function(measure: Measure, name: str) -> SenseFunction:
    return measure.functions[name]  # a new one after each reset


def _settings(commands: CommandTable, owner: Callable[[], _Owner]) -> Settings[_Owner]:
    def find(suffix: int) -> _Owner:
        first_only(suffix)
        return owner()

    return Settings(commands, find, bound, lambda _: None, show)


class _SourceDelays:
    """User delays of a source function."""

    def __init__(self, function: SourceFunction) -> None:
        self._function = function

    def read(self) -> Sequence[float]:
        return self._function.now.user_delays

    def write(self, place: int, seconds: float) -> None:
        self._function.set_user_delay(place, seconds)


class _SenseDelays:
    """User delays of a measure function."""

    def __init__(self, measure: Measure, name: str) -> None:
        self._measure, self._name = measure, name

    def _own(self) -> SenseFunction:
        return self._measure.functions[self._name]

    def read(self) -> Sequence[float]:
        return self._own().user_delays

    def write(self, place: int, seconds: float) -> None:
        self._own().user_delays[place] = seconds


def _add_user_delays(commands: CommandTable, header: str, delays: _SourceDelays | _SenseDelays) -> None:
    def place(suffix: int, which: int) -> int:
        first_only(suffix)
        if not 1 <= which <= USER_DELAYS:
            raise ScpiError(-114, str(which))
        return which - 1

    def write(suffix: int, which: int, seconds: bytes) -> None:
        delays.write(place(suffix, which), bound(number(seconds, _SECONDS), 0.0, _LONGEST_DELAY))

    def read(suffix: int, which: int) -> Reply:
        return show(delays.read()[place(suffix, which)])

    commands.add(header, write)
    commands.add(header + "?", read)
