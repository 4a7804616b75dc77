"""Starting the program, and its way out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gui
from gui import application, system_libraries

ROOT = Path(gui.__file__).parent.parent


def test_without_a_screen_it_says_so_instead_of_dying(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert gui.main(None, emulate=True) == 1
    assert "There is no screen here" in capsys.readouterr().err


def test_missing_libraries_are_named_instead_of_an_import_error(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(system_libraries, "missing", lambda _wanted: ["libEGL.so.1"])
    assert gui.main(None, emulate=True) == 1
    assert "Qt cannot start: libEGL.so.1 is missing. Debian/Ubuntu: apt-get install libegl1" in capsys.readouterr().err


def test_an_x11_screen_needs_more_libraries_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[str]] = []
    monkeypatch.setattr(system_libraries, "missing", lambda wanted: asked.append(set(wanted)) or [])
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    application.why_no_window()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    application.why_no_window()
    assert asked[0] - asked[1] == set(system_libraries.X11)


def test_importing_the_package_loads_no_qt() -> None:
    script = "import sys, gui, gui.system_libraries; print([m for m in sys.modules if 'PySide6' in m or m == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sigterm_in_the_middle_of_a_run_ends_run_and_program(tmp_path: Path, program, bench_path: Path) -> None:
    """The whole program in a process of its own, ended from outside."""
    script = f"""
from pathlib import Path
import gui.session, gui.commands, gui.window, gui.application
gui.session.Launcher = lambda: gui.commands.Launcher({program.command("endless")!r})
shown = gui.window.Window.show
def show_and_run(window):
    shown(window)
    window.session.changed.connect(lambda: window.session.model.done > 20 and print("running", flush=True))
    window.run()
gui.window.Window.show = show_and_run
raise SystemExit(gui.application.main(Path({str(bench_path)!r}), emulate=True))
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait(timeout=20) == 0
    assert [call[0] for call in program.calls] == ["run"]  # the run answered, nothing had to be forced
    assert json.loads(program.record.read_text().splitlines()[0])[0] == "run"


def test_an_application_that_quits_leaves_nothing_on(qtbot, open_window, program) -> None:
    window = open_window("endless")
    window.run()
    qtbot.waitUntil(lambda: window.session.model.done > 0)
    window.session.end_now()
    assert not window.session.busy
    assert window.session.model.outputs.value == "confirmed off"


def test_an_application_that_quits_switches_off_what_does_not_answer(qtbot, open_window, program) -> None:
    window = open_window("deaf")
    window.session.answer_within = 0.2
    window.run()
    qtbot.waitUntil(lambda: window.session.model.done > 0)
    window.session.end_now()
    assert [call[0] for call in program.calls] == ["run", "off"]
    assert window.session.model.outputs.value == "confirmed off"
