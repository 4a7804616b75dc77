"""Editors of one parameter each, all with the same face: text in, text out, read-only without greying."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ecramlab.parameters import ParameterInfo, format_quantity, parse_quantity


class _WheelGuard(QObject):
    """Lets the wheel scroll the form instead of changing a value that happens to lie under it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class QuantitySpinBox(QAbstractSpinBox):
    """A quantity with its unit, "10 ms". Arrow keys step its leading digit. Empty means the parameter's default."""

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__()
        self._info = info
        self.lineEdit().setPlaceholderText("automatic")

    def value(self) -> float | None:
        """SI value, None when empty or not readable."""
        try:
            return parse_quantity(self.text(), self._info.unit) if self.text().strip() else None
        except ValueError:
            return None

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """One step of the leading digit: 4 V -> 5 V, 10 ms -> 9 ms."""
        value = self.value()
        for _ in range(abs(steps)):
            value = None if value is None else _step(value, upward=steps > 0)
        if value is not None:
            low = -math.inf if self._info.minimum is None else self._info.minimum
            high = math.inf if self._info.maximum is None else self._info.maximum
            self.lineEdit().setText(format_quantity(min(max(value, low), high), self._unit()))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802
        """Both ways while the text is a quantity."""
        step = QAbstractSpinBox.StepEnabledFlag
        return step.StepNone if self.isReadOnly() or self.value() is None else step.StepUpEnabled | step.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Every text may be typed; what is wrong is said below the form."""
        return QValidator.State.Acceptable, text, position

    def _unit(self) -> str:
        """The unit as typed, where several are possible ("V|A")."""
        units = self._info.unit.split("|")
        return next((unit for unit in units if self.text().strip().endswith(unit)), units[0])


def _step(value: float, *, upward: bool) -> float:
    if value == 0:
        return 0.0
    size = abs(value)
    step = 10.0 ** math.floor(math.log10(size) + 1e-9)
    grows = upward == (value > 0)
    if not grows and size - step < step * 1e-6:
        step /= 10
    digits = 1 - math.floor(math.log10(step) + 1e-9)
    return math.copysign(round(size + step if grows else size - step, digits), value)


class Editor(QObject):
    """One parameter in a form. `text` is what `--set` takes; "" stands for the default of an optional one."""

    changed = Signal()

    def __init__(self, info: ParameterInfo) -> None:
        super().__init__()
        self.info = info
        make: Callable[[], QWidget] = {
            "quantity": self._make_quantity,
            "integer": self._make_integer,
            "choice": self._make_choice,
            "boolean": self._make_choice,
            "text": self._make_text,
        }[info.kind]
        self.widget = make()
        self.widget.setAccessibleName(info.label)
        self.widget.setToolTip(_tooltip(info))
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._guard = _WheelGuard(self)
        self.widget.installEventFilter(self._guard)
        self.reset()

    # -- making ---------------------------------------------------------------------------------------------
    def _make_quantity(self) -> QWidget:
        box = QuantitySpinBox(self.info)
        box.lineEdit().textChanged.connect(self.changed)
        return box

    def _make_integer(self) -> QWidget:
        box = QSpinBox()
        box.setRange(int(_or(self.info.minimum, -(2**31))), int(min(_or(self.info.maximum, 2**31 - 1), 2**31 - 1)))
        box.valueChanged.connect(self.changed)
        return box

    def _make_choice(self) -> QWidget:
        box = QComboBox()
        box.addItems(self.info.choices or ("false", "true"))
        box.currentTextChanged.connect(self.changed)
        return box

    def _make_text(self) -> QWidget:
        line = QLineEdit()
        line.textChanged.connect(self.changed)
        return line

    # -- value ------------------------------------------------------------------------------------------------
    def text(self) -> str:
        """The present value as text."""
        if isinstance(self.widget, QComboBox):
            return self.widget.currentText()
        assert isinstance(self.widget, QAbstractSpinBox | QLineEdit)
        return self.widget.text().strip()

    def set_text(self, text: str) -> None:
        """Show `text`: a value as `--set` takes it, or "" for the default of an optional parameter."""
        if isinstance(self.widget, QComboBox):
            self.widget.setCurrentText(text)
        elif isinstance(self.widget, QSpinBox):
            self.widget.setValue(int(text))
        elif isinstance(self.widget, QuantitySpinBox):
            self.widget.lineEdit().setText(self._pretty(text))
            self.widget.lineEdit().setCursorPosition(0)
        else:
            assert isinstance(self.widget, QLineEdit)
            self.widget.setText(text)

    def reset(self) -> None:
        """Back to the default."""
        self.set_text(self.default_text())

    def default_text(self) -> str:
        """The default as text."""
        default = self.info.default
        if isinstance(default, bool):
            return str(default).lower()
        if default is None:
            return ""
        return self._pretty(str(default)) if self.info.kind == "quantity" else str(default)

    @property
    def at_default(self) -> bool:
        """True when the value need not be given to a run."""
        return self.text() == self.default_text()

    def shown(self, text: str) -> str:
        """How `text` looks once it was set."""
        return self._pretty(text) if self.info.kind == "quantity" else text

    def _pretty(self, text: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text  # has a unit, or is for the user to mend
        return format_quantity(value, self.info.unit, digits=6)

    # -- state --------------------------------------------------------------------------------------------------
    def freeze(self, frozen: bool) -> None:
        """Read-only, but as readable as before."""
        if frozen == bool(self.widget.property("frozen")):
            return
        if isinstance(self.widget, QAbstractSpinBox | QLineEdit):
            self.widget.setReadOnly(frozen)
        else:
            self.widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, frozen)
            self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus if frozen else Qt.FocusPolicy.StrongFocus)
        set_mark(self.widget, "frozen", frozen)

    def mark_wrong(self, wrong: bool) -> None:
        """Show that this value is refused."""
        set_mark(self.widget, "wrong", wrong)


def set_mark(widget: QWidget, name: str, value: bool) -> None:
    """Set a property that the style sheet looks at, and have it look again."""
    if bool(widget.property(name)) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _or(value: float | None, instead: float) -> float:
    return instead if value is None else value


def _shown(info: ParameterInfo, value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return format_quantity(value, info.unit) if info.unit else f"{value:.12g}"


def _tooltip(info: ParameterInfo) -> str:
    bounds = []
    if info.minimum is not None:
        bounds.append(f"at least {_shown(info, info.minimum)}")
    if info.maximum is not None:
        bounds.append(f"at most {_shown(info, info.maximum)}")
    lines = [f"<b>{info.path}</b>", f"{info.help[:1].upper()}{info.help[1:]}." if info.help else ""]
    lines.append(", ".join(bounds))
    lines.append(f"default {_shown(info, info.default)}" if info.default is not None else "may be left empty")
    return "<br>".join(line for line in lines if line)
