"""The models of the family as a table.

Operating and Service Guide of the 33500 Series ("Pulse Waveforms", "Output Amplitude", "Arbitrary Waveforms") for
what the 33512B and 33522B have in common. Highest sine frequencies: QCoDeS 0.58, ``Keysight33xxx``; those of the
pulse and square functions of the 33512B and of the ramp functions, the sample rates, edges and widths of the 33600A,
and the noise density (1 mV rms over the bandwidth) are recalled from data sheets and not confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim_instruments.generator import (
    GeneratorChannel,
    GeneratorModel,
    LevelLimits,
    ModulationModel,
    PulseLimits,
    SweepModel,
)
from sim_instruments.scpi.settings import Limits

FUNCTIONS = ("SINusoid", "SQUare", "TRIangle", "RAMP", "PULSe", "PRBS", "NOISe", "ARB", "DC")
LEVELS = LevelLimits(peak=10.0, smallest=2e-3, largest=20.0, amplitude=0.2)
LOADS = Limits(1.0, 10e3, 50.0)
GAIN_ERROR = 0.01
"""Amplitude accuracy at 1 kHz (data sheet: 1 % of the setting)."""
OFFSET_ERROR = 4e-3
"""Offset accuracy into an open circuit [V] (data sheet: 2 mV at 50 ohms)."""
SWEEP = SweepModel(
    time=Limits(1e-3, 250e3, 1.0),
    hold_time=Limits(0.0, 3600.0, 0.0),
    return_time=Limits(0.0, 3600.0, 0.0),
    start=100.0,
    stop=1e3,
)
"""Operating and Service Guide, "Frequency Sweep": start, stop; the times are recalled and not confirmed."""


@dataclass(frozen=True, slots=True)
class FamilyModel:
    """What a model of this family has beyond its `GeneratorModel`: identity, sample rates, and where PRBS ends."""

    generator: GeneratorModel
    firmware: str
    serial: str
    highest_sample_rate: float
    highest_bit_rate: float


def _model(name: str, frequencies: Mapping[str, float], pulse: PulseLimits) -> GeneratorModel:
    return GeneratorModel(
        name=name,
        channels=2,
        functions=FUNCTIONS,
        lowest_frequency=1e-6,
        highest_frequency=frequencies,
        frequency=1e3,
        pulse=pulse,
        levels=LEVELS,
        loads=LOADS,
        gain_error=GAIN_ERROR,
        offset_error=OFFSET_ERROR,
        noise_density=1e-3 / frequencies["SIN"] ** 0.5,
        modulations=_modulations(frequencies["SIN"]),
        sweep=SWEEP,
    )


def _modulations(highest: float) -> dict[str, ModulationModel]:
    """Operating and Service Guide, "Modulation"; limits of the rates are recalled and not confirmed."""
    no_noise, angle, keying = ("DC", "NOIS"), Limits(0.0, 360.0, 180.0), Limits(125e-6, 1e6, 10.0)
    slow = Limits(1e-6, highest, 10.0)
    return {
        "AM": ModulationModel(Limits(0.0, 120.0, 100.0), Limits(1e-6, highest, 100.0)),
        "FM": ModulationModel(_deviations, slow, excluded=no_noise),
        "PM": ModulationModel(angle, slow, excluded=no_noise),
        "PWM": ModulationModel(_width_deviations, slow, functions=("PULS",)),
        "FSK": ModulationModel(_hop_frequencies, keying, excluded=no_noise),
        "BPSK": ModulationModel(angle, keying, excluded=no_noise),
        "SUM": ModulationModel(Limits(0.0, 100.0, 0.1), Limits(1e-6, highest, 100.0)),
    }


def _deviations(channel: GeneratorChannel) -> Limits:
    """The carrier may be shifted down to nothing, and up to 100 kHz above its highest frequency."""
    highest = channel.frequency_limits.high + 100e3
    return Limits(1e-6, max(1e-6, min(channel.frequency, highest - channel.frequency)), 100.0)


def _hop_frequencies(channel: GeneratorChannel) -> Limits:
    return Limits(1e-6, channel.frequency_limits.high, 100.0)


def _width_deviations(channel: GeneratorChannel) -> Limits:
    """What the width of the pulse and its pause leave."""
    room = min(channel.pulse.width, channel.pulse_period - channel.pulse.width) - channel.pulse.limits.shortest_width
    return Limits(0.0, max(0.0, room), 10e-6)


def _pulse(*, width: float, slow_width: float, edge: float, period: float) -> PulseLimits:
    return PulseLimits(
        shortest_width=width,
        longest_width=1e6,
        shortest_edge=edge,
        longest_edge=1e-6,
        shortest_period=period,
        longest_period=1e6,
        slow_width=slow_width,
        width_share=0.8,
        rest_share=0.8,
        width=100e-6,
        edge=10e-9,
    )


def _frequencies(sine: float, square: float, ramp: float) -> dict[str, float]:
    return {"SIN": sine, "SQU": square, "PULS": square, "PRBS": square, "RAMP": ramp, "TRI": ramp}


K33512B = FamilyModel(
    _model("33512B", _frequencies(20e6, 20e6, 200e3), _pulse(width=16e-9, slow_width=20e-9, edge=8.4e-9, period=50e-9)),
    firmware="4.00-1.19-2.00-52-00",
    serial="MY57000512",
    highest_sample_rate=160e6,
    highest_bit_rate=50e6,
)
K33522B = FamilyModel(
    _model("33522B", _frequencies(30e6, 30e6, 200e3), _pulse(width=16e-9, slow_width=20e-9, edge=8.4e-9, period=33e-9)),
    firmware="4.00-1.19-2.00-52-00",
    serial="MY57000522",
    highest_sample_rate=250e6,
    highest_bit_rate=50e6,
)
K33622A = FamilyModel(
    _model("33622A", _frequencies(120e6, 100e6, 800e3), _pulse(width=5e-9, slow_width=5e-9, edge=2.9e-9, period=10e-9)),
    firmware="A.02.03-3.15-03-64-02",
    serial="MY59000123",
    highest_sample_rate=1e9,
    highest_bit_rate=200e6,
)
