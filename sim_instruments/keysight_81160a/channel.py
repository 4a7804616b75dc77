"""One channel of a 81160A."""

from sim_instruments.generator import (
    Clipping,
    FittingPulse,
    GeneratorChannel,
    Play,
    Program,
)
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.channel import SWEEP
from sim_instruments.generator.complement import OutputPair
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.memory import Samples, WaveformMemory
from sim_instruments.generator.output import CONTINUOUS, Connector
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_81160a.models import BUILT_IN, FEWEST_POINTS, MEMORY_POINTS, MODEL


class Channel(GeneratorChannel):
    """Settings in SI units. A trigger gives one cycle, or a burst of them."""

    def __init__(self, number: int, around: Surroundings, report: Report) -> None:
        self.memory = WaveformMemory(BUILT_IN, MEMORY_POINTS, FEWEST_POINTS)
        super().__init__(number, around, MODEL, Clipping(report), report, FittingPulse(MODEL.pulse, report))
        self.reset()

    def reset_burst(self) -> None:
        """Continuous, burst off, edges coupled."""
        self.trailing_auto, self.pulse_delay = True, 0.0
        self.user_name = "EXP_RISE"
        self.burst_mode, self.burst_count = "TRIG", 1.0
        self.burst_period, self.burst_phase = 10e-3, 0.0
        self.trigger_source, self.trigger_slope, self.trigger_sense = "IMM", "POS", "EDGE"
        self.arm_period, self.arm_level, self.arm_impedance = 10e-6, 1.0, 10e3
        self.range_auto, self.internal_impedance, self.interpolated = True, 50.0, True

    def connector(self, around: Surroundings) -> Connector:
        """Both connectors of the channel: "1" and, for the complement, "1c"."""
        self._pair = OutputPair(around.port(str(self.number)), around.port(f"{self.number}c"), lambda: self._volts(0.0))
        return self._pair

    @property
    def output(self) -> bool:
        """Whether the relay of the output is closed."""
        return self._pair.normal

    @output.setter
    def output(self, on: bool) -> None:
        self.relays = (on, self.complement)

    @property
    def complement(self) -> bool:
        """Whether the relay of the complementary output is closed."""
        return self._pair.complement

    @complement.setter
    def complement(self, on: bool) -> None:
        self.relays = (self.output, on)

    @property
    def relays(self) -> tuple[bool, ...]:
        """Those of the output and of its complement; when one moves, what plays by itself begins anew on both."""
        return (self._pair.normal, self._pair.complement)

    @relays.setter
    def relays(self, closed: tuple[bool, ...]) -> None:
        if closed != self.relays:
            self._pair.normal, self._pair.complement = closed
            self.stage.on = any(closed)
            self.stage.renew()

    def reset(self) -> None:
        """*RST: both relays open."""
        self._pair.normal = self._pair.complement = False
        super().reset()

    @property
    def leading_edge(self) -> float:
        """Leading edge; the trailing edge follows it until it is set by itself."""
        return self.pulse.leading

    @leading_edge.setter
    def leading_edge(self, seconds: float) -> None:
        self.pulse.set_edges(seconds, seconds if self.trailing_auto else self.pulse.trailing, self.pulse_period)

    @property
    def trailing_edge(self) -> float:
        """Trailing edge; setting it ends that it follows the leading edge."""
        return self.pulse.trailing

    @trailing_edge.setter
    def trailing_edge(self, seconds: float) -> None:
        self.trailing_auto = False
        self.pulse.set_edges(self.pulse.leading, seconds, self.pulse_period)

    @property
    def trigger_count(self) -> float:
        """Cycles for each trigger: the short form of burst count and state."""
        return self.burst_count if self.burst_on else 1.0

    @trigger_count.setter
    def trigger_count(self, count: float) -> None:
        self.burst_count, self.burst_on = count, count > 1.0

    @property
    def arm_frequency(self) -> float:
        """Frequency of the internal trigger [Hz]."""
        return 1.0 / self.arm_period

    @arm_frequency.setter
    def arm_frequency(self, hertz: float) -> None:
        self.arm_period = 1.0 / hertz

    def other_cycle(self) -> Cycle | None:
        """The arbitrary waveform, stretched over the period."""
        if self._function != "USER":
            return None
        samples = self.memory.find(self.user_name)
        return cycles.arbitrary(samples, self.period / len(samples), stepped=not self.interpolated)

    def restore(self, state: tuple[dict[str, object], ...]) -> None:
        """Take over the settings of `state`; a waveform that is no longer in memory gives way to a built-in one."""
        super().restore(state)
        if self.user_name not in self.memory.names:
            self.user_name = "EXP_RISE"

    def program(self) -> Program:
        """Continuous, or cycles by trigger, gate or internal clock."""
        count = self.trigger_count
        delay = self.pulse_delay if self._function == "PULS" else 0.0
        if self._function == "DC":
            return CONTINUOUS
        if self.mode == SWEEP:
            return self._sweep_program()
        if self.trigger_source == "IMM":
            return Program(Play.REPEATED, count, self.burst_period) if self.burst_on else CONTINUOUS
        if self.trigger_source == "INT2":
            return Program(Play.REPEATED, count, self.arm_period, delay)
        if self.trigger_source == "EXT" and (self.trigger_sense == "LEV" or self.burst_mode == "GAT"):
            return Program(Play.GATED)
        return Program(Play.TRIGGERED, count, delay=delay)

    def _sweep_program(self) -> Program:
        if self.trigger_source == "IMM":
            return CONTINUOUS
        if self.trigger_source == "INT2":
            return Program(Play.REPEATED, 1.0, self.arm_period)
        return Program(Play.TRIGGERED, 1.0)

    def stored_samples(self, name: str) -> Samples:
        """USER: the selected arbitrary waveform."""
        return self.memory.find(self.user_name) if name == "USER" else super().stored_samples(name)
