"""The pulses that a device was published with."""

from dataclasses import dataclass
from typing import Literal

from emulator.waveform import Waveform


@dataclass(frozen=True, slots=True)
class PulseProtocol:
    """The pulses that cross the conductance window once up and once down.

    drive: "voltage" (0 V between pulses) or "current" (open gate between pulses). up_amplitude potentiates,
    down_amplitude depresses, both as at the gate terminal [V or A]. width [s] between the 50 % points, edge [s] the
    full ramp, period [s] from pulse to pulse, count: pulses per branch, source_resistance [Ohm] of the pulse source,
    temperature [K] at which it writes; 300 K unless the file says otherwise. read_delay [s] from the end of a pulse to
    the read; 1 ms unless the file says otherwise, as it does where a double layer has to relax first.
    """

    drive: Literal["voltage", "current"]
    up_amplitude: float
    down_amplitude: float
    width: float
    edge: float
    period: float
    count: int
    source_resistance: float
    temperature: float = 300.0
    read_delay: float = 1e-3

    def waveform(self, amplitude: float, repeats: float = 1) -> Waveform:
        """Pulses of this shape with another amplitude [V or A]."""
        return Waveform.pulse(
            base=0.0,
            level=amplitude,
            width=self.width,
            rise=self.edge,
            fall=self.edge,
            period=self.period,
            repeats=repeats,
        )
