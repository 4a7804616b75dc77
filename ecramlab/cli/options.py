"""Options that several commands share."""

import os
from pathlib import Path

import click

from ecramlab import bench_file
from ecramlab.bench_file import BenchFile, BenchFileError


def load_bench(_context: click.Context, _parameter: click.Parameter, value: str) -> BenchFile:
    """Callback: a bench file from a path or the name of a shipped bench."""
    try:
        return bench_file.load(bench_file.find(value))
    except BenchFileError as error:
        raise click.UsageError(str(error)) from None


bench_argument = click.argument("bench", metavar="BENCH", callback=load_bench)
emulate_option = click.option(
    "--emulate", is_flag=True, help="Use the emulated twin of the bench instead of instruments."
)
runs_option = click.option(
    "--runs",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: Path(os.environ.get("ECRAMLAB_RUNS", "runs")),
    show_default="$ECRAMLAB_RUNS or ./runs",
    help="Folder of the run files.",
)
wire_log_option = click.option(
    "--wire-log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every message to and from the instruments to this file.",
)
