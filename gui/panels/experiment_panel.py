"""Which experiment with which parameters, what it amounts to, and why it would be refused."""

import re
from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from ecramlab import experiments
from ecramlab.bench_file import BenchFile
from ecramlab.parameters import describe
from gui.panels.card import Card, quiet_label
from gui.panels.parameter_form import ParameterForm
from gui.plan import Plan, make_plan, presets

_DEFAULTS = "defaults"
_OWN = "own values"


class ExperimentPanel(Card):
    """Experiment, preset, parameters. `planned`: the plan has changed."""

    planned = Signal()

    def __init__(self) -> None:
        super().__init__("EXPERIMENT")
        self.plan = Plan(problems=("Choose a bench first (Ctrl+O).",))
        self._file: BenchFile | None = None
        self._presets: dict[str, Mapping[str, str]] = {}
        self.experiment, self.preset, self.search = QComboBox(), QComboBox(), QLineEdit()
        self.form = ParameterForm()
        self.summary, self.problem = quiet_label(), QLabel()
        self._arrange()
        self.experiment.currentTextChanged.connect(self._build)
        self.preset.activated.connect(self._use_preset)
        self.search.textChanged.connect(self.form.search)
        self.form.changed.connect(self._replan)
        self.experiment.addItems(experiments.names())

    def _arrange(self) -> None:
        self.experiment.setToolTip("What to measure. Experiments of other packages appear here, too.")
        self.preset.setToolTip("Ready-made values. “As published” repeats what the literature did with this device.")
        self.search.setPlaceholderText("search parameters …")
        self.search.setClearButtonEnabled(True)
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.header.addStretch()
        self.header.addWidget(self.preset)
        for widget in (self.experiment, self.search):
            self.body.addWidget(widget)
        self.body.addWidget(self.form, stretch=1)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.summary)

    # -- what is chosen ---------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """Name of the chosen experiment."""
        return self.experiment.currentText()

    def use_bench(self, file: BenchFile | None, *, fill: bool) -> None:
        """Plan for this bench, or for none. With `fill`, start from the pulses published for its device."""
        self._file = file
        self._offer_presets()
        if fill and file is not None:
            self.form.assign(next(iter(self._presets.values())))
        self._replan()

    def freeze(self, frozen: bool) -> None:
        """Read-only during a run; still readable."""
        self.form.freeze(frozen)
        self.experiment.setDisabled(frozen)
        self.preset.setDisabled(frozen)

    # -- slots --------------------------------------------------------------------------------------------------
    def _build(self, name: str) -> None:
        self.form.build(describe(experiments.get(name).Parameters))
        self._offer_presets()

    def _offer_presets(self) -> None:
        known = presets(self._file) if self._file is not None else {}
        fitting = {name: values for name, values in known.items() if set(values) <= set(self.form.editors)}
        self._presets = {**fitting, _DEFAULTS: {}}
        self.preset.clear()
        self.preset.addItems([*self._presets, _OWN])

    def _use_preset(self) -> None:
        if self.preset.currentText() in self._presets:
            self.form.assign(self._presets[self.preset.currentText()])
            self._replan()

    def _replan(self) -> None:
        assignments = self.form.assignments()
        self.plan = make_plan(self.name, assignments, self._file)
        self.form.mark_wrong(_paths_in(self.plan.problems))
        self.problem.setText("\n".join(self.plan.problems))
        self.problem.setVisible(bool(self.plan.problems))
        self.summary.setText(self._summary())
        fitting = [name for name, values in self._presets.items() if self._same(values, assignments)]
        self.preset.setCurrentText(fitting[0] if fitting else _OWN)
        self.planned.emit()

    def _same(self, values: Mapping[str, str], assignments: Mapping[str, str]) -> bool:
        editors = self.form.editors
        shown = {path: editors[path].shown(text) for path, text in values.items()}
        return {path: text for path, text in shown.items() if text != editors[path].default_text()} == assignments

    def _summary(self) -> str:
        rows = "" if self.plan.rows is None else f"{self.plan.rows:,} rows. ".replace(",", " ")
        return f"{rows}Bold: differs from the default. Rest the pointer on a name for help."


def _paths_in(problems: tuple[str, ...]) -> set[str]:
    """Parameters that a problem begins with: "pulse.amplitude or pulse.width: 4 V is beyond …"."""
    heads = (problem.partition(":")[0] for problem in problems)
    return {word for head in heads for word in re.split(r" or |, ", head)}
