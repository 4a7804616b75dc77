"""What an AFG3252C can do, as a table, and how it writes numbers."""

import math

from sim_instruments.generator import (
    GeneratorChannel,
    GeneratorModel,
    LevelLimits,
    ModulationModel,
    PulseLimits,
    SweepModel,
)
from sim_instruments.scpi.settings import Limits

CURVES = ("SINC", "GAUSsian", "LORentz", "ERISe", "EDECay", "HAVersine")
USER_MEMORIES = ("USER1", "USER2", "USER3", "USER4")
EDIT_MEMORIES = ("EMEMory", "EMEMory2")
FUNCTIONS = ("SINusoid", "SQUare", "PULSe", "RAMP", "PRNoise", "DC", *CURVES, *USER_MEMORIES, *EDIT_MEMORIES)
SAME_MEMORY = {"USER": "USER1", "EMEM1": "EMEM"}
MOST_POINTS, FEWEST_POINTS, DEFAULT_POINTS = 128 * 1024, 2, 1000
MIDDLE, HIGHEST_CODE = 8191, 16383
"""14-bit values: 0 is the low level, 8191 the offset, 16382 the high level."""
NOT_MODULATED = ("PULS", "PRN", "DC")
MODULATING = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "PRNoise")


def _modulations() -> dict[str, ModulationModel]:
    """Rates and depths: command documentation; what is set after a reset is recalled and not confirmed."""
    rate = Limits(2e-3, 50e3, 10e3)
    return {
        "AM": ModulationModel(Limits(0.0, 120.0, 50.0), rate, excluded=NOT_MODULATED, full=2.2),
        "FM": ModulationModel(_deviations, rate, excluded=NOT_MODULATED),
        "PM": ModulationModel(Limits(0.0, 180.0, 90.0), rate, excluded=NOT_MODULATED),
        "PWM": ModulationModel(Limits(0.0, 50.0, 5.0), rate, functions=("PULS",), relative=True),
        "FSK": ModulationModel(_hop_frequencies, Limits(2e-3, 1e6, 50.0), excluded=NOT_MODULATED),
    }


def _deviations(channel: GeneratorChannel) -> Limits:
    at = channel.frequency_limits
    return Limits(0.0, max(0.0, min(channel.frequency - at.low, at.high - channel.frequency)), 1e6)


def _hop_frequencies(channel: GeneratorChannel) -> Limits:
    return Limits(channel.frequency_limits.low, channel.frequency_limits.high, 1e6)


MODEL = GeneratorModel(
    name="AFG3252C",
    channels=2,
    functions=FUNCTIONS,
    lowest_frequency=1e-6,
    highest_frequency={
        "SIN": 240e6,
        **dict.fromkeys(("SQU", "PULS", "USER1", "USER2", "USER3", "USER4", "EMEM", "EMEM2"), 120e6),
        **dict.fromkeys(("RAMP", "SINC", "GAUS", "LOR", "ERIS", "EDEC", "HAV"), 2.4e6),
    },
    frequency=1e6,
    pulse=PulseLimits(
        shortest_width=4e-9,
        longest_width=999.99,
        shortest_edge=2.5e-9,
        longest_edge=625.0,
        shortest_period=1.0 / 120e6,
        longest_period=1000.0,
        slow_width=4e-9,
        width_share=0.625,
        rest_share=0.8,
        width=500e-9,
        edge=2.5e-9,
        hold="DUTY",
    ),
    levels=LevelLimits(peak=5.0, smallest=0.1, largest=10.0, amplitude=2.0, always_limited=True),
    loads=Limits(1.0, 10e3, 50.0),
    gain_error=0.01,
    offset_error=10e-3,
    noise_density=1e-3 / 240e6**0.5,
    modulations=_modulations(),
    sweep=SweepModel(
        time=Limits(1e-3, 300.0, 10e-3),
        hold_time=Limits(0.0, 300.0, 0.0),
        return_time=Limits(0.0, 300.0, 1e-3),
        start=100e3,
        stop=1e6,
        excluded=NOT_MODULATED,
    ),
)


def short_number(value: float) -> str:
    """Levels: five digits."""
    return "9.9E+37" if math.isinf(value) else f"{value:.4E}"


def exact_number(value: float) -> str:
    """Times and frequencies: thirteen digits."""
    return f"{value:.12E}"


def plain_number(value: float) -> str:
    """Counts and impedances."""
    return "9.9E+37" if math.isinf(value) else f"{value:g}" if value < 1e6 else f"{value:.0f}"
