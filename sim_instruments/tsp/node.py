"""The `localnode` table, and the parts of a TSP instrument that only have to be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.tsp import links
from sim_instruments.tsp.front_panel import FrontPanel
from sim_instruments.tsp.links import with_functions
from sim_instruments.tsp.objects import LuaValue, TspObject, boolean, choice, number, text
from sim_instruments.tsp.scripts import iterator

_DIGITAL_LINES: Final = 14


class Node:
    """The identity and interpreter options of one instrument, and its harmless furniture."""

    def __init__(
        self, model: str, serial: str, firmware: str, line_frequency: float, lacks: frozenset[str] = frozenset()
    ) -> None:
        self.panel = FrontPanel()
        node = self.table = TspObject(
            "localnode", model=model, serialno=serial, version=firmware, revision=firmware, PASSWORD_NONE=0,
            PASSWORD_WEB=1, PASSWORD_LAN=2, PASSWORD_ALL=3,
        )  # fmt: skip
        self._line_frequency = node.setting("linefreq", line_frequency, choice(50, 60))
        self._prompts = node.setting("prompts", 0, choice(0, 1))
        self._show_errors = node.setting("showerrors", 0, choice(0, 1))
        node.setting("autolinefreq", True, boolean)
        node.setting("prompts4882", 1, choice(0, 1))
        node.setting("description", "", text)
        node.setting("password", "", text)
        node.setting("passwordmode", 1, choice(0, 1, 2, 3))
        furniture = {
            "beeper": _beeper(),
            "bit": _bits(),
            "digio": _digital_lines(),
            "display": self.panel.table,
            "gpib": links.gpib(),
            "lan": links.lan(),
            "comm": links.switches(),
            "dataqueue": links.DataQueue().table,
            "eventlog": links.event_log(),
            "memory": _memory(),
            "serial": links.serial(),
            "setup": _setup(),
            "tsplink": links.tsp_link(),
            "tspnet": links.tsp_net(),
            "userstring": UserStrings().table,
        }
        self.furniture = {name: table for name, table in furniture.items() if name not in lacks}

    @property
    def line_frequency(self) -> float:
        """Hz, the unit of `nplc`."""
        return float(self._line_frequency.value)

    @property
    def prompts(self) -> bool:
        """Whether each message is answered by a prompt."""
        return bool(self._prompts.value)

    @property
    def show_errors(self) -> bool:
        """Whether errors are sent unasked."""
        return bool(self._show_errors.value)

    def reset(self) -> None:
        """Furniture to its defaults; options of the interpreter and the line frequency stay."""
        for one in self.furniture.values():
            one.reset()


class UserStrings:
    """`userstring`: named strings kept in the instrument."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}
        self.table = TspObject("userstring")
        self.table.function("add", lambda name, value: self._kept.__setitem__(text(name), text(value)))
        self.table.function("get", lambda name: self._kept.get(text(name)))
        self.table.function("delete", lambda name: self._kept.pop(text(name), None) and None)
        self.table.function("catalog", lambda: iterator(list(self._kept)))


def _beeper() -> TspObject:
    beeper = with_functions(TspObject("beeper", ON=1, OFF=0), "beep")
    beeper.setting("enable", 1, choice(0, 1))
    return beeper


def _bits() -> TspObject:
    integer = number(0, 2**32 - 1)

    def operation(f: Callable[[int, int], int]) -> Callable[[LuaValue, LuaValue], int]:
        return lambda a, b: f(int(integer(a)), int(integer(b)))

    table = TspObject("bit")
    table.function("bitand", operation(lambda a, b: a & b))
    table.function("bitor", operation(lambda a, b: a | b))
    table.function("bitxor", operation(lambda a, b: a ^ b))
    table.function("test", lambda a, i: bool(int(integer(a)) & _mask(i)))
    table.function("set", lambda a, i: int(integer(a)) | _mask(i))
    table.function("clear", lambda a, i: int(integer(a)) & ~_mask(i))
    table.function("toggle", lambda a, i: int(integer(a)) ^ _mask(i))
    table.function("get", lambda a, i: int(integer(a)) & _mask(i))
    table.function("getfield", lambda a, i, width: int(integer(a)) >> _place(i) & _ones(width))
    table.function("setfield", lambda a, i, width, field: _with_field(int(integer(a)), i, width, int(integer(field))))
    return table


def _place(index: LuaValue) -> int:
    return int(number(1, 32)(index)) - 1


def _ones(width: LuaValue) -> int:
    return (1 << int(number(1, 32)(width))) - 1


def _with_field(value: int, index: LuaValue, width: LuaValue, field: int) -> int:
    place, ones = _place(index), _ones(width)
    return value & ~(ones << place) | (field & ones) << place


def _mask(index: LuaValue) -> int:
    return 1 << _place(index)


def _digital_lines() -> TspObject:
    digio = TspObject("digio")
    kept = {"port": (1 << _DIGITAL_LINES) - 1}  # inputs float high
    line = number(1, _DIGITAL_LINES)

    def write_bit(which: LuaValue, value: LuaValue) -> None:
        mask = 1 << (int(line(which)) - 1)
        kept["port"] = kept["port"] | mask if boolean(value) else kept["port"] & ~mask

    digio.function("readbit", lambda which: float(kept["port"] >> (int(line(which)) - 1) & 1))
    digio.function("writebit", write_bit)
    digio.function("readport", lambda: float(kept["port"]))
    digio.function("writeport", lambda value: kept.__setitem__("port", int(number(0, 16383)(value))))
    digio.setting("writeprotect", 0, number(0, 16383))
    return digio


def _setup() -> TspObject:
    """`setup`: the power-on setup is remembered; saved setups are not simulated."""
    setup = with_functions(TspObject("setup"), "save", "recall")
    setup.setting("poweron", 0, number(0, 5))
    return setup


def _memory() -> TspObject:
    memory = TspObject("memory")
    memory.function("available", lambda: "80.00, 80.00, 80.00, 80.00")
    memory.function("used", lambda: "20.00, 20.00, 20.00, 20.00")
    return memory
