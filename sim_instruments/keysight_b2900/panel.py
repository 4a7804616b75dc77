"""Display, beeper, digital lines and whatever else of the B2900 has no effect at the terminals: it is remembered.

B2900 SCPI command reference ed. 2, DISPlay, SYSTem and SOURce:DIGital subsystems. Reset settings of the digital lines
are recalled and not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim_instruments.keysight_b2900.data import DataFormat, channel_list, show
from sim_instruments.keysight_b2900.settings import SECONDS, bound
from sim_instruments.scpi import CommandTable, Reply, ScpiError, command
from sim_instruments.scpi.parameters import integer, keyword, number
from sim_instruments.scpi.settings import Limits, Settings

LINES: Final = 14
_PORT: Final = (1 << LINES) - 1
_BUSES: Final = 2
_LONGEST_TEXT: Final = 32


@dataclass
class TriggerOutput:
    """How a trigger output tells of an action."""

    kind: str = "EDGE"
    position: str = "BOTH"
    width: float = 100e-6


@dataclass
class DigitalLine(TriggerOutput):
    """A pin of the digital connector."""

    function: str = "DIO"
    polarity: str = "NEG"


@dataclass
class Half:
    """The upper or lower half of the display."""

    text: str = ""
    text_on: bool = False


@dataclass
class Screen:
    """The display and the beeper."""

    on: bool = True
    view: str = "DUAL"
    digits: float = 7
    colors: float = 1
    zoomed: bool = False
    beeps: bool = True


@dataclass
class Mainframe:
    """What a reset leaves."""

    fan: str = "NORM"
    power_on: str = "RST"


class Panel:
    """All of these settings and their commands."""

    def __init__(self, commands: CommandTable, data_format: DataFormat) -> None:
        self._format = data_format
        self.mainframe = Mainframe()
        self._date: tuple[int, ...] = (2024, 1, 1)
        self._time: tuple[int, ...] = (0, 0, 0)
        self.reset()
        commands.add_methods(self)
        self._add_display(commands)
        self._add_lines(commands)
        kept = Settings(commands, lambda _: self.mainframe, bound, lambda _: None, show)
        kept.keyword(":SYSTem:FAN:MODE", "fan", "NORMal", "RACK")
        kept.keyword(":SYSTem:PON", "power_on", "RST", *(f"RCL{place}" for place in range(5)))

    def reset(self) -> None:
        """*RST."""
        self.screen = Screen()
        self.halves = (Half(), Half())
        self.lines = [DigitalLine() for _ in range(LINES)]
        self.buses = [TriggerOutput() for _ in range(_BUSES)]
        self.pattern = 0
        self.group: tuple[int, ...] = (1, 2)

    def _add_display(self, commands: CommandTable) -> None:
        screen = Settings(commands, lambda _: self.screen, bound, lambda _: None, lambda value: f"{value:.0f}")
        screen.boolean(":DISPlay:ENABle", "on")
        screen.keyword(":DISPlay:VIEW", "view", "DUAL", "SINGle1", "SINGle2", "GRAPh", "ROLL")
        screen.number(":DISPlay:DIGits", "digits", Limits(4, 7, 7), whole=True)
        screen.number(":DISPlay:CSET", "colors", Limits(1, 2, 1), whole=True)
        screen.boolean(":DISPlay:ZOOM", "zoomed")
        screen.boolean(":SYSTem:BEEPer:STATe", "beeps")
        halves = Settings(commands, self._half, bound, lambda _: None)
        for window in (":WINDow#", ""):
            halves.text(f":DISPlay{window}:TEXT:DATA", "text", _LONGEST_TEXT)
            halves.boolean(f":DISPlay{window}:TEXT:STATe", "text_on")

    def _half(self, place: int) -> Half:
        if not 1 <= place <= len(self.halves):
            raise ScpiError(-114, str(place))
        return self.halves[place - 1]

    def _add_lines(self, commands: CommandTable) -> None:
        lines = Settings(commands, self._line, bound, lambda _: None, show)
        header = "[:SOURce]:DIGital:EXTernal#"
        lines.keyword(header + ":FUNCtion", "function", "DIO", "DINPut", "HVOL", "TINPut", "TOUTput")
        lines.keyword(header + ":POLarity", "polarity", "POSitive", "NEGative")
        lines.keyword(header + ":TOUTput:TYPE", "kind", "EDGE", "LEVel")
        for owners, node in ((lines, header), (Settings(commands, self._bus, bound, lambda _: None, show),
                                               "[:SOURce]:DIGital:INTernal#")):  # fmt: skip
            owners.keyword(node + ":TOUTput[:EDGE]:POSition", "position", "BOTH", "BEFore", "AFTer")
            owners.number(node + ":TOUTput[:EDGE]:WIDTh", "width", Limits(1e-5, 1e-2, 1e-4), SECONDS)

    def _line(self, pin: int) -> DigitalLine:
        if not 1 <= pin <= LINES:
            raise ScpiError(-114, str(pin))
        return self.lines[pin - 1]

    def _bus(self, place: int) -> TriggerOutput:
        if not 1 <= place <= _BUSES:
            raise ScpiError(-114, str(place))
        return self.buses[place - 1]

    @command("[:SOURce]:DIGital:DATA")
    def _write(self, pattern: bytes) -> None:
        """Set the pins that are used as digital outputs."""
        mask = sum(1 << place for place, line in enumerate(self.lines) if line.function == "DIO")
        self.pattern = self.pattern & ~mask | integer(pattern, 0, _PORT) & mask

    @command("[:SOURce]:DIGital:DATA?")
    def _read(self) -> Reply:
        return self._format.pattern(self.pattern)

    @command(":SYSTem:BEEPer[:IMMediate]")
    def _beep(self, frequency: bytes, seconds: bytes) -> None:
        bound(number(frequency, ("HZ",)), 55.0, 6640.0)
        bound(number(seconds, SECONDS), 0.05, 12.75)

    @command(":SYSTem:GROup[:DEFinition]")
    def _set_group(self, channels: bytes) -> None:
        self.group = channel_list(channels)

    @command(":SYSTem:GROup[:DEFinition]?")
    def _get_group(self) -> Reply:
        return f"(@{','.join(map(str, self.group))})"

    @command(":SYSTem:GROup:RESet")
    def _reset_group(self) -> None:
        self.group = (1, 2)

    @command(":SYSTem:LOCal", ":SYSTem:REMote", ":SYSTem:RWLock")
    def _set_control(self) -> None:
        """There is nobody at the front panel."""

    @command(":SYSTem:DATE")
    def _set_date(self, year: bytes, month: bytes, day: bytes) -> None:
        self._date = integer(year, 2000, 2099), integer(month, 1, 12), integer(day, 1, 31)

    @command(":SYSTem:DATE?")
    def _get_date(self) -> Reply:
        return ",".join(f"{part:+d}" for part in self._date)

    @command(":SYSTem:TIME")
    def _set_time(self, hour: bytes, minute: bytes, second: bytes) -> None:
        self._time = integer(hour, 0, 23), integer(minute, 0, 59), integer(second, 0, 59)

    @command(":SYSTem:TIME?")
    def _get_time(self) -> Reply:
        return ",".join(f"{part:+d}" for part in self._time)

    @command(":FORMat:SREGister")
    def _set_register_form(self, form: bytes) -> None:
        if keyword(form, "ASCii", "BINary", "OCTal", "HEXadecimal") != "ASC":
            raise ScpiError(-221, "registers are answered as decimal numbers only")

    @command(":FORMat:SREGister?")
    def _get_register_form(self) -> Reply:
        return "ASC"
