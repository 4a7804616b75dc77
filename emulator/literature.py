"""Published devices: printed figures, the model fitted to them, and the pulses they were measured with.

One TOML file a device: `devices/<name>.toml`. A file may hold variants of its device, e.g. a doubtful figure read in
another way: ``[variants.NAME]`` with a `note` and tables that replace single entries of those of the device; they are
called "<name>:<variant>". Needs neither NumPy nor Numba.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from emulator.calibration import calibrated
from emulator.device_file import DeviceFile, check_given, checked, names, tables_of, variants_of, varied, within
from emulator.linearity import branch, curvature_from_label, fit_curvature
from emulator.model import DeviceModel
from emulator.near_names import near_or_all
from emulator.pulse_protocol import PulseProtocol

__all__ = ["LiteratureDevice", "is_variant", "load", "names", "variants"]

_LABEL_POINTS = 1000  # of a branch, at most, that tell its curvature behind a resistance


@dataclass(frozen=True, slots=True)
class LiteratureDevice:
    """A published device.

    printed: figures as printed, errors included; doubts: what does not fit in the print and how it is treated; why: for
    each model parameter that is not at its default, where its value comes from; labels: nonlinearity labels of
    potentiation and depression that the model reproduces.
    """

    name: str
    title: str
    ion: str
    channel: str
    electrolyte: str
    reservoir: str
    source: str
    model: DeviceModel
    protocol: PulseProtocol
    labels: tuple[float, float]
    printed: Mapping[str, str]
    doubts: tuple[str, ...]
    why: Mapping[str, str]


def variants(name_or_path: str | Path) -> tuple[str, ...]:
    """Names of the variants of a device, as "<name>:<variant>" for :func:`load`; errors as there."""
    given = str(name_or_path)
    with within(f"device {given!r}: "):
        tables = tables_of(given)
        if tables is None:
            raise FileNotFoundError(_unknown(given))
        return tuple(f"{given}:{variant}" for variant in variants_of(tables))


def is_variant(name_or_path: str | Path) -> bool:
    """Whether a name or path that :func:`load` takes is that of a variant."""
    return tables_of(str(name_or_path)) is None


def load(name_or_path: str | Path) -> LiteratureDevice:
    """A device of the package by name, or of a TOML file by path; ":<variant>" behind either for one of its variants.

    Raises ValueError naming file, key, value and what is allowed; FileNotFoundError when there is no such device.
    """
    given = str(name_or_path)
    with within(f"device {given!r}: "):
        place, variant, tables = given, "", tables_of(given)
        if tables is None:
            place, _, variant = given.rpartition(":")
            tables = tables_of(place) if variant else None
        if tables is None:
            raise FileNotFoundError(_unknown(given))
        name = Path(place).name.removesuffix(".toml")
        device, variants_of_device = checked(tables), variants_of(tables)
        check_given(device.parameters, device.protocol.drive)
        if variant:
            name, device = f"{name}:{variant}", checked(varied(tables, variant))
            check_given(variants_of_device[variant].get("model", {}), device.protocol.drive)
        return _device(name, device)


def _unknown(given: str) -> str:
    what = near_or_all(given, names())
    return f"no device {given!r}: give the path of a TOML file or the name of a device; {what}"


def _device(name: str, file: DeviceFile) -> LiteratureDevice:
    return LiteratureDevice(
        name=name,
        **file.texts,
        model=_model(file),
        protocol=file.protocol,
        labels=file.labels,
        printed=file.printed,
        doubts=file.doubts,
        why=file.why,
    )


def _model(file: DeviceFile) -> DeviceModel:
    """Parameters as given, curvatures from the labels, and charge or rates from the protocol.

    Conductances and labels are those seen at the terminals: the gated channel is what is left without the resistance
    in series with it.
    """
    protocol, labels = file.protocol, file.labels
    curvatures = curvature_from_label(labels[0]), -curvature_from_label(labels[1])
    with within("model."):
        given = DeviceModel(**file.parameters, curvature_up=curvatures[0], curvature_down=curvatures[1])
    model = _gated(given, protocol.count)
    if protocol.drive == "current":
        return replace(model, charge=protocol.count * abs(protocol.up_amplitude) * protocol.width)
    return calibrated(
        model,
        up_amplitude=protocol.up_amplitude,
        down_amplitude=protocol.down_amplitude,
        width=protocol.width,
        edge=protocol.edge,
        period=protocol.period,
        count=protocol.count,
        source_resistance=protocol.source_resistance,
        temperature=protocol.temperature,
    )


def _gated(model: DeviceModel, count: int) -> DeviceModel:
    """The model whose conductances and curvatures, now those of the terminals, are those of the gated channel."""
    series = model.ungated_resistance + model.contact_resistance
    if series == 0.0:
        return model
    if model.conductance_max * series >= 1.0:
        raise ValueError(
            f"model.ungated_resistance + model.contact_resistance = {series!r} Ohm is not allowed: "
            f"conductance_max = {model.conductance_max!r} S leaves less than {1.0 / model.conductance_max:g} Ohm"
        )
    low, high = (g / (1.0 - g * series) for g in (model.conductance_min, model.conductance_max))
    inner = replace(model, conductance_min=low, conductance_max=high)
    if model.conductance_map != "linear":
        return inner
    return replace(
        inner,
        curvature_up=_inner_curvature(model.curvature_up, count, low, high, series),
        curvature_down=_inner_curvature(model.curvature_down, count, high, low, series),
    )


def _inner_curvature(wanted: float, count: int, first: float, last: float, series: float) -> float:
    """Curvature of a channel from `first` to `last` [S] that has the wanted one behind a resistance [Ohm]."""
    u, points = wanted, min(count, _LABEL_POINTS)
    for _ in range(50):  # the resistance bends little: each turn gains a digit or more
        inner = (first + (last - first) * branch(u, n / points) for n in range(points + 1))
        error = wanted - fit_curvature([g / (1.0 + g * series) for g in inner])
        u += error
        if abs(error) < 1e-12:
            break
    return u
