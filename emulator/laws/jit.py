"""How the laws are compiled, and how a change of one of them reaches the compiled code on disk."""

import zlib
from pathlib import Path

from numba import njit

# Laws are compiled into the entry point: no wrappers and no files of their own.
law = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


def revision() -> int:
    """Checksum of all files of laws. Numba by itself compares the file of the entry point alone."""
    checksum = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        checksum = zlib.crc32(path.read_bytes(), checksum)
    return checksum
