"""`ecramlab list …`: what there is to choose from. Loads no numpy, PyVISA, HDF5 or Qt."""

from collections.abc import Iterable

import click
from rich.console import Console
from rich.markup import escape
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
    from ecramlab.cli import device_words
    from emulator import literature

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("Device", "Ion", "Channel / electrolyte", "Conductance", "Pulses"):
        table.add_column(name, no_wrap=name != "Channel / electrolyte")
    for name in literature.names():
        device = literature.load(name)
        window = device_words.window(*device.model.conductance_range)
        stack = f"{device.channel.partition(',')[0]} / {device.electrolyte}"
        table.add_row(name, escape(device.ion), escape(stack), window, device_words.pulses(device.protocol))
    Console().print(table)
    click.echo("\n`ecramlab show device NAME` shows one of them: figures, parameters, doubts.")


@command.command("drivers")
def list_drivers() -> None:
    """Instrument models that a bench file can name."""
    from drivers.registry import driver_names

    _print(("Driver", "Kind", "Instrument"), map(_driver_row, driver_names()))


@command.command("benches")
def list_benches() -> None:
    """Bench files that come along, to run or to copy."""
    from ecramlab import bench_file

    shipped = bench_file.shipped()
    _print(("Bench", "Title"), ((name, bench_file.load(path).title) for name, path in shipped.items()))
    click.echo(f"\nThey lie in {bench_file.folders()[0]}; copy one and change addresses and wiring.")


def _driver_row(name: str) -> tuple[str, str, str]:
    """One line of the list; a broken plug-in is told in its line and hides no other driver."""
    from drivers.errors import Refused
    from drivers.registry import find_driver

    roles = {"smu": "source-measure unit", "generator": "pulse generator", "matrix": "switch matrix"}
    try:
        info = find_driver(name)
    except Refused as error:
        return name, "broken plug-in", str(error)
    return name, ", ".join(roles[role] for role in info.roles), info.description


def _print(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(*header, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
