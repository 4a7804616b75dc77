"""A bench as the window uses it: starts runs in a child process, listens to them, and gets the outputs off.

One timer, 30 times a second while something goes on, drains events before rows, so that "finished" is never shown
before the last points. Abort does not pass through it: the request leaves at once.
"""

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gui.commands import BenchChoice, Launcher, RunRequest, twin
from gui.process import BenchProcess, ChildProcess
from gui.run_model import Event, Exit, Phase, RunModel

TICK = 33  # ms
ANSWER_WITHIN = 1.0  # s from abort to the first word on outputs; then the process is killed
SEAL_WITHIN = 30.0  # s from "outputs off" to "finished": the run file is being closed
EXIT_WITHIN = 5.0  # s from "finished" to the end of the process
OFF_WITHIN = 30.0  # s for `ecramlab off` or `ecramlab check`
_SLICE = 0.02  # s


class Session(QObject):
    """Runs, checks and switches off one bench at a time. `changed`: look at `model` again; `said`: (level, text)."""

    changed = Signal()
    said = Signal(str, str)

    def __init__(self, launcher: Launcher | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = RunModel()
        self.answer_within = ANSWER_WITHIN
        self._launcher = launcher or Launcher()
        self._bench = BenchProcess(self)
        self._helper = ChildProcess(self)  # `off` or `check`
        self._helper_is_off = False
        self._choice: BenchChoice | None = None
        self._deadline: tuple[float, str] | None = None  # (monotonic time, sentence if it passes)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def busy(self) -> bool:
        """True while any process of ours runs or its end was not dealt with."""
        return self._bench.pending or self._helper.pending or self.model.active

    @property
    def bench_pid(self) -> int | None:
        """Process id of the bench process, None when none runs."""
        return self._bench.pid

    # -- what the user does ---------------------------------------------------------------------------
    def run(self, request: RunRequest, title: str) -> None:
        """Start a run. Nothing happens while something else goes on."""
        if self.busy:
            return
        self._choice = request.bench
        self.model.begin(title)
        self._announce(request.arguments)
        self._bench.start(self._launcher.run(request))
        self._go()

    def pause(self, paused: bool) -> None:
        """Hold the run before its next point, or go on."""
        self._bench.send_line("pause" if paused else "resume")
        self.model.pause(paused)
        self.changed.emit()

    def abort(self, choice: BenchChoice | None) -> None:
        """Outputs off, in every state: asks the run to end, or runs `ecramlab off` for `choice` when there is none."""
        if self._bench.running:
            self._abort_run()
        elif choice is not None and not self._switching_off:
            self._helper.kill()  # a check can wait
            self._choice = choice
            self._switch_off("Asked for.", asked_for=True)
        self.changed.emit()

    def check(self, choice: BenchChoice) -> None:
        """Compare the instruments with the bench file; what it finds goes to the log."""
        if not self.busy:
            self._announce(["check", *choice.arguments])
            self._helper_is_off = False
            self._helper.start(self._launcher.check(choice))
            self._set_deadline(OFF_WITHIN, "ecramlab check did not end in time.")
            self._go()

    def end_now(self) -> None:
        """Blocks until the outputs are off and no process is left: the last resort of an application that quits."""
        if self._bench.running:
            self._abort_run()
        while self.busy:  # ends: there is a deadline for each step
            self._bench.wait(_SLICE)
            self._helper.wait(_SLICE)
            self._tick()

    # -- the way to outputs off -----------------------------------------------------------------------
    @property
    def _switching_off(self) -> bool:
        return self._helper.running and self._helper_is_off

    def _abort_run(self) -> None:
        if self.model.phase not in (Phase.ABORTING, Phase.FINISHING):
            self._set_deadline(self.answer_within, "The run did not answer the abort in time and was killed.")
        self.model.ask_abort()
        self.changed.emit()  # the banner is red before anything else happens
        self._bench.send_line("abort")  # where there are no signals
        self._bench.terminate()

    def _switch_off(self, why: str, *, asked_for: bool) -> None:
        assert self._choice is not None
        self._deadline = None
        self.model.switching_off(why, asked_for=asked_for)
        self.said.emit("info" if asked_for else "error", self.model.sentence)
        self._announce(["off", *self._choice.arguments])
        self._helper_is_off = True
        if self._helper.running:  # killed a moment ago
            self._helper.wait(EXIT_WITHIN)
        self._helper.take_lines()
        self._helper.take_end()
        self._helper.start(self._launcher.off(self._choice))
        self._set_deadline(OFF_WITHIN, "ecramlab off did not end in time.")
        self._go()

    def _set_deadline(self, seconds: float, sentence: str) -> None:
        self._deadline = (time.monotonic() + seconds, sentence)

    def _check_deadline(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline[0]:
            self.said.emit("error", self._deadline[1])
            self._bench.kill()
            self._helper.kill()
            self._deadline = None

    # -- listening ----------------------------------------------------------------------------------------
    def _go(self) -> None:
        self._timer.start()
        self.changed.emit()

    def _announce(self, arguments: list[str]) -> None:
        self.said.emit("info", f"same as: {twin(arguments)}")

    def _tick(self) -> None:
        batch = self._bench.take()
        for event in batch.events:
            self._hear(event)
        for event in batch.rows:
            self._hear(event)
        if batch.end is not None:
            self._bench_ended(batch.end)
        self._listen_to_helper()
        self._check_deadline()
        if not self.busy:
            self._timer.stop()
        self.changed.emit()

    def _hear(self, event: Event) -> None:
        try:
            self.model.hear(event)
        except (KeyError, TypeError, ValueError) as error:
            self.said.emit("warning", f"event {event['event']!r} of the bench process not understood: {error!r}")
            return
        match event["event"]:
            case "message":
                self.said.emit(str(event.get("level", "info")), str(event.get("text", "")))
            case "started":
                self._note_start(event)
            case "outputs" if self.model.phase is Phase.ABORTING and not event["on"]:
                self._set_deadline(SEAL_WITHIN, "The outputs are off, but the run file was not closed in time.")
            case "finished":
                self._set_deadline(EXIT_WITHIN, "The run ended but its process did not; it was killed.")
                self.said.emit("info" if event["status"] == "complete" else "warning", self.model.sentence)

    def _note_start(self, event: Mapping[str, Any]) -> None:
        where = "EMULATED CHIP" if event["emulated"] else "REAL BENCH"
        self.said.emit("info", f"{event['title']} on the {where}, recording {event['file']}")

    def _bench_ended(self, end: Exit) -> None:
        why = self._why_gone(end)
        self._deadline = None
        early = self.model.phase is Phase.ABORTING and not self.model.started
        if self.model.process_ended(end):
            self._switch_off(why, asked_for=early)
        elif self.model.status == "refused":
            self.said.emit("error", self.model.sentence)

    def _why_gone(self, end: Exit) -> str:
        if self.model.finished_said:
            return "The run could not confirm that its outputs are off."
        if self.model.phase is Phase.ABORTING:
            return "Aborted; the bench process gave no answer." if self.model.started else "Aborted while starting."
        if end.crashed:
            return f"The bench process died (signal {end.code})." if end.code else "The bench process died."
        return f"The bench process ended without a word (exit code {end.code}). {end.detail}".strip()

    def _listen_to_helper(self) -> None:
        lines, end = self._helper.take_lines(), self._helper.take_end()
        for line in lines:
            if line.strip():
                self.said.emit("info", line)
        if end is None:
            return
        if end.code or end.crashed:
            self.said.emit("error", end.detail or f"ended with code {end.code}")
        self._deadline = None
        if self._helper_is_off:
            self.model.switched_off(end)
            self.said.emit("error" if end.code or end.crashed else "info", self.model.sentence)
