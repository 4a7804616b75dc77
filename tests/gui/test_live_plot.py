"""The live plot: curves by phase, follow until the user looks elsewhere, any column against any other."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from ecramlab import experiments
from ecramlab.columns import Column
from gui.panels.live_plot import READING, SYMBOLS_BELOW, CurveKind, LivePlot, curve_kinds, gapped
from gui.row_buffer import RowBuffer

COLUMNS = experiments.get("potentiation-depression").from_assignments({}).columns


def some_rows(count: int) -> RowBuffer:
    buffer = RowBuffer([column.name for column in COLUMNS], key="conductance")
    extend(buffer, count)
    return buffer


def extend(buffer: RowBuffer, count: int) -> None:
    numbers = range(buffer.seen, buffer.seen + count)
    values = {name: [float(number) for number in numbers] for name in buffer.names}
    values["phase"] = [0.0 if n == 0 else 1.0 + (n - 1) // 10 % 2 for n in numbers]
    buffer.append(numbers.start, values)


@pytest.fixture
def live(qtbot) -> LivePlot:
    plot = LivePlot()
    qtbot.addWidget(plot)
    plot.resize(700, 400)
    plot.prepare(COLUMNS)
    plot.show()
    return plot


def drawn(live: LivePlot, name: str) -> tuple[np.ndarray, np.ndarray]:
    return next(curve.getOriginalDataset() for kind, curve in live.curves.items() if kind.name == name)


def test_curves_come_from_the_columns_of_the_experiment() -> None:
    assert curve_kinds(COLUMNS) == [CurveKind("potentiation", 1), CurveKind("depression", 2)]
    assert curve_kinds([Column("time", "s", "time")]) == [CurveKind("measured", None)]


def test_a_branch_begins_with_the_point_before_it() -> None:
    phase = np.array([0.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    values = np.arange(6.0)
    np.testing.assert_array_equal(gapped(values, phase, 1), [0, 1, 2, np.nan, 4, 5])
    np.testing.assert_array_equal(gapped(values, phase, 2), [np.nan, np.nan, 2, 3, 4, np.nan])


def test_without_data_it_says_what_to_do(live: LivePlot) -> None:
    assert live.empty.isVisible()
    assert "press Run" in live.empty.text()
    live.show_rows(some_rows(5))
    assert not live.empty.isVisible()


def test_another_column_can_be_chosen_for_either_axis(qtbot, live: LivePlot) -> None:
    live.show_rows(some_rows(30))
    assert live.x_column.currentText() == READING
    assert live.y_column.currentText() == "conductance"
    live.x_column.setCurrentText("time")
    live.y_column.setCurrentText("drain_current")
    assert "drain current" in live.plot.getPlotItem().getAxis("left").labelText
    assert live.plot.getPlotItem().getAxis("left").labelUnits == "A"
    assert live.plot.getPlotItem().getAxis("bottom").labelUnits == "s"


def test_it_follows_until_the_user_zooms_and_again_on_request(qtbot, live: LivePlot) -> None:
    rows = some_rows(30)
    live.show_rows(rows)
    view = live.plot.getPlotItem().vb
    assert view.autoRangeEnabled() == [True, True]
    view.setXRange(5, 10)
    view.sigRangeChangedManually.emit(view.state["mouseEnabled"])  # what a drag or the wheel emits
    assert not live.follow.isChecked()
    extend(rows, 500)
    live.show_rows(rows)
    assert view.viewRange()[0][1] < 20  # stays where the user looks
    qtbot.mouseClick(live.follow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.viewRange()[0][1] > 500)


def test_symbols_only_while_there_are_few_points(live: LivePlot) -> None:
    rows = some_rows(30)
    live.show_rows(rows)
    curve = next(iter(live.curves.values()))
    assert curve.opts["symbol"] is not None
    extend(rows, SYMBOLS_BELOW)
    live.show_rows(rows)
    assert curve.opts["symbol"] is None


def test_drawing_stays_cheap(live: LivePlot) -> None:
    """A pen wider than 1, or no downsampling, makes long runs slow: see the module."""
    for curve in live.curves.values():
        assert curve.opts["pen"].width() == 1
        assert curve.opts["autoDownsample"] is True
        assert curve.opts["downsampleMethod"] == "peak"
        assert curve.opts["clipToView"] is True
        assert not curve.opts["antialias"]


def test_a_hidden_plot_draws_nothing_and_catches_up(live: LivePlot) -> None:
    rows = some_rows(30)
    live.hide()
    live.show_rows(rows)
    assert drawn(live, "potentiation")[0] is None
    live.show()
    live.show_rows(rows)
    assert len(drawn(live, "potentiation")[0]) == 30


def test_the_value_under_the_pointer_is_shown_with_its_unit(live: LivePlot, qtbot) -> None:
    live.show_rows(some_rows(30))
    qtbot.waitExposed(live)
    view = live.plot.getPlotItem().vb
    live.plot.getPlotItem().vb.updateAutoRange()
    live.plot.scene().sigMouseMoved.emit(view.mapViewToScene(view.viewRect().center().__class__(12.2, 12.0)))
    assert live.under_pointer.text() == "reading 12: 12 S"


def test_the_legend_tells_branches_by_sign_as_well_as_colour(live: LivePlot) -> None:
    texts = [label.text() for label in live._legend.values()]
    assert texts == ["▲ potentiation", "▼ depression"]
