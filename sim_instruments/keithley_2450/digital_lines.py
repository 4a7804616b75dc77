"""The six digital lines of the 2450, and the triggers that they detect and make.

Reference manual 2450-901-01, DIGital subsystem and :TRIGger:DIGital<n>. A line that nothing pulls low is high. A pulse
has its width on the instrument; here both of its edges come at one moment. Synchronous lines detect and make triggers
like open-drain ones, without latching.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.scpi import CommandTable, Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, integer, keyword
from sim_instruments.scpi.settings import Limits, Settings

LINES: Final = 6
PORT: Final = (1 << LINES) - 1
_DIRECTIONS: Final = {"DIG": ("IN", "OUT", "OPEN"), "TRIG": ("IN", "OUT", "OPEN"), "SYNC": ("MAST", "ACC")}
_LONGEST_PULSE: Final = 100e3


class DigitalLine:
    """One line. `happened` is told of a detected trigger, `heard` of each new level."""

    def __init__(self, number: int, happened: Callable[[str], object]) -> None:
        self.event = f"DIG{number}"
        self._happened = happened
        self.heard: Callable[[bool], None] = lambda _: None
        self._pulled = False
        self.high = True
        self.reset()

    def reset(self) -> None:
        """A digital input that detects falling edges."""
        self.kind, self.direction = "DIG", "IN"
        self.programmed = False
        self.edge, self.logic, self.width, self.stimulus = "FALL", "NEG", 10e-6, "NONE"
        self.settle(detect=False)

    @property
    def mode(self) -> str:
        """Type and direction."""
        return f"{self.kind},{self.direction}"

    def set_mode(self, kind: str, direction: str) -> None:
        """Use the line in another way; ScpiError -221 for a direction that the type does not have."""
        if direction not in _DIRECTIONS[kind]:
            raise ScpiError(-221, f"{kind} and {direction}")
        self.kind, self.direction = kind, direction
        self.settle(detect=False)

    @property
    def _written(self) -> bool:
        """Whether the line drives a level of its own at all times."""
        return self.kind == "DIG" and self.direction != "IN"

    def write(self, high: bool) -> None:
        """Set the level; ScpiError -221 for a line that is no digital output."""
        if not self._written:
            raise ScpiError(-221, "the line is no digital output")
        self.programmed = high
        self.settle()

    def pull(self, low: bool) -> None:
        """Something outside pulls the line low, or lets it go."""
        self._pulled = low
        self.settle()

    def react(self, event: str) -> bool:
        """Make an output trigger if this is the event that the line waits for; whether it was."""
        if event != self.stimulus or self.kind == "DIG" or self.direction == "IN":
            return False
        at_rest = self.high
        self._show(not at_rest, detect=False)
        self._show(at_rest, detect=False)
        return True

    def _at_rest(self) -> bool:
        if self._written:
            return self.programmed and not (self._pulled and self.direction == "OPEN")
        if self.kind == "TRIG" and self.direction == "OUT":
            return self.logic == "NEG"
        return not self._pulled

    def settle(self, detect: bool = True) -> None:
        """Bring the level up to date; an edge that the line looks for is a trigger."""
        self._show(self._at_rest(), detect)

    def _show(self, high: bool, detect: bool) -> None:
        if high == self.high:
            return
        self.high = high
        self.heard(high)
        looks = self.kind != "DIG" and self.direction != "OUT"
        if detect and looks and self._detects() in ("EITH", "RIS" if high else "FALL"):
            self._happened(self.event)

    def _detects(self) -> str:
        return {"MAST": "RIS", "ACC": "FALL"}.get(self.direction, self.edge)


class DigitalPort:
    """All lines and their commands. `happened` is told of a detected trigger; `events` are the words for stimuli."""

    def __init__(self, commands: CommandTable, happened: Callable[[str], object], events: tuple[str, ...]) -> None:
        self.lines = [DigitalLine(number, happened) for number in range(1, LINES + 1)]
        commands.add_methods(self)
        settings = Settings(commands, self._line, _bound, DigitalLine.settle, _show)
        settings.keyword(":TRIGger:DIGital#:IN:EDGE", "edge", "FALLing", "RISing", "EITHer")
        settings.keyword(":TRIGger:DIGital#:OUT:LOGic", "logic", "POSitive", "NEGative")
        settings.number(":TRIGger:DIGital#:OUT:PULSewidth", "width", Limits(0.0, _LONGEST_PULSE, 10e-6), ("S",))
        settings.keyword(":TRIGger:DIGital#:OUT:STIMulus", "stimulus", *events)

    def _line(self, number: int) -> DigitalLine:
        if not 1 <= number <= LINES:
            raise ScpiError(-114, str(number))
        return self.lines[number - 1]

    def reset(self) -> None:
        """*RST: all lines are inputs."""
        for line in self.lines:
            line.reset()

    def react(self, event: str) -> bool:
        """Let the lines that wait for an event make their triggers; whether any did."""
        reacted = [line.react(event) for line in self.lines]
        return any(reacted)

    @command(":DIGital:LINE#:MODE")
    def _set_mode(self, line: int, kind: bytes, direction: bytes) -> None:
        words = keyword(direction, "IN", "OUT", "OPENdrain", "MASTer", "ACCeptor")
        self._line(line).set_mode(keyword(kind, "DIGital", "TRIGger", "SYNChronous"), words)

    @command(":DIGital:LINE#:MODE?")
    def _get_mode(self, line: int) -> Reply:
        return self._line(line).mode

    @command(":DIGital:LINE#:STATe")
    def _set_state(self, line: int, high: bytes) -> None:
        self._line(line).write(boolean(high))

    @command(":DIGital:LINE#:STATe?")
    def _get_state(self, line: int) -> Reply:
        return f"{self._line(line).high:d}"

    @command(":DIGital:WRITe")
    def _write(self, pattern: bytes) -> None:
        self.write(integer(pattern, 0, PORT), PORT)

    def write(self, pattern: int, mask: int) -> None:
        """Set the lines in the mask, bit 0 for line 1; ScpiError -221, and none changes, where one is no output."""
        chosen = [(place, line) for place, line in enumerate(self.lines) if mask >> place & 1]
        if not all(line.kind == "DIG" for _, line in chosen):
            raise ScpiError(-221, "the lines are not all digital")
        for place, line in chosen:
            if line.direction != "IN":
                line.write(bool(pattern >> place & 1))

    @command(":DIGital:READ?")
    def _read(self) -> Reply:
        return str(sum(line.high << place for place, line in enumerate(self.lines)))

    @command(":TRIGger:DIGital#:IN:CLEar")
    def _clear(self, line: int) -> None:
        self._line(line)  # a trigger is acted upon, or remembered, at once

    @command(":TRIGger:DIGital#:IN:OVERrun?")
    def _overrun(self, line: int) -> Reply:
        self._line(line)
        return "0"


def _bound(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ScpiError(-222, f"{value:g}")
    return value


def _show(value: float) -> str:
    return f"{value:.6E}"
