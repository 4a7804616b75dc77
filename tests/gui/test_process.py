"""Child processes: lines, last words, ends; events in order."""

import sys

import pytest

from gui.process import BenchProcess, ChildProcess


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


@pytest.fixture
def run(qtbot, qapp):
    def run_to_its_end(process: ChildProcess, command: list[str]) -> None:
        process.start(command)
        qtbot.waitUntil(lambda: not process.running)

    return run_to_its_end


def test_lines_and_exit_code(run) -> None:
    process = ChildProcess()
    run(process, python("print('one'); print('two', end=''); raise SystemExit(3)"))
    assert process.take_end() is None  # lines first
    assert process.take_lines() == ["one", "two"]
    end = process.take_end()
    assert (end.code, end.crashed) == (3, False)
    assert process.take_end() is None  # told once


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Usage: …\n\nError: no such bench\n", "no such bench"),
        (
            "Error: pulse.amplitude: too much\npulse.width: too long\n",
            "pulse.amplitude: too much pulse.width: too long",
        ),
        ("Traceback …\nValueError: bad\n", "ValueError: bad"),
        ("", ""),
    ],
)
def test_the_last_words_are_the_sentence_of_the_error(run, text: str, detail: str) -> None:
    process = ChildProcess()
    run(process, python(f"import sys; sys.stderr.write({text!r}); sys.exit(1)"))
    assert process.take_end().detail == detail


def test_a_killed_process_counts_as_crashed(qtbot, qapp) -> None:
    process = ChildProcess()
    process.start(python("import signal; print('here', flush=True); signal.pause()"))
    qtbot.waitUntil(lambda: process.take_lines() == ["here"])
    process.kill()
    qtbot.waitUntil(lambda: not process.running)
    assert process.take_end().crashed


def test_a_program_that_does_not_exist_says_so(run) -> None:
    process = ChildProcess()
    run(process, ["/no/such/program"])
    end = process.take_end()
    assert end.crashed
    assert "/no/such/program cannot be started" in end.detail


def test_it_runs_in_a_session_of_its_own(run) -> None:
    """Ctrl-C in a terminal is for the window, which then ends the run in good order."""
    process = ChildProcess()
    run(process, python("import os; print(os.getsid(0) == os.getpid())"))
    assert process.take_lines() == ["True"]


def test_lines_on_stdin_arrive(qtbot, qapp) -> None:
    process = ChildProcess()
    process.start(python("print(input())"))
    process.send_line("pause")
    qtbot.waitUntil(lambda: not process.running)
    assert process.take_lines() == ["pause"]


def test_events_and_rows_are_sorted_and_rubbish_becomes_a_warning(run) -> None:
    process = BenchProcess()
    script = r"""
import sys
sys.stdout.buffer.write(b'{"event":"rows","first":0,"columns":{}}\n{"event":"finished"}\n')
sys.stdout.buffer.write(b'not json\n{"no":"event"}\n\xff\n')
"""
    run(process, python(script))
    batch = process.take()
    assert [event["event"] for event in batch.rows] == ["rows"]
    assert [event["event"] for event in batch.events] == ["finished", "message", "message", "message"]
    assert "not json" in batch.events[1]["text"]
    assert batch.end is not None


def test_two_programs_at_a_time_are_a_mistake(qtbot, qapp) -> None:
    process = ChildProcess()
    process.start(python("input()"))
    with pytest.raises(RuntimeError, match="running already"):
        process.start(python(""))
    process.send_line("")
    qtbot.waitUntil(lambda: not process.running)
