"""Names of run files.

    NAME.lock      held by the writer as long as it lives
    NAME.live.h5   being written
    NAME.h5.part   sealed copy being written
    NAME.h5        sealed, read-only

with NAME = start in local time, sample, experiment and the first six digits of the run id, joined by "_".
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

LIVE, PART, LOCK, FINAL = ".live.h5", ".h5.part", ".lock", ".h5"
_SUFFIXES = (LIVE, PART, LOCK, FINAL)  # FINAL last: ".live.h5" ends with it
ID_DIGITS = 6


@dataclass(frozen=True)
class RunPaths:
    """The four files that one run may have during its life."""

    folder: Path
    name: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """From any of the four. Raises ValueError for a file that cannot be one of them."""
        for suffix in _SUFFIXES:
            if path.name.endswith(suffix) and path.name != suffix:
                return cls(path.parent, path.name.removesuffix(suffix))
        raise ValueError(f"{path}: a run file ends in {FINAL} or {LIVE}")

    @property
    def live(self) -> Path:
        """The file while it is written."""
        return self.folder / (self.name + LIVE)

    @property
    def part(self) -> Path:
        """The sealed copy while it is written."""
        return self.folder / (self.name + PART)

    @property
    def final(self) -> Path:
        """The sealed file."""
        return self.folder / (self.name + FINAL)

    @property
    def lock(self) -> Path:
        """The lock of the writing process."""
        return self.folder / (self.name + LOCK)

    def existing(self) -> Path | None:
        """The file to read: sealed if there is one, else live, else None."""
        return next((path for path in (self.final, self.live) if path.exists()), None)


def run_name(start: datetime, sample: str, experiment: str, run_id: str) -> str:
    """NAME of a run, for example 2026-03-14T21-05-09_W07-C3_potentiation-depression_5f3a9c."""
    parts = (start.strftime("%Y-%m-%dT%H-%M-%S"), _safe(sample), _safe(experiment), run_id[:ID_DIGITS])
    return "_".join(parts)


def _safe(text: str) -> str:
    """Only characters that every file system takes."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.") or "unnamed"
