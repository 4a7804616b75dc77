"""`ecramlab demo`: the main job on the emulated bench, with the pulses that the literature gives for its device."""

from pathlib import Path

import click

from ecramlab.bench_file import BenchFile
from ecramlab.cli.options import load_bench, runs_option, wire_log_option
from ecramlab.cli.run import run_experiment

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
    assignments = {**protocol_assignments(bench), "cycles": cycles}
    if pulses is not None:
        assignments |= {"up": pulses, "down": pulses}
    branch = int(str(assignments["up"]))
    assignments["read.every"] = max(1, branch // READS_PER_BRANCH)
    run_experiment("potentiation-depression", bench, assignments, emulate=True, folder=folder, wire_log=wire_log)


def protocol_assignments(file: BenchFile) -> dict[str, object]:
    """Parameters of potentiation-depression that repeat what the literature did with the emulated device."""
    from emulator import literature

    protocol = literature.load(file.emulation.device).protocol
    return {
        "pulse.drive": protocol.drive,
        "pulse.amplitude": protocol.up_amplitude,
        "pulse.down_amplitude": protocol.down_amplitude,
        "pulse.width": protocol.width,
        "pulse.edge": protocol.edge or None,
        "period": protocol.period,
        "up": protocol.count,
        "down": protocol.count,
    }
