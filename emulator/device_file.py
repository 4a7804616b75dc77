"""Reads a device file (TOML) and checks what is in it, before anything is worked out.

Every error names key, value and what is allowed, and near names for one that is not known.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from emulator.linearity import label_from_curvature
from emulator.model import LARGEST_CURVATURE, DeviceModel
from emulator.near_names import near_or_all
from emulator.pulse_protocol import PulseProtocol

MAX_BYTES = 1_000_000  # a hundred times the longest device file
MAX_COUNT = 1_000_000

_VARIABLE = ("linearity", "protocol", "model")
_TEXTS = ("title", "ion", "channel", "electrolyte", "reservoir", "source")
_TABLES = ("printed", "linearity", "protocol", "model")
_KEYS = (*_TEXTS, *_TABLES, "doubts")
# What of the model follows from other tables, and from which.
_FROM_LABELS = {"curvature_up": "linearity.potentiation", "curvature_down": "linearity.depression"}
_FROM_PULSES = {"voltage": ("rate_up", "rate_down"), "current": ("charge",)}
# Lowest and highest value, and unit; the amplitudes have that of the drive.
_PULSE_RANGES = {
    "up_amplitude": (-1e3, 1e3, ""),
    "down_amplitude": (-1e3, 1e3, ""),
    "width": (1e-15, 1e9, "s"),
    "edge": (0.0, 1e9, "s"),
    "period": (1e-15, 1e9, "s"),
    "source_resistance": (0.0, 1e15, "Ohm"),
    "temperature": (1.0, 2000.0, "K"),
    "read_delay": (0.0, 1e9, "s"),
}


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A device file whose entries are of the right kind and in range: those of `emulator.literature.LiteratureDevice`.

    parameters: values of the model that are given; why: where they come from.
    """

    texts: Mapping[str, str]
    printed: Mapping[str, str]
    doubts: tuple[str, ...]
    labels: tuple[float, float]
    protocol: PulseProtocol
    parameters: Mapping[str, Any]
    why: Mapping[str, str]


def names() -> tuple[str, ...]:
    """Names of the devices that come with the package."""
    folder = files("emulator") / "devices"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def tables_of(name_or_path: str) -> dict[str, Any] | None:
    """What stands in the file of a device of the package, or at a path; None when there is neither.

    Raises ValueError for a file that is no TOML text of a device.
    """
    if name_or_path in names():
        return tomllib.loads((files("emulator") / "devices" / f"{name_or_path}.toml").read_text("utf-8"))
    try:
        path = Path(name_or_path)
        folder, file = path.is_dir(), path.is_file()
    except (OSError, ValueError):  # too long for a path, or with a null character
        return None
    if folder and name_or_path:
        raise ValueError("this is a folder: give the path of a TOML file")
    if not file:
        return None
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{size} bytes are not a device file: give a text of at most {MAX_BYTES} bytes")
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8 text ({error.reason}): save the file as UTF-8") from error


def checked(tables: Mapping[str, Any]) -> DeviceFile:
    """The entries of a device file; those of its variants are not looked at. Raises ValueError."""
    own = {key: value for key, value in tables.items() if key != "variants"}
    _check_keys("", own, _KEYS)
    for table in _TABLES:
        if not isinstance(own[table], dict):
            raise ValueError(f"{table} = {own[table]!r} is not allowed: it must be a table, [{table}]")
    if not isinstance(own["doubts"], list):
        raise ValueError(f"doubts = {own['doubts']!r} is not allowed: it must be a list of texts")
    parameters, why = _parameters(own["model"])
    return DeviceFile(
        texts={key: _text(key, own[key]) for key in _TEXTS},
        printed={key: _text(f"printed.{key}", value) for key, value in own["printed"].items()},
        doubts=tuple(_text("doubts", doubt) for doubt in own["doubts"]),
        labels=_labels(own["linearity"]),
        protocol=_protocol(own["protocol"]),
        parameters=parameters,
        why=why,
    )


def variants_of(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Variants by name, checked as far as the device does not matter. Raises ValueError."""
    found = tables.get("variants", {})
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


def varied(tables: Mapping[str, Any], variant: str) -> dict[str, Any]:
    """The tables with the entries of a variant in place of their own, and its note as the first doubt."""
    found = variants_of(tables)
    if variant not in found:
        what = near_or_all(variant, found) if found else "the device has none"
        raise ValueError(f"variant {variant!r} does not exist: {what}")
    changed = dict(tables)
    for key, table in found[variant].items():
        if key == "note":
            changed["doubts"] = [table, *tables["doubts"]]
        else:
            changed[key] = {**tables[key], **table}
    return changed


def check_given(parameters: Mapping[str, Any], drive: str) -> None:
    """Raise ValueError when parameters are given that the pulses of this drive decide."""
    for key in _FROM_PULSES[drive]:
        if key in parameters:
            raise ValueError(
                f"model.{key} is not allowed with protocol.drive = {drive!r}: it follows from the pulses; leave it out"
            )


@contextmanager
def within(prefix: str) -> Iterator[None]:
    """Put the name of a table before that of a key with which the text of a ValueError begins."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{prefix}{error}") from error


def _parameters(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and reasons of the model parameters."""
    allowed = [item.name for item in fields(DeviceModel) if item.name not in _FROM_LABELS]
    values, why = {}, {}
    for key, entry in table.items():
        if key in _FROM_LABELS:
            raise ValueError(f"model.{key} is not allowed here: it follows from {_FROM_LABELS[key]}; leave it out")
        if key not in allowed:
            raise ValueError(f"model.{key} is not a parameter: {near_or_all(key, allowed)}")
        if not isinstance(entry, dict):
            raise ValueError(f'model.{key} = {entry!r} is not allowed: write {{ value = ..., why = "..." }}')
        _check_keys(f"model.{key}.", entry, ("value", "why"))
        values[key], why[key] = entry["value"], _text(f"model.{key}.why", entry["why"])
    return values, why


def _protocol(table: Mapping[str, Any]) -> PulseProtocol:
    table = {"temperature": 300.0, "read_delay": 1e-3, **table}
    _check_keys("protocol.", table, tuple(item.name for item in fields(PulseProtocol)))
    if table["drive"] not in ("voltage", "current"):
        raise ValueError(f"protocol.drive = {table['drive']!r} is not allowed: choose voltage or current")
    count = table["count"]
    if not isinstance(count, int) or isinstance(count, bool) or not 2 <= count <= MAX_COUNT:
        raise ValueError(f"protocol.count = {count!r} is not allowed: give a whole number from 2 to {MAX_COUNT}")
    of_drive = "V" if table["drive"] == "voltage" else "A"
    numbers = {
        key: _number(f"protocol.{key}", table[key], low, high, unit or of_drive)
        for key, (low, high, unit) in _PULSE_RANGES.items()
    }
    for key in ("up_amplitude", "down_amplitude"):
        if numbers[key] == 0.0:
            raise ValueError(f"protocol.{key} = 0.0 {of_drive} is not allowed: give a level that writes")
    protocol = PulseProtocol(drive=table["drive"], count=count, **numbers)
    with within("protocol."):
        protocol.waveform(protocol.up_amplitude)
    return protocol


def _labels(table: Mapping[str, Any]) -> tuple[float, float]:
    _check_keys("linearity.", table, ("potentiation", "depression"))
    limit = math.floor(100.0 * label_from_curvature(LARGEST_CURVATURE)) / 100.0
    up, down = (_number(f"linearity.{key}", table[key], -limit, limit) for key in ("potentiation", "depression"))
    return up, down


def _check_keys(prefix: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    missing = [key for key in allowed if key not in table]
    for key in table:
        if key not in allowed:
            raise ValueError(f"{prefix}{key} is not allowed here: {near_or_all(key, missing or allowed)}")
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        lost = ", ".join(f"{prefix}{key}" for key in missing)
        raise ValueError(f"{lost} {verb} missing: give all of {', '.join(allowed)}")


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} = {value!r} is not allowed: it must be a text")
    return value


def _number(key: str, value: object, low: float, high: float, unit: str = "") -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and low <= value <= high:  # type: ignore[operator]
        return float(value)  # type: ignore[arg-type]
    kind, behind = "number" if number else "real number", f" {unit}" if unit else ""
    given = f"{value!r}{behind if number else ''}"
    raise ValueError(f"{key} = {given} is not allowed: give a {kind} from {low:g} to {high:g}{behind}")
