"""Interfaces of a TSP instrument that only have to be there: nothing is connected to them, settings are remembered.

Series 2600B reference manual, commands `lan.*`, `tsplink.*`, `tspnet.*`, `gpib.*`, `serial.*`, `eventlog.*`. Numbers of
named constants are a choice where nothing but their name is used.
"""

from __future__ import annotations

from typing import Final

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import Check, LuaValue, TspObject, boolean, choice, number, text

TRIGGER_MODES: Final = (
    "BYPASS", "FALLING", "RISING", "EITHER", "SYNCHRONOUSA", "SYNCHRONOUS", "SYNCHRONOUSM", "RISINGA", "RISINGM",
)  # fmt: skip
LAN_TRIGGERS, LINK_TRIGGERS = 8, 3
_FIRST_LAN_EVENT, _FIRST_LINK_EVENT = 801, 901
_LINK_PORT: Final = 7
QUEUE_CAPACITY: Final = 128


def _nothing(*_: LuaValue) -> None:
    """A function whose effect cannot be seen from outside."""


def with_functions(table: TspObject, *names: str) -> TspObject:
    """A table with functions that do nothing."""
    for name in names:
        table.function(name, _nothing)
    return table


def _settings(table: TspObject, **defaults: tuple[LuaValue, Check]) -> TspObject:
    for name, (default, check) in defaults.items():
        table.setting(name, default, check)
    return table


def _triggers(kind: str, count: int, first_event: int) -> TspObject:
    """`lan.trigger[n]`, `tsplink.trigger[n]`: no event ever comes."""
    triggers = TspObject(kind + "_triggers")
    modes = choice(*range(len(TRIGGER_MODES)))
    for place in range(count):
        one = triggers.child(place + 1, TspObject(kind + "_trigger", EVENT_ID=first_event + place, overrun=False))
        _settings(one, mode=(0, modes), pulsewidth=(10e-6, number(0, 28)), stimulus=(0, number(0, 1000)))
        _settings(one, ipaddress=("0.0.0.0", text), protocol=(0, choice(0, 1, 2)), pseudostate=(1, choice(0, 1)))
        one.attribute("connected", lambda: False)
        with_functions(one, "assert", "clear", "release", "connect", "disconnect")
        one.function("reset", one.reset)
        one.function("wait", lambda timeout: number(0, 100e3)(timeout) < 0)
    return triggers


def _mode_constants() -> dict[str, int]:
    return {f"TRIG_{name}": place for place, name in enumerate(TRIGGER_MODES)}


def lan() -> TspObject:
    """`lan`."""
    table = TspObject(
        "lan", **_mode_constants(), AUTO=0, MANUAL=1, DISABLE=0, ENABLE=1, HALF=0, FULL=1, TCP=0, UDP=1, MULTICAST=2
    )
    with_functions(table, "reset", "applysettings", "restoredefaults")
    _settings(
        table, autoconnect=(0, choice(0, 1)), linktimeout=(20, number(0, 4294967295)), lxidomain=(0, number(0, 255))
    )
    _settings(table, nagle=(0, choice(0, 1)), timedwait=(20, number(0, 300)))
    config = table.child("config", TspObject("lan_config"))
    _settings(config, method=(0, choice(0, 1)), ipaddress=("192.168.0.2", text), gateway=("192.168.0.1", text))
    _settings(config, subnetmask=("255.255.255.0", text), duplex=(1, choice(0, 1)), speed=(100, choice(10, 100)))
    status = TspObject(
        "lan_status", ipaddress="127.0.0.1", gateway="0.0.0.0", subnetmask="255.0.0.0", macaddress="00:60:1A:00:00:02",
        duplex=1, speed=100,
    )  # fmt: skip
    status.child("port", TspObject("lan_status_port", dst=5030, rawsocket=5025, telnet=23, vxi11=1024))
    table.child("status", status)
    table.child("trigger", _triggers("lan", LAN_TRIGGERS, _FIRST_LAN_EVENT))
    return table


def tsp_link() -> TspObject:
    """`tsplink`: the unit is alone."""
    table = TspObject("tsplink", state="offline", master=1, **_mode_constants())
    table.function("reset", lambda _nodes=1: 1)
    _settings(table, node=(1, number(1, 64)), group=(0, number(0, 64)), writeprotect=(0, number(0, _LINK_PORT)))
    lines = {"port": _LINK_PORT}
    line = number(1, LINK_TRIGGERS)

    def write_bit(which: LuaValue, value: LuaValue) -> None:
        mask = 1 << (int(line(which)) - 1)
        lines["port"] = lines["port"] | mask if boolean(value) else lines["port"] & ~mask

    table.function("readbit", lambda which: float(lines["port"] >> (int(line(which)) - 1) & 1))
    table.function("readport", lambda: float(lines["port"]))
    table.function("writebit", write_bit)
    table.function("writeport", lambda value: lines.__setitem__("port", int(number(0, _LINK_PORT)(value))))
    table.child("trigger", _triggers("tsplink", LINK_TRIGGERS, _FIRST_LINK_EVENT))
    return table


def tsp_net() -> TspObject:
    """`tspnet`: no other instrument is reached."""
    table = with_functions(TspObject("tspnet", TERM_LF=4, TERM_CR=2, TERM_CRLF=1, TERM_LFCR=3), "reset")
    _settings(table, timeout=(20.0, number(0.001, 30)))
    table.child("tsp", TspObject("tspnet_tsp")).setting("abortonconnect", 1, choice(0, 1))

    def connect(*_: LuaValue) -> None:
        raise TspError(1100)

    table.function("connect", connect)
    return table


def event_log() -> TspObject:
    """`eventlog`: LXI events, of which there are none."""
    table = TspObject("eventlog", count=0, DISABLE=0, ENABLE=1, DISCARD_NEWEST=0, DISCARD_OLDEST=1)
    _settings(table, enable=(1, choice(0, 1)), overwritemethod=(1, choice(0, 1)))
    return with_functions(table, "next", "all", "clear")


def serial() -> TspObject:
    """`serial`."""
    table = TspObject(
        "serial", FLOW_NONE="none", FLOW_HARDWARE="hardware", PARITY_NONE="none", PARITY_EVEN="even", PARITY_ODD="odd"
    )
    with_functions(table, "write", "read")
    return _settings(
        table, baud=(9600, number(300, 115200)), databits=(8, choice(7, 8)), parity=("none", text),
        flowcontrol=("none", text),
    )  # fmt: skip


def gpib() -> TspObject:
    """`gpib`."""
    return _settings(TspObject("gpib"), address=(26, number(0, 30)))


def switches() -> TspObject:
    """`comm`: which interfaces are on."""
    comm = TspObject("comm")
    for link in ("gpib", "lan", "usb"):
        comm.child(link, TspObject("comm_" + link)).setting("enable", True, boolean)
    return comm


class DataQueue:
    """`dataqueue`: values handed from one script to another, first in, first out."""

    def __init__(self) -> None:
        self._values: list[LuaValue] = []
        self.table = TspObject("dataqueue", CAPACITY=QUEUE_CAPACITY)
        self.table.attribute("count", lambda: len(self._values))
        self.table.function("add", self._add)
        self.table.function("next", lambda _timeout=0: self._values.pop(0) if self._values else None)
        self.table.function("clear", self._values.clear)

    def _add(self, value: LuaValue, _timeout: LuaValue = 0) -> bool:
        if len(self._values) >= QUEUE_CAPACITY:
            return False
        self._values.append(value)
        return True
