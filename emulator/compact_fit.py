"""Parameters of the compact model from pulses on the drift-diffusion model.

Where both agree: the electrolyte is the bottleneck. Its drift velocity w exceeds what diffuses through it (w d/D >> 1),
it holds few ions compared with the window, and channel and reservoir, which it joins, are uniform after a fraction of
the time in which the window is crossed. The ionic current then is the density at the side that the ions leave times w:
a hyperbolic sine of the gate voltage, and one that falls as that side is emptied. The second is what the compact model
calls the curvature of a branch. (Porzani et al., IEEE Transactions on Electron Devices (2024), "Programming
Characteristics of ECRAM, Part II", also derive a compact model of pulses, with saturation, from drift and diffusion.)
Hopping with one barrier has no dispersion: the logarithmic width law of disordered oxides is not in the
drift-diffusion model, and `dispersion_onset` stays 0.

For an electrolyte of 10 nm between layers of 20 and 40 nm, trains of other amplitudes and widths than the calibration,
up and down at random, end within 1 % of the window; 30 K warmer, within 2 %. Two things part the models: pulses as
short as the transit d/w, which meet the ions that the last pulse has left in the electrolyte, and a channel or
reservoir slow enough to keep a gradient.
"""

import math
from dataclasses import dataclass

from emulator.drift_diffusion import ELEMENTARY_CHARGE, DriftDiffusion, Stack
from emulator.model import BOLTZMANN_EV, DeviceModel

_WEAKER = 0.8  # second amplitude, in units of the first
_WARMER = 20.0  # K
_BISECTIONS = 100
_FIRST_LOOK = 1e-3  # of the time that something is expected to take
_SETTLED = 0.1  # of an excess: only its slowest mode is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Pulses: `count` up, then as many down, which span the calibration window.

    Amplitudes [V] of the pulses, `width` and `rest` [s]. Raises ValueError unless the first amplitude is positive, the
    second negative, times positive, and the count even and at least 4.
    """

    up_amplitude: float
    down_amplitude: float
    width: float
    rest: float
    count: int

    def __post_init__(self) -> None:
        if not self.up_amplitude > 0.0 > self.down_amplitude:
            raise ValueError(
                f"{self.up_amplitude!r} V and {self.down_amplitude!r} V do not drive up and down: "
                "give a positive up_amplitude and a negative down_amplitude"
            )
        if not (0.0 < self.width < math.inf and 0.0 < self.rest < math.inf):
            raise ValueError(f"width {self.width!r} s and rest {self.rest!r} s must be more than 0 s")
        if self.count < 4 or self.count % 2:
            raise ValueError(f"count = {self.count!r} is not allowed: give an even number from 4 on")


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch of pulses: window curvature u, and window charge of each pulse."""

    curvature: float
    step: float


@dataclass(frozen=True, slots=True)
class _Probe:
    """Single pulses at the low end of a window that holds so many ions [1/m^2]."""

    protocol: Protocol
    ions: float
    curvature: float

    def charge(self, device: DriftDiffusion, amplitude: float) -> float:
        """Window charge of one pulse; the device stays as it is."""
        pulsed = device.copy()
        _pulse(pulsed, amplitude, self.protocol)
        share = (pulsed.channel_ions - device.channel_ions) / self.ions
        return -math.log1p(share * math.expm1(-self.curvature)) / self.curvature if self.curvature else share


def compact_model(stack: Stack, protocol: Protocol, *, temperature: float = 300.0, cells: int = 48) -> DeviceModel:
    """The compact model that follows the drift-diffusion model of a stack, found by pulsing the latter.

    The window is what the pulses of the protocol span from the initial densities on; temperature [K] becomes the
    reference temperature. Conductances, charge, both rates and curvatures come from the two branches, v0 and the
    activation from single pulses at a second amplitude and a second temperature; `surface_time` and the retention from
    how the channel settles and empties at 0 V. Raises ValueError when the pulses do not move the conductance.
    """
    device = DriftDiffusion(stack, temperature, cells)
    fresh = device.copy()
    up = _train(device, protocol.up_amplitude, protocol)
    full = device.copy()
    ions = full.channel_ions - fresh.channel_ions
    low, high = up[0], up[-1]
    if not high > low:
        raise ValueError(f"{protocol.count} pulses of {protocol.up_amplitude!r} V do not raise the conductance")
    down = _train(device, protocol.down_amplitude, protocol)
    rising = _branch([(g - low) / (high - low) for g in up])
    falling = _branch([(high - g) / (high - low) for g in down])
    probe = _Probe(protocol, ions, rising.curvature)
    v0 = _voltage_scale(fresh, probe)
    activation = _activation(fresh, probe, v0)
    retention_time, retention_target = _retention(full, low, high)
    return DeviceModel(
        charge=ELEMENTARY_CHARGE * stack.charge_number * stack.width * stack.length * ions,
        rate_up=rising.step / (protocol.width * math.sinh(protocol.up_amplitude / v0)),
        rate_down=falling.step / (protocol.width * math.sinh(-protocol.down_amplitude / v0)),
        v0=v0,
        write_activation=activation,
        curvature_up=rising.curvature,
        curvature_down=falling.curvature,
        y_low=-low / (high - low),
        y_high=(full.conductance * full.ions / full.channel_ions - low) / (high - low),
        surface_fraction=1.0,
        surface_time=_surface_time(fresh, protocol),
        conductance_min=low,
        conductance_max=high,
        retention_time=retention_time,
        retention_target=retention_target,
        retention_activation=activation,
        reference_temperature=temperature,
    )


def _train(device: DriftDiffusion, amplitude: float, protocol: Protocol) -> list[float]:
    """Conductance [S] before the first and after each pulse."""
    conductances = [device.conductance]
    for _ in range(protocol.count):
        _pulse(device, amplitude, protocol)
        conductances.append(device.conductance)
    return conductances


def _pulse(device: DriftDiffusion, amplitude: float, protocol: Protocol) -> None:
    device.advance(amplitude, protocol.width)
    device.advance(0.0, protocol.rest)


def _branch(shares: list[float]) -> _Branch:
    """Curvature and step of a branch, from the share of the window crossed after each pulse.

    ``share_k = K (1 - exp(-u k step))``, K = 1/(1 - exp(-u)), holds at the middle and at the end of the branch.
    """
    count, middle, end = len(shares) - 1, shares[len(shares) // 2], shares[-1]
    if not 0.0 < middle < end:
        raise ValueError(
            "a branch does not go on to its end: give shorter pulses, or an amplitude that moves more ions"
        )
    kept = end / middle - 1.0
    if abs(kept - 1.0) < 1e-9:
        return _Branch(0.0, end / count)
    saturation = end / (1.0 - kept * kept)
    if 0.0 < saturation <= 1.0:
        raise ValueError(
            f"a branch saturates after {saturation:.3g} of the window: choose amplitudes of more equal effect"
        )
    curvature = -math.log1p(-1.0 / saturation)
    return _Branch(curvature, -2.0 / count * math.log(kept) / curvature)


def _log_sinh(x: float) -> float:
    return x + math.log1p(-math.exp(-2.0 * x)) - math.log(2.0)


def _voltage_scale(fresh: DriftDiffusion, probe: _Probe) -> float:
    """v0 [V] of the hyperbolic sine through the effect of two amplitudes."""
    high, low = probe.protocol.up_amplitude, _WEAKER * probe.protocol.up_amplitude
    gain = math.log(probe.charge(fresh, high) / probe.charge(fresh, low))
    small, large = 1e-3, 1e3  # of up_amplitude/v0
    for _ in range(_BISECTIONS):
        drive = math.sqrt(small * large)
        weaker = _log_sinh(drive) - _log_sinh(_WEAKER * drive) < gain
        small, large = (drive, large) if weaker else (small, drive)
    return high / math.sqrt(small * large)


def _activation(fresh: DriftDiffusion, probe: _Probe, v0: float) -> float:
    """Activation energy [eV] of the rate, from a pulse at a higher temperature; v0 is proportional to temperature."""
    warm = DriftDiffusion(fresh.stack, fresh.temperature + _WARMER, fresh.cells)
    warm.advance(0.0, _diffusion_time(warm))  # the ions of the electrolyte have to find their new density
    volts = probe.protocol.up_amplitude
    gain = math.log(probe.charge(warm, volts) / probe.charge(fresh, volts))
    drive = volts / v0
    gain += _log_sinh(drive) - _log_sinh(drive * fresh.temperature / warm.temperature)
    return gain * BOLTZMANN_EV / (1.0 / fresh.temperature - 1.0 / warm.temperature)


def _diffusion_time(device: DriftDiffusion) -> float:
    """Time [s] in which ions diffuse through the electrolyte."""
    electrolyte = device.stack.electrolyte
    return electrolyte.thickness**2 / electrolyte.diffusivity(device.temperature)


def _surface_time(fresh: DriftDiffusion, protocol: Protocol) -> float:
    """Time [s] of the slowest mode by which ions at the surface of the channel spread into it."""
    device = fresh.copy()
    device.advance(protocol.up_amplitude, protocol.width)
    times, excess = [0.0], [_excess(device)]
    while excess[-1] > _SETTLED * excess[0]:
        seconds = times[-1] or _FIRST_LOOK * protocol.width
        device.advance(0.0, seconds)
        times.append(times[-1] + seconds)
        excess.append(_excess(device))
    if not (len(times) > 1 and excess[-1] > 0.0):
        raise ValueError(f"pulses of {protocol.width!r} s leave no excess at the surface of the channel: shorten them")
    return (times[-1] - times[-2]) / math.log(excess[-2] / excess[-1])


def _excess(device: DriftDiffusion) -> float:
    """Ion density at the surface of the channel over its mean [1/m^3]."""
    return float(device.density[device.cells - 1]) - device.channel_ions / device.stack.channel.thickness


def _retention(full: DriftDiffusion, low: float, high: float) -> tuple[float, float]:
    """Time [s] in which the channel relaxes at 0 V, and the state in which it ends."""
    device = full.copy()
    device.settle()
    settled = device.conductance
    device, rested = full.copy(), 0.0
    start, seconds = full.conductance - settled, _FIRST_LOOK * _diffusion_time(full)
    while abs(device.conductance - settled) > 0.5 * abs(start):
        device.advance(0.0, seconds)
        rested += seconds
        seconds = rested
    return rested / math.log(start / (device.conductance - settled)), (settled - low) / (high - low)
