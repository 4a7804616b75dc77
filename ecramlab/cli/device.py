"""`ecramlab show device NAME`: the card of an emulated device: what was printed, what the model gives, and why."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ecramlab.cli import device_words
from ecramlab.cli.errors import RefusedRequest, told_in_a_sentence
from ecramlab.parameters import format_quantity

if TYPE_CHECKING:
    from emulator import DeviceModel
    from emulator.literature import LiteratureDevice

READS = 50
_WITH_PREFIX = ("A", "C", "S", "V", "Ohm", "s")


@click.command()
@click.argument("name", metavar="NAME")
def command(name: str) -> None:
    """Show a device: printed figures beside those of the emulated device, parameters with reasons, doubts.

    NAME is one of `ecramlab list devices`, or the path of a device file (TOML). The measured figures are those of the
    published pulses on an emulated bench, with one nominal device, without noise and errors of the instruments.
    """
    from drivers.errors import Refused
    from ecramlab.validation.windows import measured_figures
    from emulator import literature

    try:
        device = literature.load(name)
    except (ValueError, OSError) as error:
        raise RefusedRequest(str(error)) from None
    figures: Mapping[str, float | None] = {}
    why_not = ""
    with told_in_a_sentence():
        try:
            figures = measured_figures(name, READS)
        except Refused as error:  # pulses that no bench of ours gives: the card is worth reading without
            why_not = str(error)
    console = Console()
    _print_facts(console, device)
    _print_figures(console, device, figures, why_not)
    _print_parameters(console, device)
    _print_doubts(console, device)
    _print_variants(console, name)


def _print_facts(console: Console, device: "LiteratureDevice") -> None:
    console.print(Text(f"{device.name}: {device.title}", style="bold"))
    table = Table(box=None, show_header=False, pad_edge=False)
    for label in ("ion", "channel", "electrolyte", "reservoir", "source"):
        table.add_row(label.capitalize(), Text(getattr(device, label)))
    console.print(table)
    console.print()


def _print_figures(console: Console, device: "LiteratureDevice", measured: Mapping[str, Any], why_not: str) -> None:
    """Printed figures word for word; beside them what the pulses of the protocol do to the emulated device."""
    beside = _measured_words(measured) if measured else {}
    table = Table("Figure", "Printed", "Measured", box=None, pad_edge=False)
    for key, printed in device.printed.items():
        table.add_row(_words(key), Text(printed), beside.get(key, ""))
    console.print(table)
    if why_not:
        console.print(f"Not measured on the emulated bench: {why_not}.\n", style="dim", highlight=False)
        return
    protocol = device.protocol
    console.print(
        f"Measured on the emulated bench with {protocol.count} pulses up and {protocol.count} down: "
        f"{device_words.pulses(protocol)}, "
        f"one every {format_quantity(protocol.period, 's')}, at {protocol.temperature:g} K; "
        f"at most {READS} reads in each branch.\n",
        style="dim",
        highlight=False,
    )


def _measured_words(measured: Mapping[str, Any]) -> dict[str, str]:
    """Measured figures by the keys of the printed ones."""
    return {
        "conductance_range": device_words.window(measured["conductance_min"], measured["conductance_max"]),
        "on_off": _number(measured["on_off_ratio"]),
        "linearity": " / ".join(_label(measured[f"label_{name}"]) for name in ("potentiation", "depression")),
        "states": _number(measured["states"]),
    }


def _print_parameters(console: Console, device: "LiteratureDevice") -> None:
    table = Table("Parameter of the model", "Value", "Why", box=None, pad_edge=False)
    for key, value, why in _parameters(device):
        table.add_row(key, value, Text(why))
    console.print(table)
    console.print()


def _parameters(device: "LiteratureDevice") -> Iterator[tuple[str, str, str]]:
    """Name, value and reason of every parameter with a reason, or calibrated."""
    for item in fields(device.model):
        value = getattr(device.model, item.name)
        if item.name in device.why or value != item.default:
            why = device.why.get(item.name, "follows from these pulses and labels")
            yield item.name, _value(device.model, item.name, value), why


def _value(model: "DeviceModel", name: str, value: object) -> str:
    unit = model.unit(name)
    if not isinstance(value, float):
        return f"{value:+d}" if isinstance(value, int) else str(value)
    if unit not in _WITH_PREFIX or not math.isfinite(value) or (unit == "s" and value >= 1e3):
        return f"{value:.4g}" + ("" if unit == "1" else f" {unit}")
    return format_quantity(value, unit)


def _print_doubts(console: Console, device: "LiteratureDevice") -> None:
    console.print("Doubts")
    for doubt in device.doubts:
        console.print(Padding(Text(f"- {doubt}"), (0, 0, 0, 2)))


def _print_variants(console: Console, name: str) -> None:
    """The variants of a device with what they change; a variant has none."""
    from emulator import literature

    if literature.is_variant(name):
        return
    for number, variant in enumerate(literature.variants(name)):
        if number == 0:
            console.print("\nVariants: names as any other, for benches and this command")
        text = Text.assemble((variant, "bold"), f"  {literature.load(variant).doubts[0]}")
        console.print(Padding(text, (0, 0, 0, 2)))


def _number(value: float) -> str:
    return f"{value:.5g}"


def _label(value: float | None) -> str:
    """A nonlinearity label; "-" where a branch has none."""
    return "-" if value is None else f"{round(value, 3) + 0.0:g}"


def _words(key: str) -> str:
    return "On/off ratio" if key == "on_off" else key.replace("_", " ").capitalize()
