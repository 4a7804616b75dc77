"""Results as tables of a page (Markdown), and as JSON."""

import json
from collections.abc import Iterable, Sequence

from ecramlab.analysis.figure import NONE, format_figure
from ecramlab.validation.check import Result
from ecramlab.validation.windows import LABELS, labels_printed
from emulator import literature

PAGE = """\
# Devices: expected and measured

Written by `ecramlab validate -o docs/devices.md`. Every figure is measured on an emulated bench, by experiments through
drivers, PyVISA and simulated instruments; no figure is asked of the emulator. Noise, spread and instrument errors are
off unless a line says otherwise. The devices are those of Kwak et al., review of ECRAM (2024), Tables 1–3; numbers in
brackets are its references. `ecramlab show device NAME` gives parameters, reasons and doubts of one of them.

{summary}
"""
WINDOWS = """\
## The published window

One cycle of the pulses that a device was published with: conductance range within 1 % of that of its device file,
labels (NeuroSim's) within 0.02, states (window over mean step) within 1. Printed figures stand as they are printed.
"""
OTHERS = """\
## What single publications report
"""


def as_markdown(results: Sequence[Result]) -> str:
    """The page with both tables, as far as there are results for them."""
    windows = [result for result in results if result.check.name.endswith("-window")]
    others = [result for result in results if not result.check.name.endswith("-window")]
    failed = sum(not result.passed for result in results)
    summary = f"{len(results)} checks, " + (f"**{failed} failed**." if failed else "all passed.")
    parts = [PAGE.format(summary=summary)]
    if windows:
        parts += [WINDOWS, _table(_WINDOW_HEAD, map(_window_row, windows))]
    if others:
        parts += [OTHERS, _table(_HEAD, (row for result in others for row in _rows(result)))]
    return "\n".join(parts)


def as_json(results: Iterable[Result]) -> str:
    """A list of checks with their figures; `value` and bounds in the unit of the figure."""
    return json.dumps([_facts(result) for result in results], indent=2, ensure_ascii=False)


def _facts(result: Result) -> dict[str, object]:
    check = result.check
    figures = [
        {
            "quantity": item.quantity,
            "unit": item.unit,
            "expected": item.expected,
            "tolerance": item.tolerance,
            "value": result.values.get(item.figure),
            "passed": item.holds(result.values.get(item.figure)),
        }
        for item in check.expectations
    ]
    return {
        "check": check.name,
        "device": check.device,
        "source": check.source,
        "how": check.how,
        "passed": result.passed,
        "figures": figures,
    }


_HEAD = ("Device", "Quantity", "Expected", "Tolerance", "Measured", "Verdict", "How measured", "Source")
_WINDOW_HEAD = (
    "Device",
    "Printed range",
    "Gmin",
    "Gmax",
    "Printed labels",
    "Labels",
    "Printed states",
    "States",
    "Verdict",
)


def _rows(result: Result) -> Iterable[tuple[str, ...]]:
    check = result.check
    for item in check.expectations:
        value = result.values.get(item.figure)
        shown = (item.quantity, item.expected, item.tolerance, item.shown(value), _verdict(item.holds(value)))
        yield (check.device, *shown, check.how, check.source)


def _window_row(result: Result) -> tuple[str, ...]:
    device, values = literature.load(result.check.device), result.values
    low, high = (format_figure(values.get(f"conductance_{end}"), "S") for end in ("min", "max"))
    labels = " / ".join(_label(values.get(figure)) for figure in LABELS) if labels_printed(device) else NONE
    printed = [device.printed.get(key, NONE) for key in ("conductance_range", "linearity", "states")]
    states = format_figure(values.get("states"), "1")
    return (result.check.device, printed[0], low, high, printed[1], labels, printed[2], states, _verdict(result.passed))


def _label(value: float | None) -> str:
    return NONE if value is None else f"{round(value, 3) + 0.0:g}"


def _verdict(holds: bool) -> str:
    return "ok" if holds else "**FAILED**"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
