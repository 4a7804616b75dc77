"""What the chip bears. Pure functions: they refuse a request before anything is sent, and change nothing."""

import math
import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from drivers.errors import Refused
from ecramlab.parameters import Parameters, format_quantity, quantity

_ALONG_ROWS = {"A": "GS", "B": "GD", "C": "G", "D": "S"}  # line families; the others run along columns

_TEMPERATURE = re.compile(r"(?P<number>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(?P<unit>K|degC|°C)$")


def parse_temperature(value: object) -> object:
    """A temperature in kelvin from "25 degC", "25 °C" or "298.15 K"; anything else is passed on as it is.

    Raises ValueError for text without one of these units: K is no kilo here, and 25 may mean either.
    """
    if not isinstance(value, str):
        return value
    match = _TEMPERATURE.match(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is not a temperature; give for example '25 degC' or '298 K'")
    try:
        number = float(match["number"])
    except ValueError:
        raise ValueError(f"{value!r} is not a temperature; give for example '25 degC' or '298 K'") from None
    return number if match["unit"] == "K" else number + 273.15


class Limits(Parameters):
    """Limits of a chip, magnitudes in SI units, valid for both polarities."""

    gate_voltage: float = quantity("V", 5.0, minimum=0.0, maximum=200.0, help="largest gate voltage")
    gate_current: float = quantity("A", 1e-6, minimum=1e-12, maximum=3.0, help="largest gate current")
    drain_voltage: float = quantity("V", 0.5, minimum=0.0, maximum=200.0, help="largest drain and source voltage")
    drain_current: float = quantity("A", 1e-4, minimum=1e-12, maximum=3.0, help="largest drain and source current")
    pulse_width: float = quantity("s", 1.0, minimum=1e-9, maximum=1e5, help="longest gate pulse")
    heater_voltage: float = quantity("V", 1.0, minimum=0.0, maximum=200.0, help="largest voltage across the heater")
    heater_current: float = quantity("A", 1e-2, minimum=1e-12, maximum=3.0, help="largest current through the heater")
    temperature: float = quantity("K", 450.0, minimum=1.0, maximum=2000.0, help="highest temperature of the chip")

    @field_validator("temperature", mode="before")
    @classmethod
    def _read_temperature(cls, value: object) -> object:
        return parse_temperature(value)

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

    def heater_level(self, level: float, what: str) -> None:
        """Check a voltage across the heater [V]."""
        self.check("heater_voltage", level, "V", what)

    def heater_drive_current(self, current: float, what: str) -> None:
        """Check a current through the heater [A]."""
        self.check("heater_current", current, "A", what)


class Wires(Parameters):
    """Resistance of a line between neighbouring crosspoints; the real chip has its own."""

    gate: float = quantity("Ω", 1.0, minimum=0.0, maximum=1e9, help="of gate lines")
    source: float = quantity("Ω", 1.0, minimum=0.0, maximum=1e9, help="of source lines")
    drain: float = quantity("Ω", 1.0, minimum=0.0, maximum=1e9, help="of drain lines")


class Chip(Parameters):
    """The chip on the bench: its size, its name and what it bears."""

    rows: int = Field(1, ge=1, le=1024, description="rows of the array; 1 for a single device")
    columns: int = Field(1, ge=1, le=1024, description="columns of the array; 1 for a single device")
    layout: Literal["A", "B", "C", "D"] = Field(
        "A",
        description="lines along rows, the others along columns: A gate and source; B gate and drain; C gate; D source",
    )
    ends: Literal["near", "both"] = Field(
        "near", description="both: a pad at each end of a line, the far one named Gfar0, Sfar0, Dfar0"
    )
    taps: bool = Field(False, description="contacts T0, U0 … on the channels, at the source and drain ends of the gate")
    wires: Wires | None = Field(
        None, description="resistance of the lines of the emulated chip, from crosspoint to crosspoint; none without it"
    )
    heater: bool = Field(False, description="a heater below all devices, between the pads H+ and H-")
    temperature: float | None = quantity(
        "K", None, minimum=1.0, maximum=2000.0, help="of the surroundings, e.g. the hot plate: 298 K or 25 degC"
    )
    limits: Limits = Limits()

    @field_validator("temperature", mode="before")
    @classmethod
    def _read_temperature(cls, value: object) -> object:
        return parse_temperature(value)

    @model_validator(mode="after")
    def _temperature_is_borne(self) -> Self:
        if self.temperature is not None and self.temperature > self.limits.temperature:
            raise ValueError(
                f"temperature: {format_quantity(self.temperature, 'K')} is beyond the chip's limit of "
                f"{format_quantity(self.limits.temperature, 'K')}. Ask for less, or raise chip.limits.temperature "
                "if the chip bears it."
            )
        return self

    def lines(self) -> list[str]:
        """Every line, which is also the name of the pad at its near end: "G0" … "D7"."""
        along_rows, counts = _ALONG_ROWS[self.layout], (self.columns, self.rows)
        return [f"{letter}{n}" for letter in "GSD" for n in range(counts[letter in along_rows])]

    def lines_of_cell(self, row: int, column: int) -> tuple[str, str, str]:
        """The gate, source and drain line of a cell: ("G1", "S1", "D3")."""
        along_rows, numbers = _ALONG_ROWS[self.layout], (column, row)
        gate, source, drain = (f"{letter}{numbers[letter in along_rows]}" for letter in "GSD")
        return gate, source, drain

    def pads(self) -> list[str]:
        """Every pad: of the lines, of their far ends, the taps and the heater, as far as there are any."""
        far = [f"{line[0]}far{line[1:]}" for line in self.lines()] if self.ends == "both" else []
        taps = [f"{letter}{n}" for letter in "TU" for n in range(self.rows * self.columns)] if self.taps else []
        return self.lines() + far + taps + (["H+", "H-"] if self.heater else [])

    def check_cell(self, row: int, column: int) -> None:
        """Refuse a cell that this chip does not have. Sends nothing."""
        if row >= self.rows or column >= self.columns:
            raise Refused(
                f"cell ({row}, {column}): this chip has rows 0 … {self.rows - 1} and columns 0 … {self.columns - 1}. "
                "Nothing was sent."
            )
        if self.layout == "C" and self.rows > 1:
            raise Refused(
                f"cell ({row}, {column}): layout C joins the channels of all {self.rows} cells of a column, which "
                "cannot be read apart. Nothing was sent."
            )
