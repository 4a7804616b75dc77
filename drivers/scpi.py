"""What the drivers of SCPI instruments share: one reply for each query of a message, and the error queue."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from drivers.visa_instrument import VisaInstrument

ERROR_QUERY: Final = ":SYST:ERR?"
ERROR_COUNT_QUERY: Final = ":SYST:ERR:COUN?"


class ScpiInstrument(VisaInstrument):
    """An instrument whose error queue is read by ``SYST:ERR?``, one entry a query.

    A model states the `queue_depth` and, where a word in an entry calls for one, a remedy in `remedies`.
    """

    queue_depth: ClassVar[int]
    remedies: ClassVar[dict[str, str]] = {}
    counts_errors: ClassVar[bool] = False
    """Whether it can say how many errors wait, which is a shorter reply than an entry of the queue."""

    def call(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """`checked`, with the instrument prepared before."""
        with self.lock:
            self.prepare()
            return self.checked(message, seconds_expected=seconds_expected)

    def numbers(self, message: str, *, seconds_expected: float = 0.0) -> list[float]:
        """`call` for queries of one number each."""
        return [self.parse_number(reply) for reply in self.call(message, seconds_expected=seconds_expected)]

    def _prepare(self) -> None:
        self.write("*CLS")  # what waits in the error queue came before us

    def checked(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """Send a message, read the replies to its queries and, with them, the error queue; InstrumentError if that
        held any.
        """
        message = f"{message};{ERROR_COUNT_QUERY if self.counts_errors else ERROR_QUERY}"
        with self.lock:
            *replies, error = split_replies(self.exchange(message, seconds_expected=seconds_expected))
            if not no_error(error):
                first = [] if self.counts_errors else [error]
                self._raise_errors([*first, *self._read_errors()], message)
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


def plain(reply: str) -> float | str:
    """A reply as a number where it is one, else the word without its quotes."""
    try:
        return float(reply)
    except ValueError:
        return reply.replace('"', "")


def split_replies(reply: str) -> list[str]:
    """The replies to the queries of one message; semicolons inside quotes belong to the text of an error."""
    return re.findall(r'(?:[^;"]|"[^"]*"?)+', reply)


def no_error(entry: str) -> bool:
    """Whether an entry of an error queue says that it is empty; makers and models differ in sign and blanks."""
    return entry.split(",", 1)[0].strip() in ("0", "+0")
