"""One figure of merit: a number with unit and label, or the reason why there is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ecramlab.parameters import format_quantity

NONE = "–"


@dataclass(frozen=True)
class Figure:
    """A figure of merit. `unit` is SI, "1" if none, or "%"; `value` is None where it cannot be had, for `reason`."""

    value: float | None
    unit: str
    label: str
    reason: str = ""

    @classmethod
    def missing(cls, unit: str, label: str, reason: str) -> Self:
        """A figure that cannot be had."""
        return cls(None, unit, label, reason)

    def as_dict(self) -> dict[str, Any]:
        """{"value", "unit", "label"}, and "reason" where there is no value."""
        facts: dict[str, Any] = {"value": self.value, "unit": self.unit, "label": self.label}
        return facts if self.value is not None else {**facts, "reason": self.reason}


class FigureSet(dict[str, Figure]):
    """Figures of merit by name."""

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """{name: {"value", "unit", "label"}}, with "reason" where the value is None."""
        return {name: figure.as_dict() for name, figure in self.items()}


def format_figure(value: float | None, unit: str) -> str:
    """A figure with SI prefix: 2.4e-8 S -> "24 nS"; "–" if there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "%":
        return f"{value:.3g} %"
    if unit in ("", "1"):
        return f"{value:.4g}"
    return format_quantity(value, unit)


def table_rows(figures: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(label, value with SI prefix or the reason why there is none) of each figure, for a table."""
    return [
        (figure["label"], format_figure(figure["value"], figure["unit"]) + _why(figure)) for figure in figures.values()
    ]


def _why(figure: Mapping[str, Any]) -> str:
    return f" ({figure['reason']})" if figure["value"] is None else ""
