"""Published devices: printed figures, the model fitted to them, and the pulses they were measured with.

One TOML file a device: `devices/<name>.toml`. Needs neither NumPy nor Numba.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from emulator.calibration import calibrated
from emulator.linearity import curvature_from_label
from emulator.model import DeviceModel
from emulator.waveform import Waveform


@dataclass(frozen=True, slots=True)
class PulseProtocol:
    """The pulses that cross the conductance window once up and once down.

    drive: "voltage" (0 V between pulses) or "current" (open gate between pulses). up_amplitude potentiates,
    down_amplitude depresses, both as at the gate terminal [V or A]. width [s] between the 50 % points, edge [s] the
    full ramp, period [s] from pulse to pulse, count: pulses per branch, source_resistance [Ohm] of the pulse source,
    temperature [K] at which it writes; 300 K unless the file says otherwise.
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


def load(name_or_path: str | Path) -> LiteratureDevice:
    """A device of the package by name, or of a TOML file by path.

    Raises ValueError naming file, key, value and what is allowed; FileNotFoundError when there is no such device.
    """
    given = str(name_or_path)
    path = Path(name_or_path)
    if given in names():
        text = (files("emulator") / "devices" / f"{given}.toml").read_text("utf-8")
    elif path.is_file():
        text = path.read_text("utf-8")
    else:
        raise FileNotFoundError(f"no device {given!r}: give the path of a TOML file or one of {', '.join(names())}")
    try:
        return _device(path.name.removesuffix(".toml"), tomllib.loads(text))
    except ValueError as error:
        raise ValueError(f"device {given!r}: {error}") from error


_TEXTS = ("title", "ion", "channel", "electrolyte", "reservoir", "source")
_TABLES = ("printed", "linearity", "protocol", "model")
_CALIBRATED = ("curvature_up", "curvature_down")


def _device(name: str, data: dict[str, Any]) -> LiteratureDevice:
    _check_keys("", data, (*_TEXTS, *_TABLES, "doubts"))
    texts = {key: _text(key, data[key]) for key in _TEXTS}
    for table in _TABLES:
        if not isinstance(data[table], dict):
            raise ValueError(f"{table} = {data[table]!r} is not allowed: it must be a table")
    if not isinstance(data["doubts"], list):
        raise ValueError(f"doubts = {data['doubts']!r} is not allowed: it must be a list of texts")
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
    """Parameters as given, curvatures from the labels, and charge or rates from the protocol."""
    given = dict(values, curvature_up=curvature_from_label(labels[0]), curvature_down=-curvature_from_label(labels[1]))
    if protocol.drive == "current":
        given["charge"] = protocol.count * abs(protocol.up_amplitude) * protocol.width
        return DeviceModel(**given)
    return calibrated(
        DeviceModel(**given),
        up_amplitude=protocol.up_amplitude,
        down_amplitude=protocol.down_amplitude,
        width=protocol.width,
        edge=protocol.edge,
        period=protocol.period,
        count=protocol.count,
        source_resistance=protocol.source_resistance,
        temperature=protocol.temperature,
    )


def _protocol(table: Mapping[str, Any]) -> PulseProtocol:
    table = {"temperature": 300.0, **table}
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
