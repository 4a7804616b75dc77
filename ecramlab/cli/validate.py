"""`ecramlab validate`: the emulated devices measured through the bench, beside what was published."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ecramlab.cli.errors import told_in_a_sentence

if TYPE_CHECKING:
    from ecramlab.validation import Check, Result


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables as Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(names: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Measure the emulated devices and compare with what was published. Exit code 1 if a verdict fails.

    NAME is a check or a device; all of them without one. Everything is measured on emulated benches, by experiments
    through drivers and simulated instruments.
    """
    from ecramlab import validation

    try:
        checks = validation.chosen(names)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with told_in_a_sentence():
        results = _perform(checks)
    if as_json:
        click.echo(validation.as_json(results))
    else:
        _print(results)
    if output is not None:
        output.write_text(validation.as_markdown(results), encoding="utf-8")
        click.echo(f"Written: {output}", err=True)
    sys.exit(0 if all(result.passed for result in results) else 1)


def _perform(checks: Sequence["Check"]) -> list["Result"]:
    from ecramlab.validation import perform

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:28}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    results = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(checks))
        for check in checks:
            progress.update(task, description=check.name)
            results.append(perform(check))
            progress.advance(task)
    return results


def _print(results: Sequence["Result"]) -> None:
    """Each figure that is expected, below its check: narrow enough for 80 columns."""
    console = Console()
    table = Table("Quantity", "Expected", "Measured", "", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for result in results:
        table.add_row(f"[bold]{result.check.name}[/]")
        for item in result.check.expectations:
            value = result.values.get(item.figure)
            verdict = "ok" if item.holds(value) else "[bold red]FAILED[/]"
            expected = item.expected + (f" {item.tolerance}" if item.tolerance.startswith("±") else "")
            table.add_row(f"  {escape(item.quantity)}", expected, item.shown(value), verdict)
    console.print(table)
    passed = sum(result.passed for result in results)
    console.print(f"\n{passed} of {len(results)} checks passed.", highlight=False)
