"""FLEX commands: a header of letters, then numbers between commas; blanks do not matter (B1500A guide, page 1-22)."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

from sim_instruments.flex.errors import SYNTAX, UNDEFINED, VALUE, FlexError

Reply = str | bytes | None
"""Text for the query buffer, bytes for the data buffer, or nothing."""

_UNIT: Final = re.compile(r"\s*(\*?[A-Z]+\??)\s*(.*?)\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d{1,3})?")
_MARK: Final = "_flex_commands"
_Handler = TypeVar("_Handler", bound=Callable[..., Reply])


class Call(NamedTuple):
    """A handler with the numbers of arguments it takes."""

    handler: Callable[..., Reply]
    fewest: int
    most: int


def command(header: str, fewest: int = 0, most: int | None = None) -> Callable[[_Handler], _Handler]:
    """Mark a method as the handler of a header taking `fewest` to `most` numbers (default: exactly `fewest`)."""

    def mark(handler: _Handler) -> _Handler:
        known = getattr(handler, _MARK, ())
        setattr(handler, _MARK, (*known, (header, fewest, fewest if most is None else most)))
        return handler

    return mark


class FlexCommands:
    """The headers an instrument knows."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def add_methods(self, owner: Any) -> None:
        """Take over the marked methods of an object."""
        for name in dir(type(owner)):
            for header, fewest, most in getattr(getattr(type(owner), name), _MARK, ()):
                self._calls[header] = Call(getattr(owner, name), fewest, most)

    def run(self, unit: str) -> Reply:
        """Carry out one command; FlexError for what is not known or malformed."""
        match = _UNIT.fullmatch(unit)
        call = self._calls.get(match[1]) if match else None
        if match is None or call is None:
            raise FlexError(UNDEFINED)
        values = [_number(part) for part in match[2].split(",")] if match[2] else []
        if not call.fewest <= len(values) <= call.most:
            raise FlexError(SYNTAX)
        return call.handler(*values)


def _number(text: str) -> float:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise FlexError(SYNTAX)
    value = float(text)
    if math.isinf(value):
        raise FlexError(VALUE)
    return value


def units(message: bytes) -> Iterator[str]:
    """The commands of a message, in capitals; empty ones are left out."""
    for unit in message.decode("latin-1").upper().split(";"):
        if unit.strip():
            yield unit
