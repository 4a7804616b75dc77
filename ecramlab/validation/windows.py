"""The published window of every device: conductance range, nonlinearity labels and states of one P/D cycle."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecramlab.analysis.potentiation_depression import figures_of_merit
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Expectation, Measured, around, close_to
from ecramlab.validation.measuring import published_curve
from emulator import literature

if TYPE_CHECKING:
    from emulator.literature import LiteratureDevice

READS = 100  # in a branch at most
LABELS = ("label_potentiation", "label_depression")


def checks() -> list[Check]:
    """One for each device of the review."""
    return [window_check(name) for name in literature.names()]


def window_check(name: str, reads: int = READS) -> Check:
    """The published pulses on the device `name`, which may be the path of a device file. Raises ValueError, OSError."""
    device = literature.load(name)
    return Check(
        name=f"{device.name}-window",
        device=name,
        source=device.source,
        how="potentiation-depression with the published pulses",
        expectations=_expectations(device),
        measure=lambda: measured_figures(name, reads),
    )


def measured_figures(name: str, reads: int) -> Measured:
    """Figures of merit of one cycle of the published pulses, with at most `reads` reads in a branch."""
    device = literature.load(name)
    with bench_of(name, "unit" if device.protocol.drive == "current" else "generator") as bench:
        figures: Mapping[str, Mapping[str, Any]] = figures_of_merit(published_curve(bench, reads)).as_dict()
    return {key: figure["value"] for key, figure in figures.items()}


def terminal_window(device: "LiteratureDevice") -> tuple[float, float]:
    """Conductances [S] at the terminals that the device file asks for: its channel and what is in series with it."""
    model = device.model
    series = model.ungated_resistance + model.contact_resistance
    low, high = (g / (1.0 + g * series) for g in (model.conductance_min, model.conductance_max))
    return low, high


def labels_printed(device: "LiteratureDevice") -> bool:
    """Whether labels were published; without them, both branches of the model are straight."""
    return device.printed.get("linearity", "-") != "-"


def _expectations(device: "LiteratureDevice") -> tuple[Expectation, ...]:
    low, high = terminal_window(device)
    found = [
        close_to("conductance_min", "Lowest conductance", low, 0.01, "S"),
        close_to("conductance_max", "Highest conductance", high, 0.01, "S"),
        around("states", "States", device.protocol.count, 1.0),
    ]
    if labels_printed(device):
        found += [
            around(figure, f"Label, {figure.removeprefix('label_')}", label, 0.02)
            for figure, label in zip(LABELS, device.labels, strict=True)
        ]
    return tuple(found)
