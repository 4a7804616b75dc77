"""All devices of one gate net through one segment: who drives the net, and what its devices draw."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws.failure import fails_after, may_fail
from emulator.laws.gate_stack import (
    carries_ions_only,
    charges_layers,
    drive_phase_end,
    drive_start,
    ion_charge,
    layer_charge,
    layer_range,
    leak_conductance,
    reservoir_charge,
    series_drop,
    series_resistance,
    stack_rests,
    still_voltage,
    switch_selector,
    wait_for_selector,
)
from emulator.laws.jit import law
from emulator.laws.rows import (
    CHARGE,
    DRAIN_NET,
    FLAG,
    FLOATING,
    KAPPA,
    MAX_DRIVE,
    NET_HIGH,
    NET_KIND,
    NET_LOW,
    NET_RESISTANCE,
    NET_VOLTAGE,
    OK,
    POLARITY,
    REST_DRIVE,
    SELECTOR,
    SOURCE_NET,
    V0,
)
from emulator.laws.step import step
from emulator.laws.window import lying
from emulator.laws.write import current_voltage, one_minus_exp, open_circuit, rest_voltage, rests

_SMALL_DROP = 0.1  # v0; a drop at which secant steps from the voltage of the source are tried first
_RESOLUTION = 2.3e-16  # of a double
_FARTHEST = 1e3  # V; what an unlimited source reaches at most, before a stack that does not conduct


@law
def _middle(volts, N, i):
    """Mean potential of a channel [V]."""
    return 0.5 * (volts[N[SOURCE_NET, i]] + volts[N[DRAIN_NET, i]])


@law
def _half_spread(volts, D, N, i):
    """Half the source-drain voltage over v0."""
    return 0.5 * (volts[N[SOURCE_NET, i]] - volts[N[DRAIN_NET, i]]) / D[V0, i]


@law
def _still(offered, volts, D, N, i, shared, stack):
    """Gate voltage over the channel of a device [V] up to which its ions are at rest."""
    return still_voltage(offered - _middle(volts, N, i), D, i, shared, stack)


@law
def _device_charge(vg, offered, volts, seconds, D, N, i, shared, stack):
    """Ions of one device at a gate voltage -> (window charge, still at the surface of it)."""
    if N[FLAG, i] != OK:
        return 0.0, 0.0
    v = shared[POLARITY] * (vg - _middle(volts, N, i))
    still = _still(offered, volts, D, N, i, shared, stack)
    return ion_charge(v, still, _half_spread(volts, D, N, i), seconds, D, i, shared, stack)


@law
def _imbalance(vg, load, reference, current, offered, members, volts, seconds, D, N, shared, stack):
    """load (vg - reference) + mean current into all devices of a gate net - current, in A; rises with vg."""
    total = load * (vg - reference) - current
    for i in members:
        over = vg - _middle(volts, N, i)
        charge = _device_charge(vg, offered, volts, seconds, D, N, i, shared, stack)[0] * shared[CHARGE]
        if N[FLAG, i] == OK:
            charge += layer_charge(shared[POLARITY] * over, seconds, D, N, i, shared, stack, False)
        total += shared[POLARITY] * charge / seconds
        total += leak_conductance(over, N, i, shared, stack) * over
    return total


@law
def _balanced(f, v, load, reference, current):
    """Whether an imbalance f [A] at a gate voltage v [V] is as small as doubles can tell."""
    coarse = load * _RESOLUTION * max(abs(v), abs(reference))
    return abs(f) <= max(1e-13 * (abs(load * (v - reference)) + abs(current)), coarse)


@law
def _behind_small_resistance(load, reference, current, members, volts, seconds, D, N, shared, stack):
    """Gate voltage behind a resistance on which little drops -> (V, whether it was found); current: without it [A]."""
    drop = current / load
    if abs(drop) > _SMALL_DROP * D[V0, members[0]]:
        return reference, False
    earlier, f_earlier, v = reference, current, reference - drop
    for _ in range(3):
        f = _imbalance(v, load, reference, 0.0, reference, members, volts, seconds, D, N, shared, stack)
        if _balanced(f, v, load, reference, 0.0):
            return v, True
        if f == f_earlier:
            break
        change = -f * (v - earlier) / (f - f_earlier)
        earlier, f_earlier, v = v, f, v + change
        if abs(change * drop) <= 1e-13 * D[V0, members[0]] ** 2:  # what the next step would change, over the drop
            return v, True
    return reference, False


@law
def _balance(load, reference, current, offered, low, high, members, volts, seconds, D, N, shared, stack):
    """Gate voltage in [low, high] without imbalance; Illinois steps, every third one a bisection."""
    f_low = f_high = 0.0
    v = low
    for k in range(-2, 200):
        if k == -1:
            v = high
        elif k >= 0:
            v = low - f_low * (high - low) / (f_high - f_low)
            if k % 3 == 2 or not low < v < high:  # beside a far larger imbalance a step is rounded away
                v = 0.5 * (low + high)
            if not low < v < high:
                break
        f = _imbalance(v, load, reference, current, offered, members, volts, seconds, D, N, shared, stack)
        if k == -2:
            f_low = f
            if f >= 0.0:
                break
        elif k == -1:
            f_high = f
            if f <= 0.0:
                break
        elif _balanced(f, v, load, reference, current):
            break
        elif f < 0.0:
            low, f_low, f_high = v, f, f_high if k % 3 == 2 else 0.5 * f_high
        else:
            high, f_high, f_low = v, f, f_low if k % 3 == 2 else 0.5 * f_low
    return v


@law
def _neutral_range(members, volts, D, N, shared):
    """Lowest and highest gate voltage at which a device of the net carries no ionic current."""
    low, high = math.inf, -math.inf
    for i in members:
        v = _middle(volts, N, i) + shared[POLARITY] * open_circuit(D, i, shared)
        low, high = min(low, v), max(high, v)
    return low, high


@law
def _silent_range(members, volts, D, N, shared, stack):
    """Gate voltages between which all currents of the devices of a net, leaks and double layers included, cancel."""
    low, high = _neutral_range(members, volts, D, N, shared)
    for i in members:
        middle = _middle(volts, N, i)
        low, high = min(low, middle), max(high, middle)
        if charges_layers(shared, stack):
            lowest, highest = layer_range(i, shared, stack)
            at_lowest, at_highest = middle + shared[POLARITY] * lowest, middle + shared[POLARITY] * highest
            low, high = min(low, at_lowest, at_highest), max(high, at_lowest, at_highest)
    return low, high


@law
def _reach(drive, D, i, shared, stack):
    """How far from its neutral voltage a gate can be driven [V]: the sinh is capped, series resistance adds to it."""
    reach = MAX_DRIVE * D[V0, i]
    if stack is None:
        return reach
    if math.isfinite(drive[NET_VOLTAGE]):
        return math.inf
    return min(reach + series_resistance(i, shared, stack) * max(abs(drive[NET_LOW]), abs(drive[NET_HIGH])), _FARTHEST)


@law
def _line_voltage(members, drive, volts, seconds, D, N, shared, stack):
    """Gate voltage of a net behind a resistance, or of several devices on a limited source -> (V, offered, at limit).

    The voltage of a segment is the one that agrees with its mean current. offered [V]: as of `still_voltage`. At a
    current limit no gate of the net is at rest: its ions carry what leaves no other way.
    """
    if stack is not None and drive[NET_RESISTANCE] == 0.0 and drive[NET_HIGH] == math.inf == -drive[NET_LOW]:
        return drive[NET_VOLTAGE], drive[NET_VOLTAGE], False  # an ideal source; without a stack its reach is limited
    low, high = _silent_range(members, volts, D, N, shared, stack)
    reach = _reach(drive, D, members[0], shared, stack)
    vg = min(max(drive[NET_VOLTAGE], low - reach), high + reach)
    offered = vg
    current = _imbalance(vg, 0.0, 0.0, 0.0, offered, members, volts, seconds, D, N, shared, stack)
    load, reference, bound = 0.0, vg, 0.0
    if abs(drive[NET_RESISTANCE] * current) > 1e-12 * MAX_DRIVE * D[V0, members[0]]:
        load = 1.0 / drive[NET_RESISTANCE]
    for attempt in range(2):
        if attempt == 1:  # a voltage limited by resistance may still ask for too much current
            limited = current > drive[NET_HIGH] or current < drive[NET_LOW]
            if not limited:
                return vg, offered, False
            load, bound = 0.0, drive[NET_HIGH] if current > drive[NET_HIGH] else drive[NET_LOW]
            offered = math.inf
        elif load == 0.0:
            continue
        if attempt == 0:
            found, close = _behind_small_resistance(
                load, reference, current, members, volts, seconds, D, N, shared, stack
            )
            if close:
                vg, current = found, load * (reference - found)
                continue
        floor, ceiling = min(low, vg), max(high, vg)
        vg = _balance(load, reference, bound, offered, floor, ceiling, members, volts, seconds, D, N, shared, stack)
        current = load * (reference - vg)
    return vg, offered, True


@law
def _is_destroyed(rate, vg, offered, volts, seconds, D, N, i, shared, stack):
    """Whether ions destroy a device within some seconds at a rate [window charge/s]; inf: the one that vg drives."""
    charge = rate * seconds
    if rate < math.inf:
        return fails_after(charge, lying(charge, seconds, shared), seconds, D, i, shared, stack)
    charge, surface = _device_charge(vg, offered, volts, seconds, D, N, i, shared, stack)
    return fails_after(charge, surface, seconds, D, i, shared, stack)


@law
def _failure(rate, vg, offered, volts, seconds, D, N, i, shared, stack):
    """Time [s] after which a device is destroyed, arguments as before; all of `seconds` for not before.

    What lies at the surface heads for one value, so that whatever is destroyed on the way is so in the end.
    """
    start, end = 0.0, seconds
    if N[FLAG, i] != OK or not may_fail(shared, stack):
        return end
    if not _is_destroyed(rate, vg, offered, volts, seconds, D, N, i, shared, stack):
        return end
    while True:
        middle = 0.5 * (start + end)
        if not start < middle < end:
            return end
        if _is_destroyed(rate, vg, offered, volts, middle, D, N, i, shared, stack):
            end = middle
        else:
            start = middle


@law
def _needed_voltage(rate, spread, seconds, D, i, shared, stack):
    """Gate over mean channel [V] that ions moving at `rate` need after some seconds."""
    return current_voltage(rate, spread, seconds, D, i, shared) + series_drop(rate, i, shared, stack)


@law
def _crossing_time(rate, limit, spread, seconds, D, i, shared, stack):
    """When a device driven at a constant rate reaches the gate voltage `limit`; at most `seconds`."""
    sign = 1.0 if rate > 0.0 else -1.0
    start, end = 0.0, seconds
    middle = seconds
    while sign * (_needed_voltage(rate, spread, end, D, i, shared, stack) - limit) > 0.0:
        middle = 0.5 * (start + end)
        if not start < middle < end:
            return middle
        if sign * (_needed_voltage(rate, spread, middle, D, i, shared, stack) - limit) > 0.0:
            end = middle
        else:
            start = middle
    return middle


@law
def _current_phase(drive, volts, seconds, D, N, i, shared, stack):
    """How long one device on an ideal source with both limits is current-driven -> (duration, gate V, window charge).

    Current drive lasts as long as the gate voltage it needs stays within the voltage of the source, and the reservoir
    has ions.
    """
    polarity, middle = shared[POLARITY], _middle(volts, N, i)
    applied = polarity * (drive[NET_VOLTAGE] - middle)
    if rests(applied, D, i, shared):
        applied = 0.0
    up = applied > open_circuit(D, i, shared)
    rate = polarity / shared[CHARGE] * (drive[NET_HIGH] if up == (polarity > 0.0) else drive[NET_LOW])
    if not math.isfinite(rate):
        return 0.0, 0.0, 0.0
    spread = _half_spread(volts, D, N, i)
    first = _needed_voltage(rate, spread, 0.0, D, i, shared, stack)
    if (first >= applied) if up else (first <= applied):
        return 0.0, 0.0, 0.0
    lasting = seconds if rate == 0.0 else _crossing_time(rate, applied, spread, seconds, D, i, shared, stack)
    if rate > 0.0:
        lasting = min(lasting, reservoir_charge(D, i, shared, stack) / rate)
    lasting = _failure(rate, 0.0, 0.0, volts, lasting, D, N, i, shared, stack)
    mean = 0.5 * (first + _needed_voltage(rate, spread, lasting, D, i, shared, stack))
    return lasting, middle + polarity * mean, rate * lasting


@law
def _leaked(seconds, D, N, i, shared, stack):
    """Window charge that an open gate loses through its leakage; no other current closes its loop."""
    potential, kappa = open_circuit(D, i, shared), shared[KAPPA]
    leak = leak_conductance(potential, N, i, shared, stack)
    if leak == 0.0 or N[FLAG, i] != OK:
        return 0.0
    loss = seconds * leak / shared[CHARGE]
    return -potential * (one_minus_exp(kappa * loss) / kappa if kappa > 0.0 else loss)


@law
def _discharged(vg, volts, seconds, D, N, i, shared, stack):
    """Window charge that the double layer of a device with an open gate gives to the ions; not more, not less."""
    if N[FLAG, i] != OK:
        return 0.0
    v = shared[POLARITY] * (vg - _middle(volts, N, i))
    leaked = leak_conductance(v, N, i, shared, stack) * v * seconds
    return -(layer_charge(v, seconds, D, N, i, shared, stack, False) + leaked) / shared[CHARGE]


@law
def _advance_driven(vg, offered, volts, seconds, D, N, i, shared, table, stack):
    """One device at a constant gate voltage; in phases, between which its ions come to rest or leave it."""
    v, start, done = shared[POLARITY] * (vg - _middle(volts, N, i)), drive_start(i, shared, stack), 0.0
    still = _still(offered, volts, D, N, i, shared, stack)
    while done < seconds:
        end = drive_phase_end(v, still, start, done, seconds, i, shared, stack)
        length = _failure(math.inf, vg, offered, volts, end - done, D, N, i, shared, stack)
        charge, surface = _device_charge(vg, offered, volts, length, D, N, i, shared, stack)
        resting = stack_rests(v, still, length, i, shared, stack)
        step(vg, volts, charge, surface, resting, False, length, D, N, i, shared, table, stack)
        done = end if length == end - done else done + length


@law
def _advance_net(members, drive, volts, seconds, D, N, shared, table, stack):
    """All devices of one gate net through one segment -> (gate volt-seconds, at the current limit at the end)."""
    i = members[0]
    vg, limited, area, lasting, given = drive[NET_VOLTAGE], False, 0.0, 0.0, 0.0
    floating, isolated, offered = drive[NET_KIND] == FLOATING, False, drive[NET_VOLTAGE]
    if floating:
        low, high = _neutral_range(members, volts, D, N, shared)
        if high - low > 2.0 * shared[REST_DRIVE] * D[V0, i] or charges_layers(shared, stack):
            # Devices at different potentials exchange charge through their common gate, as does a double layer.
            low, high = _silent_range(members, volts, D, N, shared, stack)
            offered = math.inf  # what leaves one device has to enter the others
            vg = _balance(0.0, 0.0, 0.0, offered, low, high, members, volts, seconds, D, N, shared, stack)
            floating, isolated = False, members.size == 1
    elif (
        members.size == 1 and drive[NET_RESISTANCE] == 0.0 and N[FLAG, i] == OK and carries_ions_only(i, shared, stack)
    ):
        lasting, v_driven, given = _current_phase(drive, volts, seconds, D, N, i, shared, stack)
        area, limited = v_driven * lasting, lasting == seconds
    else:
        vg, offered, limited = _line_voltage(members, drive, volts, seconds, D, N, shared, stack)
    for phase in range(2):  # under current drive, then under voltage drive or open
        duration = lasting if phase == 0 else seconds - lasting
        if duration <= 0.0:
            continue
        if phase == 1 and lasting > 0.0 and N[FLAG, i] != OK:  # destroyed on the way: it conducts now
            vg, offered, limited = _line_voltage(members, drive, volts, duration, D, N, shared, stack)
        for i in members:
            if phase == 0:
                v, charge, resting = area / lasting, given, given == 0.0
            elif floating:
                v = _middle(volts, N, i) + shared[POLARITY] * open_circuit(D, i, shared)
                charge, resting = _leaked(duration, D, N, i, shared, stack), True
                area += v * duration / members.size
            else:
                area += vg * duration / members.size
                if not isolated:
                    _advance_driven(vg, offered, volts, duration, D, N, i, shared, table, stack)
                    continue
                v, charge = vg, _discharged(vg, volts, duration, D, N, i, shared, stack)
                still = rest_voltage(D, i, shared)
                resting = stack_rests(shared[POLARITY] * (vg - _middle(volts, N, i)), still, duration, i, shared, stack)
            surface = lying(charge, duration, shared)
            step(v, volts, charge, surface, resting, floating, duration, D, N, i, shared, table, stack)
    return area, limited


@law
def _offered(drive, volts, D, N, i, shared):
    """Voltage over channel and selector [V] that a gate line has without current."""
    if drive[NET_KIND] == FLOATING:
        return open_circuit(D, i, shared)
    return shared[POLARITY] * (drive[NET_VOLTAGE] - _middle(volts, N, i))


@law
def _next_switching(members, drive, volts, D, N, shared, stack):
    """Switch all selectors of a net that are due -> time until the next one is [s]."""
    after = math.inf
    if shared[SELECTOR] != 0.0:
        for i in members:
            after = min(after, switch_selector(_offered(drive, volts, D, N, i, shared), D, N, i, shared, stack))
    return after


@law
def _wait_for_selectors(members, drive, volts, seconds, D, N, shared, stack):
    if shared[SELECTOR] != 0.0:
        for i in members:
            wait_for_selector(_offered(drive, volts, D, N, i, shared), seconds, D, i, shared, stack)


@law
def advance_net(members, drive, volts, seconds, D, N, shared, table, stack):
    """All devices of one gate net through one segment -> (gate volt-seconds, at the current limit at the end).

    Cut where a selector switches.
    """
    if stack is None:
        return _advance_net(members, drive, volts, seconds, D, N, shared, table, stack)
    done, area, limited = 0.0, 0.0, False
    while done < seconds:
        switching = _next_switching(members, drive, volts, D, N, shared, stack)
        end = min(seconds, done + switching)
        if end == done:  # too short for the resolution of a double
            end = seconds
        _wait_for_selectors(members, drive, volts, end - done, D, N, shared, stack)
        part, limited = _advance_net(members, drive, volts, end - done, D, N, shared, table, stack)
        area += part
        done = end
    return area, limited
