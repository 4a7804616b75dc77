"""Crosspoint arrays whose lines have resistance: reading, writing, energy, bias schemes, and devices that change.

Names are loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.crosspoint import bias
    from emulator.crosspoint.bias import LineDrives, SelectableLines
    from emulator.crosspoint.crosspoint import Crosspoint
    from emulator.crosspoint.energy import PowerSplit, power_split
    from emulator.crosspoint.gate_law import SinhGate
    from emulator.crosspoint.lines import OPEN, LineFamily, families
    from emulator.crosspoint.read import ReadSolution, ReadSolver
    from emulator.crosspoint.write import WriteSolution, WriteSolver

_HOME = {
    "OPEN": "lines",
    "Crosspoint": "crosspoint",
    "LineDrives": "bias",
    "LineFamily": "lines",
    "PowerSplit": "energy",
    "ReadSolution": "read",
    "ReadSolver": "read",
    "SelectableLines": "bias",
    "SinhGate": "gate_law",
    "WriteSolution": "write",
    "WriteSolver": "write",
    "families": "lines",
    "power_split": "energy",
}

__all__ = [
    "OPEN",
    "Crosspoint",
    "LineDrives",
    "LineFamily",
    "PowerSplit",
    "ReadSolution",
    "ReadSolver",
    "SelectableLines",
    "SinhGate",
    "WriteSolution",
    "WriteSolver",
    "bias",
    "families",
    "power_split",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"emulator.crosspoint.{_HOME[name]}"), name)
    if name == "bias":
        return import_module("emulator.crosspoint.bias")
    raise AttributeError(f"module 'emulator.crosspoint' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
