"""One channel of an AFG3252C, and what both share: the trigger system and the waveform memories."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sim_instruments.generator import (
    GeneratorChannel,
    Play,
    Program,
    Refusing,
    RefusingPulse,
)
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.channel import SWEEP
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.memory import Samples
from sim_instruments.generator.output import CONTINUOUS
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import keyword
from sim_instruments.tektronix_afg3252c.models import (
    DEFAULT_POINTS,
    EDIT_MEMORIES,
    FEWEST_POINTS,
    MODEL,
    MOST_POINTS,
    SAME_MEMORY,
    USER_MEMORIES,
)


@dataclass
class TriggerSystem:
    """What fires bursts on both channels; `timer` in s."""

    source: str = "TIM"
    slope: str = "POS"
    timer: float = 1e-3


class Memories:
    """Edit and user memories, samples -1 … 1, common to both channels."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """The user memories are empty and unlocked, the edit memories flat."""
        flat = (0.0,) * DEFAULT_POINTS
        self._samples: dict[str, Samples] = {"EMEM": flat, "EMEM2": flat}
        self.locked: set[str] = set()

    def lock(self, name: str, locked: bool) -> None:
        """Protect a user memory from being overwritten or deleted; ScpiError -224 for another one."""
        name = self.known(name)
        if name not in USER_MEMORIES:
            raise ScpiError(-224, name)
        (self.locked.add if locked else self.locked.discard)(name)

    def _demand_unlocked(self, name: str) -> None:
        if name in self.locked:
            raise ScpiError(-221, f"{name} is locked")

    def find(self, name: str) -> Samples:
        """Samples of a memory; ScpiError -224 for no such memory, -221 for an empty one."""
        name = self.known(name)
        if name not in self._samples:
            raise ScpiError(-221, f"{name} is empty")
        return self._samples[name]

    def store(self, name: str, samples: Samples) -> None:
        """Fill a memory; ScpiError -224 for no such memory or a wrong number of points."""
        if not FEWEST_POINTS <= len(samples) <= MOST_POINTS:
            raise ScpiError(-224, f"{len(samples)} points; {FEWEST_POINTS} … {MOST_POINTS} are possible")
        self._demand_unlocked(self.known(name))
        self._samples[self.known(name)] = samples

    def delete(self, name: str) -> None:
        """Empty a user memory; ScpiError -224 for another one."""
        if self.known(name) not in USER_MEMORIES:
            raise ScpiError(-224, name)
        self._demand_unlocked(self.known(name))
        self._samples.pop(self.known(name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Memories that hold a waveform."""
        return tuple(self._samples)

    @staticmethod
    def known(name: str) -> str:
        """The short name of a memory; ScpiError -224 if there is none of that name."""
        chosen = keyword(name.encode("latin-1", "replace"), *USER_MEMORIES, *EDIT_MEMORIES, "USER", "EMEMory1")
        return SAME_MEMORY.get(chosen, chosen)


class Channel(GeneratorChannel):
    """Settings in SI units."""

    says_mode_ends = False

    def __init__(
        self, number: int, around: Surroundings, report: Report, triggers: TriggerSystem, memories: Memories
    ) -> None:
        self.triggers, self.memories = triggers, memories
        super().__init__(number, around, MODEL, Refusing(), report, RefusingPulse(MODEL.pulse))
        self.reset()

    def reset_burst(self) -> None:
        """Burst off."""
        self.ramp_symmetry, self.pulse_delay = 50.0, 0.0
        self.noise_bandwidth = MODEL.highest_frequency["SIN"]
        self.burst_mode, self.burst_count, self.burst_delay = "TRIG", 5.0, 0.0
        self.sweep_mode = "AUTO"

    def _start_phase(self, program: Program) -> float:  # noqa: ARG002 - one phase for continuous waves and bursts
        return self.phase

    @property
    def function(self) -> str:
        """Short name of the function; ScpiError -221 for a memory that is empty."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        name = SAME_MEMORY.get(name, name)
        if name.startswith(("USER", "EMEM")):
            self.memories.find(name)
        self._set_function(name)

    def _set_frequency(self, hertz: float) -> None:
        if self._function != "PULS" and self.pulse.hold == "DUTY":
            self.pulse.width *= self._frequency / hertz
        super()._set_frequency(hertz)

    def other_cycle(self) -> Cycle | None:
        """Curves and arbitrary waveforms."""
        if self._function.startswith(("USER", "EMEM")):
            samples = self.memories.find(self._function)
            return cycles.arbitrary(samples, self.period / len(samples), stepped=False)
        curve = _CURVES.get(self._function)
        return cycles.polygon(self.period, curve, cycles.CURVE_SEGMENTS, curve(0.0)) if curve else None

    def _parts(self) -> tuple[object, ...]:
        return (*super()._parts(), self.triggers)

    def stored_samples(self, name: str) -> Samples:
        """Of a user or edit memory."""
        return self.memories.find(name)

    def trigger_input(self, *, high: bool) -> bool:
        """The trigger system is common to both channels."""
        self.trigger_source, self.trigger_slope = self.triggers.source, self.triggers.slope
        return super().trigger_input(high=high)

    def program(self) -> Program:
        """Continuous, a sweep for each trigger, or bursts by trigger, gate or internal clock."""
        if self.mode == SWEEP and self.sweep_mode == "MAN":
            return Program(Play.TRIGGERED, 1.0)
        if not self.burst_on or self._function == "DC":
            return CONTINUOUS
        if self.burst_mode == "GAT":
            return Program(Play.GATED)
        if self.triggers.source == "TIM":
            return Program(Play.REPEATED, self.burst_count, self.triggers.timer, self.burst_delay)
        return Program(Play.TRIGGERED, self.burst_count, delay=self.burst_delay)


def _sinc(x: float) -> float:
    t = 20.0 * (x - 0.5)
    return 1.0 if t == 0.0 else math.sin(math.pi * t) / (math.pi * t)


_CURVES: dict[str, Callable[[float], float]] = {
    "SINC": _sinc,
    "GAUS": lambda x: 2.0 * math.exp(-0.5 * ((x - 0.5) / 0.1) ** 2) - 1.0,
    "LOR": lambda x: 2.0 / (1.0 + ((x - 0.5) / 0.025) ** 2) - 1.0,
    "ERIS": lambda x: 1.0 - 2.0 * math.exp(-5.0 * x),
    "EDEC": lambda x: 2.0 * math.exp(-5.0 * x) - 1.0,
    "HAV": lambda x: -math.cos(2.0 * math.pi * x),
}
