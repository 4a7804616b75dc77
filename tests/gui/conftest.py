"""Qt without a screen; a stand-in for `ecramlab`, a bench file and a clean end for every test of the window."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui import system_libraries

HERE = Path(__file__).parent
BENCH = """
title: Bench of the tests
sample: T00-A0
instruments:
  pulser: {driver: keysight_33622a, resource: "TCPIP0::192.168.1.20::inst0::INSTR"}
  smu: {driver: keithley_2636b, resource: "GPIB0::26::INSTR"}
wiring: {pulser.1: chip.G0, smu.a: chip.D0, ground: chip.S0}
roles: {gate: pulser.1, drain: smu.a}
chip:
  limits: {gate_voltage: 5 V, pulse_width: 1 s}
emulation: {device: kim2019, seed: 1}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Qt."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.gui)


@pytest.fixture(autouse=True, scope="session")
def qt_can_start() -> None:
    """Missing libraries are a failure with a remedy, never a silent skip."""
    absent = system_libraries.missing()
    if absent:
        pytest.fail(system_libraries.sentence(absent), pytrace=False)


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before, "child processes left behind"


def children() -> set[str]:
    """Ids of the child processes of this one, zombies not counted."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            status = Path(f"/proc/{pid}/stat")
            if status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


class Program:
    """The stand-in for `ecramlab`: a command line, and a record of how it was called."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "calls.jsonl"

    def command(self, behaviour: str) -> tuple[str, ...]:
        """How to start it; see fake_program.py for what it can do."""
        return (sys.executable, str(HERE / "fake_program.py"), str(self.record), behaviour)

    @property
    def calls(self) -> list[list[str]]:
        """Arguments of every call so far."""
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def bench_path(tmp_path: Path) -> Path:
    path = tmp_path / "test-bench.yaml"
    path.write_text(BENCH, encoding="utf-8")
    return path


@pytest.fixture
def open_window(qtbot, program: Program, bench_path: Path) -> Iterator[Callable[..., object]]:  # type: ignore[no-untyped-def]
    """Opens windows on the bench of the tests; makes sure that nothing of them is left afterwards."""
    from gui.application import make_application, make_window
    from gui.commands import Launcher
    from gui.session import Session

    windows = []

    def open_one(behaviour: str = "quick", *, emulate: bool = True) -> object:
        window = make_window(make_application(), Session(Launcher(program.command(behaviour))))
        windows.append(window)
        window.open_bench(bench_path, emulate=emulate)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield open_one
    for window in windows:
        _take_apart(window)


def _take_apart(window) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    session = window.session
    session.end_now()
    assert not session.busy
    assert not [timer for timer in session.findChildren(QTimer) if timer.isActive()]
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window not in QApplication.topLevelWidgets()
