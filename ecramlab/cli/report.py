"""The end of a run on the screen: how it ended, the figures of merit, where file and plot are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ecramlab.analysis import table_rows
from ecramlab.events import Finished


def print_report(finished: Finished) -> None:
    """Print the result of a run and draw its plot."""
    console = Console()
    if finished.figures:
        print_figures(console, finished.figures)
    else:
        console.print("No figures of merit: too little was measured.")
    plot = _draw(Path(finished.file)) if finished.figures else None
    console.print(f"Run   {finished.status}" + (f": {finished.reason}" if finished.reason else ""), markup=False)
    console.print(
        f"Off   {'every output confirmed off' if finished.outputs_off else 'NOT CONFIRMED: look at the instruments'}"
    )
    console.print(f"File  {finished.file}", soft_wrap=True, markup=False)
    if plot is not None:
        console.print(f"Plot  {plot}", soft_wrap=True, markup=False)


def print_figures(console: Console, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Figures of merit with SI prefixes; those that cannot be had are named below, with the reason."""
    table = Table("Figure of merit", "Value", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    missing: dict[str, list[str]] = {}
    for (label, value), figure in zip(table_rows(figures), figures.values(), strict=True):
        if figure["value"] is None:
            missing.setdefault(str(figure.get("reason", "")), []).append(label)
        else:
            table.add_row(escape(label), escape(value))
    console.print(table)
    for reason, labels in missing.items():
        console.print(f"Not to be had, {reason}: {', '.join(labels)}", style="dim", markup=False, highlight=False)


def _draw(file: Path) -> Path:
    from ecramlab.plots import plot_run
    from ecramlab.runs import open_run

    path = file.with_suffix(".png")
    with open_run(file) as run:
        plot_run(run, path)
    return path
