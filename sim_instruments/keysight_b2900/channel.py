"""One channel: source, measure side, trigger system and the data it has taken."""

from __future__ import annotations

from collections.abc import Callable

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2900.calculations import Calculations
from sim_instruments.keysight_b2900.data import MOST_READINGS, TraceBuffer
from sim_instruments.keysight_b2900.measure import Measure, Reading
from sim_instruments.keysight_b2900.ranges import ModelRanges
from sim_instruments.keysight_b2900.source import Source
from sim_instruments.keysight_b2900.trigger import TriggerSystem
from sim_instruments.timeline import Timeline


class Channel:
    """Channel 1 or 2, harness terminal of the same name."""

    def __init__(
        self,
        number: int,
        surroundings: Surroundings,
        model: ModelRanges,
        timeline: Timeline,
        line_frequency: Callable[[], float],
        stamp: Callable[[], float],
        interlock_closed: Callable[[], bool],
        *,
        overshoot: bool,
    ) -> None:
        self.number = number
        self.source = Source(number, surroundings, model, timeline, interlock_closed, overshoot=overshoot)
        self.measure = Measure(number, surroundings, model, self.source, timeline, line_frequency, stamp)
        self.trigger = TriggerSystem(self.source, self.measure, timeline, self._keep, model.shortest_interval)
        self.trace = TraceBuffer()
        self.calculations = Calculations()
        self.readings: list[Reading] = []

    def _keep(self, reading: Reading) -> None:
        if len(self.readings) < MOST_READINGS:
            self.readings.append(reading)
        self.calculations.check(reading)
        self.trace.keep(reading)

    def reset(self) -> None:
        """*RST."""
        self.trigger.reset()
        self.source.reset()
        self.measure.reset()
        self.trace.reset()
        self.calculations.reset()
        self.readings.clear()

    def prepare(self) -> None:
        """What an initiation or spot measurement does first: output on, if that is automatic."""
        if self.source.output_on_auto:
            self.source.output = True

    def finish(self) -> None:
        """What comes after them: output off, if that is automatic."""
        if self.source.output_off_auto:
            self.source.switch_off()
