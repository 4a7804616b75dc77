"""The micro-heater of a chip, and the short stretches of time in which its temperature counts as constant."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulator.model import BOLTZMANN_EV, DeviceModel

Floats = NDArray[np.float64]

PADS = ("H+", "H-")

# A rate that changes by a factor exp(h) across a piece, and is taken at the mean temperature of the piece, is wrong
# by h^2/24: what is linear in temperature cancels. 0.1 makes that 4e-4.
_PIECE = 0.1
# Pulses may always meet the same phase of a period, where nothing cancels: a period counts as one only below this.
_PERIOD = 1e-3
_STILL = 1e-9  # K; what is below comes from rounding


@dataclass(frozen=True)
class Stretch:
    """`repeats` periods, or one piece of `seconds` [s], at the mean temperature excess `mean`, ending at `end` [K]."""

    seconds: float
    mean: float
    end: float
    repeats: int = 1


class Heater:
    """A resistor that warms all devices alike: tau d(excess)/dt = R_th V^2/R - excess.

    resistance [Ohm], thermal_resistance [K/W], time [s]; `excess` [K] is the temperature above ambient.
    Micro-heaters of ECRAM: Kwak et al., review of ECRAM (2024), references 61, 64, 65.
    """

    def __init__(self, resistance: float, thermal_resistance: float, time: float) -> None:
        self.resistance = resistance
        self.excess = 0.0
        self._kelvin_per_watt = thermal_resistance
        self._time = time

    @classmethod
    def of(cls, model: DeviceModel) -> "Heater":
        """The heater that a technology has."""
        return cls(model.heater_resistance, model.heater_thermal_resistance, model.heater_time)

    def target(self, volts: Floats) -> Floats:
        """Excess [K] at which the temperature settles under some voltages across the heater [V]."""
        settled: Floats = self._kelvin_per_watt * volts * volts / self.resistance
        return settled

    def periods(self, durations: Floats, targets: Floats, most: int, sensitivity: float) -> Stretch | None:
        """As many whole periods, up to `most`, as may be run at one temperature; None if not even one.

        durations (segments) [s] and targets (segments) [K] of a period; sensitivity [1/K] of the logarithm of a rate.
        """
        lost = -np.expm1(-durations / self._time)
        excess, course, area = self.excess, [self.excess], 0.0
        for seconds, target, share in zip(durations.tolist(), targets.tolist(), lost.tolist(), strict=True):
            area += target * seconds + (excess - target) * share * self._time
            excess += (target - excess) * share
            course.append(excess)
        if sensitivity * (max(course) - min(course)) > _PERIOD:
            return None
        period = float(durations.sum())
        away = (self.excess - excess) / -math.expm1(-period / self._time)  # from the state that returns to itself
        count = min(most, self._periods_within(abs(away), period, _PIECE / sensitivity))
        if count < 1:
            return None
        mean_away = away * self._mean_share(period)  # of the first period; the mean of all is less far away
        mean = area / period - mean_away + away * self._mean_share(count * period)
        end = self.excess - away * -math.expm1(-count * period / self._time)
        return Stretch(count * period, mean, end, count)

    def _mean_share(self, seconds: float) -> float:
        """Mean of exp(-t/tau) over a time."""
        return self._time / seconds * -math.expm1(-seconds / self._time)

    def _periods_within(self, away: float, period: float, span: float) -> int:
        """Number of periods in which the excess drifts by at most `span` [K] of the `away` [K] that are left."""
        if away <= span:
            return 2**62
        return int(-math.log1p(-span / away) * self._time / period)

    def pieces(self, seconds: float, target: float, sensitivity: float) -> Iterator[Stretch]:
        """Cut a segment [s] of constant power into pieces of about constant temperature; see `periods`.

        The caller sets `excess` to the end of each piece before it asks for the next.
        """
        span = _PIECE / sensitivity
        left = seconds
        while left > 0.0:
            away = self.excess - target
            piece = left if abs(away) <= span else min(left, -math.log1p(-span / abs(away)) * self._time)
            end = target + away * math.exp(-piece / self._time)
            yield Stretch(piece, target + away * self._mean_share(piece), end)
            left -= piece

    def settle(self, end: float, target: float) -> None:
        """Set the excess [K]; at the settled value once it is only rounding away from it."""
        self.excess = target if abs(end - target) < _STILL else end


def sensitivity(model: DeviceModel, temperature: float, volts: float) -> float:
    """Largest relative change of any rate of a device per kelvin [1/K], at a temperature [K] and a gate voltage [V].

    Arrhenius factors change by Ea/(k T^2), sinh(V/v0) with v0 ~ T by V/(v0 T).
    """
    activation = max(model.write_activation, model.retention_activation, model.read_activation)
    drive = min(abs(volts) / model.v0 * model.reference_temperature / temperature, 80.0)
    return activation / (BOLTZMANN_EV * temperature**2) + (1.0 + drive) / temperature
