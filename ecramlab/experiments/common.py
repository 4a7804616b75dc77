"""What several experiments share: how a pulse is driven, how the channel is read, which cell, and columns of a row."""

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from drivers.errors import Refused
from drivers.records import Flag, Reading
from ecramlab.columns import STATUS_FLAGS, Column
from ecramlab.experiment import Row
from ecramlab.parameters import Parameters, format_quantity, quantity
from ecramlab.sequences.channel_read import ChannelReader, ChannelReading, ReadSettings, channel_reader
from ecramlab.sequences.gate_pulses import GatePulser, gate_pulser
from ecramlab.sequences.heating import HeatedPulser, Heating

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

MEASURED = (
    Column("gate_voltage", "V", "gate voltage measured at the end of the pulse"),
    Column("drain_voltage", "V", "drain-source voltage of the read"),
    Column("gate_current", "A", "gate current measured at the end of the pulse"),
    Column("drain_current", "A", "drain current of the read"),
    Column("conductance", "S", "channel conductance"),
)


class DrivenParameters(Parameters):
    """Pulses by voltage or by current; the unit of the amplitudes says which."""

    AMPLITUDES: ClassVar[tuple[str, ...]] = ("amplitude",)

    drive: Literal["voltage", "current"] = Field("voltage", description="voltage pulses, or current pulses from an SMU")

    @model_validator(mode="before")
    @classmethod
    def _drive_from_unit(cls, values: Any) -> Any:
        """`amplitude: 100 pA` makes it a current pulse without saying so twice."""
        if not isinstance(values, dict):
            return values
        units = {str(values[k]).strip()[-1:] for k in cls.AMPLITUDES if isinstance(values.get(k), str)}
        drive = values.get("drive")
        if units == {"A"} and drive in (None, "current"):
            return {**values, "drive": "current"}
        if "A" in units or ("V" in units and drive == "current"):
            names = " and ".join(cls.AMPLITUDES)
            raise ValueError(
                f"{names} must {'both ' if len(cls.AMPLITUDES) > 1 else ''}be in V, or in A with drive current"
            )
        return values

    @property
    def unit(self) -> str:
        """Unit of the amplitudes."""
        return "A" if self.drive == "current" else "V"


class ReadParameters(Parameters):
    """How the channel is read."""

    voltage: float = quantity("V", 0.1, minimum=-10, maximum=10, help="drain-source voltage of a read")
    settle: float | None = quantity(
        "s", None, minimum=0.0, help="wait between read voltage and integration; default what the current range needs"
    )
    aperture: float = quantity(
        "s", 0.02, minimum=1e-5, maximum=10, help="integration time; 20 ms is one line cycle at 50 Hz"
    )
    range: float | None = quantity("A", None, minimum=1e-12, help="fixed current range; default follows the current")

    @model_validator(mode="after")
    def _some_voltage(self) -> Self:
        if self.voltage == 0:
            raise ValueError("voltage 0 V reads nothing; give for example 0.1 V")
        return self


class DelayedReadParameters(ReadParameters):
    """How the channel is read after a pulse."""

    delay: float = quantity("s", 1e-3, minimum=0.0, help="wait between the end of a pulse and the read")


class CellParameters(Parameters):
    """Which cell of an array."""

    row: int = Field(0, ge=0, description="row of the cell, from 0")
    column: int = Field(0, ge=0, description="column of the cell, from 0")
    unselected: Literal["ground", "open"] = Field("ground", description="where the other lines of the array are")


class HeaterParameters(Parameters):
    """The heater of the chip: on during each burst of pulses, off while the channel is read."""

    voltage: float = quantity("V", 0.0, minimum=-200, maximum=200, help="voltage across the heater; 0 V leaves it cold")
    settle: float = quantity("s", 1e-3, minimum=0.0, help="time to warm up before a burst, and to cool down after it")

    def check(self, file: "BenchFile") -> None:
        """Refuse a heater that this bench does not have, or a voltage that it does not bear. Sends nothing."""
        if self.voltage and file.roles.heater is None:
            raise Refused(
                f"heater.voltage: {format_quantity(self.voltage, 'V')} given, but no instrument of this bench drives a "
                "heater. Nothing was sent. Name its terminal as roles.heater in the bench file, or leave it at 0 V."
            )
        file.chip.limits.heater_level(self.voltage, "heater.voltage")


def pulser_of(bench: "Bench", heater: HeaterParameters) -> GatePulser:
    """What sends the pulses of this bench, hot if asked for."""
    pulser = gate_pulser(bench.gate, bench.limits, bench.clock)
    if not heater.voltage or bench.heater is None:
        return pulser
    return HeatedPulser(pulser, bench.heater, Heating(heater.voltage, heater.settle), bench.limits, bench.clock)


def check_reading(file: "BenchFile", read: ReadParameters, cell: CellParameters) -> None:
    """Refuse a read voltage or a cell that the chip on this bench does not allow. Sends nothing."""
    file.chip.limits.channel_level(read.voltage, "read.voltage")
    file.chip.check_cell(cell.row, cell.column)


def join_cell(bench: "Bench", read: ReadParameters, cell: CellParameters) -> ChannelReader:
    """Join the cell to its units; gives the reader of its channel, which is on from now on."""
    bench.select_cell(cell.row, cell.column, unselected=cell.unselected)
    settings = ReadSettings(read.voltage, read.aperture, read.settle, read.range)
    return channel_reader(bench.drain, bench.source, settings, bench.limits)


def measured(gate: Reading | None, reading: ChannelReading) -> Row:
    """The columns MEASURED and the status of a row; `gate` None where the gate was not measured."""
    in_compliance = gate is not None and Flag.COMPLIANCE in gate.flags
    return {
        "gate_voltage": gate.voltage if gate else math.nan,
        "drain_voltage": reading.voltage,
        "gate_current": gate.current if gate else math.nan,
        "drain_current": reading.current,
        "conductance": reading.conductance,
        "status": reading.status | (STATUS_FLAGS["compliance"] if in_compliance else 0),
    }
