"""Compiled propagator: devices advance through segments of constant drive in closed form.

A segment costs the same whether it lasts a nanosecond or a night. The equations are those of
:class:`emulator.model.DeviceModel`; quantities inside are potentiation-positive and normalised to the window.
One entry point, :func:`run_train`, is compiled for one signature and stored on disk.

Names used throughout: ``D`` (rows below, devices) floating-point values of all devices, ``N`` integers of all
devices, ``i`` a device, ``shared`` the parameters they have in common, ``volts`` the net voltages of a segment.
"""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from numba import njit, uint64

# Rows of D: the state,
Y, Q, AGE, X, E1, E2, CYCLED, REST, ENERGY = range(9)
# parameters that differ from device to device (temperature applied),
RATE_UP, RATE_DOWN, V0, GMIN, GMAX, U_UP, U_DOWN = range(9, 16)
# and results of a call: charges [C] in terminal signs, conductances [S] at its start and end.
TO_SOURCE, TO_DRAIN, CHANNEL_EXCESS, G_START, G_END, N_ROWS = range(16, 22)

# Rows of N.
FLAG, EVENT, STREAM, SOURCE_NET, DRAIN_NET, N_INTEGERS = range(6)

# Conditions of a device.
OK, BROKEN, STUCK, OPEN_CHANNEL, GATE_SHORT = range(5)

# Shared parameters (temperature applied). VOC: open-circuit potential at q = 0; REDUCED: reduced time per time;
# RETENTION_RATE: the same per retention time.
POLARITY, CHARGE, KAPPA, VOC, TAU0, TAU_REC, REST_DRIVE, NOISE, Y_LOW, Y_HIGH = range(10)
SURFACE, TAU_SURFACE, X_WEIGHT, X_BREAK, GAIN1, TAU1, GAIN2, TAU2 = range(10, 18)
MAP, THINNING, R_UNGATED, READ_FACTOR, N_END, M_END = range(18, 24)
RETENTION_RATE, RETENTION_TARGET, REDUCED, DRIFT, DRIFT_OFFSET, LEAK, BROKEN_GATE, N_SHARED = range(24, 32)

LINEAR_MAP, EXPONENTIAL_MAP, CAPACITIVE_MAP = range(3)

# How a gate net is driven during one segment.
NET_KIND, NET_VOLTAGE, NET_RESISTANCE, NET_LOW, NET_HIGH, N_DRIVE = range(6)
FLOATING, DRIVEN = range(2)

MAX_DRIVE = 80.0  # cap of the argument of the hyperbolic sine

# Helpers are compiled into the entry point: no wrappers and no files of their own.
_helper = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


@_helper
def _mixed(x):
    """64 well mixed bits (splitmix64), as `random_numbers.mixed`."""
    x = x + uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB)
    return x ^ (x >> uint64(31))


@_helper
def _normal(table, stream, event):
    """Standard normal number of an event of a stream."""
    return table[_mixed(uint64(stream) + uint64(event)) & uint64(65535)]


@_helper
def _one_minus_exp(x):
    return -math.expm1(-x)


@_helper
def _conductance(D, N, i, shared):
    """Source-drain conductance [S]."""
    if N[FLAG, i] == OPEN_CHANNEL:
        return 0.0
    s = D[Y, i] + shared[X_WEIGHT] * D[X, i] + D[E1, i] + D[E2, i]
    if shared[N_END] < math.inf:
        worn = min(1.0, (0.5 * D[CYCLED, i] / shared[N_END]) ** shared[M_END])
        s = s * (1.0 - worn) + 0.5 * worn
    low, high = D[GMIN, i], D[GMAX, i]
    if shared[MAP] == EXPONENTIAL_MAP:
        g = low * math.exp(s * math.log(high / low))
    else:
        if shared[MAP] == CAPACITIVE_MAP:
            b = shared[THINNING]
            s = s * (1.0 - b) / max(1.0 - b * s, 1e-3)
        g = low + (high - low) * s
    g = max(g, 0.0) * shared[READ_FACTOR]
    return g / (1.0 + g * shared[R_UNGATED])


@_helper
def _sinhc(h):
    """sinh(h)/h: what a channel potential that is linear from source to drain does to the mean of a sinh law."""
    h = min(abs(h), MAX_DRIVE)
    return math.sinh(h) / h if h > 1e-4 else 1.0 + h * h / 6.0


@_helper
def _grown_age(seconds, age, shared):
    return age + (shared[TAU_REC] - age) * _one_minus_exp(seconds / shared[TAU_REC])


@_helper
def _operational_time(seconds, age, shared):
    """Integral of the dispersive factor tau0/(tau0 + age) over a driven segment."""
    tau0, tau = shared[TAU0], shared[TAU_REC]
    if tau0 == 0.0:
        return seconds
    grown = (tau - age) * _one_minus_exp(seconds / tau)
    return tau0 / (tau0 + tau) * (seconds + tau * math.log1p(grown / (tau0 + age)))


@_helper
def _open_circuit(D, i, shared):
    return shared[VOC] + shared[KAPPA] * D[Q, i]


@_helper
def _rests(v, D, i, shared):
    """Whether a gate at v [V] over the channel is at rest: too little to move ions."""
    return abs(v) <= shared[REST_DRIVE] * D[V0, i]


@_helper
def _voltage_charge(v, spread, seconds, D, i, shared):
    """Window charge that a constant gate voltage moves; closed form with dispersion and open-circuit feedback.

    v: gate over mean channel [V]; spread: half the source-drain voltage over v0. At rest v counts as 0, and the
    current, then due to the open-circuit potential alone, shows no dispersion.
    """
    resting = _rests(v, D, i, shared)
    v0 = D[V0, i]
    eta = ((0.0 if resting else v) - _open_circuit(D, i, shared)) / v0
    size = min(abs(eta), MAX_DRIVE)
    if size < 1e-12:
        return 0.0
    sign = 1.0 if eta > 0.0 else -1.0
    r = D[RATE_UP, i] if sign > 0.0 else D[RATE_DOWN, i]
    if resting:
        r *= seconds
    else:
        r *= _operational_time(seconds, max(sign * D[AGE, i], 0.0), shared) * _sinhc(spread)
    k = shared[KAPPA] / v0 * r
    sinh, e = math.sinh(size), math.exp(-size)
    if k * (sinh + e) < 1e-7:
        return sign * r * sinh
    # d(eta)/d(theta) = -(kappa/v0) r sinh(eta): tanh(eta/2) decays exponentially; written without overflow
    kept, lost = math.exp(-k), _one_minus_exp(k)
    return sign * (size - math.log((1.0 + kept + e * lost) / (lost + e * (1.0 + kept)))) * v0 / shared[KAPPA]


@_helper
def _drain_excess(v, spread, charge, seconds, D, i, shared):
    """Charge leaving by the drain minus charge leaving by the source, of a channel with a linear potential.

    Mean of ``(2x - 1) sinh(m + h - 2hx)`` over the channel, as a multiple of the mean of the sinh.
    """
    h = max(-MAX_DRIVE, min(MAX_DRIVE, -spread))
    langevin = h / 3.0 if abs(h) < 1e-4 else 1.0 / math.tanh(h) - 1.0 / h
    eta = (v - _open_circuit(D, i, shared)) / D[V0, i]
    if abs(eta) < 1e-9:  # no net charge, but a loop through the gate from one end of the channel to the other
        theta = _operational_time(seconds, max(D[AGE, i], 0.0), shared)
        return -D[RATE_UP, i] * theta * _sinhc(h) * langevin
    return -charge / math.tanh(eta) * langevin


@_helper
def _current_voltage(rate, spread, seconds, D, i, shared):
    """Gate over mean channel [V] after ions have moved at `rate` [window charge/s] for some seconds."""
    if rate == 0.0:
        return _open_circuit(D, i, shared)
    sign = 1.0 if rate > 0.0 else -1.0
    free = (D[RATE_UP, i] if rate > 0.0 else D[RATE_DOWN, i]) * _sinhc(spread)
    if shared[TAU0] > 0.0:
        free *= shared[TAU0] / (shared[TAU0] + _grown_age(seconds, max(sign * D[AGE, i], 0.0), shared))
    return _open_circuit(D, i, shared) + shared[KAPPA] * rate * seconds + D[V0, i] * math.asinh(rate / free)


@_helper
def _window_flow(y, charge, u):
    """Exact flow of dy/dq = u (K - y), K = 1/(1 - exp(-u))."""
    if abs(u) < 1e-6:
        return y + charge
    k = -1.0 / math.expm1(-u)
    return y + (k - y) * _one_minus_exp(u * charge)


@_helper
def _move_ions(charge, D, N, i, shared, table):
    """Move the state along the window, with the noise of this charge."""
    size = abs(charge)
    up = charge > 0.0
    u = D[U_UP, i] if up else D[U_DOWN, i]
    z = _window_flow(D[Y, i] if up else 1.0 - D[Y, i], size, u)
    D[Y, i] = z if up else 1.0 - z
    D[Q, i] += charge
    D[CYCLED, i] += size
    if shared[NOISE] > 0.0:
        spread = 2.0 * u * size
        variance = size if abs(spread) < 1e-9 else _one_minus_exp(spread) / (2.0 * u)
        D[Y, i] += shared[NOISE] * math.sqrt(variance) * _normal(table, N[STREAM, i], N[EVENT, i])
        N[EVENT, i] += 1


@_helper
def _advance_age(direction, resting, seconds, D, i, shared):
    if shared[TAU0] == 0.0:
        return
    if resting:
        D[AGE, i] *= math.exp(-seconds / shared[TAU_REC])
    elif direction != 0.0:  # a reversal starts fresh
        sign = 1.0 if direction > 0.0 else -1.0
        D[AGE, i] = sign * _grown_age(seconds, max(sign * D[AGE, i], 0.0), shared)


@_helper
def _relax(v, resting, charge, seconds, D, i, shared):
    """Everything that is linear in the drive or goes on by itself during a segment."""
    if shared[SURFACE] > 0.0:
        tau = shared[TAU_SURFACE]
        lost = _one_minus_exp(seconds / tau)
        D[X, i] += (shared[SURFACE] * charge * tau / seconds - D[X, i]) * lost
    if shared[GAIN1] != 0.0 or shared[GAIN2] != 0.0:
        D[E1, i] += (shared[GAIN1] * v - D[E1, i]) * _one_minus_exp(seconds / shared[TAU1])
        D[E2, i] += (shared[GAIN2] * v - D[E2, i]) * _one_minus_exp(seconds / shared[TAU2])
    if shared[RETENTION_RATE] > 0.0:
        D[Y, i] += (shared[RETENTION_TARGET] - D[Y, i]) * _one_minus_exp(seconds * shared[RETENTION_RATE])
    if not resting:
        D[REST, i] = 0.0
    elif shared[DRIFT] > 0.0:
        reduced = seconds * shared[REDUCED]
        D[Y, i] *= math.exp(-shared[DRIFT] * math.log1p(reduced / (D[REST, i] + shared[DRIFT_OFFSET])))
        D[REST, i] += reduced


@_helper
def _leak(N, i, shared):
    """Electronic conductance of the gate [S]."""
    flag = N[FLAG, i]
    return shared[BROKEN_GATE] if flag in (BROKEN, GATE_SHORT) else shared[LEAK]


@_helper
def _step(vg, volts, charge, resting, floating, seconds, D, N, i, shared, table):
    """One device through one segment in which `charge` (window, potentiation-positive) moves; vg [V] at the terminal.

    floating: the gate terminal carries nothing; ions and electrons cancel inside.
    """
    vs, vd = volts[N[SOURCE_NET, i]], volts[N[DRAIN_NET, i]]
    polarity = shared[POLARITY]
    v = polarity * (vg - 0.5 * (vs + vd))
    g_before = _conductance(D, N, i, shared) if vs != vd else 0.0
    leak = _leak(N, i, shared)
    if N[FLAG, i] == OK:
        if not floating:
            excess = 0.0
            if vs != vd and not resting:
                spread = polarity * 0.5 * (vs - vd) / D[V0, i]
                excess = _drain_excess(v, spread, charge, seconds, D, i, shared)
            scale = 0.5 * shared[CHARGE] * polarity
            D[TO_SOURCE, i] += scale * (charge - excess)
            D[TO_DRAIN, i] += scale * (charge + excess)
        _advance_age(v - _open_circuit(D, i, shared), resting, seconds, D, i, shared)
        if charge != 0.0:
            _move_ions(charge, D, N, i, shared, table)
        _relax(v, resting, charge, seconds, D, i, shared)
        D[Y, i] = min(max(D[Y, i], shared[Y_LOW]), shared[Y_HIGH])
        if abs(D[X, i]) > shared[X_BREAK]:
            N[FLAG, i] = BROKEN
    D[ENERGY, i] += abs(v * charge) * shared[CHARGE]
    if leak > 0.0 and not floating:
        D[TO_SOURCE, i] += 0.5 * leak * (vg - vs) * seconds
        D[TO_DRAIN, i] += 0.5 * leak * (vg - vd) * seconds
        D[ENERGY, i] += v * v * leak * seconds
    if vs != vd:
        g = 0.5 * (g_before + _conductance(D, N, i, shared))
        D[CHANNEL_EXCESS, i] += (g - D[G_START, i]) * (vs - vd) * seconds


@_helper
def _middle(volts, N, i):
    """Mean potential of a channel [V]."""
    return 0.5 * (volts[N[SOURCE_NET, i]] + volts[N[DRAIN_NET, i]])


@_helper
def _half_spread(volts, D, N, i):
    """Half the source-drain voltage over v0."""
    return 0.5 * (volts[N[SOURCE_NET, i]] - volts[N[DRAIN_NET, i]]) / D[V0, i]


@_helper
def _device_charge(vg, volts, seconds, D, N, i, shared):
    """Window charge of one device at a gate voltage."""
    if N[FLAG, i] != OK:
        return 0.0
    v = shared[POLARITY] * (vg - _middle(volts, N, i))
    return _voltage_charge(v, _half_spread(volts, D, N, i), seconds, D, i, shared)


@_helper
def _imbalance(vg, load, reference, current, members, volts, seconds, D, N, shared):
    """load (vg - reference) + mean current into all devices of a gate net - current, in A; rises with vg."""
    total = load * (vg - reference) - current
    for i in members:
        charge = _device_charge(vg, volts, seconds, D, N, i, shared)
        total += shared[POLARITY] * charge * shared[CHARGE] / seconds
        total += _leak(N, i, shared) * (vg - _middle(volts, N, i))
    return total


@_helper
def _balance(load, reference, current, low, high, members, volts, seconds, D, N, shared):
    """Gate voltage in [low, high] without imbalance; Illinois steps, every third one a bisection."""
    f_low = f_high = 0.0
    v = low
    for k in range(-2, 200):
        if k == -1:
            v = high
        elif k >= 0:
            v = 0.5 * (low + high) if k % 3 == 2 else low - f_low * (high - low) / (f_high - f_low)
            if not low < v < high:
                break
        f = _imbalance(v, load, reference, current, members, volts, seconds, D, N, shared)
        if k == -2:
            f_low = f
            if f >= 0.0:
                break
        elif k == -1:
            f_high = f
            if f <= 0.0:
                break
        elif abs(f) <= 1e-13 * (abs(load * (v - reference)) + abs(current)):
            break
        elif f < 0.0:
            low, f_low, f_high = v, f, f_high if k % 3 == 2 else 0.5 * f_high
        else:
            high, f_high, f_low = v, f, f_low if k % 3 == 2 else 0.5 * f_low
    return v


@_helper
def _neutral_range(members, volts, D, N, shared):
    """Lowest and highest gate voltage at which a device of the net carries no ionic current."""
    low, high = math.inf, -math.inf
    for i in members:
        v = _middle(volts, N, i) + shared[POLARITY] * _open_circuit(D, i, shared)
        low, high = min(low, v), max(high, v)
    return low, high


@_helper
def _line_voltage(members, drive, volts, seconds, D, N, shared):
    """Gate voltage of a net behind a resistance, or of several devices on a limited source -> (V, at current limit).

    The voltage of a segment is the one that agrees with the mean current of the segment.
    """
    low, high = _neutral_range(members, volts, D, N, shared)
    reach = MAX_DRIVE * D[V0, members[0]]
    vg = min(max(drive[NET_VOLTAGE], low - reach), high + reach)
    current = _imbalance(vg, 0.0, 0.0, 0.0, members, volts, seconds, D, N, shared)
    load, reference, bound = 0.0, vg, 0.0
    if abs(drive[NET_RESISTANCE] * current) > 1e-12 * reach:
        load = 1.0 / drive[NET_RESISTANCE]
    for attempt in range(2):
        if attempt == 1:  # a voltage limited by resistance may still ask for too much current
            limited = current > drive[NET_HIGH] or current < drive[NET_LOW]
            if not limited:
                return vg, False
            load, bound = 0.0, drive[NET_HIGH] if current > drive[NET_HIGH] else drive[NET_LOW]
        elif load == 0.0:
            continue
        floor, ceiling = min(low, vg), max(high, vg)
        vg = _balance(load, reference, bound, floor, ceiling, members, volts, seconds, D, N, shared)
        current = load * (reference - vg)
    return vg, True


@_helper
def _crossing_time(rate, limit, spread, seconds, D, i, shared):
    """When a device driven at a constant rate reaches the gate voltage `limit`; at most `seconds`."""
    sign = 1.0 if rate > 0.0 else -1.0
    start, end = 0.0, seconds
    middle = seconds
    while sign * (_current_voltage(rate, spread, end, D, i, shared) - limit) > 0.0:
        middle = 0.5 * (start + end)
        if not start < middle < end:
            return middle
        if sign * (_current_voltage(rate, spread, middle, D, i, shared) - limit) > 0.0:
            end = middle
        else:
            start = middle
    return middle


@_helper
def _current_phase(drive, volts, seconds, D, N, i, shared):
    """How long one device on an ideal source with both limits is current-driven -> (duration, gate V, window charge).

    Current drive lasts as long as the gate voltage it needs stays within the voltage of the source.
    """
    polarity, middle = shared[POLARITY], _middle(volts, N, i)
    applied = polarity * (drive[NET_VOLTAGE] - middle)
    if _rests(applied, D, i, shared):
        applied = 0.0
    up = applied > _open_circuit(D, i, shared)
    rate = polarity / shared[CHARGE] * (drive[NET_HIGH] if up == (polarity > 0.0) else drive[NET_LOW])
    if not math.isfinite(rate):
        return 0.0, 0.0, 0.0
    spread = _half_spread(volts, D, N, i)
    first = _current_voltage(rate, spread, 0.0, D, i, shared)
    if (first >= applied) if up else (first <= applied):
        return 0.0, 0.0, 0.0
    lasting = seconds if rate == 0.0 else _crossing_time(rate, applied, spread, seconds, D, i, shared)
    mean = 0.5 * (first + _current_voltage(rate, spread, lasting, D, i, shared))
    return lasting, middle + polarity * mean, rate * lasting


@_helper
def _leaked(seconds, D, N, i, shared):
    """Window charge that an open gate loses through its leakage; no other current closes its loop."""
    leak, kappa = _leak(N, i, shared), shared[KAPPA]
    if leak == 0.0 or N[FLAG, i] != OK:
        return 0.0
    loss = seconds * leak / shared[CHARGE]
    return -_open_circuit(D, i, shared) * (_one_minus_exp(kappa * loss) / kappa if kappa > 0.0 else loss)


@_helper
def _advance_net(members, drive, volts, seconds, D, N, shared, table):
    """All devices of one gate net through one segment -> (gate volt-seconds, at the current limit at the end)."""
    i = members[0]
    vg, limited, area, lasting, given = drive[NET_VOLTAGE], False, 0.0, 0.0, 0.0
    floating = drive[NET_KIND] == FLOATING
    if floating:
        low, high = _neutral_range(members, volts, D, N, shared)
        if high - low > 2.0 * shared[REST_DRIVE] * D[V0, i]:
            # Devices at different potentials exchange ions through their common gate.
            vg, floating = _balance(0.0, 0.0, 0.0, low, high, members, volts, seconds, D, N, shared), False
    elif members.size == 1 and drive[NET_RESISTANCE] == 0.0 and N[FLAG, i] == OK and shared[LEAK] == 0.0:
        lasting, v_driven, given = _current_phase(drive, volts, seconds, D, N, i, shared)
        area, limited = v_driven * lasting, lasting == seconds
    else:
        vg, limited = _line_voltage(members, drive, volts, seconds, D, N, shared)
    for phase in range(2):  # under current drive, then under voltage drive or open
        duration = lasting if phase == 0 else seconds - lasting
        if duration <= 0.0:
            continue
        for i in members:
            if phase == 0:
                v, charge, resting = area / lasting, given, given == 0.0
            elif floating:
                v = _middle(volts, N, i) + shared[POLARITY] * _open_circuit(D, i, shared)
                charge, resting = _leaked(duration, D, N, i, shared), True
                area += v * duration / members.size
            else:
                v, charge = vg, _device_charge(vg, volts, duration, D, N, i, shared)
                resting = _rests(vg - _middle(volts, N, i), D, i, shared)
                area += v * duration / members.size
            _step(v, volts, charge, resting, floating, duration, D, N, i, shared, table)
    return area, limited


@njit(
    "void(f8[:,::1], i8[:,::1], f8[::1], f8[::1], i8[::1], i8[::1], "
    "f8[::1], f8[:,::1], f8[:,:,::1], i8, f8[::1], b1[::1])",
    cache=True,
    error_model="numpy",
)
def run_train(
    D, N, shared, table, members, first_member, durations, volts, drives, repeats, volt_seconds, in_current_mode
):
    """Advance all devices through `repeats` periods of segments.

    D (N_ROWS, devices), N (N_INTEGERS, devices): devices, changed in place; charges are added to. shared (N_SHARED).
    table: normal quantiles. members, first_member: devices ordered by gate net. durations (segments) [s]; volts
    (segments, nets) [V]; drives (segments, gate nets, N_DRIVE). Out: volt_seconds (gate nets) [V s], added to;
    in_current_mode (gate nets), as the last segment ends.
    """
    for i in range(D.shape[1]):
        D[G_START, i] = _conductance(D, N, i, shared)
    for _ in range(repeats):
        for k in range(durations.size):
            for n in range(volt_seconds.size):
                group = members[first_member[n] : first_member[n + 1]]
                area, limited = _advance_net(group, drives[k, n], volts[k], durations[k], D, N, shared, table)
                volt_seconds[n] += area
                in_current_mode[n] = limited
    for i in range(D.shape[1]):
        D[G_END, i] = _conductance(D, N, i, shared)
