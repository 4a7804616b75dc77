"""The drivers by name. Importing this loads neither pyvisa nor any driver.

A driver's file says itself which models it drives, in a tuple ``MODELS`` of `DriverInfo` with literal values.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, resources
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from drivers.errors import Refused

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

    from drivers.visa_instrument import VisaInstrument
    from drivers.wire_log import WireLog

Role: TypeAlias = Literal["smu", "generator", "matrix"]

ENTRY_POINTS = "ecramlab.drivers"

_MODELS = re.compile(r"^MODELS\b[^=]*= (?P<records>\(.*?^\))", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class DriverInfo:
    """One driver: its name in bench files, where its class is, what it is for, and its terminals as a regular
    expression. A mainframe whose channels differ gives several roles; which one a channel has shows when it is opened.
    trigger_inputs, trigger_outputs: its trigger connectors as regular expressions; empty where it has none.
    """

    name: str
    module: str
    cls: str
    role: Role | tuple[Role, ...]
    description: str
    terminals: str
    trigger_inputs: str = ""
    trigger_outputs: str = ""

    @property
    def roles(self) -> tuple[Role, ...]:
        """What its channels are for: one role, or several of a mainframe."""
        return (self.role,) if isinstance(self.role, str) else self.role

    def load(self) -> type[VisaInstrument]:
        """Import the driver's class (this loads pyvisa)."""
        return cast("type[VisaInstrument]", getattr(import_module(self.module), self.cls))


def declared_models(source: str) -> list[DriverInfo]:
    """The records of the tuple ``MODELS`` in a driver's source text, read without running it: it would load pyvisa."""
    found = _MODELS.search(source)
    if found is None:
        return []
    calls = ast.parse(found["records"], mode="eval").body
    assert isinstance(calls, ast.Tuple)
    return [_record(call) for call in calls.elts if isinstance(call, ast.Call)]


def _record(call: ast.Call) -> DriverInfo:
    values = {argument.arg: ast.literal_eval(argument.value) for argument in call.keywords if argument.arg}
    return DriverInfo(*map(ast.literal_eval, call.args), **values)


def _our_drivers() -> Iterator[DriverInfo]:
    for file in sorted(resources.files("drivers").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            yield from declared_models(file.read_text("utf-8"))


DRIVERS: dict[str, DriverInfo] = {info.name: info for info in _our_drivers()}
"""Our drivers by name: every file of this package that has a tuple ``MODELS``."""


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
    raise Refused(f"no driver is called {name!r}: there are {', '.join(driver_names())}")


def driver_names() -> list[str]:
    """Names of all drivers, ours first, then those of plug-ins, which are not loaded for that."""
    return [*DRIVERS, *(point.name for point in _plug_ins() if point.name not in DRIVERS)]


def all_drivers() -> list[DriverInfo]:
    """Every driver, ours first, then those of plug-ins. `Refused` for a plug-in that cannot be loaded."""
    return [find_driver(name) for name in driver_names()]


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
    try:
        info = point.load()
    except Exception as error:  # whatever a foreign package does when it is imported
        problem = f"{type(error).__name__}: {error}"
        raise Refused(f"the plug-in {point.name!r} ({point.value}) cannot be loaded: {problem}") from error
    if not isinstance(info, DriverInfo):
        raise Refused(f"the plug-in {point.name!r} ({point.value}) offers {type(info).__name__}, not a DriverInfo")
    return info
