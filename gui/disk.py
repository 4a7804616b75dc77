"""Room left where runs are recorded."""

import shutil
import time
from functools import lru_cache
from pathlib import Path

_ASK_EVERY = 5.0  # seconds; a network drive may be slow to answer


def free_space(file: str) -> str:
    """ "free 64 GB" on the drive of `file`, or nothing when that cannot be told."""
    return _free_space(str(Path(file).parent), int(time.monotonic() / _ASK_EVERY))


@lru_cache(maxsize=1)
def _free_space(folder: str, _age: int) -> str:
    try:
        return f"free {shutil.disk_usage(folder).free / 1e9:,.0f} GB".replace(",", " ")
    except OSError:
        return ""
