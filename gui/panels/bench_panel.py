"""The bench: which file, real or emulated, its instruments, what is on, and the chip with its limits."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
)

from ecramlab.bench_file import BenchFile
from ecramlab.parameters import format_quantity
from ecramlab.wiring import GROUND
from gui.panels.card import Card, quiet_label
from gui.run_model import Outputs, RunModel
from gui.theme import LIGHT, Theme

_OPEN = "Open a file …"


class BenchPanel(Card):
    """`chosen`: another file or another kind of bench is wanted; `file_wanted`: show a file dialog; `check_wanted`."""

    chosen = Signal()
    file_wanted = Signal()
    check_wanted = Signal()

    def __init__(self, shipped: dict[str, Path]) -> None:
        super().__init__("BENCH")
        self._theme = LIGHT
        self._terminals: dict[str, QTreeWidgetItem] = {}
        self.bench = QComboBox()
        self.emulated, self.real = QPushButton("&Emulated"), QPushButton("Rea&l")
        self.check = QPushButton("&Check")
        self.tree = QTreeWidget()
        self.note = quiet_label("Choose a bench above, or open a file (Ctrl+O).")
        self._arrange()
        for name, path in shipped.items():
            self.bench.addItem(name, path)
        self.bench.addItem(_OPEN)
        self.bench.activated.connect(self._bench_picked)
        self._kind.buttonClicked.connect(lambda _button: self.chosen.emit())
        self.check.clicked.connect(self.check_wanted)

    def _arrange(self) -> None:
        self._kind = QButtonGroup(self)
        kinds = QHBoxLayout()
        kinds.setSpacing(4)
        for button in (self.emulated, self.real):
            button.setCheckable(True)
            self._kind.addButton(button)
            kinds.addWidget(button)
        kinds.addStretch()
        kinds.addWidget(self.check)
        self.emulated.setToolTip("The emulated twin: same drivers, same commands, a simulated chip. Nothing can break.")
        self.real.setToolTip("The real instruments named in the bench file.")
        self.check.setToolTip("Open every instrument, compare its identity, say what is on. Changes nothing. (Ctrl+K)")
        self.check.setShortcut("Ctrl+K")
        self.bench.setToolTip("Bench file: instruments, wiring, chip and limits. (Ctrl+O opens one)")
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["", "Output"])
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.tree.header().resizeSection(1, self.fontMetrics().horizontalAdvance("? unknown") + 12)
        self.tree.setIndentation(10)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.tree.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.body.addWidget(self.bench)
        self.body.addLayout(kinds)
        self.body.addWidget(self.note)
        self.body.addWidget(self.tree, stretch=1)

    # -- what is chosen ---------------------------------------------------------------------------------------
    @property
    def path(self) -> Path | None:
        """The chosen bench file."""
        data = self.bench.currentData()
        return data if isinstance(data, Path) else None

    @property
    def emulate(self) -> bool:
        """True when the emulated twin is meant."""
        return self.emulated.isChecked()

    def choose(self, path: Path | None, *, emulate: bool) -> None:
        """Show a choice that was made elsewhere (command line, file dialog)."""
        (self.emulated if emulate else self.real).setChecked(True)
        at = next((n for n in range(self.bench.count()) if self.bench.itemData(n) == path), -1)
        if at < 0 and path is not None:
            self.bench.insertItem(0, path.stem, path)
            at = 0
        self.bench.setCurrentIndex(at)
        self.chosen.emit()

    def _bench_picked(self) -> None:
        if self.path is None:
            self.file_wanted.emit()
        else:
            self.chosen.emit()

    def freeze(self, frozen: bool) -> None:
        """The bench stays as it is during a run."""
        for widget in (self.bench, self.emulated, self.real, self.check):
            widget.setDisabled(frozen)

    # -- what is shown ------------------------------------------------------------------------------------------
    def show_problem(self, text: str) -> None:
        """Why the chosen file cannot be used."""
        self.tree.clear()
        self._terminals = {}
        self.note.setText(text)
        self.note.show()

    def show_bench(self, file: BenchFile) -> None:
        """List instruments and chip of `file`."""
        self.tree.clear()
        self._terminals = {}
        self.note.setText(file.title)
        self.note.setVisible(bool(file.title))
        self._list_roles(file)
        self._list_instruments(file)
        self._list_chip(file)
        self.tree.expandAll()

    def _list_roles(self, file: BenchFile) -> None:
        parent = self._item(self.tree, "Roles")
        for role, terminal in file.roles.terminals().items():
            driven = terminal != GROUND
            item = self._item(parent, f"{role}  {terminal}", f"{terminal} drives the {role}", has_output=driven)
            if driven:
                self._terminals[terminal] = item
        if file.roles.matrix is not None:
            self._terminals[file.roles.matrix] = self._item(parent, f"matrix  {file.roles.matrix}", has_output=True)

    def _list_instruments(self, file: BenchFile) -> None:
        parent = self._item(self.tree, "Instruments")
        for name, entry in file.instruments.items():
            item = self._item(parent, f"{name}  {entry.driver}", f"{entry.info.description}\n{entry.resource}")
            self._item(item, entry.resource, entry.resource)

    def _list_chip(self, file: BenchFile) -> None:
        chip, limits = file.chip, file.chip.limits
        parent = self._item(self.tree, f"Chip  {file.sample}, {chip.rows} × {chip.columns}")
        gate = f"{format_quantity(limits.gate_voltage, 'V')}, {format_quantity(limits.gate_current, 'A')}"
        drain = f"{format_quantity(limits.drain_voltage, 'V')}, {format_quantity(limits.drain_current, 'A')}"
        tip = "Checked before anything is sent. Change it in the bench file (chip.limits)."
        self._item(parent, f"gate ≤ {gate}", tip)
        self._item(parent, f"drain ≤ {drain}", tip)
        self._item(parent, f"pulse ≤ {format_quantity(limits.pulse_width, 's')}", tip)

    def _item(
        self, parent: QTreeWidget | QTreeWidgetItem, text: str, tip: str = "", *, has_output: bool = False
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [text, ""])
        item.setToolTip(0, tip)
        item.setFirstColumnSpanned(not has_output)
        return item

    def show_outputs(self, model: RunModel) -> None:
        """● ON, ○ off (confirmed), – (not told) or ? for each terminal. The tree keeps its folding."""
        for terminal, item in self._terminals.items():
            text, colour = self._state(terminal, model.outputs, model.outputs_on)
            if item.text(1) != text or item.foreground(1).color() != QColor(colour):
                item.setText(1, text)
                item.setForeground(1, QBrush(QColor(colour)))

    def _state(self, terminal: str, outputs: Outputs, on: Sequence[str]) -> tuple[str, str]:
        if outputs is Outputs.UNKNOWN:
            return "–", self._theme.quiet
        if outputs is Outputs.UNCONFIRMED:
            return "? unknown", self._theme.bad
        if any(name == terminal or name.startswith(f"{terminal}.") for name in on):
            return "● ON", self._theme.bad
        return ("○ off" if outputs is Outputs.OFF else "–"), self._theme.quiet

    def use_theme(self, theme: Theme) -> None:
        """Colours of the states from now on."""
        self._theme = theme
