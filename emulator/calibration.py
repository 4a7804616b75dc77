"""Rates with which N pulses of a stated shape cross the conductance window exactly once."""

import math
from dataclasses import replace

from emulator.model import DeviceModel
from emulator.waveform import Waveform


def calibrated(
    model: DeviceModel,
    *,
    up_amplitude: float,
    down_amplitude: float,
    width: float,
    edge: float,
    period: float,
    count: int,
    temperature: float = 300.0,
) -> DeviceModel:
    """The model with `rate_up` and `rate_down` such that one voltage pulse moves 1/count of the window charge.

    Amplitudes are terminal voltages [V] of the potentiating and the depressing pulse; width [s] lies between the 50 %
    points, edge [s] is the full ramp; temperature [K]. The pulse is cut into the same pieces as at run time. With
    dispersion on, the rates hold for the periodic state of a train with that period [s]; with a sloping open-circuit
    potential for the middle of the window. Raises ValueError when a pulse does not drive into its direction.
    """
    shape = {"width": width, "rise": edge, "fall": edge, "period": period}
    rates = []
    arrhenius = model.arrhenius(model.write_activation, temperature)
    for name, amplitude, direction in (("rate_up", up_amplitude, 1), ("rate_down", down_amplitude, -1)):
        pieces = Waveform.pulse(base=0.0, level=amplitude, **shape).staircase(0.5 * model.v0)
        moved = _charge_at_unit_rate(model, pieces, direction, temperature)
        if moved <= 0.0:
            raise ValueError(
                f"{amplitude!r} V does not drive a device of polarity {model.polarity} as {name} needs: "
                "check its sign and v0"
            )
        rates.append(1.0 / (count * moved * arrhenius))
    return replace(model, rate_up=rates[0], rate_down=rates[1])


def _charge_at_unit_rate(
    model: DeviceModel, pieces: list[tuple[float, float]], direction: int, temperature: float
) -> float:
    """Window charge of one pulse per unit rate, from the age at which a long train of such pulses settles."""
    v0 = model.v0 * temperature / model.reference_temperature
    age = _periodic_age(model, pieces, v0)
    total = start = 0.0
    for end, level in pieces:
        seconds, start = end - start, end
        drive = direction * (model.polarity * level - model.ocp_offset) / v0
        if abs(level) <= model.rest_drive * v0:
            age *= math.exp(-seconds / model.dispersion_recovery)
            continue
        total += math.sinh(drive) * operational_time(model, seconds, age)
        age = _driven_age(model, seconds, age)
    return total


def operational_time(model: DeviceModel, seconds: float, age: float) -> float:
    """Integral of the dispersive factor g over a driven time [s] that starts at the given age [s]."""
    onset, recovery = model.dispersion_onset, model.dispersion_recovery
    if onset == 0.0:
        return seconds
    grown = (recovery - age) * -math.expm1(-seconds / recovery)
    return onset / (onset + recovery) * (seconds + recovery * math.log1p(grown / (onset + age)))


def _driven_age(model: DeviceModel, seconds: float, age: float) -> float:
    return age + (model.dispersion_recovery - age) * -math.expm1(-seconds / model.dispersion_recovery)


def _periodic_age(model: DeviceModel, pieces: list[tuple[float, float]], v0: float) -> float:
    """Age [s] at the start of a period that returns to itself; every piece maps the age affinely."""
    slope, offset, start = 1.0, 0.0, 0.0
    for end, level in pieces:
        decay = math.exp((start - end) / model.dispersion_recovery)
        driven = abs(level) > model.rest_drive * v0
        slope *= decay
        offset = offset * decay + (model.dispersion_recovery * (1.0 - decay) if driven else 0.0)
        start = end
    return offset / (1.0 - slope)
