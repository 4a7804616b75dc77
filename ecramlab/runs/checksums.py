"""Fingerprints of the objects in a run file: SHA-256 of type, shape, values and attributes of each.

The same object has the same fingerprint in the live and in the sealed file: storage (chunks, compression, dimension
scales) does not count, and growing datasets count up to the last complete row.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from ecramlab.runs.layout import SCALE_ATTRIBUTES, complete_rows, grows

BLOCK = 1 << 20  # rows hashed or copied at once
CHECKSUMS = "/entry/checksums"


def fingerprints(file: h5py.File) -> dict[str, str]:
    """Fingerprint of each object by its path, "/" included, the list of checksums excluded."""
    return {"/": fingerprint(file), **dict(_walk(file))}


def fingerprint(item: h5py.Group | h5py.Dataset, rows: int | None = None) -> str:
    """Fingerprint of one object; of a dataset's first `rows` rows, where given."""
    digest = hashlib.sha256()
    if isinstance(item, h5py.Dataset):
        for block in _content(item, rows):
            digest.update(block)
    digest.update(_attributes(item).encode())
    return digest.hexdigest()


def _walk(group: h5py.Group) -> Iterator[tuple[str, str]]:
    rows = complete_rows(group)
    for item in group.values():
        if item.name == CHECKSUMS:
            continue
        is_table = isinstance(item, h5py.Dataset) and grows(item)
        yield item.name, fingerprint(item, rows if is_table else None)
        if isinstance(item, h5py.Group):
            yield from _walk(item)


def _content(dataset: h5py.Dataset, rows: int | None) -> Iterator[bytes]:
    if dataset.shape == ():
        value = dataset[()]
        yield _header(dataset, ())
        yield value if isinstance(value, bytes) else np.asarray(value).tobytes()
        return
    count = len(dataset) if rows is None else rows
    yield _header(dataset, (count, *dataset.shape[1:]))
    for start in range(0, count, BLOCK):
        yield dataset[start : min(start + BLOCK, count)].tobytes()


def _header(dataset: h5py.Dataset, shape: tuple[int, ...]) -> bytes:
    return f"{dataset.dtype.str} {shape};".encode()


def _attributes(item: h5py.Group | h5py.Dataset) -> str:
    names = sorted(set(item.attrs) - SCALE_ATTRIBUTES)
    return json.dumps([[name, *_attribute(item.attrs[name])] for name in names])


def _attribute(value: Any) -> tuple[str, Any]:
    if isinstance(value, str):
        return "text", value
    array = np.asarray(value)
    return array.dtype.str, array.tolist()
