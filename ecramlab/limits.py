"""What the chip bears. Pure functions: they refuse a request before anything is sent, and change nothing."""

import math

from pydantic import Field

from drivers.errors import Refused
from ecramlab.parameters import Parameters, format_quantity, quantity


class Limits(Parameters):
    """Limits of a chip, magnitudes in SI units, valid for both polarities."""

    gate_voltage: float = quantity("V", 5.0, minimum=0.0, maximum=200.0, help="largest gate voltage")
    gate_current: float = quantity("A", 1e-6, minimum=1e-12, maximum=3.0, help="largest gate current")
    drain_voltage: float = quantity("V", 0.5, minimum=0.0, maximum=200.0, help="largest drain and source voltage")
    drain_current: float = quantity("A", 1e-4, minimum=1e-12, maximum=3.0, help="largest drain and source current")
    pulse_width: float = quantity("s", 1.0, minimum=1e-9, maximum=1e5, help="longest gate pulse")

    def check(self, name: str, value: float, unit: str, what: str) -> None:
        """Refuse `value` of the request `what` beyond the limit `name`. NaN and infinity are refused as well."""
        limit = float(getattr(self, name))
        if not math.isfinite(value):
            raise Refused(f"{what}: {value} is not a finite number of {unit}. Nothing was sent.")
        if abs(value) > limit * (1 + 1e-9):
            raise Refused(
                f"{what}: {format_quantity(value, unit)} is beyond the chip's limit of {format_quantity(limit, unit)}. "
                f"Nothing was sent. Ask for less, or raise chip.limits.{name} in the bench file if the chip bears it."
            )

    def gate_level(self, level: float, what: str) -> None:
        """Check a gate voltage [V]."""
        self.check("gate_voltage", level, "V", what)

    def gate_drive_current(self, current: float, what: str) -> None:
        """Check a gate current [A]."""
        self.check("gate_current", current, "A", what)

    def channel_level(self, level: float, what: str) -> None:
        """Check a drain or source voltage [V]."""
        self.check("drain_voltage", level, "V", what)

    def channel_current(self, current: float, what: str) -> None:
        """Check a drain or source current [A]."""
        self.check("drain_current", current, "A", what)

    def width(self, width: float, what: str) -> None:
        """Check the width of a gate pulse [s]."""
        self.check("pulse_width", width, "s", what)


class Chip(Parameters):
    """The chip on the bench: its size, its name and what it bears."""

    rows: int = Field(1, ge=1, le=1024, description="rows of the array; 1 for a single device")
    columns: int = Field(1, ge=1, le=1024, description="columns of the array; 1 for a single device")
    layout: str = Field("A", pattern="^A$", description="gate and source lines along rows, drain lines along columns")
    limits: Limits = Limits()

    def check_cell(self, row: int, column: int) -> None:
        """Refuse a cell that this chip does not have. Sends nothing."""
        if row >= self.rows or column >= self.columns:
            raise Refused(
                f"cell ({row}, {column}): this chip has rows 0 … {self.rows - 1} and columns 0 … {self.columns - 1}. "
                "Nothing was sent."
            )
