"""The command tree of a TSP instrument, described in Python: attributes, functions, constants, sub-tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sim_instruments.tsp.errors import TspError

# What crosses between Lua and Python: numbers, strings, booleans, nil, and Lua tables as opaque objects.
LuaValue = Any
Check = Callable[[LuaValue], LuaValue]


def number(low: float = -math.inf, high: float = math.inf) -> Check:
    """A check for a number from `low` to `high`; beyond them 1102 or 1101, not a number -104, nothing -109."""

    def check(value: LuaValue) -> float:
        if value is None:
            raise TspError(-109)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TspError(-104)
        if math.isnan(value):
            raise TspError(-104, "(not a number)")
        if value > high:
            raise TspError(1101)
        if value < low:
            raise TspError(1102)
        return value

    return check


def choice(*allowed: int) -> Check:
    """A check for one of a few integers, ascending; booleans count as 0 and 1, as `ENABLE` and `DISABLE` do."""
    in_range = number(allowed[0], allowed[-1])

    def check(value: LuaValue) -> int:
        whole = in_range(int(value) if isinstance(value, bool) else value)
        if whole not in allowed:
            raise TspError(-224)
        return int(whole)

    return check


def boolean(value: LuaValue) -> bool:
    """A check for true or false; 0 and 1 are taken too."""
    if value is None:
        raise TspError(-109)
    if value in (0, 1):  # covers True and False
        return bool(value)
    raise TspError(-104)


def text(value: LuaValue) -> str:
    """A check for a string."""
    if value is None:
        raise TspError(-109)
    if not isinstance(value, str):
        raise TspError(-104)
    return value


class Setting:
    """One plain attribute: checked when written, back to its default by a reset; `changed` is called after both."""

    __slots__ = ("changed", "check", "default", "value")

    def __init__(self, default: LuaValue, check: Check, changed: Callable[[], None] | None = None) -> None:
        self.default = default
        self.value = default
        self.check = check
        self.changed = changed

    def read(self) -> LuaValue:
        """The value now."""
        return self.value

    def write(self, value: LuaValue) -> None:
        """Set it.

        Raises:
            TspError: the value is refused; the old one stays.
        """
        self._put(self.check(value))

    def reset(self) -> None:
        """Back to the default."""
        self._put(self.default)

    def _put(self, value: LuaValue) -> None:
        self.value = value
        if self.changed is not None:
            self.changed()


class TspObject:
    """One table of the command tree, such as `smua.source`.

    Attributes are pairs of functions (`attribute`) or plain `Setting`s (`setting`). `lua_type` is what the table's
    metatable calls itself. `item` and `set_item` serve integer keys; `block(first, last)`, where there is one, gives
    the items from first to last at once, fewer where they end: `printbuffer` takes them.
    """

    def __init__(self, lua_type: str, **constants: LuaValue) -> None:
        self.lua_type = lua_type
        self.getters: dict[str, Callable[[], LuaValue]] = {}
        self.setters: dict[str, Callable[[LuaValue], None]] = {}
        self.functions: dict[str, Callable[..., LuaValue]] = {}
        self.constants: dict[str | int, LuaValue] = dict(constants.items())
        self.synonyms: dict[str, LuaValue] = {}
        """Second names of constants, which a walk through the table does not list."""
        self.children: dict[str | int, TspObject] = {}
        self.settings: dict[str, Setting] = {}
        self.item: Callable[[int], LuaValue] | None = None
        self.set_item: Callable[[int, LuaValue], None] | None = None
        self.block: Callable[[int, int], Sequence[float] | Sequence[str]] | None = None

    def attribute(self, name: str, get: Callable[[], LuaValue], put: Callable[[LuaValue], None] | None = None) -> None:
        """Add an attribute read by `get` and written by `put` (read-only without)."""
        self.getters[name] = get
        if put is not None:
            self.setters[name] = put

    def setting(self, name: str, default: LuaValue, check: Check, changed: Callable[[], None] | None = None) -> Setting:
        """Add a plain attribute and return it; `changed` is called when it was written or reset."""
        made = Setting(default, check, changed)
        self.settings[name] = made
        self.attribute(name, made.read, made.write)
        return made

    def function(self, name: str, f: Callable[..., LuaValue]) -> None:
        """Add a function."""
        self.functions[name] = f

    def child(self, name: str | int, made: TspObject) -> TspObject:
        """Add a sub-table and return it."""
        self.children[name] = made
        return made

    def walk(self) -> Iterator[TspObject]:
        """This table and every one below it."""
        yield self
        for below in self.children.values():
            yield from below.walk()

    def reset(self) -> None:
        """Every plain setting here and below back to its default."""
        for table in self.walk():
            for one in table.settings.values():
                one.reset()
