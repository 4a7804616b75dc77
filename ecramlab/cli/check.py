"""`ecramlab check BENCH`: is every instrument there, is it the right one, is anything on?"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ecramlab.bench_file import BenchFile
from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import bench_argument, emulate_option, wire_log_option


@click.command()
@bench_argument
@emulate_option
@wire_log_option
def command(bench: BenchFile, emulate: bool, wire_log: Path | None) -> None:
    """Open every instrument of a bench, compare its identity, report what is on. Changes nothing."""
    from ecramlab.bench import inspect

    table = Table("Instrument", "Identity", "Resource", "On", box=None, pad_edge=False)
    with told_in_a_sentence():
        results = inspect(bench, emulate=emulate, wire_log=wire_log)
    problems = [result.problem for result in results if result.problem is not None]
    for result in results:
        cells = (result.name, result.identity or "not as expected", result.resource, result.on or "nothing")
        table.add_row(*map(escape, cells), style="bold red" if result.problem else None)
    console = Console()
    console.print(table)
    for problem in dict.fromkeys(problems):  # one missing VISA library is one problem
        console.print(problem, style="red", markup=False)
    console.print(f"{bench.path}: {'NOT ready' if problems else 'every instrument answers as expected'}", markup=False)
    sys.exit(1 if problems else 0)
