"""Seals a run: from the live file to a compressed, checksummed, read-only one.

A crash at any point leaves one of the two.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import h5py

from ecramlab.runs import disk
from ecramlab.runs.checksums import BLOCK, CHECKSUMS, fingerprint, fingerprints
from ecramlab.runs.errors import RunFileError
from ecramlab.runs.hdf5 import PatientFile, create_sealed, open_to_read, reason_of
from ecramlab.runs.layout import SCALE_ATTRIBUTES, check_format, complete_rows, grows, iso, write_json, write_text
from ecramlab.runs.naming import RunPaths

_log = logging.getLogger(__name__)
COMPRESSION = {"compression": "gzip", "compression_opts": 4, "shuffle": True}  # readable by every build of HDF5
READ_ONLY = 0o444


@dataclass(frozen=True)
class Ending:
    """What is known of a run only at its end."""

    status: str
    reason: str
    end_time: datetime
    settings_after: Mapping[str, Mapping[str, Any]]


def seal_file(paths: RunPaths, ending: Ending) -> None:
    """Make the sealed file and remove the live one. The caller holds the lock of the run.

    Raises RunFileError, leaving the live file as it is, if there is no room or the copy differs from the original.
    """
    disk.require_free(paths.folder, paths.live.stat().st_size, f"sealing {paths.live.name}")
    paths.part.unlink(missing_ok=True)
    with open_to_read(paths.live) as live:
        check_format(live)
        _write_part(live, paths.part, ending)
    verify(paths.part)
    disk.sync_file(paths.part)
    paths.part.chmod(READ_ONLY)
    if paths.final.exists():
        raise RunFileError(f"{paths.final}: exists already; a run never writes over another one")
    paths.part.replace(paths.final)
    disk.sync_folder(paths.folder)
    paths.live.unlink()
    disk.sync_folder(paths.folder)


def verify(path: Path) -> None:
    """Raise RunFileError in one sentence if a sealed file is not exactly what was sealed. Changes nothing."""
    with open_to_read(path) as file:
        try:
            check_format(file)
            listed = json.loads(file[CHECKSUMS][()])
            found = fingerprints(file)
        except RunFileError:
            raise
        except Exception as error:  # damaged bytes may raise whatever they like
            raise RunFileError(f"{path}: damaged, or never sealed ({reason_of(error)})") from error
    different = sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name))
    if different:
        raise RunFileError(f"{path}: does not match its checksums in {', '.join(different)}")


def _write_part(live: h5py.File, part: Path, ending: Ending) -> None:
    with PatientFile(part) as file:
        try:
            with create_sealed(file) as sealed:
                _copy_group(live, sealed)
                added = _add_ending(sealed["entry"], ending)
                sealed.flush()
                file.check()  # before reading anything back
                # The originals' fingerprints go into the copy, so that verifying the copy compares the two.
                checksums = fingerprints(live) | {item.name: fingerprint(item) for item in added}
                write_text(sealed["entry"], "checksums", json.dumps(checksums, indent=0))
            file.check()
        except (OSError, RuntimeError) as error:
            raise RunFileError(
                f"{part}: sealing failed ({reason_of(file.error or error)}); the live file stays"
            ) from error


def _add_ending(entry: h5py.Group, ending: Ending) -> list[h5py.Dataset]:
    """Write what is known only now; gives the new datasets."""
    added = [
        write_text(entry, "status", ending.status),
        write_text(entry, "status_reason", ending.reason),
        write_text(entry, "end_time", iso(ending.end_time)),
    ]
    for name, settings in ending.settings_after.items():
        if name in entry["instruments"]:
            added.append(write_json(entry["instruments"][name], "settings_after", settings))
        else:
            _log.warning("settings of %s are not kept: no such instrument in this run", name)
    return added


def _copy_group(source: h5py.Group, target: h5py.Group) -> None:
    """Rewrite a group compressed, cut to complete rows, with its dimension scales made anew."""
    _copy_attributes(source, target)
    rows = complete_rows(source)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy_group(item, target.create_group(name))
        else:
            _copy_dataset(item, target, name, rows)
    for name, item in source.items():
        if isinstance(item, h5py.Dataset):
            _attach_scales(item, target[name])


def _copy_dataset(source: h5py.Dataset, target: h5py.Group, name: str, rows: int) -> None:
    if grows(source):
        chunks = (min(max(rows, 1), source.chunks[0]), *source.chunks[1:])
        shape = (rows, *source.shape[1:])
        copy = target.create_dataset(name, shape, source.dtype, maxshape=source.maxshape, chunks=chunks, **COMPRESSION)
        for start in range(0, rows, BLOCK):
            end = min(start + BLOCK, rows)
            copy[start:end] = source[start:end]
    else:
        copy = target.create_dataset(name, data=source[()], dtype=source.dtype)
    _copy_attributes(source, copy)
    if source.is_scale:
        copy.make_scale(name)


def _copy_attributes(source: h5py.Group | h5py.Dataset, target: h5py.Group | h5py.Dataset) -> None:
    for name, value in source.attrs.items():
        if name not in SCALE_ATTRIBUTES:
            target.attrs[name] = value


def _attach_scales(source: h5py.Dataset, target: h5py.Dataset) -> None:
    for index, dimension in enumerate(source.dims):
        for scale in dimension.values():
            target.dims[index].attach_scale(target.parent[scale.name.rsplit("/", 1)[1]])
