"""Runs one experiment: pulls its rows, stores them, tells listeners, and leaves the bench safe whatever happens."""

import logging
import math
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from drivers.errors import InstrumentError
from ecramlab import analysis
from ecramlab.bench import Bench
from ecramlab.events import Event, Finished, Listener, Message, Outputs, Progress, Rows, Started, Status
from ecramlab.experiment import Experiment, Row
from ecramlab.provenance import describe_run
from ecramlab.runs import RunFileError, RunWriter, open_run
from ecramlab.signals import shielded_from_signals
from ecramlab.stop import Aborted

_log = logging.getLogger(__name__)
TELL_EVERY = 1 / 30  # seconds between batches of rows for listeners


class Runner:
    """One run of one experiment on one open bench. Knows nothing of screens."""

    def __init__(
        self, experiment: Experiment[Any], bench: Bench, folder: Path, listeners: Sequence[Listener] = ()
    ) -> None:
        self._experiment, self._bench, self._folder, self._listeners = experiment, bench, folder, list(listeners)
        self._total = experiment.total_rows()
        self._waiting: list[Row] = []
        self._told = 0
        self._last_told = -math.inf
        self._first_row_at: float | None = None

    def run(self) -> Finished:
        """Do the run. Raises Refused, with nothing sent and no file made, if chip or bench do not allow it."""
        self._experiment.check(self._bench.file)
        writer = RunWriter.create(
            self._folder,
            experiment=self._experiment.name,
            title=self._experiment.title,
            columns=self._experiment.columns,
            provenance=describe_run(self._experiment, self._bench),
            estimated_rows=self._total,
        )
        status: Status
        try:
            self._tell_started(writer)
            status, reason = self._measure(writer)
        except KeyboardInterrupt:
            status, reason = "aborted", "Ctrl-C, twice"
        try:
            return self._end_shielded(writer, status, reason)
        except KeyboardInterrupt:  # came just before the shield was up; it comes only once
            return self._end_shielded(writer, status, reason)

    # -- the measurement -----------------------------------------------------------------------------
    def _measure(self, writer: RunWriter) -> tuple[Status, str]:
        self._bench.outputs.listener = lambda on: self._tell(Outputs(on))
        rows = self._experiment.measure(self._bench)
        try:
            while True:
                self._bench.stop.check()
                row = next(rows, None)
                if row is None:
                    return "complete", ""
                writer.append([row])
                self._note(row, writer)
                self._record_incidents(writer)
        except Aborted as end:
            return "aborted", str(end)
        except Exception as error:
            _log.debug("run failed", exc_info=True)
            self._tell(Message("error", f"{type(error).__name__}: {error}"))
            self._record_failure(writer, error)
            return "failed", f"{type(error).__name__}: {error}"

    def _record_incidents(self, writer: RunWriter) -> None:
        """Faults that the emulated bench was asked for belong to the record of the run."""
        for text in self._bench.incidents():
            self._tell(Message("warning", text))
            with suppress(RunFileError):  # a run file that failed refuses everything that follows
                writer.event("warning", text)

    @staticmethod
    def _record_failure(writer: RunWriter, error: Exception) -> None:
        with suppress(RunFileError):  # a run file that failed refuses everything that follows
            writer.event("error", "".join(traceback.format_exception(error)))

    # -- the end, the same for every way out ------------------------------------------------------------
    def _end_shielded(self, writer: RunWriter, status: Status, reason: str) -> Finished:
        in_main_thread = threading.current_thread() is threading.main_thread()  # only there are signals delivered
        with shielded_from_signals() if in_main_thread else nullcontext():
            return self._end(writer, status, reason)

    def _end(self, writer: RunWriter, status: Status, reason: str) -> Finished:
        self._bench.stop.over = True
        self._bench.outputs.listener = None  # from here on the instruments themselves are asked
        problems = self._bench.make_safe()
        on = self._still_on(problems)
        self._record_incidents(writer)
        self._tell(Outputs(on))
        for problem in problems:
            self._tell(Message("error", problem))
        if problems:
            status, reason = "failed", "; ".join([*([reason] if reason else []), *problems])
        file = self._seal(writer, status, reason)
        self._tell_rows(writer)
        finished = Finished(status, reason, str(file), not problems and not on, self._figures(file))
        self._tell(finished)
        return finished

    def _still_on(self, problems: list[str]) -> list[str]:
        try:
            return list(self._bench.outputs_on())
        except InstrumentError as error:
            problems.append(f"outputs could not be read back: {error}")
            return []

    def _seal(self, writer: RunWriter, status: Status, reason: str) -> Path:
        try:
            return writer.seal(status, reason, settings_after=self._settings_after())
        except OSError as error:
            self._tell(Message("error", f"{error}. The rows so far are in {writer.path}; run `ecramlab recover`."))
            return writer.path

    def _settings_after(self) -> dict[str, dict[str, Any]]:
        try:
            return self._bench.settings()
        except InstrumentError as error:  # an instrument that is gone must not cost the seal
            self._tell(Message("warning", f"settings after the run are not known: {error}"))
            return {}

    def _figures(self, file: Path) -> dict[str, dict[str, Any]]:
        try:
            with open_run(file) as run:
                return analysis.figures(run)
        except (ValueError, OSError) as error:
            self._tell(Message("warning", f"no figures of merit: {error}"))
            return {}

    # -- telling ----------------------------------------------------------------------------------------
    def _tell(self, event: Event) -> None:
        """Tell all listeners. One that fails (a closed pipe, a window that is gone) hears no more; the run goes on."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                _log.exception("a listener failed and is left out from now on")
                self._listeners.remove(listener)

    def _tell_started(self, writer: RunWriter) -> None:
        self._tell(
            Started(
                run_id=writer.run_id,
                file=str(writer.path),
                experiment=self._experiment.name,
                title=self._experiment.title,
                emulated=self._bench.emulated,
                total=self._total,
                columns=[{"name": c.name, "unit": c.unit, "long_name": c.long_name} for c in self._experiment.columns],
                instruments=self._bench.identities(),
            )
        )

    def _note(self, row: Row, writer: RunWriter) -> None:
        self._waiting.append(row)
        now = time.monotonic()
        if self._first_row_at is None:
            self._first_row_at = now
        if now - self._last_told >= TELL_EVERY:
            self._last_told = now
            self._tell_rows(writer)

    def _tell_rows(self, writer: RunWriter) -> None:
        if self._waiting:
            names = [column.name for column in self._experiment.columns]
            self._tell(Rows(self._told, {name: [row[name] for row in self._waiting] for name in names}))
            self._told += len(self._waiting)
            self._waiting = []
        self._tell(Progress(self._told, self._total, self._seconds_left(), writer.rows_on_disk))

    def _seconds_left(self) -> float | None:
        if self._first_row_at is None or self._told < 2:
            return None
        rate = (time.monotonic() - self._first_row_at) / (self._told - 1)
        return rate * (self._total - self._told)
