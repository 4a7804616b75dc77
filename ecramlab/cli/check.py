"""`ecramlab check BENCH`: is every instrument there, is it the right one, is anything on?"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ecramlab.bench_file import BenchFile
from ecramlab.cli.options import bench_argument, emulate_option, wire_log_option


@click.command()
@bench_argument
@emulate_option
@wire_log_option
def command(bench: BenchFile, emulate: bool, wire_log: Path | None) -> None:
    """Open every instrument of a bench, compare its identity, report what is on. Changes nothing."""
    from ecramlab.bench import inspect

    table = Table("Instrument", "Driver", "Resource", "Identity", "On", box=None, pad_edge=False)
    good = True
    for result in inspect(bench, emulate=emulate, wire_log=wire_log):
        good = good and result.problem is None
        what = result.identity if result.problem is None else f"[bold red]{result.problem}[/]"
        table.add_row(result.name, result.driver, result.resource, what, result.on or "nothing")
    console = Console()
    console.print(table)
    console.print(f"{bench.path}: {'every instrument answers as expected' if good else 'NOT ready, see above'}")
    sys.exit(0 if good else 1)
