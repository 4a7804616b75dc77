"""The state of an object as plain arrays and a header, from which an equal object can be built, bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

PART = "/"  # between the name of a part and that of one of its arrays


class SnapshotError(ValueError):
    """A snapshot that does not belong to the object it is put back into. The message names what does not fit."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """State at one moment.

    header: what JSON knows, and numbers that are not finite: mappings, lists, text, integers, numbers, truth values.
    arrays: by name; those of a part are called "<part>/<name>". Independent copies.
    """

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    def with_part(self, name: str, part: "Snapshot") -> "Snapshot":
        """This snapshot and that of a part of the object."""
        arrays = {f"{name}{PART}{key}": array for key, array in part.arrays.items()}
        return Snapshot(self.header | {name: part.header}, self.arrays | arrays)

    def part(self, name: str) -> "Snapshot":
        """The snapshot of a part; SnapshotError when there is none."""
        header = self.header.get(name)
        if not isinstance(header, dict):
            raise SnapshotError(f"no part {name!r} in this snapshot")
        start = name + PART
        return Snapshot(header, {key.removeprefix(start): a for key, a in self.arrays.items() if key.startswith(start)})


def arrays_of(thing: object) -> dict[str, NDArray[Any]]:
    """Copies of all arrays that an object holds, by the names of its attributes."""
    return {name: value.copy() for name, value in vars(thing).items() if isinstance(value, np.ndarray)}


def put_back(thing: object, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Fill the arrays of an object from those of a snapshot of its like.

    Raises SnapshotError, and changes nothing, unless names, types and shapes are those of the object's own arrays.
    """
    own = {name: value for name, value in vars(thing).items() if isinstance(value, np.ndarray)}
    kept = {name: array for name, array in arrays.items() if PART not in name}
    if kept.keys() != own.keys():
        raise SnapshotError(f"arrays {', '.join(sorted(kept.keys() ^ own.keys()))} are missing or not known here")
    for name, array in kept.items():
        if array.shape != own[name].shape or array.dtype != own[name].dtype:
            raise SnapshotError(
                f"array {name!r} is {array.dtype} {array.shape}, but {own[name].dtype} {own[name].shape} is needed"
            )
    for name, array in kept.items():
        own[name][...] = array
