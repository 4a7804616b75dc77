"""What the simulated pulse and function generators share: levels, pulse shapes, cycles, bursts and triggers.

A model adds its commands, its limits (`GeneratorModel`) and its trigger system (`GeneratorChannel.program`).
"""

from sim_instruments.generator.bounds import Bounds, Clipping, Refusing
from sim_instruments.generator.channel import GeneratorChannel
from sim_instruments.generator.instrument import GeneratorInstrument
from sim_instruments.generator.levels import LevelLimits, Levels
from sim_instruments.generator.model import GeneratorModel
from sim_instruments.generator.modulation import ModulationModel
from sim_instruments.generator.output import Play, Program
from sim_instruments.generator.pulse import FittingPulse, PulseLimits, PulseShape, RefusingPulse
from sim_instruments.generator.sweep import SweepModel

__all__ = [
    "Bounds",
    "Clipping",
    "FittingPulse",
    "GeneratorChannel",
    "GeneratorInstrument",
    "GeneratorModel",
    "LevelLimits",
    "Levels",
    "ModulationModel",
    "Play",
    "Program",
    "PulseLimits",
    "PulseShape",
    "Refusing",
    "RefusingPulse",
    "SweepModel",
]
