"""`ecramlab plot RUN`: a run as a picture."""

from pathlib import Path

import click

from ecramlab.cli.errors import told_in_a_sentence
from ecramlab.cli.options import runs_option
from ecramlab.cli.show import run_argument


@click.command()
@run_argument
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Picture to write; .png, .svg or .pdf. By default beside the run, as PNG.",
)
@runs_option
def command(run: str, output: Path | None, folder: Path) -> None:
    """Plot a run: RUN is a file, the beginning of its name, its run id, or `last`. Works while it runs, too."""
    from ecramlab.plots import plot_run
    from ecramlab.runs import find_run, open_run

    with told_in_a_sentence():
        path = find_run(folder, run)
        picture = output or path.with_suffix(".png")
        with open_run(path) as opened:
            try:
                plot_run(opened, picture)
            except ValueError as error:  # too little was measured, or an experiment without a plot
                raise click.ClickException(f"{path}: {error}") from None
    click.echo(picture)
