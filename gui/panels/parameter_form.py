"""A form made from the description of an experiment's parameters: groups, units, bounds and help come from there."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QWidget

from ecramlab.parameters import ParameterInfo
from gui.panels.editors import Editor, set_mark


class ParameterForm(QScrollArea):
    """One line a parameter. `changed` whenever a value changes."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._headings: dict[str, QLabel] = {}
        self._filling = False

    def build(self, infos: Sequence[ParameterInfo]) -> None:
        """Make the form anew for `infos`, all at their defaults."""
        self.editors, self._labels, self._headings = {}, {}, {}
        page = QWidget()
        page.setObjectName("page")
        layout = QFormLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(5)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for info in infos:
            if info.group not in self._headings:
                self._headings[info.group] = heading = QLabel(info.group.replace("_", " ").capitalize())
                heading.setObjectName("group")
                layout.addRow(heading)
            editor = Editor(info)
            label = QLabel(info.label)
            label.setToolTip(editor.widget.toolTip())
            label.setBuddy(editor.widget)
            layout.addRow(label, editor.widget)
            editor.changed.connect(self._note_change)
            self.editors[info.path], self._labels[info.path] = editor, label
        self.setWidget(page)
        self._note_change()

    # -- values ---------------------------------------------------------------------------------------------
    def assignments(self) -> dict[str, str]:
        """Parameters that differ from their defaults, as text that `--set` takes."""
        return {path: editor.text() for path, editor in self.editors.items() if not editor.at_default}

    def assign(self, values: Mapping[str, str]) -> None:
        """Everything to its default, then `values`."""
        self._filling = True
        for path, editor in self.editors.items():
            editor.set_text(values[path]) if path in values else editor.reset()
        self._filling = False
        self._note_change()

    def _note_change(self) -> None:
        if self._filling:
            return
        for path, editor in self.editors.items():
            set_mark(self._labels[path], "changed", not editor.at_default)  # what a run will be told
        self.changed.emit()

    # -- looks ------------------------------------------------------------------------------------------------
    def freeze(self, frozen: bool) -> None:
        """Read-only during a run."""
        for editor in self.editors.values():
            editor.freeze(frozen)

    def mark_wrong(self, paths: Iterable[str]) -> None:
        """Mark the editors of `paths` as refused, all others as good."""
        wrong = set(paths)
        for path, editor in self.editors.items():
            editor.mark_wrong(path in wrong)

    def search(self, text: str) -> None:
        """Show only parameters whose name or help contains `text`."""
        wanted = text.strip().lower()
        shown_groups = set()
        for path, editor in self.editors.items():
            info = editor.info
            fits = wanted in f"{path} {info.label} {info.help}".lower()
            editor.widget.setVisible(fits)
            self._labels[path].setVisible(fits)
            if fits:
                shown_groups.add(info.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in shown_groups)
