"""The `localnode` table, and the parts of a TSP instrument that only have to be there: display, beeper, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.tsp.objects import LuaValue, TspObject, boolean, choice, number, text

_DIGITAL_LINES: Final = 14


def _nothing(*_: LuaValue) -> None:
    """A function whose effect cannot be seen from outside."""


def _with_functions(table: TspObject, *names: str) -> TspObject:
    for name in names:
        table.function(name, _nothing)
    return table


class Node:
    """The identity and interpreter options of one instrument, and its harmless furniture."""

    def __init__(
        self, model: str, serial: str, firmware: str, line_frequency: float, lacks: frozenset[str] = frozenset()
    ) -> None:
        node = self.table = TspObject("localnode", model=model, serialno=serial, version=firmware, revision=firmware)
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
            "display": _display(),
            "gpib": _addressed("gpib", 26),
            "lan": _lan(),
            "comm": _comm(),
            "eventlog": _with_functions(TspObject("eventlog", count=0), "next", "clear"),
            "memory": _memory(),
            "serial": _serial(),
            "setup": _with_functions(TspObject("setup", poweron=0), "save", "recall"),
            "tsplink": _link(),
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


def _beeper() -> TspObject:
    beeper = _with_functions(TspObject("beeper", ON=1, OFF=0), "beep")
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
    return table


def _mask(index: LuaValue) -> int:
    return 1 << (int(number(1, 32)(index)) - 1)


def _display() -> TspObject:
    display = TspObject(
        "display",
        SMUA=0, SMUB=1, SMUA_SMUB=2, USER=3, MEASURE_DCAMPS=0, MEASURE_DCVOLTS=1, MEASURE_OHMS=2, MEASURE_WATTS=3,
        DIGITS_4_5=4, DIGITS_5_5=5, DIGITS_6_5=6,
    )  # fmt: skip
    _with_functions(
        display, "clear", "settext", "setcursor", "sendkey", "waitkey", "gettext", "getcursor", "inputvalue", "menu",
        "prompt",
    )  # fmt: skip
    display.setting("screen", 0, choice(0, 1, 2, 3))
    display.setting("locallockout", 0, choice(0, 1))
    display.setting("numpad", 1, choice(0, 1))
    for name in ("smua", "smub"):
        smu = display.child(name, TspObject("display_smu"))
        smu.setting("digits", 5, choice(4, 5, 6))
        smu.child("measure", TspObject("display_measure")).setting("func", 1, choice(0, 1, 2, 3))
        smu.child("limit", TspObject("display_limit")).setting("func", 0, choice(0, 1, 2))
    return display


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


def _addressed(name: str, address: int) -> TspObject:
    table = TspObject(name)
    table.setting("address", address, number(0, 30))
    return table


def _lan() -> TspObject:
    lan = _with_functions(TspObject("lan"), "reset", "applysettings", "restoredefaults")
    lan.child("status", TspObject("lan_status", ipaddress="127.0.0.1", duplex=1, speed=100))
    return lan


def _comm() -> TspObject:
    comm = TspObject("comm")
    for link in ("gpib", "lan", "usb"):
        comm.child(link, TspObject("comm_" + link)).setting("enable", True, boolean)
    return comm


def _memory() -> TspObject:
    memory = TspObject("memory")
    memory.function("available", lambda: "80.00, 80.00, 80.00, 80.00")
    memory.function("used", lambda: "20.00, 20.00, 20.00, 20.00")
    return memory


def _serial() -> TspObject:
    serial = _with_functions(TspObject("serial", FLOW_NONE="none", FLOW_HARDWARE="hardware"), "write", "read")
    serial.setting("baud", 9600, number(300, 115200))
    serial.setting("databits", 8, choice(7, 8))
    serial.setting("parity", "none", text)
    serial.setting("flowcontrol", "none", text)
    return serial


def _link() -> TspObject:
    link = _with_functions(TspObject("tsplink", state="offline", master=1), "reset")
    link.setting("node", 1, number(1, 64))
    link.setting("group", 0, number(0, 64))
    return link
