"""The window: puts the panels together and connects them with the session."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QLabel, QMainWindow, QMessageBox, QSplitter, QVBoxLayout, QWidget

from ecramlab import bench_file, experiments
from ecramlab.bench_file import BenchFile, BenchFileError
from ecramlab.columns import STATUS_FLAGS
from gui.commands import BenchChoice, RunRequest
from gui.disk import free_space
from gui.panels.bench_panel import BenchPanel
from gui.panels.command_bar import CommandBar, progress_text
from gui.panels.experiment_panel import ExperimentPanel
from gui.panels.figures_panel import FiguresPanel
from gui.panels.live_plot import LivePlot
from gui.panels.log_panel import LogPanel
from gui.panels.sentence_strip import SentenceStrip
from gui.panels.waveform_panel import WaveformPanel
from gui.preview import gate_preview
from gui.run_model import Outputs, Phase, Tone
from gui.session import Session
from gui.theme import LIGHT, Theme


class Window(QMainWindow):
    """One bench, one run at a time. `closed`: the window is gone for good and nothing of it runs any more."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._file: BenchFile | None = None
        self._close_when_idle = False
        self.bar, self.strip = CommandBar(), SentenceStrip()
        self.bench = BenchPanel(bench_file.shipped())
        self.live, self.waveform, self.figures = LivePlot(), WaveformPanel(), FiguresPanel()
        self.experiment, self.log = ExperimentPanel(), LogPanel()
        self.recording = QLabel()
        self._arrange()
        self._connect()
        self.use_theme(LIGHT)
        self.resize(1400, 840)

    def _arrange(self) -> None:
        below = _splitter(Qt.Orientation.Horizontal, [(self.waveform, 5), (self.figures, 4)])
        below.setSizes([440, 350])
        centre = _splitter(Qt.Orientation.Vertical, [(self.live, 5), (below, 3)])
        panels = _splitter(Qt.Orientation.Horizontal, [(self.bench, 0), (centre, 1), (self.experiment, 0)])
        panels.setSizes([270, 800, 314])
        upper_and_log = _splitter(Qt.Orientation.Vertical, [(panels, 6), (self.log, 1)])
        upper_and_log.setSizes([630, 112])
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(6)
        column.addWidget(self.bar)
        column.addWidget(self.strip)
        column.addWidget(upper_and_log, stretch=1)
        self.setCentralWidget(page)
        self.recording.setObjectName("quiet")
        self.statusBar().addWidget(self.recording, 1)
        self.statusBar().setSizeGripEnabled(False)

    def _connect(self) -> None:
        self.bar.run_wanted.connect(self.run)
        self.bar.pause_wanted.connect(self.session.pause)
        self.bar.abort_wanted.connect(self.abort)
        self.bench.chosen.connect(self._use_bench)
        self.bench.file_wanted.connect(self._open_file)
        self.bench.check_wanted.connect(self._check)
        self.experiment.planned.connect(self._show_plan)
        self.session.changed.connect(self._show_state)
        self.session.said.connect(self.log.add)
        QShortcut(QKeySequence.StandardKey.Open, self, self._open_file)
        QShortcut(QKeySequence.StandardKey.Quit, self, self.close)

    # -- the bench ----------------------------------------------------------------------------------------------
    def open_bench(self, path: Path | None, *, emulate: bool) -> None:
        """Choose a bench file, as if by hand."""
        self.bench.choose(path, emulate=emulate)

    @property
    def choice(self) -> BenchChoice | None:
        """The chosen bench, None while none is usable."""
        if self._file is None or self.bench.path is None:
            return None
        return BenchChoice(self.bench.path, self.bench.emulate)

    def _use_bench(self) -> None:
        path = self.bench.path
        same = self._file is not None and self._file.path == path
        try:
            self._file = bench_file.load(path) if path is not None else None
        except BenchFileError as error:
            self._file = None
            self.bench.show_problem(str(error))
            self.log.add("error", str(error))
        if self._file is not None:
            self.bench.show_bench(self._file)
        self.experiment.use_bench(self._file, fill=self.bench.emulate and not same)
        self._show_plan()

    def _open_file(self) -> None:
        if not self.session.busy:
            name, _ = QFileDialog.getOpenFileName(self, "Open a bench file", "", "Bench files (*.yaml *.yml)")
            before = self._file.path if self._file is not None else None
            self.bench.choose(Path(name) if name else before, emulate=self.bench.emulate)

    def _check(self) -> None:
        if self.choice is not None:
            self.session.check(self.choice)

    # -- runs -----------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Start what is chosen, if it may be started."""
        if self._why_not() or self.choice is None:
            return
        name = self.experiment.name
        self.session.run(RunRequest(name, self.choice, self.experiment.form.assignments()), experiments.get(name).title)

    def abort(self) -> None:
        """Every output off, whatever goes on."""
        self.session.abort(self.choice)

    def _why_not(self) -> str:
        if self.session.busy:
            return "something is running."
        return " ".join(self.experiment.plan.problems)

    # -- what is shown ----------------------------------------------------------------------------------------------
    def _show_plan(self) -> None:
        plan = self.experiment.plan
        if plan.experiment is not None:
            self.live.prepare(plan.experiment.columns)
        if plan.experiment is not None and self._file is not None:
            self.waveform.show_preview(gate_preview(plan.experiment, self._file.chip.limits))
        else:
            self.waveform.show_preview(None)
        self.bar.show_bench(emulated=self.bench.emulate)
        self._show_state()

    def _show_state(self) -> None:
        model, busy = self.session.model, self.session.busy
        why_not = self._why_not()
        self.bar.show_state(model, can_run=not why_not, why_not=why_not)
        tone, sentence = (model.tone, model.sentence) if model.sentence else self._what_next()
        self.strip.say(tone, sentence)
        self.experiment.freeze(busy)
        self.bench.freeze(busy)
        self.bench.show_outputs(model)
        self.live.show_rows(model.rows)
        self.figures.show_figures(model.figures)
        self.recording.setText(self._recording())
        self.setWindowTitle(self._title())
        if self._close_when_idle and not busy:
            self._close_or_come_back()

    def _what_next(self) -> tuple[Tone, str]:
        model = self.session.model
        if model.phase in (Phase.RUNNING, Phase.PAUSED):
            if not model.doubtful_rows:
                return Tone.NEUTRAL, f"{model.title} is running."
            *others, last = (name.replace("_", " ") for name in STATUS_FLAGS)
            why = f"{', '.join(others)} or {last}"
            return Tone.CAUTION, f"{model.title} is running.  {model.doubtful_rows} of its rows are doubtful: {why}."
        if self.experiment.plan.problems:
            return Tone.CAUTION, f"Run is not possible: {self.experiment.plan.problems[0]}"
        return Tone.NEUTRAL, "Ready. Run (F5) starts the experiment; Esc switches every output off at any time."

    def _recording(self) -> str:
        model = self.session.model
        if not model.file:
            return "Nothing recorded yet. Each run becomes one file in the folder runs."
        thinned = f", {len(model.rows)} drawn" if model.rows.thinned else ""
        lost = f", {model.rows.missing} not shown" if model.rows.missing else ""
        verb = "recording" if model.active else "recorded"
        rows = f"{model.done} rows, {model.on_disk} on disk{thinned}{lost}"
        return f"{verb} {model.file}     {rows}     {free_space(model.file)}"

    def _title(self) -> str:
        where = "EMULATED" if self.bench.emulate else "REAL BENCH"
        name = self._file.path.stem if self._file is not None else "no bench"
        state = progress_text(self.session.model) if self.session.model.active else ""
        return " – ".join(part for part in (where, name, state, "ecramlab") if part)

    def use_theme(self, theme: Theme) -> None:
        """Colours of everything that the style sheet does not reach."""
        for panel in (self.bar, self.strip, self.bench, self.live, self.waveform, self.log):
            panel.use_theme(theme)
        self._show_plan()

    # -- closing ------------------------------------------------------------------------------------------------------
    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask first while something runs."""
        if self.session.busy:
            event.ignore()
            self._ask_how_to_close()
        else:
            event.accept()
            self.closed.emit()

    def _ask_how_to_close(self) -> None:
        question = "A run is going on. What shall happen to it?"
        box = QMessageBox(QMessageBox.Icon.Question, "ecramlab", question, parent=self)
        box.setInformativeText("“Keep running” hides the window; it comes back if outputs are not confirmed off.")
        keep = box.addButton("&Keep running", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton("&Stop safely", QMessageBox.ButtonRole.DestructiveRole)
        back = box.addButton("&Back", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(back)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._close_as_told(hide=button is keep, stop=button is stop))
        box.open()

    def _close_as_told(self, *, hide: bool, stop: bool) -> None:
        if not (hide or stop):
            return
        self._close_when_idle = True
        if hide:
            self.hide()
        else:
            self.abort()
        self._show_state()

    def end(self) -> None:
        """Abort what runs and close as soon as outputs are off; for signals from outside."""
        self._close_when_idle = True
        if self.session.busy:
            self.abort()
        self._show_state()

    def _close_or_come_back(self) -> None:
        self._close_when_idle = False
        if self.session.model.outputs is Outputs.UNCONFIRMED:
            self.show()
        elif self.isVisible():
            self.close()
        else:  # Qt does not close what is hidden
            self.closed.emit()


def _splitter(orientation: Qt.Orientation, panels: list[tuple[QWidget, int]]) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(8)
    splitter.setChildrenCollapsible(False)
    for panel, stretch in panels:
        splitter.addWidget(panel)
        splitter.setStretchFactor(splitter.count() - 1, stretch)
    return splitter
