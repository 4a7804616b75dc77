"""Pairs of command and query for ordinary settings, so that a model lists them instead of programming each."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from sim_instruments.scpi.errors import ScpiError
from sim_instruments.scpi.headers import CommandTable, Reply
from sim_instruments.scpi.parameters import boolean, keyword, number, spellings, string, text_of

_Owner = TypeVar("_Owner")

INFINITY, INFINITY_TEXT = 9.9e37, "9.900000000000000E+37"
"""SCPI's number for infinity (SCPI-99 volume 1, 7.2.1.4)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What MINimum, MAXimum and DEFault stand for."""

    low: float
    high: float
    default: float


def long_number(value: float) -> str:
    """Number in the form +3.000000000000000E-01; infinity as 9.9E+37."""
    if math.isinf(value):
        return ("+" if value > 0.0 else "-") + INFINITY_TEXT
    return f"{value:+.15E}"


class Settings(Generic[_Owner]):
    """Adds settings of objects that the numeric suffix of the header selects, such as the channels of a box; object 1
    where the header has none.

    find: the object of a suffix, or of a pair of them where the header has two; raises ScpiError -114 for one that does
    not exist.
    bound: takes value, low and high and returns what is used instead; reports or raises -222 when outside.
    changed: called with the object after each command.
    show: how the instrument writes numbers.
    Each setting is an attribute of the object; logic belongs into its property setter.
    """

    def __init__(
        self,
        commands: CommandTable,
        find: Callable[[Any], _Owner],
        bound: Callable[[float, float, float], float],
        changed: Callable[[_Owner], None],
        show: Callable[[float], str] = long_number,
    ) -> None:
        self._commands, self._find, self._bound, self._changed, self._show = commands, find, bound, changed, show

    def number(
        self,
        header: str,
        name: str,
        limits: Limits | Callable[[_Owner], Limits],
        units: Sequence[str] = (),
        *,
        infinite: bool = False,
        whole: bool = False,
    ) -> None:
        """A number between limits, with MINimum, MAXimum, DEFault and, if `infinite`, INFinity; rounded if `whole`."""

        def words(owner: _Owner) -> tuple[Limits, dict[str, float]]:
            at = limits(owner) if callable(limits) else limits
            known = {"MINimum": at.low, "MAXimum": at.high, "DEFault": at.default}
            return at, known | ({"INFinity": math.inf} if infinite else {})

        def write(suffix: int, argument: bytes) -> None:
            owner = self._find(suffix)
            at, known = words(owner)
            value = number(argument, units, known)
            if infinite and value >= INFINITY:
                value = math.inf
            if math.isfinite(value):
                value = self._bound(float(round(value)) if whole else value, at.low, at.high)
            self._set(owner, name, value)

        def read(suffix: int, which: bytes = b"") -> Reply:
            owner = self._find(suffix)
            if not which:
                return self._show(getattr(owner, name))
            for form, value in words(owner)[1].items():
                if text_of(which) in spellings(form):
                    return self._show(value)
            raise ScpiError(-224, text_of(which))

        self._pair(header, write, read)

    def keyword(self, header: str, name: str, *forms: str) -> None:
        """One of several keywords, answered in short form."""

        def write(suffix: int, argument: bytes) -> None:
            self._set(self._find(suffix), name, keyword(argument, *forms))

        self._add(header, name, write, str)

    def boolean(self, header: str, name: str) -> None:
        """ON or OFF, answered as 1 or 0."""

        def write(suffix: int, argument: bytes) -> None:
            self._set(self._find(suffix), name, boolean(argument))

        self._add(header, name, write, lambda value: "1" if value else "0")

    def text(self, header: str, name: str, longest: int) -> None:
        """A quoted string of at most `longest` characters; what is longer is cut, with -223."""

        def write(suffix: int, argument: bytes) -> None:
            words = string(argument)
            self._set(self._find(suffix), name, words[:longest])
            if len(words) > longest:
                raise ScpiError(-223, f"at most {longest} characters")

        self._add(header, name, write, lambda value: f'"{value}"')

    def _add(self, header: str, name: str, write: Callable[[int, bytes], None], show: Callable[[object], str]) -> None:
        def read(suffix: int) -> Reply:
            return show(getattr(self._find(suffix), name))

        self._pair(header, write, read)

    def _pair(self, header: str, write: Callable[..., None], read: Callable[..., Reply]) -> None:
        """Bind command and query; those of a header without a numeric suffix are for object 1."""
        for name, handler in ((header, write), (header + "?", read)):
            match header.count("#"):
                case 0:
                    self._commands.add(name, partial(handler, 1))
                case 1:
                    self._commands.add(name, handler)
                case _:
                    self._commands.add(name, _of_pair(handler))

    def _set(self, owner: _Owner, name: str, value: object) -> None:
        setattr(owner, name, value)
        self._changed(owner)


def _of_pair(handler: Callable[..., Reply | None]) -> Callable[..., Reply | None]:
    """A handler that takes two suffixes one by one, for one that takes them as a pair."""

    def both(first: int, second: int, *arguments: bytes) -> Reply | None:
        return handler((first, second), *arguments)

    one_by_one = list(inspect.signature(both).parameters.values())[:2]
    arguments = list(inspect.signature(handler).parameters.values())[1:]
    both.__signature__ = inspect.Signature([*one_by_one, *arguments])  # type: ignore[attr-defined]  # for the table
    return both


class Together:
    """Objects with the same settings as one: a setting is written to all of them, and read from the first."""

    _all: Sequence[object]

    def __init__(self, everything: Sequence[object]) -> None:
        object.__setattr__(self, "_all", everything)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._all[0], name)

    def __setattr__(self, name: str, value: object) -> None:
        for one in self._all:
            setattr(one, name, value)
