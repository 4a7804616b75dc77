"""Potentiation and depression: the conductance after each pulse of alternating trains of gate pulses.

Sequence: read; cycles x (up x (pulse, delay, read), down x (pulse, delay, read)). The curve gives conductance range,
on/off ratio, nonlinearity of both branches, asymmetry and cycle-to-cycle spread (Kwak et al. 2024, Tables 1-3).
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator
from typing_extensions import override

from drivers.records import Reading
from ecramlab.clock import Clock
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
from ecramlab.sequences.channel_read import ChannelReader, ChannelReading
from ecramlab.sequences.gate_pulses import GatePulse, GatePulser

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

START, POTENTIATION, DEPRESSION = 0, 1, 2


class PulseParameters(DrivenParameters):
    """The two gate pulses, in terminal signs: a p-type channel potentiates with the negative one."""

    AMPLITUDES: ClassVar[tuple[str, ...]] = ("amplitude", "down_amplitude")

    amplitude: float = quantity("V|A", 4.0, help="amplitude of the potentiating pulse; A when drive is current")
    down_amplitude: float | None = quantity("V|A", None, help="amplitude of the depressing pulse; default -amplitude")
    width: float = quantity("s", 1e-3, minimum=1e-9, help="width of the potentiating pulse between 50 % points")
    down_width: float | None = quantity("s", None, minimum=1e-9, help="width of the depressing pulse; default width")
    edge: float | None = quantity("s", None, minimum=0.0, help="0-100 % edge time; default the generator's fastest")

    @model_validator(mode="after")
    def _amplitudes_differ(self) -> Self:
        if self.amplitude == 0 or self.depressing().amplitude == 0:
            raise ValueError("an amplitude of 0 writes nothing; give for example amplitude 4 V")
        return self

    def potentiating(self) -> GatePulse:
        """The pulse of the first branch."""
        return GatePulse(self.amplitude, self.width, self.drive == "current", self.edge)

    def depressing(self) -> GatePulse:
        """The pulse of the second branch."""
        amplitude = -self.amplitude if self.down_amplitude is None else self.down_amplitude
        width = self.width if self.down_width is None else self.down_width
        return GatePulse(amplitude, width, self.drive == "current", self.edge)


class PulseReadParameters(DelayedReadParameters):
    """How the channel is read, and after how many pulses."""

    every: int = Field(1, ge=1, description="pulses between two reads; a generator sends them as one burst")


class PotentiationDepressionParameters(Parameters):
    """All parameters; every quantity takes a unit ("10 ms", "100 pA")."""

    up: int = Field(100, ge=1, le=10_000_000, description="potentiating pulses in a cycle")
    down: int = Field(100, ge=1, le=10_000_000, description="depressing pulses in a cycle")
    cycles: int = Field(3, ge=1, le=1_000_000, description="cycles; two or more give the cycle-to-cycle spread")
    period: float | None = quantity(
        "s", None, minimum=0.0, help="time from pulse to pulse; as fast as possible by default"
    )
    pulse: PulseParameters = PulseParameters()
    read: PulseReadParameters = PulseReadParameters()
    heater: HeaterParameters = HeaterParameters()
    cell: CellParameters = CellParameters()


class PotentiationDepression(Experiment[PotentiationDepressionParameters]):
    """Conductance after each of a train of potentiating and depressing gate pulses."""

    name = "potentiation-depression"
    title = "Potentiation and depression"
    Parameters = PotentiationDepressionParameters

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return (
            TIME,
            choice_column("phase", "part of the sequence", ("start", "potentiation", "depression")),
            Column("cycle", "1", "cycle, from 0", "i4"),
            Column("pulse", "1", "pulses sent in this branch", "i4"),
            *MEASURED,
            Column("pulse_amplitude", self.parameters.pulse.unit, "amplitude of the gate pulse"),
            Column("pulse_width", "s", "width of the gate pulse between 50 % points"),
            STATUS,
        )

    @override
    def check(self, file: "BenchFile") -> None:
        p, limits = self.parameters, file.chip.limits
        p.pulse.potentiating().check(limits, "pulse.amplitude or pulse.width")
        p.pulse.depressing().check(limits, "pulse.down_amplitude or pulse.down_width")
        check_reading(file, p.read, p.cell)
        p.heater.check(file)

    @override
    def total_rows(self) -> int:
        p = self.parameters
        return 1 + p.cycles * (_reads(p.up, p.read.every) + _reads(p.down, p.read.every))

    @override
    def measure(self, bench: "Bench") -> Iterator[Row]:
        p, read = self.parameters, self.parameters.read
        reader = join_cell(bench, read, p.cell)
        pulser = pulser_of(bench, p.heater)
        spacing = p.period if read.every > 1 else None  # within a burst; a single pulse is over when it is over
        started = bench.clock.now()
        yield _row(bench.clock.now() - started, START, 0, 0, None, None, reader.read())
        for cycle in range(p.cycles):
            for phase, count, pulse in (
                (POTENTIATION, p.up, p.pulse.potentiating()),
                (DEPRESSION, p.down, p.pulse.depressing()),
            ):
                pulser.load(pulse, spacing)
                for number, gate, reading in self._branch(bench.clock, pulser, reader, count):
                    yield _row(bench.clock.now() - started, phase, cycle, number, pulse, gate, reading)

    def _branch(
        self, clock: Clock, pulser: GatePulser, reader: ChannelReader, count: int
    ) -> Iterator[tuple[int, Reading, ChannelReading]]:
        """Send `count` equal pulses in bursts; yield pulses sent, gate reading and channel reading after each burst."""
        p = self.parameters
        sent = 0
        while sent < count:
            burst = min(p.read.every, count - sent)
            fired = clock.now()
            gate = pulser.fire(burst)
            sent += burst
            clock.sleep(p.read.delay)
            yield sent, gate, reader.read()
            if p.period is not None:
                clock.sleep(burst * p.period - (clock.now() - fired))


def _reads(pulses: int, every: int) -> int:
    return math.ceil(pulses / every)


def _row(
    time: float,
    phase: int,
    cycle: int,
    number: int,
    pulse: GatePulse | None,
    gate: Reading | None,
    reading: ChannelReading,
) -> Row:
    return {
        "time": time,
        "phase": phase,
        "cycle": cycle,
        "pulse": number,
        **measured(gate, reading),
        "pulse_amplitude": pulse.amplitude if pulse else math.nan,
        "pulse_width": pulse.width if pulse else math.nan,
    }


__all__ = ["PotentiationDepression", "PotentiationDepressionParameters"]
