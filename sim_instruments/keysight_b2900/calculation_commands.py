"""CALCulate and FORMat:ELEMents:CALCulate (B2900 SCPI command reference ed. 2, pages 4-5 to 4-20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sim_instruments.keysight_b2900.calculations import LIMIT_TESTS, LimitTest
from sim_instruments.keysight_b2900.channel import Channel
from sim_instruments.keysight_b2900.data import DataFormat, show
from sim_instruments.keysight_b2900.measure import Reading
from sim_instruments.keysight_b2900.settings import SECONDS, bound
from sim_instruments.scpi import CommandTable, Reply, ScpiError, command
from sim_instruments.scpi.parameters import integer, keyword, string, text_of
from sim_instruments.scpi.settings import Limits, Settings

_LIMIT: Final = 9.999999e20
_LONGEST_NAME: Final = 32
_PATTERNS: Final = {"COMP": ":COMPliance", "PASS": ":PASS", "LOW": ":LOWer", "UPP": ":UPPer"}


class CalculationCommands:
    """Handlers of the subsystem."""

    def __init__(self, commands: CommandTable, find: Callable[[int], Channel], data_format: DataFormat) -> None:
        self._find, self._format = find, data_format
        commands.add_methods(self)
        own = Settings(commands, lambda channel: find(channel).calculations, bound, lambda _: None, show)
        own.boolean(":CALCulate#:MATH:STATe", "math_on")
        own.keyword(":CALCulate#:FEED", "feed", "MATH", "RESistance", "CURRent", "VOLTage")
        own.number(":CALCulate#:OFFSet", "offset", Limits(-_LIMIT, _LIMIT, 0.0))
        own.boolean(":CALCulate#:OFFSet:STATe", "offset_on")
        own.text(":CALCulate#:MATH:UNITs", "unit", _LONGEST_NAME)
        self._add_composite(commands)
        self._add_limits(commands)

    def _add_composite(self, commands: CommandTable) -> None:
        all_of_them = Settings(
            commands, lambda channel: self._find(channel).calculations.composite, bound, lambda _: None, show
        )
        all_of_them.boolean(":CALCulate#:CLIMits:STATe", "on")
        all_of_them.keyword(":CALCulate#:CLIMits:MODE", "mode", "GRADing", "SORTing")
        all_of_them.keyword(":CALCulate#:CLIMits:UPDate", "update", "IMMediate", "END")
        all_of_them.boolean(":CALCulate#:CLIMits:CLEar:AUTO", "clear_auto")
        all_of_them.number(":CALCulate#:CLIMits:CLEar:AUTO:DELay", "clear_delay", Limits(1e-5, 60.0, 1e-4), SECONDS)

    def _add_limits(self, commands: CommandTable) -> None:
        settings = Settings(commands, self._limit, bound, lambda _: None, show)
        header = ":CALCulate#:LIMit#"
        settings.boolean(header + ":STATe", "on")
        settings.keyword(header + ":FUNCtion", "kind", "COMPliance", "LIMit")
        settings.keyword(header + ":COMPliance:FAIL", "fails_when", "IN", "OUT")
        settings.number(header + ":LOWer[:DATA]", "lower", Limits(-_LIMIT, _LIMIT, -1.0))
        settings.number(header + ":UPPer[:DATA]", "upper", Limits(-_LIMIT, _LIMIT, 1.0))
        settings.boolean(header + ":LOWer:STATe", "lower_on")
        settings.boolean(header + ":UPPer:STATe", "upper_on")
        for name, node in _PATTERNS.items():
            self._add_pattern(commands, f"{header}{node}:DIGital[:DATA]", name)

    def _add_pattern(self, commands: CommandTable, header: str, name: str) -> None:
        def write(channel: int, test: int, pattern: bytes) -> None:
            self._limit((channel, test)).patterns[name] = integer(pattern, 0, 0x3FFF)

        def read(channel: int, test: int) -> Reply:
            return self._format.pattern(self._limit((channel, test)).patterns.get(name, 0))

        commands.add(header, write)
        commands.add(header + "?", read)

    def _limit(self, numbers: tuple[int, int]) -> LimitTest:
        channel, test = numbers
        limits = self._find(channel).calculations.limits
        if not 1 <= test <= LIMIT_TESTS:
            raise ScpiError(-114, str(test))
        return limits[test - 1]

    @command(":CALCulate#:LIMit#:FAIL?")
    def _failed(self, channel: int, test: int) -> Reply:
        return f"{self._limit((channel, test)).failed:d}"

    @command(":CALCulate#:CLIMits:CLEar[:IMMediate]")
    def _clear(self, channel: int) -> None:
        self._find(channel).calculations.clear()

    @command(":CALCulate#:OFFSet:ACQuire")
    def _acquire_offset(self, channel: int) -> None:
        """Take the latest value as offset; ScpiError -230 before there is one."""
        chosen = self._find(channel)
        if not chosen.readings:
            raise ScpiError(-230)
        own = chosen.calculations
        before, own.offset_on = own.offset_on, False
        own.offset = own.tested(chosen.readings[-1])
        own.offset_on = before

    # -- math --------------------------------------------------------------------------------------------------

    @command(":CALCulate#:MATH[:EXPRession]:NAME")
    def _select(self, channel: int, name: bytes) -> None:
        text = string(name)
        if not 1 <= len(text) <= _LONGEST_NAME:
            raise ScpiError(-224, text[:_LONGEST_NAME])
        self._find(channel).calculations.name = text

    @command(":CALCulate#:MATH[:EXPRession]:NAME?")
    def _selected(self, channel: int) -> Reply:
        return f'"{self._find(channel).calculations.name}"'

    @command(":CALCulate#:MATH[:EXPRession]:CATalog?")
    def _names(self, channel: int) -> Reply:
        return ",".join(f'"{name}"' for name in self._find(channel).calculations.expressions)

    @command(":CALCulate#:MATH[:EXPRession][:DEFine]")
    def _define(self, channel: int, expression: bytes) -> None:
        self._find(channel).calculations.define(text_of(expression))

    @command(":CALCulate#:MATH[:EXPRession][:DEFine]?")
    def _defined(self, channel: int) -> Reply:
        own = self._find(channel).calculations
        if own.name not in own.expressions:
            raise ScpiError(-221, f"{own.name} is not defined")
        return own.expressions[own.name].text

    @command(":CALCulate#:MATH[:EXPRession]:DELete[:SELected]")
    def _delete(self, channel: int, name: bytes) -> None:
        self._find(channel).calculations.delete([string(name)])

    @command(":CALCulate#:MATH[:EXPRession]:DELete:ALL")
    def _delete_all(self, channel: int) -> None:
        own = self._find(channel).calculations
        own.delete([name for name in own.expressions if name != "POWER"])

    @command(":CALCulate#:MATH:DATA?")
    def _math(self, channel: int) -> Reply:
        chosen = self._find(channel)
        return self._values(chosen.readings, chosen.calculations.math)

    @command(":CALCulate#:MATH:DATA:LATest?")
    def _latest_math(self, channel: int) -> Reply:
        chosen = self._find(channel)
        return self._values(chosen.readings[-1:], chosen.calculations.math)

    @command(":CALCulate#:DATA?")
    def _tested(self, channel: int) -> Reply:
        chosen = self._find(channel)
        return self._values(chosen.readings, chosen.calculations.tested)

    @command(":CALCulate#:DATA:LATest?")
    def _latest_tested(self, channel: int) -> Reply:
        chosen = self._find(channel)
        return self._values(chosen.readings[-1:], chosen.calculations.tested)

    def _values(self, readings: Sequence[Reading], calculate: Callable[[Reading], float]) -> Reply:
        return self._format.calculated(readings, calculate)

    @command(":FORMat:ELEMents:CALCulate")
    def _choose(self, first: bytes, *others: bytes) -> None:
        self._format.choose_calculated([keyword(word, "CALC", "TIME", "STATus") for word in (first, *others)])

    @command(":FORMat:ELEMents:CALCulate?")
    def _chosen(self) -> Reply:
        return ",".join(self._format.calculated_elements)

    @command(":FORMat:DIGital")
    def _set_pattern_form(self, form: bytes) -> None:
        self._format.pattern_form = keyword(form, "ASCii", "BINary", "OCTal", "HEXadecimal")

    @command(":FORMat:DIGital?")
    def _get_pattern_form(self) -> Reply:
        return self._format.pattern_form
