"""DISPlay, SYSTem and STATus of the 2450: what has no effect at the terminals.

Reference manual 2450-901-01, chapter 6. Settings of the front panel and of the interfaces are remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sim_instruments.keithley_2450 import settings
from sim_instruments.keithley_2450.events import ERROR, INFORMATION, WARNING, EventLog, date_and_time
from sim_instruments.keithley_2450.measure import NAMES
from sim_instruments.keithley_2450.trigger import Instruments
from sim_instruments.scpi import CommandTable, RegisterGroup, Reply, ScpiError, StatusModel, command
from sim_instruments.scpi.parameters import integer, keyword, number, string, text_of
from sim_instruments.scpi.settings import Limits, Settings, Together

_DIGITS: Final = Limits(3, 6, 5)
_LINES: Final = {1: 20, 2: 32}
"""Characters of the lines of the user display (6-27)."""
_STATUS_BITS: Final = 15


@dataclass
class Digits:
    """Digits of a measure function on the display."""

    shown: float = _DIGITS.default


@dataclass
class FrontPanel:
    """What can be set on the front panel."""

    light: str = "ON50"
    number_form: str = "PREF"
    screen: str = "HOME"
    lines: dict[int, str] = field(default_factory=dict)
    digits: dict[str, Digits] = field(default_factory=lambda: {name: Digits() for name in NAMES})


@dataclass
class Interfaces:
    """What a reset leaves: access, addresses, power-on setup."""

    access: str = "FULL"
    address: float = 18
    setup: str = "RST"
    network: str = "AUTO"


@dataclass
class StatusMap:
    """Which event numbers set and clear the bits of a register group; empty after power-on."""

    group: RegisterGroup
    pairs: dict[int, tuple[int, int]] = field(default_factory=dict)

    def happened(self, event: int) -> None:
        """An event of the instrument: bring the condition up to date."""
        condition = self.group.condition
        for bit, (sets, clears) in self.pairs.items():
            if event == sets:
                condition |= 1 << bit
            elif event == clears:
                condition &= ~(1 << bit)
        self.group.update(condition)


class SystemCommands:
    """Handlers of these subsystems."""

    def __init__(self, commands: CommandTable, around: Instruments, log: EventLog, status: StatusModel) -> None:
        self._around, self._log = around, log
        self.panel, self.interfaces = FrontPanel(), Interfaces()
        self._maps = {"OPER": StatusMap(status.operation), "QUES": StatusMap(status.questionable)}
        commands.add_methods(self)
        self._add_display(commands)
        kept = Settings(commands, lambda _: self.interfaces, settings.bound, lambda _: None, settings.show)
        kept.keyword(":SYSTem:ACCess", "access", "FULL", "EXCLusive", "PROTected", "LOCKout")
        kept.number(":SYSTem:GPIB:ADDRess", "address", Limits(1, 30, 18), whole=True)
        kept.keyword(":SYSTem:POSetup", "setup", "RST", *(f"SAV{place}" for place in range(5)))
        kept.text(":SYSTem:COMMunication:LAN:CONFigure", "network", 100)

    def reset(self) -> None:
        """*RST."""
        self.panel = FrontPanel()

    def happened(self, event: int) -> None:
        """An event of the instrument, for the status registers."""
        for one in self._maps.values():
            one.happened(event)

    def _add_display(self, commands: CommandTable) -> None:
        panel = Settings(commands, lambda _: self.panel, settings.bound, lambda _: None, settings.show)
        panel.keyword(":DISPlay:LIGHt:STATe", "light", "ON100", "ON75", "ON50", "ON25", "OFF", "BLACkout")
        panel.keyword(":DISPlay:READing:FORMat", "number_form", "PREFix", "EXPonent")
        words = {"CURR": "CURRent[:DC]", "VOLT": "VOLTage[:DC]", "RES": "RESistance"}
        for name, node in (("", ""), *((name, f":{word}") for name, word in words.items())):
            find = partial(self._digits, name)
            digits = Settings(commands, find, settings.bound, lambda _: None, settings.show)
            digits.number(f":DISPlay{node}:DIGits", "shown", _DIGITS, whole=True)

    def _digits(self, name: str, _suffix: int) -> Together:
        return Together([self.panel.digits[name]] if name else list(self.panel.digits.values()))

    @command(":DISPlay:USER#:TEXT[:DATA]")
    def _set_text(self, line: int, words: bytes) -> None:
        if line not in _LINES:
            raise ScpiError(-114, str(line))
        text, longest = string(words), _LINES[line]
        self.panel.lines[line] = text[:longest]
        if len(text) > longest:
            raise ScpiError(-223, f"at most {longest} characters")

    @command(":DISPlay:CLEar")
    def _clear_display(self) -> None:
        self.panel.lines.clear()

    @command(":DISPlay:SCReen")
    def _set_screen(self, name: bytes) -> None:
        """Any name is taken: the list of the manual was not seen."""
        self.panel.screen = text_of(name)

    @command(":SYSTem:COMMunication:LAN:MACaddress?")
    def _mac_address(self) -> Reply:
        return "00:60:1A:00:00:01"

    @command(":SYSTem:PASSword:NEW")
    def _set_password(self, word: bytes) -> None:
        string(word)

    @command(":SYSTem:TIME")
    def _set_time(self, *parts: bytes) -> None:
        """Year, month, day, hour, minute, second: the clock of the twin is that of the bench, and stays so."""
        if len(parts) not in (1, 3, 6):
            raise ScpiError(-109)
        for part in parts:
            number(part)

    @command(":SYSTem:TIME?")
    def _get_time(self, form: bytes = b"0") -> Reply:
        now = date_and_time(self._around.source.harness.clock.now)
        return now.strftime("%a %b %d %H:%M:%S %Y") if integer(form, 0, 1) else f"{now.timestamp():.0f}"

    @command(":SYSTem:EVENtlog:POST")
    def _post(self, text: bytes, kind: bytes = b"INFormation") -> None:
        kinds = {"ERR": ERROR, "WARN": WARNING, "INF": INFORMATION}
        self._log.note(string(text), kinds[keyword(kind, "ERRor", "WARNing", "INFormation")])

    @command(":SYSTem:EVENtlog:SAVE")
    def _save_log(self, _name: bytes, _kinds: bytes = b"ALL") -> None:
        raise ScpiError(-241, "there is no USB flash drive")

    # -- status --------------------------------------------------------------------------------------------------

    @command(":STATus:OPERation:MAP")
    def _map_operation(self, bit: bytes, sets: bytes, clears: bytes = b"0") -> None:
        self._map("OPER", bit, sets, clears)

    @command(":STATus:QUEStionable:MAP")
    def _map_questionable(self, bit: bytes, sets: bytes, clears: bytes = b"0") -> None:
        self._map("QUES", bit, sets, clears)

    def _map(self, group: str, bit: bytes, sets: bytes, clears: bytes) -> None:
        place = integer(bit, 0, _STATUS_BITS - 1)
        self._maps[group].pairs[place] = integer(sets, -999, 9999), integer(clears, -999, 9999)

    @command(":STATus:OPERation:MAP?")
    def _mapped_operation(self, bit: bytes) -> Reply:
        return self._mapped("OPER", bit)

    @command(":STATus:QUEStionable:MAP?")
    def _mapped_questionable(self, bit: bytes) -> Reply:
        return self._mapped("QUES", bit)

    def _mapped(self, group: str, bit: bytes) -> str:
        sets, clears = self._maps[group].pairs.get(integer(bit, 0, _STATUS_BITS - 1), (0, 0))
        return f"{sets},{clears}"
