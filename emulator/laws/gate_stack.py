"""What stands at a gate beside and before the ions: series resistance, filter, double layer, selector, leakage.

``stack`` is D once more, or None for a model that has nothing of all this: the optional rows of D do not exist then,
and the laws are compiled without it. Behind a resistance, the voltage on the ions is the one that agrees with the mean
current of a segment, or of a node of :mod:`emulator.laws.gate_filter`.
"""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws import gate_filter
from emulator.laws.jit import law
from emulator.laws.read import conductance
from emulator.laws.rows import (
    BROKEN,
    BROKEN_GATE,
    CHARGE,
    FLAG,
    GATE_SHORT,
    GATE_TIME,
    KAPPA,
    LAYER,
    LAYER_1,
    LEAK,
    MAX_DRIVE,
    OFF_CONDUCTANCE,
    OFF_DELAY,
    OK,
    ON_DELAY,
    ON_RESISTANCE,
    OPEN_GATE,
    RESERVOIR,
    SELECTOR,
    SERIES,
    SINH_LEAK,
    SINH_VOLTAGE,
    SURFACE,
    SWITCHED,
    SWITCHING,
    TAU_SURFACE,
    V0,
    V_GATE,
    V_HOLD,
    V_ON,
    Q,
)
from emulator.laws.window import convolved, faded, lying
from emulator.laws.write import mobility, moved_charge, one_minus_exp, open_circuit, rest_voltage, voltage_charge

filtered, mean_filtered, phase_end = (
    law(function) for function in (gate_filter.filtered, gate_filter.mean_filtered, gate_filter.phase_end)
)
settled, span = law(gate_filter.settled), law(gate_filter.span)
NODES = tuple(zip(gate_filter.PLACES, gate_filter.SHARES, strict=True))
_FINEST = 0.05  # of tau_vert: a surface that is left much faster than this is followed less well

# Modes n = 1, 3, 5 of a channel grounded at both ends carry 8/(pi n)^2 of its charge; the rest is given to n = 7.
MODES = 4
_FIRST_WEIGHT = 8.0 / math.pi**2
_LAST_WEIGHT = 1.0 - _FIRST_WEIGHT * (1.0 + 1.0 / 9.0 + 1.0 / 25.0)


@law
def selector_is_off(i, shared, stack):
    """Whether a selector in series with the gate blocks."""
    if stack is None:
        return False
    return shared[SELECTOR] != 0.0 and stack[SWITCHED, i] == 0.0


@law
def _selector_resistance(i, shared, stack):
    """Resistance of the selector [Ohm], inf for one that blocks without leaking; 0 without a selector."""
    if shared[SELECTOR] == 0.0:
        return 0.0
    if stack[SWITCHED, i] != 0.0:
        return shared[ON_RESISTANCE]
    return 1.0 / shared[OFF_CONDUCTANCE] if shared[OFF_CONDUCTANCE] > 0.0 else math.inf


@law
def series_resistance(i, shared, stack):
    """Everything in series with the ions [Ohm]."""
    if stack is None:
        return 0.0
    return shared[SERIES] + _selector_resistance(i, shared, stack)


@law
def leak_conductance(v, N, i, shared, stack):
    """Electronic conductance of the gate [S] at v [V] over the channel: current over voltage."""
    flag = N[FLAG, i]
    if flag == OPEN_GATE:
        return 0.0
    leak = shared[BROKEN_GATE] if flag in (BROKEN, GATE_SHORT) else shared[LEAK]
    if stack is None:
        return leak
    if shared[SINH_LEAK] > 0.0:
        ratio = min(abs(v) / shared[SINH_VOLTAGE], MAX_DRIVE)
        leak += shared[SINH_LEAK] / shared[SINH_VOLTAGE] * (math.sinh(ratio) / ratio if ratio > 1e-4 else 1.0)
    return 0.0 if leak == 0.0 else 1.0 / (1.0 / leak + _selector_resistance(i, shared, stack))


@law
def _is_filtered(i, shared, stack):
    """Whether the ions follow the gate through a filter; not while a selector holds its voltage."""
    return shared[GATE_TIME] > 0.0 and not selector_is_off(i, shared, stack)


@law
def mean_drive(v, seconds, i, shared, stack):
    """Mean over a segment of the voltage [V] before the ions, at a constant v."""
    if stack is None:
        return v
    if _is_filtered(i, shared, stack):
        return mean_filtered(v, stack[V_GATE, i], seconds, shared[GATE_TIME])
    return v if shared[GATE_TIME] == 0.0 else stack[V_GATE, i]


@law
def drive_start(i, shared, stack):
    """Voltage behind the filter [V] as a segment begins; 0 without one."""
    if stack is None:
        return 0.0
    return stack[V_GATE, i] if shared[GATE_TIME] > 0.0 else 0.0


@law
def drive_phase_end(v, still, start, done, seconds, i, shared, stack):
    """End [s] of the phase, driven or at rest, in which the ions of a device are `done` [s] after a segment began."""
    if stack is None:
        return seconds
    if not _is_filtered(i, shared, stack):
        return seconds
    return phase_end(v, start, done, seconds, still, shared[GATE_TIME])


@law
def lag(v, time, seconds, i, shared, stack):
    """What a first-order lag of a time constant [s] gains [V] while the drive before the ions acts, from 0."""
    follow = one_minus_exp(seconds / time)
    if stack is None:
        return v * follow
    if not _is_filtered(i, shared, stack):
        return mean_drive(v, seconds, i, shared, stack) * follow
    return v * follow + (stack[V_GATE, i] - v) / time * convolved(1.0 / time, 1.0 / shared[GATE_TIME], seconds)


@law
def still_voltage(offered, D, i, shared, stack):
    """Gate voltage over the channel [V] up to which ions are at rest, while the net of the gate offers `offered` [V].

    What is offered, the voltage without current or inf for a current that must flow, decides whether a gate is driven:
    ions that are driven carry the current at any voltage. Behind a filter they start to when it has followed.
    """
    rest = rest_voltage(D, i, shared)
    if stack is not None and shared[GATE_TIME] > 0.0 and offered < math.inf:
        return rest
    return rest if abs(offered) <= rest else 0.0


@law
def stack_rests(v, still, seconds, i, shared, stack):
    """Whether a gate at v [V] over the channel leaves its ions at rest during a segment."""
    if selector_is_off(i, shared, stack):
        return True
    return abs(mean_drive(v, seconds, i, shared, stack)) <= still


@law
def ion_charge(v, still, spread, seconds, D, i, shared, stack):
    """Ions that a constant gate voltage moves through the stack -> (window charge, still at the surface of it)."""
    if stack is None:
        charge = voltage_charge(v, still, spread, seconds, D, i, shared)
        return charge, lying(charge, seconds, shared)
    if _is_filtered(i, shared, stack):
        return _filtered_charge(v, still, spread, seconds, D, i, shared, stack)
    off = selector_is_off(i, shared, stack)
    resting = stack_rests(v, still, seconds, i, shared, stack)
    charge = _held_charge(v if off or not resting else 0.0, resting, 0.0, 0.0, spread, seconds, D, i, shared, stack)
    return charge, lying(charge, seconds, shared)


@law
def _held_charge(v, resting, since, moved, spread, seconds, D, i, shared, stack):
    """Window charge that a constant voltage moves after `since` [s] of the segment, in which `moved` has moved."""
    resistance = series_resistance(i, shared, stack)
    if resistance == math.inf:
        return 0.0
    eta = v - open_circuit(D, i, shared) - shared[KAPPA] * moved
    up = eta > 0.0
    mobile = mobility(up, resting, since, spread, seconds, D, i, shared)
    if resistance == 0.0:
        size = moved_charge(abs(eta) / D[V0, i], mobile, D[V0, i], shared)
    else:
        size = _charge_behind(seconds / (resistance * shared[CHARGE]), abs(eta), mobile, D[V0, i], shared)
    return min(size, max(reservoir_charge(D, i, shared, stack) - moved, 0.0)) if up else -size


@law
def _filtered_charge(v, still, spread, seconds, D, i, shared, stack):
    """As `ion_charge`, behind a filter, phase by phase."""
    tau, start = shared[GATE_TIME], stack[V_GATE, i]
    charge = surface = done = 0.0
    while done < seconds:
        end = drive_phase_end(v, still, start, done, seconds, i, shared, stack)
        now = filtered(v, start, done, tau)
        if abs(mean_filtered(v, now, end - done, tau)) <= still:
            moved = _held_charge(0.0, True, done, charge, spread, end - done, D, i, shared, stack)
            left = lying(moved, end - done, shared)
        else:
            moved, left = _driven_charge(v, now, done, charge, spread, end - done, D, i, shared, stack)
        charge, surface, done = charge + moved, faded(surface, end - done, shared) + left, end
    return charge, surface


@law
def _driven_charge(v, start, since, before, spread, seconds, D, i, shared, stack):
    """Window charge, and what of it is still at the surface, of a driven phase behind a filter.

    Its voltage runs from `start`; the phase begins `since` [s] after the segment, `before` has moved until then.
    """
    tau = shared[GATE_TIME]
    # The nodes also weigh what leaves the surface.
    longest = max(shared[TAU_SURFACE], _FINEST * tau) if shared[SURFACE] > 0.0 else math.inf
    charge = surface = done = 0.0
    while done < seconds:
        now = filtered(v, start, done, tau)
        distance = abs(now - v) / D[V0, i]
        if settled(distance):
            length = seconds - done
            drive = mean_filtered(v, now, length, tau)
            moved = _held_charge(drive, False, since + done, before + charge, spread, length, D, i, shared, stack)
            left = lying(moved, length, shared)
        else:
            length = min(span(distance, tau, longest), seconds - done)
            moved, left = _span_charge(v, now, since + done, before + charge, spread, length, D, i, shared, stack)
        charge, surface, done = charge + moved, faded(surface, length, shared) + left, done + length
    return charge, surface


@law
def _span_charge(v, start, since, before, spread, seconds, D, i, shared, stack):
    """Window charge, and what of it is still at the surface: the voltage of each node is held for its share.

    Exact but for open-circuit feedback, dispersion and series resistance, which see these steps.
    """
    tau = shared[GATE_TIME]
    charge = surface = passed = 0.0
    for place, share in NODES:
        drive, part = filtered(v, start, place * seconds, tau), share * seconds
        moved = _held_charge(drive, False, since + passed, before + charge, spread, part, D, i, shared, stack)
        charge += moved
        surface += faded(moved, (1.0 - place) * seconds, shared)
        passed += part
    return charge, surface


@law
def _charge_behind(ohmic, size, mobile, v0, shared):
    """Window charge at an overpotential size [V] whose mean current also flows through a resistance.

    ohmic: window charge that one volt drives through the resistance. Newton steps on ``inner + charge(inner)/ohmic =
    size`` from above, where its left side is convex without open-circuit feedback; a bracket guards the rest.
    """
    low, high = 0.0, size
    inner = min(size, v0 * math.asinh(size * ohmic / mobile))
    charge = 0.0
    for _ in range(100):
        charge = moved_charge(inner / v0, mobile, v0, shared)
        excess = inner - size + charge / ohmic
        if excess > 0.0:
            high = inner
        else:
            low = inner
        guess = inner - excess / (1.0 + _slope(inner, charge, mobile, v0, shared) / ohmic)
        if not low < guess < high:
            guess = 0.5 * (low + high)
        if abs(guess - inner) <= 1e-15 * size:
            break
        inner = guess
    through = (size - inner) * ohmic  # the same charge; each has its digits where the other loses them
    return charge if size - inner < 0.5 * size else through


@law
def _slope(inner, charge, mobile, v0, shared):
    """Derivative of the moved charge with respect to the overpotential `inner` [1/V]."""
    at_start = min(inner / v0, MAX_DRIVE)
    kappa = shared[KAPPA]
    rigid = mobile / v0 * math.cosh(at_start)
    if kappa * rigid < 1e-6 or at_start < 1e-9:
        return rigid
    at_end = max(at_start - kappa * charge / v0, 0.0)
    return (1.0 - math.sinh(at_end) / math.sinh(at_start)) / kappa


@law
def series_drop(rate, i, shared, stack):
    """Voltage that ions moving at `rate` [window charge/s] lose before they reach the electrolyte [V]."""
    return rate * shared[CHARGE] * series_resistance(i, shared, stack)


@law
def carries_ions_only(i, shared, stack):
    """Whether all of the gate current is ions: nothing leaks, charges a double layer or blocks."""
    if shared[LEAK] != 0.0:
        return False
    if stack is None:
        return True
    return shared[SINH_LEAK] == 0.0 and shared[LAYER] == 0.0 and not selector_is_off(i, shared, stack)


@law
def charges_layers(shared, stack):
    """Whether there is a double layer that takes charge."""
    if stack is None:
        return False
    return shared[LAYER] > 0.0


@law
def reservoir_charge(D, i, shared, stack):
    """Window charge that the reservoir can still give."""
    if stack is None:
        return math.inf
    return max(shared[RESERVOIR] - D[Q, i], 0.0)


@law
def _mode(n, v, closing, seconds, i, shared, stack):
    """Voltage of mode n of the double layer after a segment; closing: rate of mode 1 [1/s]."""
    start = stack[LAYER_1 + n // 2, i]
    rate = n * n * closing
    end = start + (v - start) * one_minus_exp(rate * seconds)
    if shared[GATE_TIME] > 0.0:
        end += rate * (stack[V_GATE, i] - v) * convolved(rate, 1.0 / shared[GATE_TIME], seconds)
    return end


@law
def _weight(n):
    return _LAST_WEIGHT if n == 2 * MODES - 1 else _FIRST_WEIGHT / (n * n)


@law
def layer_charge(v, seconds, D, N, i, shared, stack, keep):
    """Charge [C] that goes into the double layer during a segment; keep: leave it there, else only look.

    The channel, grounded at both ends, charges through its own resistance: mode n with ``n^2 pi^2 G / C``.
    """
    if stack is None:
        return 0.0
    if shared[LAYER] == 0.0 or selector_is_off(i, shared, stack):
        return 0.0
    closing = math.pi**2 * conductance(D, N, i, shared) / shared[LAYER]
    total = 0.0
    for k in range(MODES):
        n = 2 * k + 1
        end = _mode(n, v, closing, seconds, i, shared, stack)
        total += _weight(n) * (end - stack[LAYER_1 + k, i])
        if keep:
            stack[LAYER_1 + k, i] = end
    return shared[LAYER] * total


@law
def layer_range(i, shared, stack):
    """Lowest and highest voltage in the double layer and its filter [V]; between them it can carry no current."""
    if stack is None:
        return 0.0, 0.0
    low = high = stack[LAYER_1, i]
    for k in range(1, MODES):
        low, high = min(low, stack[LAYER_1 + k, i]), max(high, stack[LAYER_1 + k, i])
    if shared[GATE_TIME] > 0.0:
        low, high = min(low, stack[V_GATE, i]), max(high, stack[V_GATE, i])
    return low, high


@law
def settle_gate(v, seconds, i, shared, stack):
    """Bring the filtered gate voltage to the end of a segment."""
    if stack is None:
        return
    if shared[GATE_TIME] > 0.0 and not selector_is_off(i, shared, stack):
        stack[V_GATE, i] += (v - stack[V_GATE, i]) * one_minus_exp(seconds / shared[GATE_TIME])


@law
def _switching_due(v, D, i, shared, stack):
    """Whether v [V], offered over channel and selector, asks the selector to switch."""
    across = abs(v - open_circuit(D, i, shared))
    return across > stack[V_ON, i] if stack[SWITCHED, i] == 0.0 else across < shared[V_HOLD]


@law
def _switching_after(v, D, i, shared, stack):
    """Time [s] after which a selector switches if v [V] stays; inf for never."""
    if not _switching_due(v, D, i, shared, stack):
        return math.inf
    delay = shared[ON_DELAY] if stack[SWITCHED, i] == 0.0 else shared[OFF_DELAY]
    left = delay - stack[SWITCHING, i]
    return left if left > 1e-12 * delay else 0.0


@law
def switch_selector(v, D, N, i, shared, stack):
    """Switch a selector that is due at the offered voltage v; -> time until the next switching if v stays [s].

    Offered: what the gate line would have without current, so that a selector does not switch itself off and on.
    """
    if N[FLAG, i] != OK:
        return math.inf
    after = _switching_after(v, D, i, shared, stack)
    if after == 0.0:
        stack[SWITCHED, i] = 1.0 - stack[SWITCHED, i]
        stack[SWITCHING, i] = 0.0
        after = _switching_after(v, D, i, shared, stack)
    return after


@law
def wait_for_selector(v, seconds, D, i, shared, stack):
    """Count for how long [s] the selector has been asked to switch without a break."""
    due = _switching_due(v, D, i, shared, stack)
    stack[SWITCHING, i] = stack[SWITCHING, i] + seconds if due else 0.0
