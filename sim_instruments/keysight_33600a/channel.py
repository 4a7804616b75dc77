"""What a channel of this family has beyond `GeneratorChannel`: arbitrary waveforms, bursts and triggers."""

import math
from collections.abc import Sequence

from sim_instruments.generator import Clipping, FittingPulse, GeneratorChannel, Play, Program
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.channel import BURST, CONTINUOUS_MODE, SWEEP, Shaping
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.memory import WaveformMemory
from sim_instruments.generator.output import CONTINUOUS
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_33600a.frequency_list import FrequencyList
from sim_instruments.keysight_33600a.models import FamilyModel
from sim_instruments.scpi import ScpiError

FEWEST_POINTS = 8
MEMORY_POINTS = 4_000_000
BUILT_IN = "EXP_RISE"
_EXPONENTIAL_RISE = tuple(2.0 * (1.0 - 2.0 ** (-k / 8.0)) / (1.0 - 2.0 ** (-63 / 8.0)) - 1.0 for k in range(64))
LIST = "LIST"
BURST_GAP = 1e-6
"""Pause that internally triggered bursts need [s]."""


class Channel(GeneratorChannel):
    """Settings in SI units; the property setters hold the rules by which they change each other."""

    def __init__(self, number: int, around: Surroundings, family: FamilyModel, report: Report) -> None:
        self.family = family
        self.memory = WaveformMemory({BUILT_IN: _EXPONENTIAL_RISE}, MEMORY_POINTS, FEWEST_POINTS)
        pulse = FittingPulse(family.generator.pulse, report)
        self.siblings: Sequence[Channel] = ()
        self.list = FrequencyList()
        super().__init__(number, around, family.generator, Clipping(report), report, pulse)
        self.reset()

    def reset_burst(self) -> None:
        """Burst off, immediate trigger, the built-in arbitrary waveform at 40 kSa/s."""
        self.arb_name, self.sample_rate, self.arb_filter, self.arb_advance = BUILT_IN, 40e3, "STEP", "SRAT"
        self.burst_mode, self.burst_count, self.burst_period, self.burst_phase = "TRIG", 1.0, 10e-3, 0.0
        self.gate_polarity, self.trigger_slope = "NORM", "POS"
        self.trigger_source, self.trigger_timer, self.trigger_delay = "IMM", 1.0, 0.0
        self.trigger_count, self.trigger_level, self.rearm, self.armed = 1.0, 1.65, True, 0.0
        self.output_mode, self.range_auto = "NORM", True
        self.bit_pattern, self.bit_edge = "PN7", self.family.generator.pulse.edge
        self.list.reset()
        self.sync_polarity, self.sync_mode = "NORM", "NORM"

    @property
    def function(self) -> str:
        """Short name of the function; DC is not possible in burst mode."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        if name == "DC" and self.burst_on:
            raise ScpiError(-221, "dc function is not possible in burst mode")
        self._set_function(name)

    @property
    def frequency(self) -> float:
        """Repetition frequency [Hz]; of an arbitrary waveform, its sample rate divided by its length."""
        return self.sample_rate / len(self.samples) if self._function == "ARB" else self._frequency

    @frequency.setter
    def frequency(self, hertz: float) -> None:
        if self._function == "ARB":
            self.sample_rate = hertz * len(self.samples)
        else:
            self._set_frequency(hertz)

    # -- arbitrary waveforms ---------------------------------------------------------------------------------

    @property
    def samples(self) -> tuple[float, ...]:
        """Samples of the selected arbitrary waveform."""
        return self.memory.find(self.arb_name)

    def restore(self, state: tuple[dict[str, object], ...]) -> None:
        """Take over the settings of `state`; a waveform that is no longer in memory gives way to the built-in one."""
        super().restore(state)
        if self.arb_name not in self.memory.names:
            self.arb_name = BUILT_IN

    def clear_memory(self) -> None:
        """Clear volatile memory; the default waveform is selected again."""
        self.memory.clear()
        self.arb_name = BUILT_IN

    def other_cycle(self) -> Cycle | None:
        """Arbitrary waveforms and PRBS."""
        if self._function == "ARB":
            return cycles.arbitrary(self.samples, 1.0 / self.sample_rate, stepped=self.arb_filter == "OFF")
        return cycles.pseudo_random_bits(self.bit_rate, int(self.bit_pattern[2:])) if self._function == "PRBS" else None

    # -- burst and trigger -----------------------------------------------------------------------------------

    def _suits(self, mode: str) -> bool:
        return super()._suits(mode) and not (mode in (BURST, LIST) and self._function in ("DC", "NOIS"))

    @property
    def frequency_mode(self) -> str:
        """CW, SWE or LIST."""
        return self.mode if self.mode in (SWEEP, LIST) else CONTINUOUS_MODE

    @frequency_mode.setter
    def frequency_mode(self, name: str) -> None:
        for mode in (SWEEP, LIST):
            if mode in (name, self.mode):
                self.set_mode(mode, name == mode)

    def shaping(self) -> Shaping | None:
        """What the mode makes of the carrier, if anything."""
        return self.list if self.mode == LIST else super().shaping()

    def _parts(self) -> tuple[object, ...]:
        return (*super()._parts(), self.list)

    def modulating_channel(self, source: str) -> Cycle | None:
        """The function of the other channel, for sources CH1 and CH2."""
        return self.siblings[int(source[-1]) - 1].carrier() if source in ("CH1", "CH2") else None

    def stored_samples(self, name: str) -> tuple[float, ...]:
        """ARB: the selected arbitrary waveform."""
        return self.samples if name == "ARB" else super().stored_samples(name)

    @property
    def waits_for_bus(self) -> bool:
        """Whether *TRG concerns this channel."""
        waits = self.mode == SWEEP or (self.burst_on and self.burst_mode == "TRIG")
        return waits and self.trigger_source == "BUS"

    def program(self) -> Program:
        """Bursts or sweeps by trigger or internal clock, gated cycles, or neither."""
        if self.mode == SWEEP:
            return self._sweep_program()
        if self.mode == LIST and self.trigger_source != "IMM":
            self._report(-241, "lists that are stepped by triggers are not simulated")
        if not self.burst_on:
            return CONTINUOUS
        if self.burst_mode == "GAT":
            return Program(Play.GATED)
        if self.trigger_source in ("IMM", "TIM"):
            every = self.burst_period if self.trigger_source == "IMM" else self.trigger_timer
            return Program(Play.REPEATED, self.burst_count, every)
        return Program(Play.TRIGGERED, self.burst_count, delay=self.trigger_delay)

    def _sweep_program(self) -> Program:
        if self.trigger_source == "IMM":
            return CONTINUOUS
        if self.trigger_source == "TIM":
            return Program(Play.REPEATED, 1.0, self.trigger_timer)
        return Program(Play.TRIGGERED, 1.0, delay=self.trigger_delay)

    def trigger(self) -> bool:
        """Start a burst or a sweep; False when the channel is not waiting for a trigger."""
        if not (self.rearm or self.armed) or not self.stage.fire():
            return False
        self.armed = max(0.0, self.armed - 1.0)
        return True

    def refresh(self) -> None:
        """Bring the port into line with the settings."""
        self._fit_burst_period()
        super().refresh()

    def _fit_burst_period(self) -> None:
        internal = self.burst_on and self.burst_mode == "TRIG" and self.trigger_source == "IMM"
        if internal and math.isfinite(self.burst_count):
            shortest = self.burst_count * self.period + BURST_GAP
            if self.burst_period < shortest:
                self.burst_period = shortest
                self.bounds.conflict("burst period increased to fit entire burst")
