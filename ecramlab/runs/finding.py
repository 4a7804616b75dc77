"""Finds a run by what a person remembers of it."""

from pathlib import Path

from ecramlab.runs.errors import RunFileError
from ecramlab.runs.hdf5 import open_to_read
from ecramlab.runs.naming import FINAL, ID_DIGITS, RunPaths

SHOWN = 5  # runs named in a message


def list_runs(folder: Path) -> list[Path]:
    """Run files in `folder`, oldest start first; the live file where there is no sealed one."""
    names = {RunPaths.of(path).name for path in folder.glob(f"*{FINAL}")}
    found = [path for name in names if (path := RunPaths(folder, name).existing()) is not None]
    return sorted(found, key=lambda path: (path.name.partition("_")[0], path.stat().st_mtime_ns))


def find_run(folder: Path, run: str) -> Path:
    """The run file that `run` means: a path, a file name in `folder`, the unique beginning of one, a run id, or "last".

    Raises RunFileError naming the runs that come into question.
    """
    for path in (Path(run), folder / run):
        if path.is_file():
            return path
    candidates = list_runs(folder)
    if not candidates:
        raise RunFileError(f"{run}: no such file, and no runs in {folder}")
    if run == "last":
        return candidates[-1]
    matches = [path for path in candidates if path.name.startswith(run)] or [
        path for path in candidates if _has_id(path, run)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise RunFileError(f"{run}: fits {len(matches)} runs in {folder} ({_names(matches)}); give more of the name")
    raise RunFileError(f"{run}: no such file, nor a run in {folder}; the latest are {_names(candidates)}")


def _has_id(path: Path, run: str) -> bool:
    """Whether `run` is the run id of a file, its beginning, or the digits of it in the file's name."""
    digits = RunPaths.of(path).name.rpartition("_")[2]
    if len(run) <= ID_DIGITS:
        return len(run) > 1 and digits.startswith(run)
    if not run.startswith(digits):
        return False
    with open_to_read(path) as file:
        return str(file.attrs.get("run_id", "")).startswith(run)


def _names(paths: list[Path]) -> str:
    shown = [RunPaths.of(path).name for path in paths[-SHOWN:]]
    return ", ".join(shown) + (", …" if len(paths) > SHOWN else "")
