"""Running an experiment from the window, as a person would."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.run_model import Outputs, Phase, Tone

ROWS = 301  # of the stand-in: the start, and three cycles of 50 up and 50 down


def click_run(qtbot, window):
    qtbot.mouseClick(window.bar.run, Qt.MouseButton.LeftButton)


def wait_until_idle(qtbot, window):
    qtbot.waitUntil(lambda: not window.session.busy, timeout=10_000)


def log_text(window):
    return window.log.lines.toPlainText()


def test_a_click_on_run_measures_a_curve_and_shows_how_it_ended(qtbot, open_window):
    window = open_window()
    assert window.bar.run.isEnabled()
    click_run(qtbot, window)
    assert not window.bar.run.isEnabled()
    wait_until_idle(qtbot, window)

    assert "Complete: 301 rows. Outputs confirmed off." in window.strip.label.text()
    assert window.strip.tone is Tone.GOOD
    assert window.bar.progress.text() == "COMPLETE  100%"
    assert window.session.model.outputs is Outputs.OFF
    assert window.bar.run.isEnabled()
    assert "301 rows, 301 on disk" in window.recording.text()


def test_the_live_curve_has_both_branches_with_gaps(qtbot, open_window):
    window = open_window()
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    curves = {kind.name: curve.getOriginalDataset() for kind, curve in window.live.curves.items()}
    assert set(curves) == {"potentiation", "depression"}
    x, y = curves["potentiation"]
    assert len(x) == ROWS
    assert np.isfinite(y[0:51]).all()  # the start and 50 pulses
    assert np.isnan(y[51:100]).all()  # depression, but for its end, where potentiation starts again
    assert y[50] == pytest.approx(4e-6)
    assert y[0] == pytest.approx(1e-6)
    _, y = curves["depression"]
    assert np.isnan(y[0:50]).all()
    assert y[50] == pytest.approx(4e-6)  # the end of one branch is the start of the next
    assert y[100] == pytest.approx(1e-6)


def test_when_finished_is_shown_the_last_points_are_shown_as_well(qtbot, open_window):
    """Everything comes in one piece: rows and "finished" in the same tick."""
    window = open_window()
    points_at_finish = []

    def look():
        model = window.session.model
        if model.phase in (Phase.FINISHING, Phase.ENDED) and not points_at_finish:
            curve = next(iter(window.live.curves.values()))
            points_at_finish.append(len(curve.getOriginalDataset()[0]))

    window.session.changed.connect(look)
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    assert points_at_finish == [ROWS]


def test_figures_of_merit_appear_at_the_end(qtbot, open_window):
    window = open_window()
    assert window.figures.empty.isVisible()
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    table = window.figures.table
    shown = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount())}
    assert shown["Lowest conductance"] == "1.02 µS"
    assert shown["On/off ratio"] == "4.52"
    assert not window.figures.empty.isVisible()


def test_the_command_line_twin_stands_in_the_log_and_is_what_was_started(qtbot, open_window, program, bench_path):
    window = open_window()
    window.experiment.form.assign({"cycles": "7", "pulse.width": "10 ms"})
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    expected = ["run", "potentiation-depression", "--bench", str(bench_path), "--emulate"]
    expected += ["--set", "cycles=7", "--set", "pulse.width=10 ms", "--events"]
    assert program.calls == [expected]
    twin = f"same as: ecramlab run potentiation-depression --bench {bench_path} --emulate --set cycles=7"
    assert twin in log_text(window)


def test_real_and_emulated_differ_in_word_title_and_form(qtbot, open_window, program):
    window = open_window(emulate=False)
    assert window.windowTitle().startswith("REAL BENCH")
    assert window.bar.badge.text() == "⚡ REAL BENCH"
    real_look = window.bar.badge.styleSheet()
    qtbot.mouseClick(window.bench.emulated, Qt.MouseButton.LeftButton)
    assert window.windowTitle().startswith("EMULATED")
    assert window.bar.badge.text() == "EMULATED CHIP"
    assert window.bar.badge.styleSheet() != real_look
    qtbot.mouseClick(window.bench.real, Qt.MouseButton.LeftButton)
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    assert "--emulate" not in program.calls[0]
    assert "REAL BENCH" in log_text(window)


def test_parameters_are_read_only_but_not_greyed_during_a_run(qtbot, open_window):
    window = open_window("endless")
    click_run(qtbot, window)
    qtbot.waitUntil(lambda: window.session.model.phase is Phase.RUNNING)
    editor = window.experiment.form.editors["pulse.amplitude"]
    before = editor.text()
    assert editor.widget.isEnabled()  # not greyed
    editor.widget.setFocus()
    qtbot.keyClicks(editor.widget, "9")
    qtbot.keyClick(editor.widget, Qt.Key.Key_Up)
    assert editor.text() == before
    window.abort()
    wait_until_idle(qtbot, window)
    qtbot.keyClick(editor.widget, Qt.Key.Key_Up)
    assert editor.text() != before


def test_outputs_are_shown_per_terminal_by_sign_and_word(qtbot, open_window):
    window = open_window("endless")
    gate = window.bench.tree.topLevelItem(0).child(0)
    assert (gate.text(0).split(), gate.text(1)) == (["gate", "pulser.1"], "–")
    click_run(qtbot, window)
    qtbot.waitUntil(lambda: gate.text(1) == "● ON")
    window.abort()
    wait_until_idle(qtbot, window)
    assert gate.text(1) == "○ off"


def test_doubtful_rows_are_counted_while_it_runs(qtbot, open_window):
    window = open_window("endless")
    click_run(qtbot, window)
    qtbot.waitUntil(lambda: "1 of its rows are doubtful: compliance" in window.strip.label.text())


def test_pause_holds_the_run_and_the_same_button_goes_on(qtbot, open_window):
    window = open_window("endless")
    click_run(qtbot, window)
    model = window.session.model
    qtbot.waitUntil(lambda: model.done > 10)
    qtbot.mouseClick(window.bar.pause, Qt.MouseButton.LeftButton)
    assert model.phase is Phase.PAUSED
    assert window.bar.progress.text().startswith("PAUSED")
    settled = []

    def rows_stand_still():
        settled.append(model.done)
        return len(settled) > 5 and len(set(settled[-5:])) == 1

    qtbot.waitUntil(rows_stand_still)
    held_at = model.done
    qtbot.mouseClick(window.bar.pause, Qt.MouseButton.LeftButton)
    assert model.phase is Phase.RUNNING
    qtbot.waitUntil(lambda: model.done > held_at)


def test_f5_runs(qtbot, open_window):
    window = open_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.session.busy)
    wait_until_idle(qtbot, window)


def test_a_second_run_replaces_the_first(qtbot, open_window, program):
    window = open_window()
    for _ in range(2):
        click_run(qtbot, window)
        wait_until_idle(qtbot, window)
    assert len(program.calls) == 2
    assert len(window.session.model.rows) == ROWS


def test_a_refusal_is_shown_with_its_sentence(qtbot, open_window, program):
    window = open_window("refuse")
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    assert "Not started: pulse.amplitude: 12 V is beyond the chip's limit of 5 V." in window.strip.label.text()
    assert window.strip.tone is Tone.BAD
    assert [call[0] for call in program.calls] == ["run"]  # nothing was on: nothing to switch off


def test_rubbish_on_stdout_is_told_and_does_no_harm(qtbot, open_window):
    window = open_window("garbage")
    click_run(qtbot, window)
    wait_until_idle(qtbot, window)
    text = log_text(window)
    assert "not understood from the bench process: Segmentation fault, or so" in text
    assert "(5000 characters)" in text
    assert "x" * 200 not in text
    assert len(window.session.model.rows) == ROWS
    assert window.session.model.outputs is Outputs.OFF


def test_check_reports_to_the_log(qtbot, open_window, program, bench_path):
    window = open_window()
    qtbot.mouseClick(window.bench.check, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert program.calls == [["check", str(bench_path), "--emulate"]]
    assert "every instrument answers as expected" in log_text(window)


def test_a_pulse_beyond_the_limit_disables_run_and_says_why(qtbot, open_window):
    window = open_window()
    editor = window.experiment.form.editors["pulse.amplitude"]
    editor.widget.lineEdit().selectAll()
    qtbot.keyClicks(editor.widget, "7 V")
    assert not window.bar.run.isEnabled()
    assert "7 V is beyond the chip's limit of 5 V" in window.experiment.problem.text()
    assert "beyond the limit" in window.waveform.heading.text()
    assert editor.widget.property("wrong") is True
    editor.widget.lineEdit().selectAll()
    qtbot.keyClicks(editor.widget, "3 V")
    assert window.bar.run.isEnabled()
    assert window.waveform.heading.text() == "GATE WAVEFORM"


def test_a_bench_file_that_cannot_be_used_says_what_is_wrong_and_run_stays_off(qtbot, open_window, tmp_path):
    window = open_window()
    bad = tmp_path / "bad.yaml"
    bad.write_text("instruments: {smu: {driver: unheard_of, resource: GPIB0::1::INSTR}}\n")
    window.open_bench(bad, emulate=True)
    assert not window.bar.run.isEnabled()
    assert "unheard_of" in window.bench.note.text()
    assert "no bench" in window.windowTitle()


def test_a_label_with_text_is_drawn_with_text(qtbot, open_window):
    """Without any font Qt draws empty labels and says nothing: two colours instead of hundreds."""
    window = open_window()
    image = window.bar.badge.grab().toImage()
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(colours) > 50
    assert QApplication.instance().font().family()
