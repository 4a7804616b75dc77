"""What all Keithley TSP instruments share: replies, the error queue, and functions loaded into the instrument.

TSP is Lua inside the instrument. A driver loads a few small functions once (`load_functions`), so that a whole pulse
or sweep with its readings is one exchange. Each of them answers with one line that ends with the number of waiting
errors; only when that is not zero is the queue read.

Source: Keithley Series 2600B and 707B/708B reference manuals, chapters "Introduction to TSP operation" and "TSP
command reference".
"""

from __future__ import annotations

from importlib import resources

from drivers.visa_instrument import VisaInstrument

QUEUE_DEPTH = 200  # more than any of these error queues holds
PLAIN_NUMBERS = "format.data = 1 format.asciiprecision = 16 localnode.prompts = 0 localnode.showerrors = 0"


def fields(reply: str) -> list[str]:
    """The values of one ``print``: separated by tabulators."""
    return reply.split("\t")


def is_true(field: str) -> bool:
    """A printed Lua truth value or a 0/1 attribute."""
    return field == "true" or (field not in ("false", "nil") and float(field) != 0.0)


def literal(value: float) -> str:
    """A number as Lua reads it, with twelve digits: more than any of these instruments keeps."""
    return f"{value:.12g}"


class TspInstrument(VisaInstrument):
    """A Keithley instrument with a script processor.

    `functions` names the Lua file beside this module that it needs, if any.
    """

    maker = "Keithley Instruments"
    functions: str = ""

    def call(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """Send a message that prints values and, last, ``errorqueue.count``; return the values before the count.

        InstrumentError naming the entries if errors are waiting.
        """
        with self.lock:
            self.prepare()
            *values, waiting = fields(self.exchange(message, seconds_expected=seconds_expected))
            if self.parse_number(waiting, message) != 0:
                self._raise_errors(self._read_errors(), message)
        return values

    def numbers(self, message: str, *, seconds_expected: float = 0.0) -> list[float]:
        """`call` for messages that print numbers only."""
        return [self.parse_number(value, message) for value in self.call(message, seconds_expected=seconds_expected)]

    def check_errors(self) -> None:
        """Empty the error queue; InstrumentError naming every entry if there was one."""
        with self.lock:
            self._raise_errors(self._read_errors())

    def _read_errors(self) -> list[str]:
        """All entries of the queue, oldest first, as "code text"; an entry is code, text, severity, node."""
        entries: list[str] = []
        while len(entries) < QUEUE_DEPTH:
            code, text, *_ = fields(self.exchange("print(errorqueue.next())"))
            if float(code) == 0.0:
                break
            entries.append(f"{float(code):.0f} {text}")
        return entries

    def _raise_errors(self, entries: list[str], sent: str = "") -> None:
        if entries:
            remedy = next((hint for code, hint in REMEDIES.items() for entry in entries if entry.startswith(code)), "")
            raise self.error("the instrument reports " + "; ".join(entries), sent, remedy=remedy)

    def parse_number(self, field: str, sent: str) -> float:
        """A printed number; InstrumentError with the message that asked for it if it is none."""
        try:
            return float(field)
        except ValueError:
            raise self.error("a number was expected", sent, field) from None

    def _prepare(self) -> None:
        """Plain number format, stale errors dropped, functions loaded. Settings stay."""
        self.write(f"errorqueue.clear() {PLAIN_NUMBERS}")
        if self.functions:
            script = resources.files("drivers").joinpath(self.functions).read_text(encoding="ascii")
            self.write(f"loadandrunscript\n{script}endscript")
        self.check_errors()


REMEDIES = {
    "802": "close the safety interlock, or stay at 20 V and below",
    "5041": "close the output enable line, or set outputenableaction to none",
    "5046": "let the instrument cool down and check its fan",
    "5007": "lower the level, the limit or the range: the operating area is exceeded",
    "5005": "raise the range",
}
