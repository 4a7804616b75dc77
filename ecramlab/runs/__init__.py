"""Run files: one HDF5 file a run, followed by readers while it grows, sealed with checksums at its end.

The public names are loaded when they are first used, so that importing this package loads neither h5py nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecramlab.runs.errors import DiskSpaceLow as DiskSpaceLow
    from ecramlab.runs.errors import RunFileError as RunFileError
    from ecramlab.runs.finding import find_run as find_run
    from ecramlab.runs.finding import list_runs as list_runs
    from ecramlab.runs.provenance import InstrumentRecord as InstrumentRecord
    from ecramlab.runs.provenance import Provenance as Provenance
    from ecramlab.runs.provenance import SampleRecord as SampleRecord
    from ecramlab.runs.reader import Run as Run
    from ecramlab.runs.reader import RunEvent as RunEvent
    from ecramlab.runs.reader import open_run as open_run
    from ecramlab.runs.recovery import Outcome as Outcome
    from ecramlab.runs.recovery import recover as recover
    from ecramlab.runs.sealing import verify as verify
    from ecramlab.runs.writer import RunWriter as RunWriter

_HOMES = {
    "DiskSpaceLow": "errors",
    "InstrumentRecord": "provenance",
    "Outcome": "recovery",
    "Provenance": "provenance",
    "Run": "reader",
    "RunEvent": "reader",
    "RunFileError": "errors",
    "RunWriter": "writer",
    "SampleRecord": "provenance",
    "find_run": "finding",
    "list_runs": "finding",
    "open_run": "reader",
    "recover": "recovery",
    "verify": "sealing",
}
__all__ = [
    "DiskSpaceLow",
    "InstrumentRecord",
    "Outcome",
    "Provenance",
    "Run",
    "RunEvent",
    "RunFileError",
    "RunWriter",
    "SampleRecord",
    "find_run",
    "list_runs",
    "open_run",
    "recover",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"ecramlab.runs.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'ecramlab.runs' has no attribute {name!r}")
