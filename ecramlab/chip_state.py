"""The whole state of an emulated chip in an HDF5 file: what is loaded goes on with the same bits as what was saved.

The file holds one dataset for each array of :meth:`emulator.Chip.state`, "chip/array/_devices" (quantity, device) among
them, and "header", JSON text with everything else: the device model, seed, faults, temperatures and the time.
"""

import json
from pathlib import Path
from typing import Any

import h5py

from ecramlab import __version__
from ecramlab.runs.checksums import fingerprint
from ecramlab.runs.disk import OVERHEAD, require_free, sync_file, sync_folder
from ecramlab.runs.layout import write_json
from emulator import Chip, VirtualClock
from emulator.snapshot import Snapshot, SnapshotError

FILE_FORMAT, FORMAT_VERSION = "ecramlab-chip-state", 1
_HEADER, _CHIP, _CLOCK = "header", "chip", "clock"
_CHUNK = 65_536  # devices compressed together
_NOT_FINITE = {"inf", "-inf", "nan"}  # numbers that JSON has not


class ChipStateError(OSError):
    """A chip could not be saved or loaded. The message names the file, what is wrong, and what to do."""


def save_chip(path: str | Path, chip: Chip, clock: VirtualClock) -> None:
    """Write the state of a chip and its clock [s]; an earlier file of that name is replaced once all is on the disk.

    Time that has passed is worked out first, as by a measurement. Waveforms that run at the pads and wires are no part
    of the chip. Raises ChipStateError, or DiskSpaceLow before anything is written, and then leaves an earlier file.
    """
    path = Path(path)
    state = Snapshot({_CLOCK: list(clock.parts)}).with_part(_CHIP, chip.state())
    require_free(path, OVERHEAD + sum(array.nbytes for array in state.arrays.values()), "the state of a chip")
    part = path.with_name(path.name + ".part")
    try:
        with h5py.File(part, "w") as file:
            _write(file, state)
        sync_file(part)
        part.replace(path)
        sync_folder(path.parent)
    except (OSError, RuntimeError) as error:  # h5py tells a failed write in either way
        part.unlink(missing_ok=True)
        raise ChipStateError(f"{path}: the state of the chip was not saved ({error})") from error


def load_chip(path: str | Path) -> tuple[Chip, VirtualClock]:
    """Build the chip and the clock of a saved state; they go on as if they had never stopped.

    Raises ChipStateError for a file that is missing, not a state of a chip, damaged, or of a later version.
    """
    path = Path(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        reason = "no such file" if not path.exists() else f"cannot be read as HDF5: {error}"
        raise ChipStateError(f"{path}: {reason}. Give a file that save_chip has written.") from error
    with file:
        _check_format(path, file)
        try:
            state = _read(file)
            return Chip.restored(state.part(_CHIP)), VirtualClock(*state.header[_CLOCK])
        except SnapshotError as error:
            raise ChipStateError(f"{path}: {error}. It was saved by another version; save it anew.") from error
        except Exception as error:  # damaged bytes may raise whatever they like
            raise ChipStateError(f"{path}: damaged ({error}). Use another copy of it.") from error


def _write(file: h5py.File, state: Snapshot) -> None:
    creator = f"ecramlab {__version__}"
    file.attrs.update({"file_format": FILE_FORMAT, "format_version": FORMAT_VERSION, "creator": creator})
    written = [write_json(file, _HEADER, state.header)]
    for name, array in state.arrays.items():
        chunks = (*(1 for _ in array.shape[:-1]), min(array.shape[-1], _CHUNK)) if array.size else None
        packing = {"chunks": chunks, "compression": "gzip", "compression_opts": 1, "shuffle": True} if chunks else {}
        written.append(file.create_dataset(name, data=array, **packing))
    file.attrs["checksums"] = json.dumps({item.name: fingerprint(item) for item in written})


def _check_format(path: Path, file: h5py.File) -> None:
    found, version = file.attrs.get("file_format"), file.attrs.get("format_version")
    if found != FILE_FORMAT:
        raise ChipStateError(f"{path}: an HDF5 file, but not the state of a chip. Give a file of save_chip.")
    if version > FORMAT_VERSION:
        raise ChipStateError(
            f"{path}: format version {version}, but this ecramlab knows versions up to {FORMAT_VERSION}. "
            "Update ecramlab."
        )


def _read(file: h5py.File) -> Snapshot:
    listed = json.loads(file.attrs["checksums"])
    for name, checksum in listed.items():
        if fingerprint(file[name]) != checksum:
            raise ValueError(f"{name} does not match its checksum")
    header = _numbers(json.loads(file[_HEADER][()]))
    names = [name.removeprefix("/") for name in listed if name != f"/{_HEADER}"]
    return Snapshot(header, {name: file[name][()] for name in names})


def _numbers(value: Any) -> Any:
    """A structure of JSON with the text of numbers that are not finite turned back into them."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) if isinstance(value, str) and value in _NOT_FINITE else value
