"""`ecramlab show RUN`: a run file in words; `ecramlab show device NAME`: the card of a device."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click import Context
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typing_extensions import override

from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import runs_option

if TYPE_CHECKING:
    from ecramlab.runs import Run

run_argument = click.argument("run", metavar="RUN")


class _RunOrDevice(click.Group):
    """Whatever is not the word `device` names a run."""

    @override
    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args) if args[0] == "device" else ("", show_run, args)

    @override
    def list_commands(self, ctx: Context) -> list[str]:
        return ["device"]

    @override
    def get_command(self, ctx: Context, cmd_name: str) -> click.Command | None:
        from ecramlab.cli import device

        return device.command if cmd_name == "device" else None


@click.group(
    cls=_RunOrDevice,
    subcommand_metavar="RUN | device NAME",
    context_settings={"ignore_unknown_options": True},
)
def command() -> None:
    """Show a run, or the card of a device.

    RUN is a file, the beginning of its name, its run id, or `last`; `ecramlab show last --help` has its options.
    """


@click.command()
@run_argument
@click.option("--traceback", is_flag=True, help="Show program errors in full.")
@runs_option
def show_run(run: str, traceback: bool, folder: Path) -> None:
    """Show a run: RUN is a file, the beginning of its name, its run id, or `last`. Works while it runs, too."""
    from ecramlab import analysis
    from ecramlab.cli.report import print_figures
    from ecramlab.runs import find_run, open_run

    console = Console()
    with told_in_a_sentence():
        path = find_run(folder, run)
        with open_run(path) as opened:
            console.print(_facts(opened, path), _parameters(opened), sep="\n\n")
            console.print()
            try:
                print_figures(console, analysis.figures(opened))
            except ValueError as error:  # too little was measured
                console.print(f"No figures of merit: {error}", markup=False)
            console.print()
            for event in opened.events:
                text = (
                    event.text if traceback or not event.text.startswith("Traceback") else _last_paragraph(event.text)
                )
                console.print(f"{event.time:10.3f} s  {event.level:8} {text}", markup=False, highlight=False)


def _last_paragraph(traceback: str) -> str:
    """The error itself, which a traceback ends with."""
    lines = traceback.rstrip().splitlines()
    start = max(number for number, line in enumerate(lines) if not line.startswith(" ") and ": " in line)
    return "\n".join(lines[start:])


def _facts(opened: "Run", path: Path) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    status = opened.status + (f": {opened.status_reason}" if opened.status_reason else "")
    end = opened.end_time
    facts = {
        "Run": opened.run_id,
        "File": str(path),
        "Experiment": f"{opened.title} ({opened.experiment})",
        "Chip": f"{opened.sample['name']}, " + ("EMULATED" if opened.emulated else "real bench"),
        "Status": f"{status}, {opened.rows} rows",
        "Start": opened.start_time.isoformat(sep=" ", timespec="seconds"),
        "End": end.isoformat(sep=" ", timespec="seconds") if end else "-",
    }
    for name, record in opened.instruments.items():
        facts[name] = f"{record['idn']} at {record['resource']}"
    for name, value in facts.items():
        table.add_row(name, escape(value))
    return table


def _parameters(opened: "Run") -> Table:
    """Parameters with units where the experiment that made them is known here."""
    from ecramlab import experiments
    from ecramlab.parameters import describe, format_quantity

    table = Table("Parameter", "Value", box=None, pad_edge=False)
    known = experiments.get(opened.experiment).Parameters if opened.experiment in experiments.names() else None
    units = {info.path: info.unit for info in describe(known)} if known else {}
    for path, value in _flat(opened.parameters):
        unit = units.get(path, "")
        shown = (
            format_quantity(value, unit)
            if unit and isinstance(value, float)
            else "default"
            if value is None
            else str(value)
        )
        table.add_row(path, shown)
    return table


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
