"""`ecramlab recover`: seal the runs whose program died."""

from pathlib import Path

import click

from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import runs_option


@click.command()
@runs_option
def command(folder: Path) -> None:
    """Seal run files whose program died, keeping every complete row. Runs that are being written are left alone."""
    from ecramlab.runs import recover

    with told_in_a_sentence():
        outcomes = recover(folder)
    for name, outcome in outcomes.items():
        click.echo(f"{name}: {outcome}")
    if not outcomes:
        click.echo(f"{folder}: nothing to recover")
