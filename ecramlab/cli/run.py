"""`ecramlab run EXPERIMENT --bench FILE`: one experiment on one bench."""

import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

from ecramlab import experiments
from ecramlab.bench_file import BenchFile
from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import emulate_option, load_bench, runs_option, wire_log_option
from ecramlab.parameters import ParameterInfo, describe, format_quantity

EXIT_CODES = {"complete": 0, "stopped": 0, "failed": 1, "aborted": 130}


class _ExperimentGroup(click.Group):
    """Each experiment is a command of its own, so that `run NAME --help` shows its parameters."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(experiments.names())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in experiments.names():
            return None
        return _command_of(cmd_name)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Experiments"):
            formatter.write_dl([(name, experiments.summary(name)) for name in experiments.names()])


@click.group(cls=_ExperimentGroup)
def command() -> None:
    """Run an experiment on a real bench, or on its emulated twin.

    \b
    Example:
      ecramlab run potentiation-depression --bench single-device --emulate \\
          --set pulse.amplitude=4V --set pulse.width="10 ms"
    """


class _ParameterHelp(click.Command):
    """Adds the table of parameters to --help."""

    def __init__(self, parameters: Sequence[ParameterInfo], **settings: Any) -> None:
        super().__init__(**settings)
        self._parameters = parameters

    @override
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Parameters (--set NAME=VALUE, repeatable; values take units: 10 ms, 4 V, 100 pA)"):
            formatter.write_dl([(info.path, _parameter_line(info)) for info in self._parameters])


def _parameter_line(info: ParameterInfo) -> str:
    default = format_quantity(info.default, info.unit) if isinstance(info.default, float) else info.default
    choices = f" ({' or '.join(info.choices)})" if info.choices else ""
    return f"{info.help}{choices}" + (f"  [{default}]" if default is not None else "")


def _command_of(name: str) -> click.Command:
    experiment = experiments.get(name)

    def callback(bench: BenchFile, settings: Sequence[str], **options: Any) -> None:
        run_experiment(name, bench, read_assignments(settings), **options)

    options: list[click.Parameter] = [
        click.Option(
            ["--bench"], required=True, metavar="FILE", callback=load_bench, help="Bench file, or a shipped bench."
        ),
        click.Option(["--set", "settings"], multiple=True, metavar="NAME=VALUE", help="Set a parameter (see below)."),
        click.Option(["--events"], is_flag=True, help="Print events as JSON lines, for programs."),
    ]
    made = _ParameterHelp(
        describe(experiment.Parameters), name=name, callback=callback, params=options, help=_help(name)
    )
    for option in (emulate_option, runs_option, wire_log_option):
        option(made)
    return made


def _help(name: str) -> str:
    text = experiments.summary(name)
    return f"{text[0].upper()}{text[1:]}."


def read_assignments(settings: Iterable[str]) -> dict[str, object]:
    """["pulse.width=1 ms"] -> {"pulse.width": "1 ms"}."""
    pairs: dict[str, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set {setting}: write NAME=VALUE, for example --set pulse.width=1ms")
        pairs[name.strip()] = value.strip()
    return pairs


def run_experiment(
    name: str,
    file: BenchFile,
    assignments: dict[str, object],
    *,
    emulate: bool,
    folder: Path,
    wire_log: Path | None,
    events: bool = False,
) -> None:
    """Open the bench, run, show, and end the process with the fitting exit code."""
    from ecramlab.experiment import ParameterError

    try:
        experiment = experiments.get(name).from_assignments(assignments)
    except ParameterError as error:
        raise click.UsageError(str(error)) from None
    sys.exit(EXIT_CODES[_run(experiment, file, emulate=emulate, folder=folder, wire_log=wire_log, events=events)])


def _run(experiment: Any, file: BenchFile, *, emulate: bool, folder: Path, wire_log: Path | None, events: bool) -> str:
    # Loaded here, not at the top: --help needs neither PyVISA nor HDF5 nor numba.
    from ecramlab.bench import open_bench
    from ecramlab.cli.progress import EventPrinter, ProgressView
    from ecramlab.runner import Runner
    from ecramlab.signals import ending_on_signals
    from ecramlab.stop import StopRequest

    stop = StopRequest()
    if events:
        threading.Thread(target=_listen_to_stdin, args=(stop,), daemon=True).start()
    view = EventPrinter() if events else ProgressView()
    opening = open_bench(file, emulate=emulate, wire_log=wire_log, stop=stop)
    with told_in_a_sentence(), ending_on_signals(stop), view, opening as bench:
        finished = Runner(experiment, bench, folder, [view]).run()
    if not events:
        from ecramlab.cli.report import print_report

        print_report(finished)
    return finished.status


def _listen_to_stdin(stop: Any) -> None:
    """Lines of a controlling program: abort, pause, resume."""
    for line in sys.stdin:
        action = {"abort": lambda: stop.request("asked to abort"), "pause": stop.pause, "resume": stop.resume}.get(
            line.strip()
        )
        if action is not None:
            action()
