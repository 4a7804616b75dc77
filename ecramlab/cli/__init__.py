"""The command line. Each command is a module of its own, loaded when it is called, so that `--help` stays quick."""

import sys
from importlib import import_module

import click
from typing_extensions import override

from ecramlab import __version__

# command: (module, one line for --help)
_COMMANDS = {
    "demo": ("ecramlab.cli.demo", "Potentiation and depression on the emulated bench, in seconds."),
    "run": ("ecramlab.cli.run", "Run an experiment on a real bench, or on its emulated twin."),
    "list": ("ecramlab.cli.catalogue", "List experiments, devices, drivers or benches."),
    "show": ("ecramlab.cli.show", "What is in a run file; the card of a device: printed figures, model, doubts."),
    "plot": ("ecramlab.cli.plot", "Plot a run as PNG, SVG or PDF."),
    "validate": ("ecramlab.cli.validate", "Measure the emulated devices and compare with what was published."),
    "check": ("ecramlab.cli.check", "Open every instrument of a bench and compare; changes nothing."),
    "off": ("ecramlab.cli.off", "Switch every output of a bench off and open its relays."),
    "recover": ("ecramlab.cli.recover", "Seal run files whose program died."),
    "serve": ("ecramlab.cli.serve", "Offer the emulated twin of a bench over TCP, to programs of any language."),
    "gui": ("ecramlab.cli.gui", "Open the window."),
}


class _LazyGroup(click.Group):
    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ecramlab")
def cli() -> None:
    """Instrument control and emulation for ECRAM chips.

    One bench file describes instruments, wiring and chip. The same file opens the real bench, or its emulated twin
    with --emulate.

    \b
    First steps:
      ecramlab demo                                  a P/D curve in seconds, no hardware
      ecramlab list benches                          benches to start from
      ecramlab run potentiation-depression --help    what can be set
      ecramlab show last                             what was measured
    """


def main() -> None:
    """Run the command line; errors a user can mend end with one sentence and exit code 2, not with a traceback."""
    try:
        sys.exit(cli.main(prog_name="ecramlab", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(130)
