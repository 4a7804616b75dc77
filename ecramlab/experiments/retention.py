"""Retention and relaxation: write, then read at logarithmically spaced times with the gate at 0 V or open.

Sequence: read; a train of equal pulses; the gate to its rest; reads. Short times show double layers relax, long ones
how a state is kept (Kwak et al. 2024, Tables 1-3). An open gate and one at 0 V differ wherever the stack has a
potential of its own.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from ecramlab.columns import STATUS, TIME, Column, choice_column
from ecramlab.experiment import Experiment, Row
from ecramlab.experiments.common import (
    MEASURED,
    CellParameters,
    DrivenParameters,
    HeaterParameters,
    ReadParameters,
    check_reading,
    join_cell,
    measured,
    pulser_of,
)
from ecramlab.parameters import Parameters, quantity
from ecramlab.sequences.gate_pulses import GatePulse
from ecramlab.sequences.gate_rest import rest_gate

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

BEFORE, AFTER = 0, 1


class WriteParameters(DrivenParameters):
    """The train of gate pulses that writes the state."""

    amplitude: float = quantity("V|A", 4.0, help="amplitude of the pulses; A when drive is current")
    width: float = quantity("s", 1e-3, minimum=1e-9, help="width between 50 % points")
    edge: float | None = quantity("s", None, minimum=0.0, help="0-100 % edge time; default the generator's fastest")
    count: int = Field(100, ge=1, le=10_000_000, description="pulses of the train")
    period: float | None = quantity(
        "s", None, minimum=0.0, help="time from pulse to pulse; as fast as possible by default"
    )

    def pulse(self) -> GatePulse:
        """One pulse of the train."""
        return GatePulse(self.amplitude, self.width, self.drive == "current", self.edge)


class RetentionParameters(Parameters):
    """All parameters; every quantity takes a unit ("10 ms", "100 pA")."""

    gate: Literal["ground", "open"] = Field("ground", description="the gate after the write: at 0 V, or open")
    first: float = quantity("s", 0.1, minimum=1e-5, help="first read, after the end of the write")
    last: float = quantity("s", 50400.0, minimum=1e-5, help="last read; 14 h")
    reads: int = Field(60, ge=2, le=1_000_000, description="reads, evenly apart on a logarithmic scale of time")
    write: WriteParameters = WriteParameters()
    read: ReadParameters = ReadParameters()
    heater: HeaterParameters = HeaterParameters()
    cell: CellParameters = CellParameters()

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last <= self.first:
            raise ValueError("last must be after first; give for example first 0.1 s and last 50 ks")
        return self


class Retention(Experiment[RetentionParameters]):
    """Conductance at logarithmically spaced times after a write."""

    name = "retention"
    title = "Retention"
    Parameters = RetentionParameters

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return (
            TIME,
            choice_column("phase", "part of the sequence", ("before the write", "after the write")),
            Column("elapsed", "s", "time from the end of the write to the middle of the read"),
            *MEASURED,
            STATUS,
        )

    @override
    def check(self, file: "BenchFile") -> None:
        p = self.parameters
        p.write.pulse().check(file.chip.limits, "write.amplitude or write.width")
        check_reading(file, p.read, p.cell)
        p.heater.check(file)

    @override
    def total_rows(self) -> int:
        return 1 + self.parameters.reads

    @override
    def measure(self, bench: "Bench") -> Iterator[Row]:
        p, clock = self.parameters, bench.clock
        reader = join_cell(bench, p.read, p.cell)
        pulser = pulser_of(bench, p.heater)
        started = clock.now()
        row = {"phase": BEFORE, "elapsed": math.nan, **measured(None, reader.read())}
        yield {"time": clock.now() - started, **row}
        pulser.load(p.write.pulse(), p.write.period)
        pulser.fire(p.write.count)
        written = clock.now()
        rest_gate(bench.gate, p.gate, bench.limits)
        for goal in self._times():
            clock.sleep(written + goal - clock.now())  # a read that is due already is taken at once
            row = {"phase": AFTER, **measured(None, reader.read())}
            now = clock.now()
            yield {"time": now - started, "elapsed": now - written - 0.5 * p.read.aperture, **row}

    def _times(self) -> list[float]:
        p = self.parameters
        ratio = math.log(p.last / p.first)
        return [p.first * math.exp(ratio * k / (p.reads - 1)) for k in range(p.reads)]
