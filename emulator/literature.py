"""Published devices: printed figures, the model fitted to them, and the pulses they were measured with.

One TOML file a device: `devices/<name>.toml`. A file may hold variants of its device, e.g. a doubtful figure read in
another way: ``[variants.NAME]`` with a `note` and tables that replace single entries of those of the device; they are
called "<name>:<variant>". Needs neither NumPy nor Numba.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from emulator.calibration import calibrated
from emulator.linearity import branch, curvature_from_label, fit_curvature
from emulator.model import DeviceModel
from emulator.waveform import Waveform


@dataclass(frozen=True, slots=True)
class PulseProtocol:
    """The pulses that cross the conductance window once up and once down.

    drive: "voltage" (0 V between pulses) or "current" (open gate between pulses). up_amplitude potentiates,
    down_amplitude depresses, both as at the gate terminal [V or A]. width [s] between the 50 % points, edge [s] the
    full ramp, period [s] from pulse to pulse, count: pulses per branch, source_resistance [Ohm] of the pulse source,
    temperature [K] at which it writes; 300 K unless the file says otherwise. read_delay [s] from the end of a pulse to
    the read; 1 ms unless the file says otherwise, as it does where a double layer has to relax first.
    """

    drive: Literal["voltage", "current"]
    up_amplitude: float
    down_amplitude: float
    width: float
    edge: float
    period: float
    count: int
    source_resistance: float
    temperature: float = 300.0
    read_delay: float = 1e-3

    def waveform(self, amplitude: float, repeats: float = 1) -> Waveform:
        """Pulses of this shape with another amplitude [V or A]."""
        return Waveform.pulse(
            base=0.0,
            level=amplitude,
            width=self.width,
            rise=self.edge,
            fall=self.edge,
            period=self.period,
            repeats=repeats,
        )


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


def names() -> tuple[str, ...]:
    """Names of the devices that come with the package."""
    folder = files("emulator") / "devices"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def variants(name_or_path: str | Path) -> tuple[str, ...]:
    """Names of the variants of a device, as "<name>:<variant>" for :func:`load`; errors as there."""
    text = _text_of(str(name_or_path))
    if text is None:
        raise FileNotFoundError(_unknown(str(name_or_path)))
    try:
        return tuple(f"{name_or_path}:{variant}" for variant in _variants(tomllib.loads(text)))
    except ValueError as error:
        raise ValueError(f"device {str(name_or_path)!r}: {error}") from error


def load(name_or_path: str | Path) -> LiteratureDevice:
    """A device of the package by name, or of a TOML file by path; ":<variant>" behind either for one of its variants.

    Raises ValueError naming file, key, value and what is allowed; FileNotFoundError when there is no such device.
    """
    given = str(name_or_path)
    place, variant, text = given, "", _text_of(given)
    if text is None:
        place, _, variant = given.rpartition(":")
        text = _text_of(place) if variant else None
    if text is None:
        raise FileNotFoundError(_unknown(given))
    name = Path(place).name.removesuffix(".toml")
    try:
        data = tomllib.loads(text)
        _check_structure(data)
        if variant:
            name, data = f"{name}:{variant}", _varied(data, variant)
        return _device(name, data)
    except ValueError as error:
        raise ValueError(f"device {given!r}: {error}") from error


def _text_of(name_or_path: str) -> str | None:
    """The file of a device of the package, or at a path; None when there is neither."""
    if name_or_path in names():
        return (files("emulator") / "devices" / f"{name_or_path}.toml").read_text("utf-8")
    path = Path(name_or_path)
    return path.read_text("utf-8") if path.is_file() else None


def _unknown(given: str) -> str:
    return f"no device {given!r}: give the path of a TOML file or one of {', '.join(names())}"


def _variants(data: Mapping[str, Any]) -> dict[str, Any]:
    """Variants by name, checked as far as the device does not matter."""
    found = data.get("variants", {})
    if not isinstance(found, dict) or not all(isinstance(changes, dict) for changes in found.values()):
        raise ValueError(f"variants = {found!r} is not allowed: write [variants.NAME] tables")
    for name, changes in found.items():
        _text(f"variants.{name}.note", changes.get("note"))
        for key, table in changes.items():
            if key != "note" and (key not in _VARIABLE or not isinstance(table, dict)):
                raise ValueError(
                    f"variants.{name}.{key} is not allowed here: "
                    f"the keys are note, and the tables {', '.join(_VARIABLE)}"
                )
    return found


def _varied(data: Mapping[str, Any], variant: str) -> dict[str, Any]:
    """The device with the entries of a variant in place of its own, and the note as its first doubt."""
    found = _variants(data)
    if variant not in found:
        raise ValueError(f"variant {variant!r} does not exist: {_choice(found)}")
    changed = dict(data)
    for key, table in found[variant].items():
        if key == "note":
            changed["doubts"] = [table, *data["doubts"]]
        else:
            changed[key] = {**data[key], **table}
    return changed


def _choice(found: Mapping[str, Any]) -> str:
    return f"choose one of {', '.join(found)}" if found else "the device has none"


_VARIABLE = ("linearity", "protocol", "model")
_TEXTS = ("title", "ion", "channel", "electrolyte", "reservoir", "source")
_TABLES = ("printed", "linearity", "protocol", "model")
_CALIBRATED = ("curvature_up", "curvature_down")


def _check_structure(data: dict[str, Any]) -> None:
    _variants(data)
    _check_keys("", {key: data[key] for key in data if key != "variants"}, (*_TEXTS, *_TABLES, "doubts"))
    for table in _TABLES:
        if not isinstance(data[table], dict):
            raise ValueError(f"{table} = {data[table]!r} is not allowed: it must be a table")
    if not isinstance(data["doubts"], list):
        raise ValueError(f"doubts = {data['doubts']!r} is not allowed: it must be a list of texts")


def _device(name: str, data: dict[str, Any]) -> LiteratureDevice:
    texts = {key: _text(key, data[key]) for key in _TEXTS}
    protocol = _protocol(data["protocol"])
    labels = _labels(data["linearity"])
    values, why = _parameters(data["model"])
    return LiteratureDevice(
        name=name,
        **texts,
        model=_model(values, protocol, labels),
        protocol=protocol,
        labels=labels,
        printed={key: _text(f"printed.{key}", value) for key, value in data["printed"].items()},
        doubts=tuple(_text("doubts", doubt) for doubt in data["doubts"]),
        why=why,
    )


def _model(values: Mapping[str, Any], protocol: PulseProtocol, labels: tuple[float, float]) -> DeviceModel:
    """Parameters as given, curvatures from the labels, and charge or rates from the protocol.

    Conductances and labels are those seen at the terminals: the gated channel is what is left without the resistance
    in series with it.
    """
    curvatures = curvature_from_label(labels[0]), -curvature_from_label(labels[1])
    model = _gated(DeviceModel(**values, curvature_up=curvatures[0], curvature_down=curvatures[1]), protocol.count)
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
    u = wanted
    for _ in range(50):  # the resistance bends little: each turn gains a digit or more
        inner = (first + (last - first) * branch(u, n / count) for n in range(count + 1))
        error = wanted - fit_curvature([g / (1.0 + g * series) for g in inner])
        u += error
        if abs(error) < 1e-12:
            break
    return u


def _protocol(table: Mapping[str, Any]) -> PulseProtocol:
    table = {"temperature": 300.0, "read_delay": 1e-3, **table}
    _check_keys("protocol.", table, tuple(item.name for item in fields(PulseProtocol)))
    if table["drive"] not in ("voltage", "current"):
        raise ValueError(f"protocol.drive = {table['drive']!r} is not allowed: choose voltage or current")
    count = table["count"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"protocol.count = {count!r} is not allowed: give a whole number from 1 on")
    numbers = {
        key: _number(f"protocol.{key}", table[key], low=low)
        for key, low in (
            ("up_amplitude", -math.inf),
            ("down_amplitude", -math.inf),
            ("width", 0.0),
            ("edge", 0.0),
            ("period", 0.0),
            ("source_resistance", 0.0),
            ("temperature", 1.0),
            ("read_delay", 0.0),
        )
    }
    protocol = PulseProtocol(drive=table["drive"], count=count, **numbers)
    protocol.waveform(protocol.up_amplitude)
    return protocol


def _labels(table: Mapping[str, Any]) -> tuple[float, float]:
    _check_keys("linearity.", table, ("potentiation", "depression"))
    up, down = (_number(f"linearity.{key}", table[key]) for key in ("potentiation", "depression"))
    return up, down


def _parameters(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and reasons of the model parameters."""
    allowed = [item.name for item in fields(DeviceModel) if item.name not in _CALIBRATED]
    values, why = {}, {}
    for key, entry in table.items():
        if key not in allowed:
            raise ValueError(f"model.{key} is not a parameter: choose from {', '.join(allowed)}")
        if not isinstance(entry, dict):
            raise ValueError(f'model.{key} = {entry!r} is not allowed: write {{ value = ..., why = "..." }}')
        _check_keys(f"model.{key}.", entry, ("value", "why"))
        values[key], why[key] = entry["value"], _text(f"model.{key}.why", entry["why"])
    return values, why


def _check_keys(prefix: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            raise ValueError(f"{prefix}{key} is not allowed here: the keys are {', '.join(allowed)}")
    for key in allowed:
        if key not in table:
            raise ValueError(f"{prefix}{key} is missing: the keys are {', '.join(allowed)}")


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} = {value!r} is not allowed: it must be a text")
    return value


def _number(key: str, value: object, low: float = -math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < low:
        allowed = f"a finite number from {low:g} on" if low > -math.inf else "a finite number"
        raise ValueError(f"{key} = {value!r} is not allowed: it must be {allowed}")
    return float(value)
