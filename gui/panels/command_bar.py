"""The top of the window: run, pause, how far it is, real or emulated, abort."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from gui.run_model import Phase, RunModel, time_left
from gui.theme import LIGHT, Theme

_PROGRESS_STEPS = 1000


class CommandBar(QWidget):
    """Buttons and progress. Signals ask; whether something happens is for others to decide."""

    run_wanted = Signal()
    pause_wanted = Signal(bool)
    abort_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._theme = LIGHT
        self.run = QPushButton("▶  Run  F5")
        self.pause = QPushButton("Ⅱ  Pause  F6")
        self.progress = QProgressBar()
        self.left = QLabel()
        self.badge = QLabel()
        self.abort = QPushButton("■  ABORT · outputs off   Esc")
        self._arrange()
        self.run.clicked.connect(self.run_wanted)
        self.pause.toggled.connect(self.pause_wanted)
        self.abort.clicked.connect(self.abort_wanted)

    def _arrange(self) -> None:
        self.run.setObjectName("run")
        self.run.setShortcut(QKeySequence("F5"))
        self.pause.setCheckable(True)
        self.pause.setShortcut(QKeySequence("F6"))
        self.pause.setToolTip("Hold before the next point, go on with the same button. Outputs stay as they are. (F6)")
        self.abort.setObjectName("abort")
        self.abort.setToolTip(
            "Ends the run and switches every output off; works at any time, also without a run.\n"
            "Rows measured so far are kept. (Esc, also in a field or with a dialog open)"
        )
        self.progress.setRange(0, _PROGRESS_STEPS)
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.left.setMinimumWidth(self.fontMetrics().horizontalAdvance("00:00:00 left"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget, stretch in (
            *((self.run, 0), (self.pause, 0), (self.progress, 1)),
            *((self.left, 0), (self.badge, 0), (self.abort, 0)),
        ):
            row.addWidget(widget, stretch)
        for tall in (self.run, self.pause, self.badge, self.progress):
            tall.setMinimumHeight(34)

    def show_state(self, model: RunModel, *, can_run: bool, why_not: str) -> None:
        """Progress and buttons for this state of the run."""
        self.run.setEnabled(can_run)
        self.run.setToolTip("Start this experiment on this bench. (F5)" if can_run else f"Cannot run now: {why_not}")
        self.pause.setEnabled(model.phase in (Phase.RUNNING, Phase.PAUSED))
        self.pause.blockSignals(True)  # it shows the state here, it does not ask
        self.pause.setChecked(model.phase is Phase.PAUSED)
        self.pause.blockSignals(False)
        fraction = model.fraction
        self.progress.setValue(round((fraction or 0.0) * _PROGRESS_STEPS))
        self.progress.setFormat(progress_text(model))
        self.left.setText(time_left(model.seconds_left) if model.active else "")

    def show_bench(self, *, emulated: bool) -> None:
        """The badge that says what is being driven, by word and by colour."""
        self.badge.setText("EMULATED CHIP" if emulated else "⚡ REAL BENCH")
        self.badge.setToolTip("Simulated instruments and chip." if emulated else "Real instruments and chip.")
        theme = self._theme
        if emulated:
            look = f"background: {theme.surface}; color: {theme.emulated}; border: 2px dashed {theme.emulated};"
        else:
            look = f"background: {theme.real}; color: white; border: 2px solid {theme.real};"
        self.badge.setStyleSheet(f"{look} border-radius: 5px; padding: 4px 12px; font-weight: 700;")

    def use_theme(self, theme: Theme) -> None:
        """Colours of the badge from now on."""
        self._theme = theme


def progress_text(model: RunModel) -> str:
    """What stands in the progress bar: state and part done."""
    if model.phase is Phase.IDLE:
        return "READY"
    word = model.status or "ready" if model.phase in (Phase.ENDED, Phase.FINISHING) else model.phase.value
    percent = "" if model.fraction is None else f"  {model.fraction:.0%}"
    return f"{word.upper()}{percent}"
