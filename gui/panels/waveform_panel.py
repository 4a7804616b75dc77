"""The gate waveform of the resolved sequence beside the chip's limits, before anything is sent."""

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from ecramlab.parameters import format_quantity
from gui.panels.card import Card, quiet_label
from gui.panels.live_plot import style_plot
from gui.preview import PAUSE, Branch, Preview
from gui.theme import LIGHT, Theme


class WaveformPanel(Card):
    """A few pulses of each branch, their number in words, limits dashed. Beyond a limit the heading turns red."""

    def __init__(self) -> None:
        super().__init__("GATE WAVEFORM")
        self._theme = LIGHT
        self._preview: Preview | None = None
        self.plot = pg.PlotWidget()
        self.note = quiet_label("Shown when the parameters are valid and a bench is chosen.")
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        item.getAxis("bottom").setTicks([])
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.detail = quiet_label()
        self.header.addWidget(self.detail, stretch=1)
        self.body.addWidget(self.note)
        self.body.addWidget(self.plot, stretch=1)
        self.show_preview(None)

    def show_preview(self, preview: Preview | None) -> None:
        """Draw one cycle; None when there is nothing to draw."""
        self._preview = preview
        self.note.setVisible(preview is None)
        self.plot.setVisible(preview is not None)
        self.detail.setText(f"one cycle of {preview.cycles}, widths not to scale" if preview is not None else "")
        wrong = preview is not None and not preview.within_limits
        self.heading.setText("GATE WAVEFORM  ✖ beyond the limit" if wrong else "GATE WAVEFORM")
        self.heading.setStyleSheet(f"color: {self._theme.bad}" if wrong else "")
        self.plot.clear()
        if preview is not None:
            self._draw(preview)

    def _draw(self, preview: Preview) -> None:
        item: Any = self.plot.getPlotItem()
        item.setLabel("left", "gate", units=preview.unit)
        colours = (self._theme.potentiation, self._theme.depression)
        span = 1.25 * max(preview.limit, *(abs(branch.level) for branch in preview.branches))
        for branch, colour in zip(preview.branches, colours, strict=True):
            item.plot(*branch.corners(), pen=pg.mkPen(colour, width=2))
            self._annotate(item, branch, colour, 0.4 * span)
        for level in (preview.limit, -preview.limit):
            line = pg.InfiniteLine(level, angle=0, pen=pg.mkPen(self._theme.limit, style=Qt.PenStyle.DashLine))
            item.addItem(line)
        slots = sum(branch.slots for branch in preview.branches)
        item.setRange(xRange=(-0.1, slots + 0.1), yRange=(-span, span), padding=0)
        words = f"limit {format_quantity(preview.limit, preview.unit)}"
        limit = pg.TextItem(words, color=self._theme.limit, anchor=(1, 0.5), fill=self._theme.surface)
        limit.setPos(slots + 0.1, preview.limit)
        item.addItem(limit, ignoreBounds=True)

    def _annotate(self, item: Any, branch: Branch, colour: str, height: float) -> None:
        """A branch in words, on the side of the axis that its pulses leave free; dots for pulses not drawn."""
        text = pg.TextItem(branch.text, color=colour, anchor=(0.5, 0.5))
        text.setPos(branch.first_slot + branch.slots / 2, -math.copysign(height, branch.level))
        item.addItem(text, ignoreBounds=True)
        if branch.count > branch.slots:
            dots = pg.TextItem("· · ·", color=colour, anchor=(0.5, 0.5), fill=self._theme.surface)
            dots.setPos(branch.first_slot + branch.slots - 1 - PAUSE, 0.0)
            item.addItem(dots, ignoreBounds=True)

    def use_theme(self, theme: Theme) -> None:
        """Colours of plot and heading."""
        self._theme = theme
        style_plot(self.plot, theme)
        self.plot.getPlotItem().showGrid(x=False, y=True, alpha=0.15)
        self.show_preview(self._preview)
