"""Room on the disk, and what makes a write last through a power cut."""

import math
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from ecramlab.runs.errors import DiskSpaceLow

RESERVE = 256_000_000  # bytes that a run leaves free: HDF5 does not survive a full disk
OVERHEAD = 1_000_000  # bytes: groups, attributes, the first chunk of the events
CHUNK = 16_384  # rows of a column that are allocated together


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(path: Path) -> int:
    """Free space [bytes] of the disk that holds `path`, or would hold it once made."""
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return shutil.disk_usage(existing).free


def estimated_bytes(item_sizes: Iterable[int], rows: int) -> int:
    """Size [bytes] of a live file: its columns grow by whole chunks."""
    chunks = max(1, math.ceil(rows / CHUNK))
    return OVERHEAD + chunks * CHUNK * sum(item_sizes)


def require_free(path: Path, needed: int, purpose: str) -> None:
    """Raise DiskSpaceLow unless `needed` bytes are free where `path` lies."""
    free = free_bytes(path)
    if free < needed:
        raise DiskSpaceLow(
            f"{path}: {megabytes(free)} free, but {purpose} needs {megabytes(needed)}. "
            f"Free some space, or choose a run folder on another disk."
        )


def megabytes(size: int) -> str:
    """A size in words."""
    return f"{size / 1e6:,.0f} MB"
