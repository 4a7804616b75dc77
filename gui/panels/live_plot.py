"""The live curve: any column against any other, one curve a phase, following the run until the user pans or zooms.

Drawing is cheap by construction: pen width 1, no antialiasing, clipping to the view and peak downsampling; symbols only
while there are few points. A pen of width 2 costs 30 times as much at 10⁵ points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QStackedLayout, QWidget

from ecramlab.columns import Column
from ecramlab.parameters import format_quantity
from gui.panels.card import Card
from gui.row_buffer import FloatArray, RowBuffer
from gui.theme import LIGHT, Theme

READING = "reading"  # the number of a row, offered as an axis like a column
SYMBOLS_BELOW = 400  # points
_SYMBOLS = {"potentiation": "t1", "depression": "t"}  # triangle up, triangle down
_SIGNS = {"potentiation": "▲", "depression": "▼"}


@dataclass(frozen=True)
class CurveKind:
    """One curve: rows whose `phase` column is `code`, or all rows when there is no such column."""

    name: str
    code: int | None


def curve_kinds(columns: Sequence[Column]) -> list[CurveKind]:
    """The curves an experiment's columns ask for. The start is part of the branch that follows it."""
    phase = next((column for column in columns if column.name == "phase"), None)
    if phase is None or "flag_meanings" not in phase.attrs:
        return [CurveKind("measured", None)]
    names = str(phase.attrs["flag_meanings"]).split()
    codes = zip(names, phase.attrs["flag_values"], strict=True)
    return [CurveKind(name, int(code)) for name, code in codes if name != "start"]


def gapped(values: FloatArray, phase: FloatArray | None, code: int | None) -> FloatArray:
    """`values` with NaN wherever another curve is meant.

    The point before a branch belongs to it as well: the end of one branch is the start of the next.
    """
    if phase is None or code is None:
        return values
    inside: npt.NDArray[np.bool_] = phase == code
    inside[:-1] |= inside[1:]
    return np.where(inside, values, np.nan)


class LivePlot(Card):
    """Plot of the rows of the present run."""

    def __init__(self) -> None:
        super().__init__("LIVE")
        self._theme = LIGHT
        self._columns: Sequence[Column] = ()
        self._rows = RowBuffer()
        self._drawn: tuple[int, int, str, str] | None = None
        self.curves: dict[CurveKind, Any] = {}
        self._legend: dict[CurveKind, QLabel] = {}
        self.x_column, self.y_column = QComboBox(), QComboBox()
        self.under_pointer = QLabel()
        self.follow = QPushButton("Follow")
        self.plot = pg.PlotWidget()
        self.empty = QLabel("No data yet.\n\nChoose a bench and parameters, then press Run (F5).")
        self._arrange()

    def _arrange(self) -> None:
        self.under_pointer.setObjectName("quiet")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.setShortcut("Ctrl+F")
        self.follow.setToolTip("Keep the whole run in view. Panning or zooming switches it off. (Ctrl+F)")
        self.follow.toggled.connect(self._follow_or_not)
        self.header.addSpacing(8)
        self._legend_at = self.header.count()
        self.header.addStretch()
        self.header.addWidget(self.under_pointer)
        for name, box in (("x", self.x_column), ("y", self.y_column)):
            box.setToolTip(f"Column along {name}.")
            box.setAccessibleName(f"column along {name}")
            box.currentTextChanged.connect(self.redraw)
            self.header.addWidget(QLabel(name))
            self.header.addWidget(box)
        self.header.addWidget(self.follow)
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setDownsampling(auto=True, mode="peak")  # of the plot: it imposes its own on the curves it gets
        item.setClipToView(True)
        item.vb.sigRangeChangedManually.connect(lambda *_: self.follow.setChecked(False))
        self.plot.scene().sigMouseMoved.connect(self._show_cursor)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setObjectName("quiet")
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.plot)
        holder = QWidget()
        holder.setLayout(self._stack)
        self.body.addWidget(holder, stretch=1)

    # -- what is drawn ----------------------------------------------------------------------------------------
    def prepare(self, columns: Sequence[Column]) -> None:
        """Get ready for rows with these columns."""
        if tuple(columns) == tuple(self._columns):
            return
        self._columns = columns
        names = [column.name for column in columns]
        for box, wanted, offered in (
            (self.x_column, READING, [READING, *names]),
            (self.y_column, "conductance" if "conductance" in names else names[-1], names),
        ):
            box.blockSignals(True)
            box.clear()
            box.addItems(offered)
            box.setCurrentText(wanted)
            box.blockSignals(False)
        self._make_curves()

    def _make_curves(self) -> None:
        for curve in self.curves.values():
            self.plot.removeItem(curve)
        for label in self._legend.values():
            label.deleteLater()
        self.curves, self._legend = {}, {}
        for kind in curve_kinds(self._columns):
            curve = pg.PlotDataItem(connect="finite")
            self.plot.addItem(curve)
            self.curves[kind] = curve
            self._legend[kind] = label = QLabel()
            self.header.insertWidget(self._legend_at + len(self._legend) - 1, label)
        self.use_theme(self._theme)

    def show_rows(self, rows: RowBuffer) -> None:
        """Draw the rows if there are new ones and the panel can be seen."""
        self._rows = rows
        self._stack.setCurrentIndex(1 if len(rows) else 0)
        state = (id(rows), rows.seen, self.x_column.currentText(), self.y_column.currentText())
        if state != self._drawn and self.isVisible():
            self._drawn = state
            self.redraw()

    def redraw(self) -> None:
        """Draw everything anew, for example after another column was chosen."""
        if not len(self._rows) or not self.y_column.currentText():
            return
        x, y = self._values(self.x_column.currentText()), self._values(self.y_column.currentText())
        phase = self._rows.column("phase") if "phase" in self._rows.names else None
        few = len(x) < SYMBOLS_BELOW
        for kind, curve in self.curves.items():
            values = gapped(y, phase, kind.code)
            shown = slice(0 if np.isnan(values).all() else None)  # nothing of this phase yet: an empty curve
            curve.setData(x[shown], values[shown], symbol=_SYMBOLS.get(kind.name, "o") if few else None)
        for side, box in (("bottom", self.x_column), ("left", self.y_column)):
            self._label_axis(side, box.currentText())
        if self.follow.isChecked():
            self.plot.getPlotItem().enableAutoRange()

    def _values(self, name: str) -> FloatArray:
        return self._rows.numbers.copy() if name == READING else self._rows.column(name).copy()

    def _label_axis(self, side: str, name: str) -> None:
        column = next((column for column in self._columns if column.name == name), None)
        text, unit = (READING, "1") if column is None else (column.long_name, column.unit)
        axis = self.plot.getPlotItem().getAxis(side)
        axis.enableAutoSIPrefix(unit != "1")
        axis.setLabel(text, units=None if unit == "1" else unit)

    # -- what the user does -------------------------------------------------------------------------------------
    def _follow_or_not(self, follow: bool) -> None:
        if follow:
            self.plot.getPlotItem().enableAutoRange()
        else:
            self.plot.getPlotItem().disableAutoRange()

    def _show_cursor(self, position: QPointF) -> None:
        if not len(self._rows) or not self.plot.sceneBoundingRect().contains(position):
            self.under_pointer.clear()
            return
        at = self.plot.getPlotItem().vb.mapSceneToView(position).x()
        distance = np.abs(self._values(self.x_column.currentText()) - at)
        if np.isnan(distance).all():
            return
        nearest = int(np.nanargmin(distance))
        name = self.y_column.currentText()
        unit = next((column.unit for column in self._columns if column.name == name), "1")
        value = format_quantity(float(self._rows.column(name)[nearest]), "" if unit == "1" else unit)
        self.under_pointer.setText(f"reading {int(self._rows.numbers[nearest])}: {value}")

    # -- looks ----------------------------------------------------------------------------------------------------
    def use_theme(self, theme: Theme) -> None:
        """Colours of curves, axes and legend."""
        self._theme = theme
        style_plot(self.plot, theme)
        others = iter([theme.accent, theme.good, theme.caution, theme.quiet] * len(self.curves))
        named = {"potentiation": theme.potentiation, "depression": theme.depression}
        for kind, curve in self.curves.items():
            colour = named.get(kind.name) or next(others)
            curve.setPen(pg.mkPen(colour, width=1))
            curve.setSymbolPen(None)
            curve.setSymbolBrush(pg.mkBrush(colour))
            curve.setSymbolSize(6)
            self._legend[kind].setText(f"{_SIGNS.get(kind.name, '●')} {kind.name}")
            self._legend[kind].setStyleSheet(f"color: {colour}; font-weight: 600;")


def style_plot(plot: Any, theme: Theme) -> None:
    """Ground, axes and grid of a pyqtgraph plot in the colours of the window."""
    plot.setBackground(theme.surface)
    item = plot.getPlotItem()
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.quiet))
    item.showGrid(x=True, y=True, alpha=0.12 if theme.name == "light" else 0.18)
