"""What the drivers of SCPI instruments share: one reply for each query of a message, and the error queue."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from drivers.visa_instrument import VisaInstrument

ERROR_QUERY: Final = ":SYST:ERR?"


class ScpiInstrument(VisaInstrument):
    """An instrument whose error queue is read by ``SYST:ERR?``, one entry a query.

    A model states the `queue_depth` and, where a word in an entry calls for one, a remedy in `remedies`.
    """

    queue_depth: ClassVar[int]
    remedies: ClassVar[dict[str, str]] = {}

    def checked(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """Send a message, read the replies to its queries and, with them, the error queue; InstrumentError if that
        held any.
        """
        message = f"{message};{ERROR_QUERY}"
        *replies, error = split_replies(self.exchange(message, seconds_expected=seconds_expected))
        if not no_error(error):
            self._raise_errors([error, *self._read_errors()], message)
        return replies

    def parse_number(self, reply: str) -> float:
        """A number as the instrument writes it; InstrumentError if it is none."""
        try:
            return float(reply)
        except ValueError:
            raise self.error("a number was expected", reply=reply) from None

    def check_errors(self) -> None:
        """Empty the error queue; InstrumentError naming every entry if there was one."""
        with self.lock:
            self._raise_errors(self._read_errors())

    def _read_errors(self) -> list[str]:
        entries: list[str] = []
        while len(entries) <= self.queue_depth and not no_error(entry := self.exchange(ERROR_QUERY)):
            entries.append(entry)
        return entries

    def _raise_errors(self, entries: list[str], sent: str = "") -> None:
        if entries:
            text = "; ".join(entries)
            remedy = next((remedy for word, remedy in self.remedies.items() if word in text.casefold()), "")
            raise self.error(f"the instrument reports {text}", sent, remedy=remedy)


def split_replies(reply: str) -> list[str]:
    """The replies to the queries of one message; semicolons inside quotes belong to the text of an error."""
    return re.findall(r'(?:[^;"]|"[^"]*"?)+', reply)


def no_error(entry: str) -> bool:
    """Whether an entry of an error queue says that it is empty; makers and models differ in sign and blanks."""
    return entry.split(",", 1)[0].strip() in ("0", "+0")
