"""The form made from the description of parameters: every kind, there and back."""

from typing import Literal

import pytest
from pydantic import Field
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from ecramlab import experiments
from ecramlab.parameters import Parameters, describe, quantity
from gui.panels.parameter_form import ParameterForm


class Inner(Parameters):
    width: float = quantity("s", 1e-3, minimum=1e-9, help="pulse width")
    drive: Literal["voltage", "current"] = Field("voltage", description="what drives")


class Everything(Parameters):
    count: int = Field(100, ge=1, le=1000, description="pulses")
    level: float = quantity("V|A", 4.0, help="amplitude")
    limit: float | None = quantity("A", None, help="fixed range")
    spread: bool = Field(True, description="with spread")
    note: str = Field("", description="free text")
    inner: Inner = Inner()


@pytest.fixture
def form(qtbot) -> ParameterForm:
    form = ParameterForm()
    qtbot.addWidget(form)
    form.build(describe(Everything))
    form.show()
    return form


def type_into(qtbot, form: ParameterForm, path: str, text: str) -> None:
    line = form.editors[path].widget.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_at_the_defaults_there_is_nothing_to_tell_a_run(form: ParameterForm) -> None:
    assert form.assignments() == {}
    assert {path: editor.text() for path, editor in form.editors.items()} == {
        "count": "100",
        "level": "4 V",
        "limit": "",
        "spread": "true",
        "note": "",
        "inner.width": "1 ms",
        "inner.drive": "voltage",
    }


VALUES = {
    "count": "7",
    "level": "100 pA",
    "limit": "1 µA",
    "spread": "false",
    "note": "after anneal",
    "inner.width": "20 ns",
    "inner.drive": "current",
}


def test_round_trip_of_every_kind(form: ParameterForm) -> None:
    form.assign(VALUES)
    assert form.assignments() == VALUES
    form.assign({})
    assert form.assignments() == {}


def test_what_the_form_says_is_what_the_model_reads(form: ParameterForm) -> None:
    form.assign(VALUES)
    from ecramlab.parameters import nest

    made = Everything.model_validate(nest(form.assignments()))
    assert (made.count, made.level, made.limit, made.spread) == (7, 1e-10, 1e-6, False)
    assert (made.inner.width, made.inner.drive, made.note) == (2e-8, "current", "after anneal")


def test_the_real_experiment_takes_what_its_form_gives(qtbot) -> None:
    form = ParameterForm()
    qtbot.addWidget(form)
    experiment = experiments.get("potentiation-depression")
    form.build(describe(experiment.Parameters))
    type_into(qtbot, form, "pulse.width", "5 us")
    assert form.assignments() == {"pulse.width": "5 us"}
    assert experiment.from_assignments(form.assignments()).parameters.pulse.width == pytest.approx(5e-6)


def test_typing_and_clearing(qtbot, form: ParameterForm) -> None:
    with qtbot.waitSignal(form.changed):
        type_into(qtbot, form, "limit", "2 mA")
    assert form.assignments() == {"limit": "2 mA"}
    form.editors["limit"].widget.lineEdit().clear()
    assert form.assignments() == {}


def test_what_differs_from_the_default_has_a_bold_name(qtbot, form: ParameterForm) -> None:
    from gui import theme

    form.setStyleSheet(theme._style_sheet(theme.LIGHT))
    label = form._labels["level"]
    assert not label.font().bold()
    type_into(qtbot, form, "level", "9 V")
    assert label.font().bold()
    form.assign({})
    assert not label.font().bold()


def test_integers_keep_to_their_bounds(form: ParameterForm) -> None:
    box = form.editors["count"].widget
    assert (box.minimum(), box.maximum()) == (1, 1000)


@pytest.mark.parametrize(
    ("start", "key", "after"),
    [
        ("4 V", Qt.Key.Key_Up, "5 V"),
        ("4 V", Qt.Key.Key_Down, "3 V"),
        ("1 V", Qt.Key.Key_Down, "900 mV"),
        ("900 mV", Qt.Key.Key_Up, "1 V"),
        ("-4 V", Qt.Key.Key_Up, "-3 V"),
        ("-4 V", Qt.Key.Key_Down, "-5 V"),
        ("100 pA", Qt.Key.Key_Up, "200 pA"),
        ("0 V", Qt.Key.Key_Up, "0 V"),
    ],
)
def test_arrow_keys_step_the_leading_digit(qtbot, form: ParameterForm, start: str, key: Qt.Key, after: str) -> None:
    form.assign({"level": start})
    qtbot.keyClick(form.editors["level"].widget, key)
    assert form.editors["level"].text() == after


def test_steps_stop_at_the_bounds(qtbot, form: ParameterForm) -> None:
    form.assign({"inner.width": "1 ns"})
    qtbot.keyClick(form.editors["inner.width"].widget, Qt.Key.Key_Down)
    assert form.editors["inner.width"].text() == "1 ns"


def test_the_wheel_scrolls_and_changes_no_value_by_accident(qtbot, form: ParameterForm) -> None:
    box = form.editors["count"].widget
    form.setFocus()
    centre = QPointF(box.rect().center())
    wheel = QWheelEvent(
        centre, QPointF(box.mapToGlobal(box.rect().center())), QPoint(0, 0), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.value() == 100


def test_help_unit_bounds_and_default_are_in_the_tooltip(form: ParameterForm) -> None:
    tip = form.editors["inner.width"].widget.toolTip()
    assert tip == "<b>inner.width</b><br>Pulse width.<br>at least 1 ns<br>default 1 ms"


def test_search_shows_what_fits_by_name_or_help(form: ParameterForm) -> None:
    form.search("pulse width")
    shown = {path for path, editor in form.editors.items() if editor.widget.isVisible()}
    assert shown == {"inner.width"}
    form.search("")
    assert all(editor.widget.isVisible() for editor in form.editors.values())


def test_frozen_values_cannot_be_changed_and_stay_enabled(qtbot, form: ParameterForm) -> None:
    form.freeze(True)
    type_into(qtbot, form, "level", "9 V")
    choice = form.editors["inner.drive"].widget
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
    assert form.assignments() == {}
    assert all(editor.widget.isEnabled() for editor in form.editors.values())
    form.freeze(False)
    type_into(qtbot, form, "level", "9 V")
    assert form.assignments() == {"level": "9 V"}
