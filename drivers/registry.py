"""The drivers by name. Importing this loads neither pyvisa nor any driver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Literal, cast

from drivers.errors import Refused

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

    from drivers.visa_instrument import VisaInstrument
    from drivers.wire_log import WireLog

ENTRY_POINTS = "ecramlab.drivers"


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """One driver: its name in bench files, where its class is, what it is for, and its terminals as a regular
    expression.
    """

    name: str
    module: str
    cls: str
    role: Literal["smu", "generator", "matrix"]
    description: str
    terminals: str

    def load(self) -> type[VisaInstrument]:
        """Import the driver's class (this loads pyvisa)."""
        return cast("type[VisaInstrument]", getattr(import_module(self.module), self.cls))


DRIVERS: dict[str, DriverInfo] = {
    info.name: info
    for info in (
        DriverInfo(
            "keithley_2636b",
            "drivers.keithley_2600b",
            "Keithley2636B",
            "smu",
            "Keithley 2636B two-channel source-measure unit (TSP)",
            "a|b",
        ),
        DriverInfo(
            "keithley_2450",
            "drivers.keithley_2450",
            "Keithley2450",
            "smu",
            "Keithley 2450 source-measure unit (SCPI)",
            "1",
        ),
        DriverInfo(
            "keysight_33622a",
            "drivers.keysight_33600a",
            "Keysight33622A",
            "generator",
            "Keysight 33622A two-channel pulse generator (SCPI)",
            "1|2",
        ),
        DriverInfo(
            "keithley_707b",
            "drivers.keithley_707b",
            "Keithley707B",
            "matrix",
            "Keithley 707B switch matrix, up to six 8 × 12 cards (TSP)",
            "[A-H]|[1-6](0[1-9]|1[0-2])",
        ),
    )
}


def find_driver(name: str) -> DriverInfo:
    """The driver of that name, ours or a plug-in's; `Refused` naming the known ones if there is none.

    A plug-in offers a `DriverInfo` under its name in the entry-point group ``ecramlab.drivers``. Entry points are
    looked up only for names that are not ours.
    """
    if name in DRIVERS:
        return DRIVERS[name]
    for point in _plug_ins():
        if point.name == name:
            return _info(point)
    raise Refused(f"no driver is called {name!r}: there are {', '.join(info.name for info in all_drivers())}")


def all_drivers() -> list[DriverInfo]:
    """Every driver, ours first, then those of plug-ins."""
    return [*DRIVERS.values(), *(_info(point) for point in _plug_ins() if point.name not in DRIVERS)]


def open_driver(
    name: str,
    resource: MessageBasedResource,
    *,
    label: str,
    serial: str | None = None,
    wire_log: WireLog | None = None,
    **options: Any,
) -> VisaInstrument:
    """Open the driver `name` on an open PyVISA resource, which it takes over: closing the driver closes it.

    label: what the bench calls the instrument. serial: expected serial number, None = any. options: the driver's own.
    Refused for an unknown name. InstrumentError if nothing or the wrong instrument answers; the resource is then
    closed.
    """
    driver = find_driver(name).load()
    return driver(resource, name=label, serial=serial, wire_log=wire_log, **options)


def _plug_ins() -> Iterator[EntryPoint]:
    yield from entry_points(group=ENTRY_POINTS)


def _info(point: EntryPoint) -> DriverInfo:
    info = point.load()
    if not isinstance(info, DriverInfo):
        raise Refused(f"the plug-in {point.name!r} ({point.value}) offers {type(info).__name__}, not a DriverInfo")
    return info
