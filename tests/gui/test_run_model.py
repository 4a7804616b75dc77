"""The state machine of a run, fed with events, without Qt."""

import pytest

from gui.run_model import Exit, Outputs, Phase, RunModel, Tone, time_left

STARTED = {
    "event": "started", "run_id": "1", "file": "a.live.h5", "experiment": "x", "title": "X", "emulated": True,
    "total": 4, "columns": [{"name": "conductance", "unit": "S", "long_name": "G"}, {"name": "status", "unit": "1"}],
    "instruments": [],
}  # fmt: skip
ROWS = {"event": "rows", "first": 0, "columns": {"conductance": [1e-6, None], "status": [0, 3]}}
ON = {"event": "outputs", "on": ["smu.a"]}


def finished(status: str = "complete", *, off: bool = True, reason: str = "") -> dict[str, object]:
    return {
        "event": "finished", "status": status, "reason": reason, "file": "a.h5", "outputs_off": off,
        "figures": {"g": {"value": 1.0, "unit": "S", "label": "G"}},
    }  # fmt: skip


@pytest.fixture
def running() -> RunModel:
    model = RunModel()
    model.begin("X")
    model.hear(STARTED)
    model.hear(ON)
    model.hear(ROWS)
    return model


def test_a_run_from_start_to_end(running: RunModel) -> None:
    assert running.phase is Phase.RUNNING
    assert running.outputs is Outputs.ON
    assert len(running.rows) == 2
    assert running.doubtful_rows == 1
    running.hear({"event": "progress", "done": 1, "total": 4, "seconds_left": 3.0, "on_disk": 1})
    assert running.fraction == 0.25
    running.hear(finished())
    assert running.outputs is Outputs.OFF
    assert running.active  # its process still closes down
    assert not running.process_ended(Exit(0, crashed=False))
    assert running.phase is Phase.ENDED
    assert (running.file, running.status, running.tone) == ("a.h5", "complete", Tone.GOOD)
    assert set(running.figures) == {"g"}


def test_outputs_are_never_called_off_by_an_outputs_event_alone(running: RunModel) -> None:
    running.hear({"event": "outputs", "on": []})
    assert running.outputs is Outputs.ON


@pytest.mark.parametrize("phase_maker", ["begin", "running", "paused"])
def test_abort_works_in_every_state_of_a_run(running: RunModel, phase_maker: str) -> None:
    if phase_maker == "begin":
        running.begin("X")
    if phase_maker == "paused":
        running.pause(True)
    running.ask_abort()
    running.ask_abort()
    assert (running.phase, running.tone) == (Phase.ABORTING, Tone.BAD)


def test_a_late_start_does_not_hide_an_abort() -> None:
    model = RunModel()
    model.begin("X")
    model.ask_abort()
    model.hear(STARTED)
    assert model.phase is Phase.ABORTING


def test_abort_without_a_run_changes_nothing() -> None:
    model = RunModel()
    model.ask_abort()
    assert model.phase is Phase.IDLE


@pytest.mark.parametrize(
    ("end", "needs_off"),
    [
        (Exit(-9, crashed=True), True),
        (Exit(0, crashed=False), True),  # without a word
        (Exit(1, crashed=False), True),  # after it had started
    ],
)
def test_a_started_run_that_ends_without_finished_needs_to_be_switched_off(
    running: RunModel, end: Exit, needs_off: bool
) -> None:
    assert running.process_ended(end) is needs_off
    assert running.outputs is not Outputs.OFF


@pytest.mark.parametrize(("code", "crashed", "needs_off"), [(1, False, False), (2, False, False), (1, True, True)])
def test_a_refusal_needs_nothing_but_a_crash_while_starting_does(code: int, crashed: bool, needs_off: bool) -> None:
    model = RunModel()
    model.begin("X")
    assert model.process_ended(Exit(code, crashed, "because")) is needs_off
    assert ("because" in model.sentence) is not needs_off


def test_finished_without_outputs_off_needs_to_be_switched_off(running: RunModel) -> None:
    running.hear(finished("failed", off=False, reason="smu: no answer"))
    assert running.outputs is Outputs.UNCONFIRMED
    assert running.process_ended(Exit(1, crashed=False))


@pytest.mark.parametrize(("code", "outputs"), [(0, Outputs.OFF), (1, Outputs.UNCONFIRMED)])
def test_only_a_successful_off_confirms(running: RunModel, code: int, outputs: Outputs) -> None:
    running.process_ended(Exit(9, crashed=True))
    running.switching_off("It died.", asked_for=False)
    assert running.outputs is Outputs.UNCONFIRMED
    running.switched_off(Exit(code, crashed=False, detail="no answer"))
    assert (running.outputs, running.tone, running.active) == (outputs, Tone.BAD, False)


def test_a_new_run_forgets_the_last_one_but_not_what_is_known_of_the_outputs(running: RunModel) -> None:
    running.hear(finished())
    running.process_ended(Exit(0, crashed=False))
    running.begin("Y")
    assert (running.done, len(running.rows), running.figures, running.status) == (0, 0, {}, "")
    assert running.outputs is Outputs.OFF


def test_unknown_events_are_ignored(running: RunModel) -> None:
    running.hear({"event": "weather", "sun": True})
    assert running.phase is Phase.RUNNING


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (float("nan"), ""), (71.2, "1:12 left"), (7390.0, "2:03:10 left"), (-1, "0:00 left")],
)
def test_time_left(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text
