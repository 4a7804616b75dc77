"""Abort: by button, by Esc wherever the focus is, and when the bench process does not answer, is stopped or dead."""

import os
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QSpinBox, QVBoxLayout

from gui.run_model import Outputs, Phase, Tone


@pytest.fixture
def running(qtbot, open_window):
    """Opens a window whose run goes on until it is told to end, and waits until it does."""

    def start(behaviour="endless"):
        window = open_window(behaviour)
        window.session.answer_within = 0.3
        qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.session.model.done > 0, timeout=10_000)
        return window

    return start


def wait_until_idle(qtbot, window):
    qtbot.waitUntil(lambda: not window.session.busy, timeout=10_000)


def assert_aborted_cleanly(window, program):
    assert window.session.model.status == "aborted"
    assert window.session.model.outputs is Outputs.OFF
    assert "Outputs confirmed off." in window.strip.label.text()
    assert window.strip.tone is Tone.GOOD
    assert [call[0] for call in program.calls] == ["run"]  # it answered: no need for `ecramlab off`


def assert_switched_off_from_outside(window, program, bench_path):
    assert program.calls[1:] == [["off", str(bench_path), "--emulate"]]
    assert window.session.model.outputs is Outputs.OFF
    assert window.strip.tone is Tone.BAD
    assert "Outputs confirmed off by ecramlab off." in window.strip.label.text()
    assert f"same as: ecramlab off {bench_path} --emulate" in window.log.lines.toPlainText()


def test_the_button_aborts_and_the_banner_is_red_at_once(qtbot, running, program):
    window = running()
    qtbot.mouseClick(window.bar.abort, Qt.MouseButton.LeftButton)
    assert window.strip.tone is Tone.BAD
    assert "ABORTING" in window.strip.label.text()
    assert window.session.model.outputs is Outputs.ON  # not claimed to be off before it was said
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_rows_measured_before_an_abort_stay_on_the_screen(qtbot, running):
    window = running()
    window.abort()
    wait_until_idle(qtbot, window)
    assert len(window.session.model.rows) == window.session.model.done > 0


def test_esc_aborts_with_the_focus_in_a_spin_box(qtbot, running, program):
    window = running()
    spin_box = window.experiment.form.editors["cycles"].widget
    assert isinstance(spin_box, QSpinBox)
    spin_box.setFocus()
    qtbot.keyClick(spin_box, Qt.Key.Key_Escape)
    assert window.session.model.phase is Phase.ABORTING
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_esc_aborts_with_the_focus_in_the_tree_of_the_bench(qtbot, running, program):
    window = running()
    window.bench.tree.setFocus()
    qtbot.keyClick(window.bench.tree, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_esc_aborts_with_a_modal_dialog_open(qtbot, running, program):
    window = running()
    dialog = QDialog(window)
    dialog.setModal(True)
    QVBoxLayout(dialog).addWidget(QSpinBox())
    dialog.open()
    qtbot.waitUntil(dialog.isVisible)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.session.model.phase is Phase.ABORTING
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)
    assert dialog.isVisible()  # the key was for the abort
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()  # without a run it closes dialogs as ever


def test_esc_aborts_without_an_active_window(qtbot, running, program):
    window = running()
    window.clearFocus()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_aborting_again_and_again_changes_nothing(qtbot, running, program):
    window = running()
    for _ in range(5):
        window.abort()
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_abort_of_a_paused_run(qtbot, running, program):
    window = running()
    window.session.pause(True)
    window.abort()
    wait_until_idle(qtbot, window)
    assert_aborted_cleanly(window, program)


def test_a_run_that_does_not_answer_is_killed_and_switched_off_from_outside(qtbot, running, program, bench_path):
    window = running("deaf")
    window.abort()
    qtbot.waitUntil(lambda: window.session.model.phase is Phase.SWITCHING_OFF, timeout=5000)
    assert window.session.model.outputs is Outputs.UNCONFIRMED
    wait_until_idle(qtbot, window)
    assert_switched_off_from_outside(window, program, bench_path)
    assert "did not answer the abort in time" in window.log.lines.toPlainText()


def test_a_stopped_bench_process_is_killed_and_switched_off_from_outside(qtbot, running, program, bench_path):
    window = running()
    os.kill(window.session.bench_pid, signal.SIGSTOP)
    window.abort()
    wait_until_idle(qtbot, window)
    assert_switched_off_from_outside(window, program, bench_path)


def test_a_killed_bench_process_is_noticed_and_switched_off_from_outside(qtbot, running, program, bench_path):
    window = running()
    os.kill(window.session.bench_pid, signal.SIGKILL)
    wait_until_idle(qtbot, window)
    assert_switched_off_from_outside(window, program, bench_path)
    assert "The bench process died (signal 9)." in window.strip.label.text()
    assert window.session.model.status == "failed"


def test_a_bench_process_that_ends_without_a_word_is_switched_off_from_outside(qtbot, open_window, program, bench_path):
    window = open_window("vanish")
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert_switched_off_from_outside(window, program, bench_path)
    assert "ended without a word" in window.strip.label.text()


def test_a_run_that_cannot_confirm_is_switched_off_from_outside(qtbot, open_window, program, bench_path):
    window = open_window("unconfirmed")
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert_switched_off_from_outside(window, program, bench_path)


def test_when_switching_off_fails_it_says_so_and_never_claims_off(qtbot, open_window):
    window = open_window("off-fails")
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert "OUTPUTS NOT CONFIRMED OFF: smu: no answer Look at the instruments." in window.strip.label.text()
    assert window.strip.tone is Tone.BAD
    assert window.session.model.outputs is Outputs.UNCONFIRMED
    assert window.bench.tree.topLevelItem(0).child(0).text(1) == "? unknown"


def test_abort_without_a_run_switches_the_bench_off(qtbot, open_window, program, bench_path):
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert program.calls == [["off", str(bench_path), "--emulate"]]
    assert window.session.model.outputs is Outputs.OFF
    assert window.strip.tone is Tone.GOOD


def test_abort_while_the_program_is_still_starting(qtbot, open_window, program):
    window = open_window("endless")
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)
    window.abort()
    wait_until_idle(qtbot, window)
    assert window.session.model.outputs is Outputs.OFF


class TestClosing:
    """Closing the window during a run asks what shall happen to it."""

    @staticmethod
    def answer(qtbot, window, word):
        window.close()
        assert window.isVisible()
        box = window.findChild(QMessageBox)
        button = next(button for button in box.buttons() if word in button.text())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def test_back_leaves_everything_as_it_is(self, qtbot, running):
        window = running()
        self.answer(qtbot, window, "Back")
        assert window.isVisible()
        assert window.session.model.phase is Phase.RUNNING

    def test_stop_safely_closes_once_the_outputs_are_off(self, qtbot, running, program):
        window = running()
        with qtbot.waitSignal(window.closed, timeout=10_000):
            self.answer(qtbot, window, "Stop")
            assert window.isVisible()
        assert not window.isVisible()
        assert_aborted_cleanly(window, program)

    def test_keep_running_hides_the_window_until_the_run_has_ended(self, qtbot, running, program):
        window = running()
        with qtbot.waitSignal(window.closed, timeout=10_000):
            self.answer(qtbot, window, "Keep")
            assert not window.isVisible()
            assert window.session.model.phase is Phase.RUNNING
            os.kill(window.session.bench_pid, signal.SIGTERM)  # someone else ends it
        assert_aborted_cleanly(window, program)

    def test_a_hidden_window_comes_back_when_the_outputs_are_not_confirmed_off(self, qtbot, running, program):
        window = running("endless")
        self.answer(qtbot, window, "Keep")
        window.session._launcher = type(window.session._launcher)(program.command("off-fails"))
        os.kill(window.session.bench_pid, signal.SIGKILL)
        qtbot.waitUntil(window.isVisible, timeout=10_000)
        assert "NOT CONFIRMED OFF" in window.strip.label.text()

    def test_without_a_run_it_just_closes(self, qtbot, open_window):
        window = open_window()
        with qtbot.waitSignal(window.closed):
            window.close()
