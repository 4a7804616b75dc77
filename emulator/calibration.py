"""Rates with which N pulses of a stated shape cross the conductance window exactly once."""

import math
from dataclasses import replace

from emulator import linearity
from emulator.laws import gate_filter
from emulator.model import DeviceModel
from emulator.waveform import Waveform

_MAX_DRIVE = 80.0  # in v0; the sinh is capped there


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
    The gate filter and the resistance in series with the ions count, a selector as being on. With dispersion on, the
    rates hold for the periodic state of a train with that period [s]; with a sloping open-circuit potential for the
    middle of the window. Raises ValueError, beginning with the key to blame, when a pulse does not drive into its
    direction, or too hard for v0.
    """
    shape = {"width": width, "rise": edge, "fall": edge, "period": period}
    fade = period * model.arrhenius(model.retention_activation, temperature) / model.retention_time
    arrhenius = model.arrhenius(model.write_activation, temperature)
    rates = []
    for name, amplitude, direction in (("up_amplitude", up_amplitude, 1), ("down_amplitude", down_amplitude, -1)):
        _check_amplitude(model, name, amplitude, temperature)
        pieces = Waveform.pulse(base=0.0, level=amplitude, **shape).staircase(0.5 * model.v0)
        driven = _driven_pieces(model, _filtered(model, pieces, temperature), direction, temperature)
        if _moved(model, driven, 1.0, 0.0, temperature) <= 0.0:
            word = "potentiate" if direction > 0 else "depress"
            raise ValueError(
                f"{name} = {amplitude!r} V is not allowed: it does not {word} a device of polarity "
                f"{model.polarity:+d}; check its sign, v0, rest_drive and the open-circuit potential"
            )
        curvature = model.curvature_up if direction > 0 else model.curvature_down
        goal = model.retention_target if direction > 0 else 1.0 - model.retention_target
        step = _charge_per_pulse(curvature, count, fade, goal)
        resistance = source_resistance + _series_resistance(model)
        rates.append(_rate(model, driven, step, resistance, temperature) / arrhenius)
    return replace(model, rate_up=rates[0], rate_down=rates[1])


def _check_amplitude(model: DeviceModel, name: str, amplitude: float, temperature: float) -> None:
    """Raise ValueError for a pulse that a selector blocks, or whose sinh would be capped."""
    if abs(amplitude) <= model.selector_threshold < math.inf:
        raise ValueError(
            f"{name} = {amplitude!r} V is not allowed: it does not switch a selector on; "
            f"give more than selector_threshold = {model.selector_threshold!r} V"
        )
    v0 = model.v0 * temperature / model.reference_temperature
    if abs(amplitude) + abs(model.ocp_offset) > _MAX_DRIVE * v0:
        raise ValueError(
            f"v0 = {model.v0!r} V is too small for {name} = {amplitude!r} V: "
            f"give at least 1/{_MAX_DRIVE:g} of the voltage on the ions"
        )


def symmetry_point(
    model: DeviceModel,
    *,
    up_amplitude: float,
    down_amplitude: float,
    width: float,
    edge: float,
    period: float,
    source_resistance: float = 0.0,
    temperature: float = 300.0,
) -> float:
    """State y at which one potentiating and one depressing voltage pulse cancel, in the limit of small steps.

    ``(u_p K_p - rho u_d (K_d - 1)) / (u_p + rho u_d)`` with ``K = 1/(1 - exp(-u))`` and rho, the charge of the
    depressing pulse over that of the potentiating one. Arguments as for :func:`calibrated`; charges are those of long
    trains one way. Alternating pulses lead there. Raises ValueError for straight branches and for pulses of the wrong
    direction.
    """
    shape = {"width": width, "rise": edge, "fall": edge, "period": period}
    arrhenius = model.arrhenius(model.write_activation, temperature)
    moved = []
    for name, amplitude, direction, rate in (
        ("up_amplitude", up_amplitude, 1, model.rate_up),
        ("down_amplitude", down_amplitude, -1, model.rate_down),
    ):
        _check_amplitude(model, name, amplitude, temperature)
        pieces = Waveform.pulse(base=0.0, level=amplitude, **shape).staircase(0.5 * model.v0)
        driven = _driven_pieces(model, _filtered(model, pieces, temperature), direction, temperature)
        resistance = source_resistance + _series_resistance(model)
        moved.append(_moved(model, driven, rate * arrhenius, resistance, temperature))
    if min(moved) <= 0.0:
        raise ValueError(f"{up_amplitude!r} V and {down_amplitude!r} V do not drive up and down: check their signs")
    return linearity.symmetry_point(model.curvature_up, model.curvature_down, moved[1] / moved[0])


def _series_resistance(model: DeviceModel) -> float:
    """Resistance before the ions [Ohm], a selector being on."""
    return model.series_resistance + (model.selector_on_resistance if model.has_selector else 0.0)


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
    slope, last = 1.0, (0.0, 0.0)  # d ln(charge) / d ln(rate): 1 without resistance, 0 where that takes all the voltage
    for turn in range(100):
        error = math.log(_moved(model, driven, rate, resistance, temperature) / step)
        if abs(error) < 1e-14 or (turn and math.log(rate) == last[1]):
            return rate
        if turn:
            slope = min(1.0, max(0.05, (error - last[0]) / (math.log(rate) - last[1])))
        last = error, math.log(rate)
        if last[1] > 200.0:
            break
        rate *= math.exp(-error / slope)
    if abs(error) > 1e-9:
        raise ValueError(
            f"{resistance!r} Ohm in series with the gate lets no pulse move 1/count of the window: lower "
            "series_resistance or charge, or give longer pulses"
        )
    return rate


def _filtered(model: DeviceModel, pieces: list[tuple[float, float]], temperature: float) -> list[tuple[float, float]]:
    """The pieces of a periodic waveform behind the gate filter, each at the mean of the filtered voltage."""
    tau = model.gate_time
    if tau == 0.0:
        return pieces
    v0 = model.v0 * temperature / model.reference_temperature
    end_of_first = _behind_filter(model, pieces, v0, 0.0)[1]
    return _behind_filter(model, pieces, v0, end_of_first / -math.expm1(-pieces[-1][0] / tau))[0]


def _behind_filter(
    model: DeviceModel, pieces: list[tuple[float, float]], v0: float, v: float
) -> tuple[list[tuple[float, float]], float]:
    """Pieces behind the filter, which starts at v [V] -> (pieces, its voltage at their end)."""
    tau, rest, begin = model.gate_time, model.rest_drive * v0, 0.0
    inner: list[tuple[float, float]] = []
    for end, level in pieces:
        start, seconds, done = v, end - begin, 0.0
        while done < seconds:
            until = gate_filter.phase_end(level, start, done, seconds, rest, tau)
            mean = gate_filter.mean_filtered(level, v, until - done, tau)
            phase = [(until - done, mean)] if abs(mean) <= rest else _nodes(level, v, until - done, v0, tau)
            for length, voltage in phase:
                begin += length
                inner.append((begin, voltage))
            done = until
            v = gate_filter.filtered(level, start, done, tau)
        begin = end
    return inner, v


def _nodes(level: float, start: float, seconds: float, v0: float, tau: float) -> list[tuple[float, float]]:
    """(duration, voltage) of the nodes that stand for a filtered voltage on its way from `start` to `level`."""
    nodes, done, v = [], 0.0, start
    while done < seconds:
        distance = abs(level - v) / v0
        if gate_filter.settled(distance):
            nodes.append((seconds - done, gate_filter.mean_filtered(level, v, seconds - done, tau)))
            break
        length = min(gate_filter.span(distance, tau, math.inf), seconds - done)
        for place, share in zip(gate_filter.PLACES, gate_filter.SHARES, strict=True):
            nodes.append((share * length, gate_filter.filtered(level, v, place * length, tau)))
        done += length
        v = gate_filter.filtered(level, start, done, tau)
    return nodes


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
        moved = 0.0
        for _ in range(200):  # Newton on moved = rate * g * sinh(drive - drop * moved), from where it cannot overshoot
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
