"""Runs to test with: rows known by their number, written here or in a process of their own."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecramlab.runs import Run, RunWriter

SCRIPT = Path(__file__).with_name("writer_process.py")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def made() -> dict[str, Any]:
    """The names of writer_process.py."""
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="session")
def row(made: dict[str, Any]) -> Callable[[int], dict[str, float]]:
    return made["row"]


@pytest.fixture
def new_writer(made: dict[str, Any], tmp_path: Path) -> Iterator[Callable[..., RunWriter]]:
    writers: list[RunWriter] = []

    def make(folder: Path = tmp_path, **settings: Any) -> RunWriter:
        writers.append(made["new_writer"](folder, **settings))
        return writers[-1]

    yield make
    for writer in writers:
        writer.abandon()


@pytest.fixture
def sealed(new_writer: Callable[..., RunWriter], row: Callable[[int], dict[str, float]]) -> Path:
    """A sealed run of 300 rows."""
    writer = new_writer()
    writer.append([row(k) for k in range(300)])
    writer.event("warning", "compliance, Ω")
    return writer.seal("complete", settings_after={"smu": {"nplc": 2.0}})


@pytest.fixture
def start_writer() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts writer_process.py; what still lives at the end of the test is ended."""
    children: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, str(SCRIPT), *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        children.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        )
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def check_rows(row: Callable[[int], dict[str, float]]) -> Callable[[Run], int]:
    """Compares every value of a run with what was written; gives the number of rows."""

    def check(run: Run) -> int:
        expected = [row(k) for k in range(run.rows)]
        for name, values in run.columns.items():
            np.testing.assert_array_equal(values, [line[name] for line in expected], err_msg=name)
        return run.rows

    return check
