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
    source_resistance: float = 0.0,
    temperature: float = 300.0,
) -> DeviceModel:
    """The model with `rate_up` and `rate_down` such that `count` voltage pulses cross the window exactly once.

    Amplitudes are open-circuit voltages of the source [V] of the potentiating and the depressing pulse; width [s] lies
    between the 50 % points, edge [s] is the full ramp; source_resistance [Ohm]; temperature [K]. The pulse is cut into
    the same pieces as at run time. What the state loses to exponential retention from pulse to pulse is made up for.
    With dispersion on, the rates hold for the periodic state of a train with that period [s]; with a sloping
    open-circuit potential for the middle of the window. Raises ValueError when a pulse does not drive into its
    direction.
    """
    shape = {"width": width, "rise": edge, "fall": edge, "period": period}
    fade = period * model.arrhenius(model.retention_activation, temperature) / model.retention_time
    arrhenius = model.arrhenius(model.write_activation, temperature)
    rates = []
    for name, amplitude, direction in (("rate_up", up_amplitude, 1), ("rate_down", down_amplitude, -1)):
        pieces = Waveform.pulse(base=0.0, level=amplitude, **shape).staircase(0.5 * model.v0)
        driven = _driven_pieces(model, pieces, direction, temperature)
        if _moved(model, driven, 1.0, 0.0, temperature) <= 0.0:
            raise ValueError(
                f"{amplitude!r} V does not drive a device of polarity {model.polarity} as {name} needs: "
                "check its sign and v0"
            )
        curvature = model.curvature_up if direction > 0 else model.curvature_down
        goal = model.retention_target if direction > 0 else 1.0 - model.retention_target
        step = _charge_per_pulse(curvature, count, fade, goal)
        rates.append(_rate(model, driven, step, source_resistance, temperature) / arrhenius)
    return replace(model, rate_up=rates[0], rate_down=rates[1])


def _charge_per_pulse(curvature: float, count: int, fade: float, goal: float) -> float:
    """Window charge of each of `count` pulses that take the state from 0 to 1, fading towards `goal` in between.

    Both the flow of the window and the fading are affine in the state, so a train has a closed form.
    """

    def reached(step: float) -> float:
        saturation = -1.0 / math.expm1(-curvature) if curvature else 0.0
        gain = math.exp(-curvature * step)
        push = saturation * -math.expm1(-curvature * step) if curvature else step
        keep = math.exp(-fade)
        shrink = curvature * step + fade  # the state is multiplied by exp(-shrink) from pulse to pulse
        rests = count - 1
        terms = math.expm1(-rests * shrink) / math.expm1(-shrink) if shrink else rests
        return gain * (keep * push + goal * -math.expm1(-fade)) * terms + push

    low, high = 0.0, 4.0 / count
    while reached(high) < 1.0:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if reached(middle) < 1.0 else (low, middle)
    return 0.5 * (low + high)


def _rate(
    model: DeviceModel, driven: list[tuple[float, float, float]], step: float, resistance: float, temperature: float
) -> float:
    """Rate at `temperature` with which one pulse moves the window charge `step`."""
    rate = step / _moved(model, driven, 1.0, 0.0, temperature)
    for _ in range(50):  # the drop is small: each turn gains two digits or more
        correction = step / _moved(model, driven, rate, resistance, temperature)
        rate *= correction
        if abs(correction - 1.0) < 1e-14:
            break
    return rate


def _driven_pieces(
    model: DeviceModel, pieces: list[tuple[float, float]], direction: int, temperature: float
) -> list[tuple[float, float, float]]:
    """(drive in units of v0, operational time [s], duration [s]) of the driven pieces of a pulse in a long train."""
    v0 = model.v0 * temperature / model.reference_temperature
    age = _periodic_age(model, pieces, v0)
    driven, start = [], 0.0
    for end, level in pieces:
        seconds, start = end - start, end
        if abs(level) <= model.rest_drive * v0:
            age *= math.exp(-seconds / model.dispersion_recovery)
            continue
        drive = direction * (model.polarity * level - model.ocp_offset) / v0
        driven.append((drive, operational_time(model, seconds, age), seconds))
        age = _driven_age(model, seconds, age)
    return driven


def _moved(
    model: DeviceModel, driven: list[tuple[float, float, float]], rate: float, resistance: float, temperature: float
) -> float:
    """Window charge of one pulse; the mean gate current of each piece lowers its voltage across the resistance."""
    v0 = model.v0 * temperature / model.reference_temperature
    total = 0.0
    for drive, seconds_g, seconds in driven:
        drop = resistance * model.charge / (v0 * seconds)  # in units of v0, for each unit of window charge
        moved = rate * seconds_g * math.sinh(drive)
        for _ in range(50):  # Newton on moved = rate * g * sinh(drive - drop * moved)
            argument = drive - drop * moved
            excess = moved - rate * seconds_g * math.sinh(argument)
            change = excess / (1.0 + rate * seconds_g * drop * math.cosh(argument))
            moved -= change
            if abs(change) <= 1e-15 * abs(moved):
                break
        total += moved
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
