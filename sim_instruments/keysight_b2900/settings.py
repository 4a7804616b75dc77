"""The ordinary settings of a channel: header, attribute, limits, unit (B2900 SCPI command reference ed. 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sim_instruments.keysight_b2900.channel import Channel
from sim_instruments.keysight_b2900.data import MOST_READINGS, show
from sim_instruments.keysight_b2900.levels import CURRENT, LONGEST_LIST, VOLTAGE, SourceFunction
from sim_instruments.keysight_b2900.measure import LONGEST_APERTURE, SHORTEST_APERTURE, Measure, SenseFunction
from sim_instruments.keysight_b2900.ranges import SMALLEST_VOLTAGE_LIMIT, ModelRanges
from sim_instruments.keysight_b2900.source import HIGHEST_FILTER, Source, WaitTime
from sim_instruments.keysight_b2900.trigger import OUTPUT_SIGNALS, SOURCES
from sim_instruments.scpi import CommandTable, Reply, ScpiError
from sim_instruments.scpi.parameters import number
from sim_instruments.scpi.settings import Limits, Settings, Together

_Owner = TypeVar("_Owner")
Find = Callable[[int], Channel]

SECONDS = ("S", "SEC")
_UNITS = {VOLTAGE: ("V",), CURRENT: ("A",)}
_SOURCE_WORDS = {VOLTAGE: "VOLTage", CURRENT: "CURRent"}
_SENSE_WORDS = {VOLTAGE: "VOLTage[:DC]", CURRENT: "CURRent[:DC]"}
_TOPS = {VOLTAGE: 210.0, CURRENT: 3.03}
_FILTER = Limits(31.831, HIGHEST_FILTER, HIGHEST_FILTER)
_FILTER_TIME = Limits(5e-6, 5e-3, 5e-6)
_WAIT = (("GAIN", Limits(0.0, 100.0, 1.0)), ("OFFSet", Limits(0.0, 1.0, 0.0)))


def bound(value: float, low: float, high: float) -> float:
    """The value; ScpiError -222 outside low … high."""
    if not low <= value <= high:
        raise ScpiError(-222, f"{value:g}")
    return value


def clamped(value: float, low: float, high: float) -> float:
    """The value, or the nearer end: integration times are fitted silently (4-73)."""
    return min(max(value, low), high)


def _settings(
    commands: CommandTable, find: Callable[[int], _Owner], within: Callable[[float, float, float], float] = bound
) -> Settings[_Owner]:
    return Settings(commands, find, within, lambda _: None, show)


def add_output(commands: CommandTable, find: Find) -> None:
    """OUTPut subsystem."""
    settings = _settings(commands, lambda channel: find(channel).source)
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.boolean(":OUTPut#:ON:AUTO", "output_on_auto")
    settings.boolean(":OUTPut#:OFF:AUTO", "output_off_auto")
    settings.keyword(":OUTPut#:OFF:MODE", "off_mode", "NORMal", "HIZ", "ZERO")
    settings.boolean(":OUTPut#:PROTection[:STATe]", "output_protection")
    settings.boolean(":OUTPut#:HCAPacitance[:STATe]", "high_capacitance")
    settings.keyword(":OUTPut#:LOW", "low_terminal", "FLOat", "GROund")
    settings.boolean(":OUTPut#:FILTer[:LPASs][:STATe]", "output_filter")
    settings.boolean(":OUTPut#:FILTer:AUTO", "filter_auto")
    settings.number(":OUTPut#:FILTer[:LPASs]:FREQuency", "filter_frequency", _FILTER, ("HZ",))
    settings.number(":OUTPut#:FILTer[:LPASs]:TCONstant", "filter_time", _FILTER_TIME, SECONDS)


def add_source(commands: CommandTable, find: Find) -> None:
    """SOURce subsystem."""
    settings = _settings(commands, lambda channel: find(channel).source)
    settings.keyword("[:SOURce#]:FUNCtion:MODE", "function", "VOLTage", "CURRent")
    settings.keyword("[:SOURce#]:FUNCtion[:SHAPe]", "shape", "PULSe", "DC")
    settings.boolean("[:SOURce#]:FUNCtion:TRIGgered:CONTinuous", "continuous")
    settings.number("[:SOURce#]:PULSe:WIDTh", "pulse_width", Limits(50e-6, 1e5, 50e-6), SECONDS)
    settings.number("[:SOURce#]:PULSe:DELay", "pulse_delay", Limits(0.0, 99999.9, 0.0), SECONDS)
    _add_trigger_output(settings, "[:SOURce#]:TOUTput")
    settings.keyword("[:SOURce#]:SWEep:DIRection", "direction", "UP", "DOWN")
    settings.keyword("[:SOURce#]:SWEep:SPACing", "spacing", "LINear", "LOGarithmic")
    settings.keyword("[:SOURce#]:SWEep:STAir", "stairs", "SINGle", "DOUBle")
    settings.keyword("[:SOURce#]:SWEep:RANGing", "sweep_ranging", "BEST", "FIXed", "AUTO")
    _settings(commands, lambda channel: _Points(find(channel).source)).number(
        "[:SOURce#]:SWEep:POINts", "points", Limits(1, LONGEST_LIST, 1), whole=True
    )
    _add_wait(commands, "[:SOURce#]:WAIT", lambda channel: find(channel).source.wait)
    for name in (VOLTAGE, CURRENT):
        _add_function(commands, find, name)


class _Points:
    """Sweep points of both functions at once."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def points(self) -> float:
        return self._source.own.points

    @points.setter
    def points(self, value: float) -> None:
        for function in self._source.functions.values():
            function.points = value


class _Levels:
    """The level and range of one function, which act on the output."""

    def __init__(self, source: Source, function: SourceFunction) -> None:
        self._source, self._function = source, function

    @property
    def level(self) -> float:
        return self._function.level

    @level.setter
    def level(self, value: float) -> None:
        self._source.set_level(self._function, value)

    @property
    def range(self) -> float:
        return self._function.range

    @range.setter
    def range(self, value: float) -> None:
        self._source.set_range(self._function, abs(value))

    @property
    def auto(self) -> bool:
        return self._function.auto

    @auto.setter
    def auto(self, on: bool) -> None:
        self._source.set_range_auto(self._function, on)


def _add_function(commands: CommandTable, find: Find, name: str) -> None:
    word, units, top = f"[:SOURce#]:{_SOURCE_WORDS[name]}", _UNITS[name], _TOPS[name]
    everywhere = Limits(-top, top, 0.0)

    def function(channel: int) -> SourceFunction:
        return find(channel).source.functions[name]

    acting = _settings(commands, lambda channel: _Levels(find(channel).source, function(channel)))
    acting.number(word + "[:LEVel][:IMMediate][:AMPLitude]", "level", everywhere, units)
    acting.number(word + ":RANGe", "range", Limits(-top, top, 0.0), units)
    acting.boolean(word + ":RANGe:AUTO", "auto")
    settings = _settings(commands, function)
    settings.number(word + "[:LEVel]:TRIGgered[:AMPLitude]", "triggered", everywhere, units)
    settings.number(word + ":RANGe:AUTO:LLIMit", "lowest_range", Limits(0.0, top, 0.0), units)
    settings.keyword(word + ":MODE", "mode", "SWEep", "LIST", "FIXed")
    for end in ("STARt", "STOP", "CENTer"):
        settings.number(f"{word}:{end}", end.lower(), everywhere, units)
    for width in ("SPAN", "STEP"):
        settings.number(f"{word}:{width}", width.lower(), Limits(-2 * top, 2 * top, 0.0), units)
    settings.number(word + ":POINts", "points", Limits(1, LONGEST_LIST, 1), whole=True)
    _add_list(commands, f"[:SOURce#]:LIST:{_SOURCE_WORDS[name]}", function, units, top)


def _add_list(
    commands: CommandTable, header: str, find: Callable[[int], SourceFunction], units: Sequence[str], top: float
) -> None:
    def levels(values: tuple[bytes, ...]) -> list[float]:
        return [bound(number(value, units), -top, top) for value in values]

    def replace(channel: int, first: bytes, *others: bytes) -> None:
        values = levels((first, *others))
        if len(values) > LONGEST_LIST:
            raise ScpiError(-223)
        find(channel).list = values

    def read(channel: int) -> Reply:
        return ",".join(map(show, find(channel).list))

    def append(channel: int, first: bytes, *others: bytes) -> None:
        find(channel).append(levels((first, *others)))

    commands.add(header, replace)
    commands.add(header + "?", read)
    commands.add(header + ":APPend", append)
    commands.add(header + ":POINts?", lambda channel: str(len(find(channel).list)))


def add_sense(commands: CommandTable, find: Find, model: ModelRanges, line_frequency: Callable[[], float]) -> None:
    """SENSe subsystem."""
    settings = _settings(commands, lambda channel: find(channel).measure)
    settings.boolean(":SENSe#:REMote", "remote")
    _add_trigger_output(settings, ":SENSe#:TOUTput")
    settings.keyword(":SENSe#:RESistance:MODE", "resistance_mode", "MANual", "AUTO")
    settings.boolean(":SENSe#:RESistance:OCOMpensated", "offset_compensation")
    fitted = _settings(commands, lambda channel: find(channel).measure, clamped)
    for quantity in (*_SENSE_WORDS.values(), "RESistance"):  # common to all quantities
        own = f":SENSe#:{quantity}"
        fitted.number(
            own + ":APERture",
            "aperture",
            lambda _: Limits(SHORTEST_APERTURE, LONGEST_APERTURE, 0.1 / line_frequency()),
            SECONDS,
        )
        fitted.number(
            own + ":NPLCycles",
            "cycles",
            lambda _: Limits(SHORTEST_APERTURE * line_frequency(), LONGEST_APERTURE * line_frequency(), 0.1),
        )
        settings.boolean(own + ":APERture:AUTO", "aperture_auto")
        settings.boolean(own + ":NPLCycles:AUTO", "aperture_auto")
    _add_wait(commands, ":SENSe#:WAIT", lambda channel: find(channel).measure.wait)
    for name in (VOLTAGE, CURRENT):
        _add_ranging(commands, find, name, model)
        _add_limit(commands, find, name, model)


def _add_trigger_output(settings: Settings[Source] | Settings[Measure], header: str) -> None:
    settings.boolean(header + "[:STATe]", "trigger_output_on")
    settings.keyword(header + ":SIGNal", "trigger_output_signal", *OUTPUT_SIGNALS)


def _add_ranging(commands: CommandTable, find: Find, name: str, model: ModelRanges) -> None:
    own, units = f":SENSe#:{_SENSE_WORDS[name]}:RANGe", _UNITS[name]
    table = model.measure_v if name == VOLTAGE else model.measure_i
    lowest = 0.2 if name == VOLTAGE else 1e-6

    def function(channel: int) -> SenseFunction:
        return find(channel).measure.functions[name]  # a new one after each reset

    settings = _settings(commands, function)
    spans = Limits(table.ranges[0].value, table.top.full_scale, lowest)
    settings.number(own + "[:UPPer]", "range", Limits(0.0, spans.high, spans.default), units)
    settings.boolean(own + ":AUTO", "auto")
    settings.number(own + ":AUTO:LLIMit", "lowest_range", Limits(0.0, spans.high, lowest), units)
    settings.keyword(own + ":AUTO:MODE", "ranging", "NORMal", "RESolution", "SPEed")
    settings.number(own + ":AUTO:THReshold", "threshold", Limits(11.0, 100.0, 90.0), ("PCT",))


def _add_limit(commands: CommandTable, find: Find, name: str, model: ModelRanges) -> None:
    """Limits: one number for both polarities, or one for each; a negative number means its size."""
    smallest, default = (SMALLEST_VOLTAGE_LIMIT, 2.0) if name == VOLTAGE else (model.smallest_current_limit, 100e-6)
    words = {"MINimum": smallest, "MAXimum": _TOPS[name], "DEFault": default}
    header = f":SENSe#:{_SENSE_WORDS[name]}:PROTection[:LEVel]"

    def add(suffix: str, positive: bool, negative: bool) -> None:
        def write(channel: int, argument: bytes) -> None:
            value = bound(abs(number(argument, _UNITS[name], words)), smallest, _TOPS[name])
            find(channel).source.set_limit(name, value, positive=positive, negative=negative)

        def read(channel: int, which: bytes = b"") -> Reply:
            source = find(channel).source  # a channel that is not there is told first
            if which:
                return show(number(which, _UNITS[name], words))
            return show(source.limits[name][0 if positive else 1])

        commands.add(header + suffix, write)
        commands.add(header + suffix + "?", read)

    add("[:BOTH]", positive=True, negative=True)
    add(":POSitive", positive=True, negative=False)
    add(":NEGative", positive=False, negative=True)

    def tripped(channel: int) -> Reply:
        source = find(channel).source
        return f"{source.function != name and source.limited:d}"

    commands.add(f":SENSe#:{_SENSE_WORDS[name]}:PROTection:TRIPped?", tripped)


def _add_wait(commands: CommandTable, header: str, find: Callable[[int], WaitTime]) -> None:
    settings = _settings(commands, find)
    settings.boolean(header + "[:STATe]", "on")
    settings.boolean(header + ":AUTO", "automatic")
    for word, limits in _WAIT:
        settings.number(f"{header}:{word}", word.lower(), limits, SECONDS)


def add_layers(commands: CommandTable, find: Find, shortest_interval: float) -> None:
    """ARM and TRIGger layers of both actions; a header without an action sets both and tells of the acquire action."""
    most = Limits(1, MOST_READINGS, 1)
    for layer, word in (("ARM", ":ARM#"), ("TRIG", ":TRIGger#")):
        for node, actions in (("[:ALL]", ("ACQ", "TRAN")), (":ACQuire", ("ACQ",)), (":TRANsient", ("TRAN",))):
            settings = _settings(commands, lambda channel, key=(layer, actions): _layers(find(channel), *key))  # type: ignore[misc]
            own = f"{word}{node}[:LAYer]"
            settings.number(own + ":COUNt", "count", most, infinite=True, whole=True)
            settings.number(own + ":DELay", "delay", Limits(0.0, 1e5, 0.0), SECONDS)
            settings.number(own + ":TIMer", "timer", Limits(shortest_interval, 1e5, shortest_interval), SECONDS)
            settings.keyword(own + ":SOURce[:SIGNal]", "source", *SOURCES)
            settings.keyword(own + ":BYPass", "bypass", "ONCE", "OFF")
            settings.boolean(own + ":TOUTput[:STATe]", "output_on")
            settings.keyword(own + ":TOUTput:SIGNal", "output_signal", *OUTPUT_SIGNALS)


def _layers(channel: Channel, layer: str, actions: tuple[str, ...]) -> Together:
    return Together([channel.trigger.layers[layer, action] for action in actions])
