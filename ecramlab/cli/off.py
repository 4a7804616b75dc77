"""`ecramlab off BENCH`: every output off, every relay open, whatever was going on."""

import sys
from pathlib import Path

import click

from ecramlab.bench_file import BenchFile
from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import bench_argument, emulate_option, wire_log_option


@click.command()
@bench_argument
@emulate_option
@wire_log_option
def command(bench: BenchFile, emulate: bool, wire_log: Path | None) -> None:
    """Switch every output of a bench off, open its relays, and read back that it is so."""
    from ecramlab.bench import switch_off

    with told_in_a_sentence():
        problems = switch_off(bench, emulate=emulate, wire_log=wire_log)
    for problem in problems:
        click.secho(problem, fg="red", bold=True, err=True)
    click.echo("Not everything is confirmed off." if problems else "Every output is confirmed off.")
    sys.exit(1 if problems else 0)
