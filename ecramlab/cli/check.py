"""`ecramlab check BENCH`: is every instrument there, is it the right one, is anything on, does it do what it must?"""

import math
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ecramlab.bench_file import BenchFile
from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import bench_argument, emulate_option, wire_log_option


def _ohms(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float:
    """Callback: a resistance such as "1 MΩ"; inf without one."""
    if value is None:
        return math.inf
    from ecramlab.parameters import parse_quantity

    try:
        ohms = parse_quantity(value, "Ω")
    except ValueError as error:
        raise click.UsageError(f"--dummy: {error}") from None
    if not 0.0 < ohms < math.inf:
        raise click.UsageError(f"--dummy: {value} given, a resistance above 0 Ω is needed")
    return ohms


@click.command()
@bench_argument
@emulate_option
@wire_log_option
@click.option(
    "--conformance",
    is_flag=True,
    help="Check what every driver of a role must do: refusals, limits, read-back, sweeps, pulses, relays. Sources stay "
    "within 0.1 V and 1 µA, generators within 0.5 V, and within the chip's limits. Unplug the chip first.",
)
@click.option(
    "--yes-chip-is-off", "chip_is_off", is_flag=True, help="With --conformance: the chip is not connected to the bench."
)
@click.option(
    "--dummy",
    metavar="OHM",
    callback=_ohms,
    help="With --conformance: this resistor, e.g. 1MΩ, is between each source-measure terminal and ground.",
)
def command(
    bench: BenchFile, emulate: bool, wire_log: Path | None, conformance: bool, chip_is_off: bool, dummy: float
) -> None:
    """Open every instrument of a bench, compare its identity, report what is on. Changes nothing.

    With --conformance, the shipped checks of every role run on the instruments; everything is off afterwards.
    """
    if not conformance and (chip_is_off or math.isfinite(dummy)):
        raise click.UsageError("--yes-chip-is-off and --dummy go with --conformance")
    with told_in_a_sentence():
        if conformance:
            fine = _conforms(bench, emulate, wire_log, chip_is_off, dummy)
        else:
            fine = _answers(bench, emulate, wire_log)
    sys.exit(0 if fine else 1)


def _conforms(bench: BenchFile, emulate: bool, wire_log: Path | None, chip_is_off: bool, dummy: float) -> bool:
    from ecramlab.cli import conformance

    return conformance.run(bench, emulate=emulate, chip_is_off=chip_is_off, dummy=dummy, wire_log=wire_log)


def _answers(bench: BenchFile, emulate: bool, wire_log: Path | None) -> bool:
    """Print what is there; True if every instrument is the expected one."""
    from ecramlab.bench import inspect

    table = Table("Instrument", "Identity", "Resource", "On", box=None, pad_edge=False)
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
    return not problems
