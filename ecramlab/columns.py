"""Columns of a run: name, unit and meaning, as they are stored, plotted and exported."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column of numbers. `unit` is SI ("1" if none); `dtype` a numpy type code; `attrs` further attributes."""

    name: str
    unit: str
    long_name: str
    dtype: str = "f8"
    attrs: dict[str, Any] = field(default_factory=dict)


STATUS_FLAGS = {"compliance": 1, "over_range": 2, "unsettled": 4, "over_temperature": 8, "unknown": 16}

TIME = Column("time", "s", "time since the start of the run")
STATUS = Column(
    "status",
    "1",
    "what makes the row doubtful",
    "u4",
    {"flag_masks": list(STATUS_FLAGS.values()), "flag_meanings": " ".join(STATUS_FLAGS)},
)


def choice_column(name: str, long_name: str, meanings: tuple[str, ...]) -> Column:
    """A column of codes 0, 1, …, each with a meaning (CF conventions: flag_values, flag_meanings)."""
    return Column(
        name, "1", long_name, "i4", {"flag_values": list(range(len(meanings))), "flag_meanings": " ".join(meanings)}
    )
