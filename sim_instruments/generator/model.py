"""What one model of generator can do, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim_instruments.generator.levels import LevelLimits
from sim_instruments.generator.modulation import ModulationModel
from sim_instruments.generator.pulse import PulseLimits
from sim_instruments.generator.sweep import SweepModel
from sim_instruments.scpi.settings import Limits


@dataclass(frozen=True, slots=True)
class GeneratorModel:
    """Limits and defaults of one model.

    channels: number of outputs. functions: declared forms, such as "SINusoid", the default first.
    lowest_frequency, highest_frequency: Hz, the latter by short name of the function; `frequency`: Hz after reset.
    gain_error: largest relative error of the levels; offset_error: V into an open circuit.
    noise_density: of the output noise into an open circuit [V/√Hz].
    modulations: by the short form of their name.
    """

    name: str
    channels: int
    functions: tuple[str, ...]
    lowest_frequency: float
    highest_frequency: Mapping[str, float]
    frequency: float
    pulse: PulseLimits
    levels: LevelLimits
    loads: Limits
    gain_error: float
    offset_error: float
    noise_density: float
    modulations: Mapping[str, ModulationModel]
    sweep: SweepModel

    def frequency_limits(self, function: str) -> Limits:
        """Frequencies [Hz] that a function allows."""
        highest = self.highest_frequency.get(function, self.highest_frequency["SIN"])
        return Limits(self.lowest_frequency, highest, self.frequency)
