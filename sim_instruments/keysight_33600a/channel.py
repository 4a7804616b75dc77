"""One channel of the generator: its settings, and what they put onto its harness port."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from emulator import Open, VoltageSource, Waveform
from sim_instruments.keysight_33600a import cycle
from sim_instruments.keysight_33600a.cycle import Cycle
from sim_instruments.keysight_33600a.levels import SOURCE_RESISTANCE, Levels, Report
from sim_instruments.keysight_33600a.memory import BUILT_IN, WaveformMemory
from sim_instruments.keysight_33600a.pulse import PulseLimits, PulseShape
from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.settings import Limits

if TYPE_CHECKING:
    from emulator import Port, VirtualClock

FUNCTIONS = ("SINusoid", "SQUare", "TRIangle", "RAMP", "PULSe", "PRBS", "NOISe", "ARB", "DC")
LOWEST_FREQUENCY = 1e-6
HIGHEST_FREQUENCY = {"SIN": 120e6, "SQU": 100e6, "PULS": 100e6, "RAMP": 800e3, "TRI": 800e3, "PRBS": 100e6}
NAMES = {"PULS": "pulse function", "SQU": "square function", "RAMP": "ramp function", "TRI": "triangle function"}
PEAK_TO_PEAK_PER_RMS = {"SIN": 2.0 * math.sqrt(2.0), "RAMP": 2.0 * math.sqrt(3.0), "TRI": 2.0 * math.sqrt(3.0)}
PULSE_LIMITS = PulseLimits(5e-9, 1e6, 2.9e-9, 1e-6, 1e-8, 1e6)
"""Data sheet of the 33600A: pulse width from 5 ns, edges from 2.9 ns, periods from 10 ns."""
BURST_GAP = 1e-6
"""Pause that internally triggered bursts need [s]."""
MOST_BREAKPOINTS = 100_000


class Accuracy(NamedTuple):
    """Errors that belong to this unit: factor on all levels, and a voltage [V] added into an open circuit."""

    gain: float = 0.0
    offset: float = 0.0


class Signal(NamedTuple):
    """What the settings ask for: level at rest [V], and a waveform that runs always or once for each trigger."""

    rest: float
    waveform: Waveform | None
    continuous: bool


class Channel:
    """Settings in SI units; the property setters hold the rules by which they change each other."""

    def __init__(self, port: "Port", clock: "VirtualClock", report: Report, accuracy: Accuracy) -> None:
        self._port, self._clock, self._report, self._accuracy = port, clock, report, accuracy
        self.levels = Levels(report)
        self.pulse = PulseShape(PULSE_LIMITS, report)
        self.memory = WaveformMemory()
        self._end_of_burst = -math.inf
        self._playing: Signal | None = None
        self.reset()

    def reset(self) -> None:
        """*RST: sine of 1 kHz, output off, burst off, immediate trigger. Volatile memory stays."""
        self._output = False
        self._function, self._frequency, self._unit = "SIN", 1e3, "VPP"
        self.levels.reset()
        self.pulse.reset()
        self.phase, self.polarity = 0.0, "NORM"
        self.square_duty_cycle, self.ramp_symmetry = 50.0, 100.0
        self.noise_bandwidth, self.bit_rate = 100e3, 1e3
        self.arb_name, self.sample_rate, self.arb_filter, self.arb_advance = BUILT_IN, 40e3, "STEP", "SRAT"
        self._burst_on = False
        self.burst_mode, self.burst_count, self.burst_period, self.burst_phase = "TRIG", 1.0, 10e-3, 0.0
        self.gate_polarity, self.trigger_slope = "NORM", "POS"
        self.trigger_source, self.trigger_timer, self.trigger_delay = "IMM", 1.0, 0.0
        self.trigger_count, self.trigger_level, self.rearm, self.armed = 1.0, 1.65, True, 0.0
        self.frequency_mode, self.output_mode, self.range_auto = "CW", "NORM", True
        self.sync_polarity, self.sync_mode = "NORM", "NORM"
        self.abort()
        self.refresh()

    # -- function, frequency, amplitude ----------------------------------------------------------------------

    @property
    def function(self) -> str:
        """Short name of the function."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        if name == "DC" and self._burst_on:
            raise ScpiError(-221, "dc function is not possible in burst mode")
        previous, self._function = self._function, name
        if name == "DC":
            self.levels.dc = True
        elif previous == "DC":
            self.levels.leave_dc()
        highest = HIGHEST_FREQUENCY.get(name, math.inf)
        if self._frequency > highest:
            self._frequency = highest
            self._report(-221, f"frequency reduced for {NAMES.get(name, name)}")
        if name == "PULS":
            self.pulse.fit(self.period, self.period)
        self._fit_square()

    @property
    def frequency(self) -> float:
        """Repetition frequency [Hz]; of an arbitrary waveform, its sample rate divided by its length."""
        return self.sample_rate / len(self.samples) if self._function == "ARB" else self._frequency

    @frequency.setter
    def frequency(self, hertz: float) -> None:
        if self._function == "ARB":
            self.sample_rate = hertz * len(self.samples)
        elif self._function == "PULS":
            self.pulse_period = 1.0 / hertz
        else:
            self._frequency = hertz
            self._fit_square()

    @property
    def frequency_limits(self) -> Limits:
        """What the function allows."""
        return Limits(LOWEST_FREQUENCY, HIGHEST_FREQUENCY.get(self._function, 120e6), 1e3)

    @property
    def period(self) -> float:
        """1 / frequency [s]."""
        return 1.0 / self.frequency

    @period.setter
    def period(self, seconds: float) -> None:
        self.frequency = 1.0 / seconds

    @property
    def period_limits(self) -> Limits:
        """What the function allows."""
        return Limits(1.0 / self.frequency_limits.high, 1.0 / LOWEST_FREQUENCY, 1e-3)

    @property
    def square_limits(self) -> Limits:
        """Duty cycles [%] at which both parts of a square wave last as long as the shortest pulse."""
        shortest = PULSE_LIMITS.shortest_width
        least = max(0.01, 100.0 * shortest / max(self.pulse_period, 2.0 * shortest))
        return Limits(least, 100.0 - least, 50.0)

    def _fit_square(self) -> None:
        at = self.square_limits
        if self._function == "SQU" and not at.low <= self.square_duty_cycle <= at.high:
            self.square_duty_cycle = max(at.low, min(at.high, self.square_duty_cycle))
            self._report(-221, "duty cycle changed due to frequency")

    @property
    def unit(self) -> str:
        """Unit of the amplitude: VPP, VRMS or DBM."""
        return self._unit

    @unit.setter
    def unit(self, name: str) -> None:
        if name == "DBM" and math.isinf(self.levels.load):
            raise ScpiError(-221, "dBm is not possible with a high-impedance load")
        self._unit = name

    @property
    def amplitude(self) -> float:
        """Amplitude in the present unit."""
        return self.from_peak_to_peak(self.levels.amplitude, self._unit)

    @amplitude.setter
    def amplitude(self, value: float) -> None:
        self.set_amplitude(value, self._unit)

    def set_amplitude(self, value: float, unit: str) -> None:
        """Change the amplitude, given in VPP, VRMS or DBM; ScpiError -221 for dBm without a finite load."""
        if unit == "DBM":
            if math.isinf(self.levels.load):
                raise ScpiError(-221, "dBm is not possible with a high-impedance load")
            value = math.sqrt(1e-3 * self.levels.load * 10.0 ** (min(value, 100.0) / 10.0))
        factor = 1.0 if unit == "VPP" else PEAK_TO_PEAK_PER_RMS.get(self._function, 2.0)
        self.levels.amplitude = value * factor

    def from_peak_to_peak(self, volts: float, unit: str) -> float:
        """Peak-to-peak voltage in another unit."""
        if unit == "VPP":
            return volts
        rms = volts / PEAK_TO_PEAK_PER_RMS.get(self._function, 2.0)
        return rms if unit == "VRMS" else 10.0 * math.log10(rms**2 / self.levels.load / 1e-3)

    @property
    def load(self) -> float:
        """Load told to the instrument [ohm]."""
        return self.levels.load

    @load.setter
    def load(self, ohms: float) -> None:
        self.levels.load = ohms
        if math.isinf(ohms) and self._unit == "DBM":
            self._unit = "VPP"

    # -- pulse and arbitrary waveform ------------------------------------------------------------------------

    @property
    def pulse_period(self) -> float:
        """Period [s]; setting it makes the pulse fit even when another function is selected."""
        return 1.0 / self._frequency

    @pulse_period.setter
    def pulse_period(self, seconds: float) -> None:
        before, self._frequency = 1.0 / self._frequency, 1.0 / seconds
        self.pulse.fit(before, seconds)

    @property
    def pulse_width(self) -> float:
        """Width between the 50 % points [s]."""
        return self.pulse.width

    @pulse_width.setter
    def pulse_width(self, seconds: float) -> None:
        self.pulse.set_width(seconds, self.pulse_period)

    @property
    def pulse_duty_cycle(self) -> float:
        """Width in percent of the period."""
        return 100.0 * self.pulse.width * self._frequency

    @pulse_duty_cycle.setter
    def pulse_duty_cycle(self, percent: float) -> None:
        self.pulse.set_duty_cycle(percent, self.pulse_period)

    @property
    def leading_edge(self) -> float:
        """Leading edge, 10 % to 90 % [s]."""
        return self.pulse.leading

    @leading_edge.setter
    def leading_edge(self, seconds: float) -> None:
        self.pulse.set_edges(seconds, self.pulse.trailing, self.pulse_period)

    @property
    def trailing_edge(self) -> float:
        """Trailing edge, 90 % to 10 % [s]."""
        return self.pulse.trailing

    @trailing_edge.setter
    def trailing_edge(self, seconds: float) -> None:
        self.pulse.set_edges(self.pulse.leading, seconds, self.pulse_period)

    @property
    def both_edges(self) -> float:
        """Leading edge; setting it sets both."""
        return self.pulse.leading

    @both_edges.setter
    def both_edges(self, seconds: float) -> None:
        self.pulse.set_edges(seconds, seconds, self.pulse_period)

    @property
    def pulse_hold(self) -> str:
        """What stays when the period changes: WIDT or DCYC."""
        return self.pulse.hold

    @pulse_hold.setter
    def pulse_hold(self, name: str) -> None:
        self.pulse.hold = name

    @property
    def samples(self) -> tuple[float, ...]:
        """Samples of the selected arbitrary waveform."""
        return self.memory.find(self.arb_name)

    def clear_memory(self) -> None:
        """Clear volatile memory; the default waveform is selected again."""
        self.memory.clear()
        self.arb_name = BUILT_IN

    # -- burst -----------------------------------------------------------------------------------------------

    @property
    def burst_on(self) -> bool:
        """Whether the function runs in bursts."""
        return self._burst_on

    @burst_on.setter
    def burst_on(self, on: bool) -> None:
        if on and self._function in ("DC", "NOIS"):
            raise ScpiError(-221, f"burst is not possible with function {self._function}")
        self._burst_on = on

    @property
    def output(self) -> bool:
        """Whether the output relay is closed. A burst goes on inside while it is open."""
        return self._output

    @output.setter
    def output(self, on: bool) -> None:
        if on != self._output:
            self._output = on
            self._playing = None

    @property
    def waits_for_bus(self) -> bool:
        """Whether *TRG concerns this channel."""
        return self._burst_on and self.burst_mode == "TRIG" and self.trigger_source == "BUS"

    @property
    def time_left(self) -> float:
        """Time until the triggered burst ends [s]; 0 when none runs, inf when it is endless."""
        return max(0.0, self._end_of_burst - self._clock.now)

    def fire(self) -> bool:
        """Start a burst; False when the channel is not waiting for a trigger."""
        signal = self._playing or self._signal()
        ready = self._burst_on and self.burst_mode == "TRIG" and not signal.continuous
        if not ready or self.time_left > 0.0 or not (self.rearm or self.armed):
            return False
        self.armed = max(0.0, self.armed - 1.0)
        waveform = self._burst_waveform(signal, self.burst_count)
        self._end_of_burst = self._clock.now + waveform.duration
        if self._output:
            self._port.start(waveform)
        return True

    def abort(self) -> None:
        """End a running burst, even an endless one."""
        self._end_of_burst = -math.inf
        self._playing = None

    def complete(self) -> None:
        """All time that the running burst needs has passed."""
        self._end_of_burst = -math.inf

    # -- what the port gets ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring the port into line with the settings. A change of the signal ends a burst that is running."""
        self._fit_burst_period()
        if not self._output and self.time_left == 0.0:
            self._release()
            return
        signal = self._signal()
        if signal == self._playing:
            return
        if self._playing is not None:
            self._end_of_burst = -math.inf
        self._playing = signal
        if self._output:
            self._play(signal)
        else:
            self._release()

    def _fit_burst_period(self) -> None:
        internal = self._burst_on and self.burst_mode == "TRIG" and self.trigger_source == "IMM"
        if internal and math.isfinite(self.burst_count):
            shortest = self.burst_count * self.period + BURST_GAP
            if self.burst_period < shortest:
                self.burst_period = shortest
                self._report(-221, "burst period increased to fit entire burst")

    def _release(self) -> None:
        self._port.stop()
        self._port.drive = Open()

    def _play(self, signal: Signal) -> None:
        self._port.stop()
        self._port.drive = VoltageSource(signal.rest, SOURCE_RESISTANCE)
        if signal.waveform is not None and signal.continuous:
            self._port.start(signal.waveform)
        elif signal.waveform is not None and self.time_left > 0.0:
            cycles = self.time_left / signal.waveform.period
            self._port.start(self._burst_waveform(signal, cycles if math.isinf(cycles) else math.ceil(cycles)))

    def _signal(self) -> Signal:
        shape = self._cycle()
        if shape is None:
            return Signal(self._volts(0.0), None, continuous=True)
        rest = self._volts(shape.rest)
        if not self._burst_on:
            return Signal(rest, self._waveform(shape, math.inf), continuous=True)
        internal = self.burst_mode == "TRIG" and self.trigger_source in ("IMM", "TIM")
        if not internal:
            return Signal(rest, self._waveform(shape, 1), continuous=False)
        if math.isinf(self.burst_count):
            return Signal(rest, self._waveform(shape, math.inf), continuous=True)
        return Signal(rest, self._internal_bursts(shape), continuous=True)

    def _internal_bursts(self, shape: Cycle) -> Waveform | None:
        count = int(self.burst_count)
        if count * len(shape.times) > MOST_BREAKPOINTS:
            self._report(-241, f"internally triggered bursts of {count} cycles are not simulated")
            return None
        length = self.burst_period if self.trigger_source == "IMM" else self.trigger_timer
        length = max(length, count * shape.times[-1])
        return self._waveform(cycle.burst(shape, count, delay=0.0, length=length), math.inf)

    def _burst_waveform(self, signal: Signal, count: float) -> Waveform:
        shape = None if self.trigger_delay == 0.0 else self._cycle()
        if shape is None:
            assert signal.waveform is not None  # a signal without waveform is continuous and never fired
            return replace(signal.waveform, repeats=count)
        if count * len(shape.times) > MOST_BREAKPOINTS:
            raise ScpiError(-241, f"delayed bursts of {count:g} cycles are not simulated")
        return self._waveform(cycle.burst(shape, int(count), delay=self.trigger_delay, length=0.0), 1)

    def _cycle(self) -> Cycle | None:
        """One period of the function; None where only the offset is put out: DC, and noise, which averages out."""
        if self._function == "PULS":
            return cycle.pulse(self.period, self.pulse)
        if self._function == "SQU":
            return cycle.square(self.period, self.square_duty_cycle, PULSE_LIMITS.shortest_edge)
        if self._function == "SIN":
            return cycle.sine(self.period)
        if self._function in ("RAMP", "TRI"):
            return cycle.ramp(self.period, self.ramp_symmetry if self._function == "RAMP" else 50.0)
        if self._function == "ARB":
            return cycle.arbitrary(self.samples, 1.0 / self.sample_rate, stepped=self.arb_filter == "OFF")
        return None

    def _waveform(self, shape: Cycle, repeats: float) -> Waveform:
        return Waveform(shape.times, tuple(self._volts(level) for level in shape.levels), repeats)

    def _volts(self, level: float) -> float:
        """Electromotive force of a level between -1 and 1. Inverted polarity leaves the offset as it is."""
        sign = -1.0 if self.polarity == "INV" else 1.0
        swing = 0.0 if self.levels.dc else 0.5 * sign * self.levels.emf_amplitude * level
        return (1.0 + self._accuracy.gain) * (self.levels.emf_offset + swing) + self._accuracy.offset
