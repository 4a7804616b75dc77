"""Figures of merit of the finished run."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from ecramlab.analysis import table_rows
from gui.panels.card import Card, quiet_label


class FiguresPanel(Card):
    """A table of names and values with SI prefixes; values can be copied."""

    def __init__(self) -> None:
        super().__init__("FIGURES OF MERIT")
        self.empty = quiet_label("They are computed from the run file when a run has ended.")
        self.table = QTableWidget(0, 2)
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.table.hide()
        self.body.addWidget(self.empty)
        self.body.addWidget(self.table, stretch=1)
        self.body.addStretch()
        self._shown: Mapping[str, Mapping[str, Any]] = {}

    def show_figures(self, figures: Mapping[str, Mapping[str, Any]]) -> None:
        """Show these; an empty mapping shows what to expect instead."""
        if figures == self._shown:
            return
        self._shown = figures
        self.table.setRowCount(len(figures))
        for row, (name, text) in enumerate(table_rows(figures)):
            label, value = QTableWidgetItem(name), QTableWidgetItem(text.partition(" (")[0])  # why: in the tooltip
            value.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, item in enumerate((label, value)):
                item.setToolTip(f"{name}: {text}")
                self.table.setItem(row, column, item)
        self.table.setVisible(bool(figures))
        self.empty.setVisible(not figures)
