"""Transfer curve: the conductance while the gate is swept up and down in steps, and the gate current.

Sequence: cycles x (staircase from start to stop and back); at each step gate, wait, read the channel, read the gate.
Shows hysteresis and the window of gate voltages (Yang et al. 2018; Kwak et al. 2024, section 2.1).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator
from typing_extensions import override

from drivers.errors import Refused
from drivers.roles import SourceMeasureUnit
from ecramlab.columns import STATUS, TIME, Column, choice_column
from ecramlab.experiment import Experiment, Row
from ecramlab.experiments.common import MEASURED, CellParameters, ReadParameters, check_reading, join_cell, measured
from ecramlab.parameters import Parameters, quantity

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

UP, DOWN = 0, 1
NEEDS_UNIT = (
    "A transfer curve needs a source-measure unit at the gate; on this bench a pulse generator drives it. "
    "Nothing was sent. Use a bench like single-device-current."
)


class GateSweepParameters(Parameters):
    """The staircase of the gate."""

    start: float = quantity("V", -1.5, help="gate voltage that a cycle starts and ends at")
    stop: float = quantity("V", 1.5, help="gate voltage that it turns at")
    step: float = quantity("V", 10e-3, minimum=1e-6, help="step of the staircase")
    rate: float = quantity("V/s", 20e-3, minimum=1e-6, help="mean rate; sets how long a step lasts")
    range: float | None = quantity("A", None, minimum=1e-12, help="current range; default the chip's limit")

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if abs(self.stop - self.start) < self.step:
            raise ValueError("start and stop are less than a step apart; give for example -1.5 V and 1.5 V")
        return self

    def levels(self) -> list[tuple[int, float]]:
        """Direction and gate voltage of every step of one cycle; the turning point belongs to the way up."""
        steps = round(abs(self.stop - self.start) / self.step)
        way = [self.start + (self.stop - self.start) * k / steps for k in range(steps + 1)]
        return [*((UP, level) for level in way), *((DOWN, level) for level in reversed(way[:-1]))]


class TransferCurveParameters(Parameters):
    """All parameters; every quantity takes a unit ("10 ms", "100 pA")."""

    cycles: int = Field(1, ge=1, le=100_000, description="sweeps there and back")
    gate: GateSweepParameters = GateSweepParameters()
    read: ReadParameters = ReadParameters()
    cell: CellParameters = CellParameters()


class TransferCurve(Experiment[TransferCurveParameters]):
    """Conductance and gate current while the gate voltage is swept up and down."""

    name = "transfer-curve"
    title = "Transfer curve"
    Parameters = TransferCurveParameters

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return (
            TIME,
            choice_column("phase", "direction of the sweep", ("there", "back")),
            Column("cycle", "1", "cycle, from 0", "i4"),
            Column("gate_level", "V", "gate voltage asked for"),
            *MEASURED,
            STATUS,
        )

    @override
    def check(self, file: "BenchFile") -> None:
        p = self.parameters
        if "smu" not in file.instruments[file.roles.gate.partition(".")[0]].info.roles:
            raise Refused(NEEDS_UNIT)
        file.chip.limits.gate_level(p.gate.start, "gate.start")
        file.chip.limits.gate_level(p.gate.stop, "gate.stop")
        check_reading(file, p.read, p.cell)

    @override
    def total_rows(self) -> int:
        return self.parameters.cycles * len(self.parameters.gate.levels())

    @override
    def measure(self, bench: "Bench") -> Iterator[Row]:
        p, clock = self.parameters, bench.clock
        reader = join_cell(bench, p.read, p.cell)
        gate = self._ready_gate(bench)
        levels = p.gate.levels()
        lasts = abs(levels[1][1] - levels[0][1]) / p.gate.rate
        started = clock.now()
        for cycle in range(p.cycles):
            for direction, level in levels:
                reached = clock.now()
                gate.set_level(level)
                reading = reader.read()
                row = {"phase": direction, "cycle": cycle, "gate_level": level, **measured(gate.measure(), reading)}
                yield {"time": clock.now() - started, **row}
                clock.sleep(lasts - (clock.now() - reached))

    def _ready_gate(self, bench: "Bench") -> SourceMeasureUnit:
        sweep, limit = self.parameters.gate, bench.limits.gate_current
        gate = bench.gate
        if not isinstance(gate, SourceMeasureUnit):
            raise Refused(NEEDS_UNIT)
        highest = max(abs(sweep.start), abs(sweep.stop))
        gate.source_voltage(0.0, current_limit=limit, voltage_range=highest)
        aperture = self.parameters.read.aperture
        gate.measure_setup(aperture=aperture, current_range=sweep.range or limit, autozero="once")
        gate.output(True)
        return gate


__all__ = ["TransferCurve", "TransferCurveParameters"]
