"""Command headers: short and long forms, optional nodes, numeric suffixes (SCPI-99 volume 1, 6.2)."""

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeVar

from sim_instruments.scpi.errors import ScpiError
from sim_instruments.scpi.parameters import short_form

Reply = str | bytes | None
Handler = Callable[..., Reply]
_Function = TypeVar("_Function", bound=Handler)

_ATTRIBUTE = "scpi_headers"
_TOKEN = re.compile(r"\[|\]|\?|\*[A-Za-z]+|:[A-Za-z][A-Za-z0-9]*#?")
_MOST_REMEMBERED = 4096


def command(*headers: str) -> Callable[[_Function], _Function]:
    """Declare a method as the handler of commands such as "[:SOURce#]:VOLTage[:LEVel]" or "*IDN?".

    `[...]` is an optional node, `#` an optional numeric suffix (1 when absent), a number at the end of a node a fixed
    suffix (1 may be left out), a trailing `?` makes it a query. The handler takes one int for each `#`, then the
    arguments as bytes; optional arguments are those with a default.
    """

    def mark(function: _Function) -> _Function:
        setattr(function, _ATTRIBUTE, headers)
        return function

    return mark


class Call(NamedTuple):
    """A resolved header: what to call, with which suffixes, and how many arguments it takes."""

    handler: Handler
    suffixes: tuple[int, ...]
    fewest: int
    most: float


class CommandTable:
    """All headers of one instrument. A header seen before costs one dictionary look-up."""

    def __init__(self) -> None:
        self._patterns: list[tuple[re.Pattern[str], Handler, int, float]] = []
        self._resolved: dict[str, Call] = {}

    def add(self, header: str, handler: Handler) -> None:
        """Bind a header to a handler."""
        fewest, most = _argument_count(handler, header.count("#"))
        self._patterns.append((compile_header(header), handler, fewest, most))

    def add_methods(self, owner: object) -> None:
        """Bind all methods of `owner` that `command` has marked."""
        for name in dir(type(owner)):
            for header in getattr(getattr(type(owner), name), _ATTRIBUTE, ()):
                self.add(header, getattr(owner, name))

    def resolve(self, header: str) -> Call:
        """Find the handler of an absolute upper-case header; ScpiError -113 if it is unknown."""
        call = self._resolved.get(header)
        if call is None:
            call = self._search(header)
            if len(self._resolved) < _MOST_REMEMBERED:
                self._resolved[header] = call
        return call

    def _search(self, header: str) -> Call:
        for pattern, handler, fewest, most in self._patterns:
            match = pattern.fullmatch(header)
            if match is not None:
                return Call(handler, tuple(_suffix(digits) for digits in match.groups()), fewest, most)
        raise ScpiError(-113, header)


@cache  # every unit of a model has the same headers, more than the cache of `re` holds
def compile_header(header: str) -> re.Pattern[str]:
    """'[:SOURce#]:VOLTage?' -> a regular expression over upper-case headers."""
    parts: list[str] = []
    for token in _TOKEN.findall(header):
        if token == "[":
            parts.append("(?:")
        elif token == "]":
            parts.append(")?")
        elif token[0] == ":":
            parts.append(_node(token[1:]))
        else:
            parts.append(re.escape(token.upper()))
    return re.compile("".join(parts))


def _node(token: str) -> str:
    numbered = token.removesuffix("#")
    name = numbered.rstrip("0123456789")
    fixed = numbered.removeprefix(name)
    short = short_form(name)
    rest = name.upper().removeprefix(short)
    ending = f"(?:{rest})?" if rest else ""
    suffix = r"([0-9]{0,9})" if token.endswith("#") else "1?" if fixed == "1" else fixed
    return f":{short}{ending}{suffix}"


def _suffix(digits: str | None) -> int:
    return int(digits) if digits else 1


def _argument_count(handler: Handler, suffixes: int) -> tuple[int, float]:
    parameters = list(inspect.signature(handler).parameters.values())[suffixes:]
    named = [p for p in parameters if p.kind is not p.VAR_POSITIONAL]
    most = float("inf") if len(named) < len(parameters) else len(named)
    return sum(p.default is p.empty for p in named), most
