"""Keithley Test Script Processor (TSP): a sandboxed Lua interpreter with an instrument's command tree in it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim_instruments.tsp.engine import TspInstrument
    from sim_instruments.tsp.errors import ErrorQueue, TspError
    from sim_instruments.tsp.objects import TspObject

__all__ = ["ErrorQueue", "TspError", "TspInstrument", "TspObject"]

_HOMES = {"TspInstrument": "engine", "ErrorQueue": "errors", "TspError": "errors", "TspObject": "objects"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
