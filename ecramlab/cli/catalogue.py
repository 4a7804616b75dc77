"""`ecramlab list …`: what there is to choose from. Loads no numpy, PyVISA, HDF5 or Qt."""

from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table


@click.group()
def command() -> None:
    """List experiments, devices, drivers or benches."""


@command.command("experiments")
def list_experiments() -> None:
    """Experiments that `ecramlab run` knows."""
    from ecramlab import experiments

    _print(("Experiment", "What it measures"), ((name, experiments.summary(name)) for name in experiments.names()))


@command.command("devices")
def list_devices() -> None:
    """Devices of the literature that the emulated chip can be made of."""
    from ecramlab.parameters import format_quantity
    from emulator import literature

    rows = []
    for name in literature.names():
        device = literature.load(name)
        model, protocol = device.model, device.protocol
        window = f"{format_quantity(model.conductance_min, 'S')} … {format_quantity(model.conductance_max, 'S')}"
        unit = "A" if protocol.drive == "current" else "V"
        pulse = (
            f"{format_quantity(protocol.up_amplitude, unit)} / {format_quantity(protocol.down_amplitude, unit)}, "
            f"{format_quantity(protocol.width, 's')}"
        )
        stack = " / ".join(part.partition(",")[0] for part in (device.channel, device.electrolyte, device.reservoir))
        rows.append((name, device.ion, stack, window, pulse))
    _print(("Device", "Ion", "Channel / electrolyte / reservoir", "Conductance", "Pulses"), rows)


@command.command("drivers")
def list_drivers() -> None:
    """Instrument models that a bench file can name."""
    from drivers.registry import DRIVERS

    roles = {"smu": "source-measure unit", "generator": "pulse generator", "matrix": "switch matrix"}
    rows = ((info.name, roles[info.role], info.description) for info in DRIVERS.values())
    _print(("Driver", "Kind", "Instrument"), rows)


@command.command("benches")
def list_benches() -> None:
    """Bench files that come along, to run or to copy."""
    from ecramlab import bench_file

    shipped = bench_file.shipped()
    _print(("Bench", "Title"), ((name, bench_file.load(path).title) for name, path in shipped.items()))
    click.echo(f"\nThey lie in {bench_file.folders()[0]}; copy one and change addresses and wiring.")


def _print(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(*header, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
