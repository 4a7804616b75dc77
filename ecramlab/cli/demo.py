"""`ecramlab demo`: the main job on the emulated bench, with the pulses that the literature gives for its device."""

from pathlib import Path

import click

from ecramlab.bench_file import BenchFile
from ecramlab.cli.options import load_bench, runs_option, wire_log_option
from ecramlab.cli.run import run_experiment
from ecramlab.published import published_pulses

READS_PER_BRANCH = 100


@click.command()
@click.option(
    "--bench", default="single-device", show_default=True, callback=load_bench, help="Bench file, or a shipped bench."
)
@click.option(
    "--cycles",
    default=3,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Cycles of potentiation and depression.",
)
@click.option(
    "--pulses",
    type=click.IntRange(10, 100_000),
    help="Pulses in each branch; by default as many as the literature gives.",
)
@runs_option
@wire_log_option
def command(bench: BenchFile, cycles: int, pulses: int | None, folder: Path, wire_log: Path | None) -> None:
    """Potentiation and depression on the emulated bench.

    Drivers, instruments and storage are those of a real run; only the chip and the instruments behind the VISA
    resource names are emulated. Prints figures of merit, the run file and a plot.
    """
    try:
        assignments = {**published_pulses(bench), "cycles": cycles}
    except (ValueError, OSError) as error:
        raise click.UsageError(f"{bench.path}: emulation.device: {error}") from None
    if pulses is not None:
        assignments |= {"up": pulses, "down": pulses}
    branch = int(str(assignments["up"]))
    assignments["read.every"] = max(1, branch // READS_PER_BRANCH)
    run_experiment("potentiation-depression", bench, assignments, emulate=True, folder=folder, wire_log=wire_log)
