"""What stands where in a run file: NeXus groups, netCDF dimension scales, one 1-D dataset a column.

Everything is declared before the first row. From then on only datasets of fixed-size types grow: HDF5 does not refuse
new attributes or text of variable length in a file with readers, it writes a file that cannot be read.

NeXus: https://manual.nexusformat.org/classes/base_classes/ ; CF conventions: flag_values, flag_masks, flag_meanings.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import h5py
import numpy as np

from ecramlab.columns import Column
from ecramlab.runs.disk import CHUNK
from ecramlab.runs.errors import RunFileError
from ecramlab.runs.provenance import InstrumentRecord, Provenance, SampleRecord, software, user_name

FILE_FORMAT, FORMAT_VERSION = "ecramlab-run", 1
TEXT_BYTES = 480  # one line of an event; a longer text continues in the next line
TEXT_DTYPE = h5py.string_dtype("utf-8", TEXT_BYTES)
LEVEL_BYTES = 8
EVENT_CHUNK = 256
MAIN_SIGNAL = "conductance"
# Attributes with which HDF5 ties datasets to their dimension scales. They hold addresses, so a copy makes its own.
SCALE_ATTRIBUTES = frozenset({"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"})

_EVENT_COLUMNS = (
    Column("time", "s", "wall time since the start of the run"),
    Column("number", "1", "number of the event; lines of one text share it", "i8"),
    Column("level", "", "info, warning or error", f"S{LEVEL_BYTES}"),
    Column("text", "", "what happened", "text"),
)


@dataclass(frozen=True)
class Header:
    """What is known of a run before its first row."""

    run_id: str
    experiment: str
    title: str
    start: datetime
    columns: Sequence[Column]
    axis: str
    provenance: Provenance


def declare(file: h5py.File, header: Header) -> None:
    """Make every group, dataset and attribute of a new live file."""
    facts = software()
    file.attrs.update(
        {
            "NX_class": "NXroot",
            "default": "entry",
            "Conventions": "CF-1.8",
            "file_format": FILE_FORMAT,
            "format_version": FORMAT_VERSION,
            "run_id": header.run_id,
            "creator": f"ecramlab {facts.version}",
            "HDF5_Version": h5py.version.hdf5_version,
            "h5py_version": h5py.__version__,
        }
    )
    entry = _group(file, "entry", "NXentry", default="rows")
    write_text(entry, "title", header.title)
    write_text(entry, "start_time", iso(header.start))
    write_text(entry, "entry_identifier", header.run_id)
    experiment = write_text(entry, "experiment", header.experiment)
    experiment.attrs["module"] = header.provenance.experiment_module
    experiment.attrs["version"] = header.provenance.experiment_version
    _declare_rows(entry, header)
    _declare_events(entry)
    _declare_instruments(entry, header.provenance.instruments)
    _declare_sample(entry, header.provenance.sample)
    _declare_origin(entry, header.provenance)


def iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and offset."""
    return moment.astimezone().isoformat(timespec="milliseconds")


# ------------------------------------------------------------------------------------------- values


def write_text(group: h5py.Group, name: str, text: str) -> h5py.Dataset:
    """A scalar UTF-8 text. HDF5 ends texts at a NUL, so that character is written as an escape."""
    return group.create_dataset(name, data=text.replace("\0", "\\0"), dtype=h5py.string_dtype())


def write_json(group: h5py.Group, name: str, value: object) -> h5py.Dataset:
    """A structure as JSON text, marked as such."""
    dataset = write_text(group, name, json.dumps(plain(value), ensure_ascii=False))
    dataset.attrs["format"] = "json"
    return dataset


def write_number(group: h5py.Group, name: str, value: float, unit: str, long_name: str) -> h5py.Dataset:
    """A scalar number with its unit."""
    dataset = group.create_dataset(name, data=value)
    dataset.attrs.update({"units": unit, "long_name": long_name})
    return dataset


def plain(value: object) -> object:
    """`value` from what JSON knows; infinite numbers and NaN become text, because JSON has none."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def complete_rows(group: h5py.Group) -> int:
    """Rows that every growing dataset of a group holds: a writer that died may have left some longer than others."""
    return min((len(item) for item in growing(group)), default=0)


def growing(group: h5py.Group) -> list[h5py.Dataset]:
    """The datasets of a group that take rows."""
    return [item for item in group.values() if isinstance(item, h5py.Dataset) and grows(item)]


def grows(dataset: h5py.Dataset) -> bool:
    """Whether a dataset takes rows."""
    return bool(dataset.maxshape) and dataset.maxshape[0] is None


def check_format(file: h5py.File) -> None:
    """Raise RunFileError unless this is a run file of a version known here."""
    if file.attrs.get("file_format") != FILE_FORMAT:
        raise RunFileError(f"{file.filename}: an HDF5 file, but not a run file of ecramlab")
    version = int(file.attrs["format_version"])
    if version > FORMAT_VERSION:
        raise RunFileError(
            f"{file.filename}: format version {version}, but this ecramlab knows versions up to {FORMAT_VERSION}. "
            f"Update ecramlab."
        )


# ------------------------------------------------------------------------------------------- groups


def _group(parent: h5py.Group, name: str, nx_class: str, **attributes: str) -> h5py.Group:
    group = parent.create_group(name)
    group.attrs.update({"NX_class": nx_class, **attributes})
    return group


def _declare_rows(entry: h5py.Group, header: Header) -> None:
    rows = _group(entry, "rows", "NXdata", signal=_signal(header), title=header.title)
    rows.attrs["axes"] = [header.axis]
    rows.attrs[f"{header.axis}_indices"] = np.array([0])
    _declare_columns(rows, header.columns, header.axis, CHUNK)


def _signal(header: Header) -> str:
    """The column that viewers plot first."""
    names = [column.name for column in header.columns if column.name != header.axis]
    return MAIN_SIGNAL if MAIN_SIGNAL in names else names[0]


def _declare_events(entry: h5py.Group) -> None:
    _declare_columns(_group(entry, "events", "NXcollection"), _EVENT_COLUMNS, "time", EVENT_CHUNK)


def _declare_columns(group: h5py.Group, columns: Sequence[Column], axis: str, chunk: int) -> None:
    for column in columns:
        dtype = TEXT_DTYPE if column.dtype == "text" else np.dtype(column.dtype)
        dataset = group.create_dataset(column.name, (0,), maxshape=(None,), chunks=(chunk,), dtype=dtype)
        if column.unit:
            dataset.attrs["units"] = column.unit
        dataset.attrs["long_name"] = column.long_name
        for name, value in column.attrs.items():
            dataset.attrs[name] = value if isinstance(value, str) else np.asarray(value, dtype)
    group[axis].make_scale(axis)
    for column in columns:
        if column.name != axis:
            group[column.name].dims[0].attach_scale(group[axis])


def _declare_instruments(entry: h5py.Group, instruments: Sequence[InstrumentRecord]) -> None:
    parent = _group(entry, "instruments", "NXcollection")
    for record in instruments:
        group = _group(parent, record.name, "NXinstrument")
        for name in ("role", "idn", "resource", "driver", "driver_version", "transport", "calibrated"):
            write_text(group, name, getattr(record, name))
        write_json(group, "options", record.options)
        write_json(group, "settings_before", record.settings_before)


def _declare_sample(entry: h5py.Group, sample: SampleRecord) -> None:
    group = _group(entry, "sample", "NXsample")
    for name in ("name", "chip", "die", "cells"):
        write_text(group, name, getattr(sample, name))
    write_number(group, "rows", sample.rows, "1", "rows of the array")
    write_number(group, "columns", sample.columns, "1", "columns of the array")
    write_json(group, "limits", sample.limits)


def _declare_origin(entry: h5py.Group, provenance: Provenance) -> None:
    write_text(_group(entry, "user", "NXuser"), "name", provenance.user or user_name())
    process = _group(entry, "process", "NXprocess")
    write_text(process, "program", "ecramlab")
    facts = asdict(software())
    for name in ("version", "git_commit", "python", "platform", "hostname"):
        write_text(process, name, facts[name])
    for name in ("git_dirty", "packages"):
        write_json(process, name, facts[name])
    write_json(process, "parameters", provenance.parameters)
    for name in ("protocol", "bench_file"):
        write_text(process, name, getattr(provenance, name))
        write_text(process, f"{name}_sha256", hashlib.sha256(getattr(provenance, name).encode()).hexdigest())
    for name in ("command_line", "wire_log"):
        write_text(process, name, getattr(provenance, name))
    if provenance.seed is not None:
        write_number(process, "seed", provenance.seed, "1", "seed of everything random")
    if provenance.emulation is not None:
        emulation = _group(entry, "emulation", "NXcollection")
        for name, value in provenance.emulation.items():
            write_json(emulation, name, value)
