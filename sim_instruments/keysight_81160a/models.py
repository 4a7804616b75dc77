"""What a 81160A can do, as a table."""

import math

from sim_instruments.generator import (
    GeneratorChannel,
    GeneratorModel,
    LevelLimits,
    ModulationModel,
    PulseLimits,
    SweepModel,
)
from sim_instruments.generator.memory import Samples
from sim_instruments.scpi.settings import Limits

FUNCTIONS = ("SINusoid", "SQUare", "RAMP", "PULSe", "NOISe", "DC", "USER")
MOST_CYCLES = 2_147_483_647
DAC_FULL_SCALE = 8191
MEMORY_POINTS, FEWEST_POINTS, NON_VOLATILE_SLOTS = 524_288, 2, 4
VOLATILE = "VOLATILE"
BUILT_IN: dict[str, Samples] = {
    "EXP_RISE": tuple(2.0 * (1.0 - math.exp(-5.0 * k / 63)) / (1.0 - math.exp(-5.0)) - 1.0 for k in range(64)),
    "NEG_RAMP": tuple(1.0 - 2.0 * k / 63 for k in range(64)),
}
MODULATING = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "NOISe", "USER")
NOT_SWEPT = ("PULS", "NOIS", "DC")


def _modulations() -> dict[str, ModulationModel]:
    """Recalled from the 33250A, whose texts the guide takes over, and not confirmed."""
    rate, angle = Limits(1e-3, 10e6, 10.0), Limits(0.0, 360.0, 180.0)
    return {
        "AM": ModulationModel(Limits(0.0, 120.0, 100.0), Limits(1e-3, 10e6, 100.0)),
        "FM": ModulationModel(_deviations, rate, excluded=("NOIS", "DC")),
        "PM": ModulationModel(angle, rate, excluded=("NOIS", "DC")),
        "PWM": ModulationModel(_width_deviations, rate, functions=("PULS",)),
        "FSK": ModulationModel(_hop_frequencies, rate, excluded=("NOIS", "DC")),
    }


def _deviations(channel: GeneratorChannel) -> Limits:
    at = channel.frequency_limits
    return Limits(at.low, max(at.low, min(channel.frequency, at.high - channel.frequency)), 100.0)


def _hop_frequencies(channel: GeneratorChannel) -> Limits:
    return Limits(channel.frequency_limits.low, channel.frequency_limits.high, 100.0)


def _width_deviations(channel: GeneratorChannel) -> Limits:
    room = min(channel.pulse.width, channel.pulse_period - channel.pulse.width) - channel.pulse.limits.shortest_width
    return Limits(0.0, max(0.0, room), 10e-9)


MODEL = GeneratorModel(
    name="81160A",
    channels=2,
    functions=FUNCTIONS,
    lowest_frequency=1e-6,
    highest_frequency={"SIN": 500e6, "SQU": 330e6, "PULS": 330e6, "RAMP": 20e6, "USER": 330e6},
    frequency=1e6,
    pulse=PulseLimits(
        shortest_width=1.5e-9,
        longest_width=1e6,
        shortest_edge=1e-9,
        longest_edge=1e3,
        shortest_period=3.03e-9,
        longest_period=1e6,
        slow_width=1.5e-9,
        width_share=0.8,
        rest_share=0.8,
        width=100e-9,
        edge=1e-9,
    ),
    levels=LevelLimits(peak=10.0, smallest=0.1, largest=10.0, amplitude=2.0),
    loads=Limits(0.3, 1e6, 50.0),
    gain_error=0.015,
    offset_error=5e-3,
    noise_density=2e-3 / 500e6**0.5,
    modulations=_modulations(),
    sweep=SweepModel(
        time=Limits(1e-3, 500.0, 1.0),
        hold_time=Limits(0.0, 500.0, 0.0),
        return_time=Limits(0.0, 500.0, 0.0),
        start=100.0,
        stop=1e3,
        excluded=NOT_SWEPT,
    ),
)
