"""Pulse map: the change of conductance by one pulse, over amplitude and width.

Sequence, for each pair of amplitude and width: read; pulses x (pulse, delay, read); then, if asked for, opposite pulses
until the conductance is back where the pair started. The map is the write law of a device: linear in current and time
(Tang et al. 2018), or exponential in voltage and logarithmic in time (Kim et al. 2019; Kwak et al. 2024, Figs. 4, 5).
"""

import math
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from ecramlab.columns import STATUS, TIME, Column, choice_column
from ecramlab.experiment import Experiment, Row
from ecramlab.experiments.common import (
    MEASURED,
    CellParameters,
    DelayedReadParameters,
    DrivenParameters,
    HeaterParameters,
    check_reading,
    join_cell,
    measured,
    pulser_of,
)
from ecramlab.parameters import Parameters, quantity
from ecramlab.sequences.channel_read import ChannelReader
from ecramlab.sequences.gate_pulses import GatePulse, GatePulser

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

START, PULSE = 0, 1


def _between(first: float, last: float, count: int) -> list[float]:
    """`count` values evenly apart, both ends included; one value is the first."""
    return [first + (last - first) * k / max(1, count - 1) for k in range(count)]


class MapPulseParameters(DrivenParameters):
    """The grid of gate pulses: amplitudes evenly apart, widths evenly apart on a logarithmic scale."""

    AMPLITUDES: ClassVar[tuple[str, ...]] = ("first_amplitude", "last_amplitude")

    first_amplitude: float = quantity("V|A", 1.0, help="amplitude at one end of the map; A when drive is current")
    last_amplitude: float = quantity("V|A", 4.0, help="amplitude at the other end")
    amplitudes: int = Field(7, ge=1, le=1000, description="number of amplitudes, evenly apart")
    both_signs: bool = Field(True, description="map the opposite amplitudes as well")
    first_width: float = quantity("s", 1e-6, minimum=1e-9, help="shortest width between 50 % points")
    last_width: float = quantity("s", 0.1, minimum=1e-9, help="longest width")
    widths: int = Field(6, ge=1, le=1000, description="number of widths, evenly apart on a logarithmic scale")
    edge: float | None = quantity("s", None, minimum=0.0, help="0-100 % edge time; default the generator's fastest")

    @model_validator(mode="after")
    def _a_grid(self) -> Self:
        if 0.0 in self.levels():
            raise ValueError("the map holds an amplitude of 0, which writes nothing; choose other ends, or both_signs")
        if self.last_width < self.first_width:
            raise ValueError("last_width is below first_width; exchange them")
        return self

    def levels(self) -> list[float]:
        """All amplitudes, with their opposites where both signs are asked for [V or A]."""
        ascending = _between(self.first_amplitude, self.last_amplitude, self.amplitudes)
        return [*ascending, *(-level for level in ascending)] if self.both_signs else ascending

    def durations(self) -> list[float]:
        """All widths [s]."""
        exponents = _between(math.log10(self.first_width), math.log10(self.last_width), self.widths)
        return [10.0**exponent for exponent in exponents]

    def grid(self) -> list[GatePulse]:
        """Every pulse of the map, from the shortest on, and from the first amplitude on within a width."""
        return [
            GatePulse(level, width, self.drive == "current", self.edge)
            for width in self.durations()
            for level in self.levels()
        ]


class PulseMapParameters(Parameters):
    """All parameters; every quantity takes a unit ("10 ms", "100 pA")."""

    pulses: int = Field(1, ge=1, le=10_000, description="pulses of each amplitude and width, with a read after each")
    rest: float = quantity("s", 0.0, minimum=0.0, help="wait before each pulse; dispersive devices forget meanwhile")
    restart: Literal["none", "opposite"] = Field(
        "none", description="opposite: pulses of the opposite amplitude lead back to where a pair started"
    )
    max_restart: int = Field(200, ge=1, le=100_000, description="most pulses of one restart")
    order: Literal["rising", "random"] = Field("rising", description="order of the pairs of amplitude and width")
    seed: int = Field(1, ge=0, description="seed of the random order")
    pulse: MapPulseParameters = MapPulseParameters()
    read: DelayedReadParameters = DelayedReadParameters()
    heater: HeaterParameters = HeaterParameters()
    cell: CellParameters = CellParameters()


class PulseMap(Experiment[PulseMapParameters]):
    """Change of the conductance by one gate pulse, over amplitude and width."""

    name = "pulse-map"
    title = "Pulse map"
    Parameters = PulseMapParameters

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return (
            TIME,
            choice_column("phase", "part of the sequence", ("start", "pulse")),
            Column("point", "1", "pair of amplitude and width, from 0", "i4"),
            Column("pulse", "1", "pulses of this pair sent", "i4"),
            *MEASURED,
            Column("change", "S", "change of the conductance by this pulse"),
            Column("pulse_amplitude", self.parameters.pulse.unit, "amplitude of the gate pulse"),
            Column("pulse_width", "s", "width of the gate pulse between 50 % points"),
            STATUS,
        )

    @override
    def check(self, file: "BenchFile") -> None:
        for pulse in self.parameters.pulse.grid():
            pulse.check(file.chip.limits, "pulse.last_amplitude or pulse.last_width")
        check_reading(file, self.parameters.read, self.parameters.cell)
        self.parameters.heater.check(file)

    @override
    def total_rows(self) -> int:
        return len(self.parameters.pulse.grid()) * (1 + self.parameters.pulses)

    @override
    def measure(self, bench: "Bench") -> Iterator[Row]:
        p = self.parameters
        reader = join_cell(bench, p.read, p.cell)
        pulser = pulser_of(bench, p.heater)
        started = bench.clock.now()
        for point, pulse in enumerate(self._pairs()):
            pulser.load(pulse, None)
            levels: list[float] = []
            for row in self._point(bench, pulser, reader, pulse):
                change = row["conductance"] - levels[-1] if levels else math.nan
                levels.append(row["conductance"])
                yield {"time": bench.clock.now() - started, "point": point, **row, "change": change}
            if p.restart == "opposite":
                self._lead_back(bench, pulser, reader, pulse, levels[0])

    def _pairs(self) -> list[GatePulse]:
        grid = self.parameters.pulse.grid()
        if self.parameters.order == "random":
            random.Random(self.parameters.seed).shuffle(grid)
        return grid

    def _point(self, bench: "Bench", pulser: GatePulser, reader: ChannelReader, pulse: GatePulse) -> Iterator[Row]:
        """Rows of one pair without their times and changes."""
        known = {"pulse_amplitude": pulse.amplitude, "pulse_width": pulse.width}
        yield {"phase": START, "pulse": 0, **measured(None, reader.read()), **known}
        for number in range(1, self.parameters.pulses + 1):
            bench.clock.sleep(self.parameters.rest)
            gate = pulser.fire(1)
            bench.clock.sleep(self.parameters.read.delay)
            yield {"phase": PULSE, "pulse": number, **measured(gate, reader.read()), **known}

    def _lead_back(
        self, bench: "Bench", pulser: GatePulser, reader: ChannelReader, pulse: GatePulse, goal: float
    ) -> None:
        """Opposite pulses until the conductance has come back to `goal` or passed it."""
        away = reader.read().conductance - goal
        pulser.load(GatePulse(-pulse.amplitude, pulse.width, pulse.by_current, pulse.edge), None)
        for _ in range(self.parameters.max_restart):
            if (reader.read().conductance - goal) * away <= 0.0:
                return
            bench.clock.sleep(self.parameters.rest)
            pulser.fire(1)
            bench.clock.sleep(self.parameters.read.delay)
