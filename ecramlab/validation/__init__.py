"""Checks of the emulated devices against published figures, measured through drivers and instruments.

Every figure is measured on an emulated bench by experiments, as one would on a real one; none is asked of the emulator.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecramlab.validation.catalogue import all_checks, chosen
    from ecramlab.validation.check import Check, Expectation, Result, perform
    from ecramlab.validation.report import as_json, as_markdown

__all__ = ["Check", "Expectation", "Result", "all_checks", "as_json", "as_markdown", "chosen", "perform"]

_HOMES = {
    "Check": "check",
    "Expectation": "check",
    "Result": "check",
    "perform": "check",
    "all_checks": "catalogue",
    "chosen": "catalogue",
    "as_json": "report",
    "as_markdown": "report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
