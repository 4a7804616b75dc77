"""`ecramlab gui`: the window."""

import sys
from importlib import import_module
from pathlib import Path

import click


@click.command()
@click.option("--bench", type=click.Path(path_type=Path), default=None, help="Bench file, or a shipped bench.")
@click.option("--emulate/--real", default=True, show_default=True, help="Emulated twin, or the real instruments.")
def command(bench: Path | None, emulate: bool) -> None:
    """Open the window: live curve, progress, abort. Everything it does, `ecramlab run` does as well."""
    from ecramlab import bench_file

    try:
        window = import_module("gui")  # the floor above: known by name only, so that nothing below needs Qt
        path = bench_file.find(bench) if bench is not None else None
        sys.exit(window.main(path, emulate))
    except bench_file.BenchFileError as error:
        raise click.UsageError(str(error)) from None
    except ImportError as error:
        raise click.ClickException(f"{error}\nThe window needs the extra `gui`: pip install 'ecramlab[gui]'.") from None
