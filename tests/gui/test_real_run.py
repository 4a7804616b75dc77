"""The window with the real command line behind it, on the emulated bench: the whole house from click to curve."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.application import make_application, make_window
from gui.run_model import Outputs, Phase
from gui.session import Session
from tests.gui import conftest

START = 60_000  # ms: the first run of a fresh machine compiles the device kernels


@pytest.fixture
def window(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from ecramlab import bench_file

    monkeypatch.setenv("ECRAMLAB_RUNS", str(tmp_path))
    window = make_window(make_application(), Session())
    window.open_bench(bench_file.find("single-device"), emulate=True)
    window.show()
    yield window
    conftest._take_apart(window)


def test_a_curve_from_the_emulated_bench(qtbot, window, tmp_path: Path) -> None:
    editors = window.experiment.form.editors
    for path, count in (("up", "12"), ("down", "12"), ("cycles", "2")):
        editors[path].set_text(count)
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    model = window.session.model
    qtbot.waitUntil(lambda: not window.session.busy, timeout=START)
    assert (model.status, model.outputs) == ("complete", Outputs.OFF), window.log.lines.toPlainText()
    assert len(model.rows) == 1 + 2 * (12 + 12)
    conductance = model.rows.column("conductance")
    assert conductance[12] > conductance[0] > 0  # it potentiates
    assert conductance[24] < conductance[12]  # and depresses
    assert Path(model.file).parent == tmp_path
    assert Path(model.file).exists()
    assert window.figures.table.rowCount() > 3
    assert "EMULATED CHIP" in window.log.lines.toPlainText()


def test_abort_of_a_real_run_is_confirmed_without_force(qtbot, window) -> None:
    model = window.session.model
    editors = window.experiment.form.editors
    editors["cycles"].set_text("1000")
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: model.done > 5, timeout=START)
    drain = window.bench.tree.topLevelItem(0).child(1)
    assert drain.text(1) == "● ON"
    qtbot.keyClick(editors["up"].widget, Qt.Key.Key_Escape)
    assert model.phase is Phase.ABORTING
    qtbot.waitUntil(lambda: not window.session.busy, timeout=START)
    assert (model.status, model.outputs) == ("aborted", Outputs.OFF)
    assert "ecramlab off" not in window.strip.label.text()
    assert drain.text(1) == "○ off"
    assert Path(model.file).exists()  # the rows so far are kept
