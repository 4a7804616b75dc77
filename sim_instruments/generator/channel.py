"""One channel of a generator: its settings in SI units, and the rules by which they change each other."""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple, Protocol

import numpy as np

from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Bounds, Report
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.levels import Levels
from sim_instruments.generator.model import GeneratorModel
from sim_instruments.generator.modulation import Modulation
from sim_instruments.generator.output import Connector, OutputStage, Play, Program, Signal
from sim_instruments.generator.pulse import PulseShape
from sim_instruments.generator.sweep import Sweep
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import short_form
from sim_instruments.scpi.settings import Limits

NAMES = {"PULS": "pulse function", "SQU": "square function", "RAMP": "ramp function", "TRI": "triangle function"}
PEAK_TO_PEAK_PER_RMS = {"SIN": 2.0 * math.sqrt(2.0), "RAMP": 2.0 * math.sqrt(3.0), "TRI": 2.0 * math.sqrt(3.0)}
AMPLITUDE_UNITS = ("VPP", "VRMS", "DBM")


class Accuracy(NamedTuple):
    """Errors that belong to this unit: factor on all levels, and a voltage [V] added into an open circuit."""

    gain: float = 0.0
    offset: float = 0.0


CONTINUOUS_MODE, BURST, SWEEP = "CW", "BURS", "SWE"
_CONSTANT = ("number", "kind", "_noise_seed")
MODES = {BURST: "burst", SWEEP: "sweep"}


class Shaping(Protocol):
    """A sweep, a list or a modulation."""

    def cycle(self, carrier: Cycle) -> Cycle:
        """What is put out instead of the carrier; ScpiError -241 if it is too long."""
        ...


class GeneratorChannel(ABC):
    """What all models have: function, frequency, levels, pulse, sweep, modulation, output. A model adds memory, bursts
    and triggers.

    mode: "CW", "BURS", "SWE" or the name of a modulation such as "AM": one at a time.
    trigger_source, trigger_slope, gate_polarity: names as in the commands; a gate that is "INV" is open while low.
    """

    trigger_source = "IMM"
    trigger_slope = "POS"
    gate_polarity = "NORM"
    burst_phase = 0.0
    says_mode_ends = True

    def __init__(
        self,
        number: int,
        around: Surroundings,
        model: GeneratorModel,
        bounds: Bounds,
        report: Report,
        pulse: PulseShape,
    ) -> None:
        self.number = number
        self.model, self.bounds, self._report, self.pulse = model, bounds, report, pulse
        self.levels = Levels(model.levels, bounds)
        self.mode = CONTINUOUS_MODE
        self._function, self._frequency = short_form(model.functions[0]), model.frequency
        self.modulations = {kind: Modulation(kind, at, self) for kind, at in model.modulations.items()}
        self.sweep = Sweep(model.sweep, self)
        self._accuracy = Accuracy(
            model.gain_error * around.unit_error(f"gain of channel {number}"),
            model.offset_error * around.unit_error(f"offset of channel {number}"),
        )
        self._drift = around.drift
        noise = model.noise_density * math.sqrt(0.5) if around.noise else 0.0
        source = around.generator(f"noise of channel {number}")
        self._noise_seed = source.getrandbits(64)
        self.stage = OutputStage(self.connector(around), around.harness.clock, report, self._signal, (noise, source))

    def connector(self, around: Surroundings) -> Connector:
        """What the output stage drives: the terminal with the number of the channel."""
        return around.port(str(self.number))

    def reset(self) -> None:
        """*RST: defaults, output off. What is in the waveform memory stays."""
        self.stage.on = False
        self._function, self._frequency, self._unit = short_form(self.model.functions[0]), self.model.frequency, "VPP"
        self.levels.reset()
        self.pulse.reset()
        self.phase, self.phase_origin, self.polarity = 0.0, 0.0, "NORM"
        self.square_duty_cycle, self.ramp_symmetry = 50.0, 100.0
        self.noise_bandwidth, self.bit_rate = 100e3, 1e3
        self.mode = CONTINUOUS_MODE
        for modulation in self.modulations.values():
            modulation.reset()
        self.sweep.reset()
        self.reset_burst()
        self.stage.abort()
        self.refresh()

    @staticmethod
    def plain(part: object) -> dict[str, object]:
        """The settings that are attributes of a part of a channel."""
        return {
            name: value
            for name, value in vars(part).items()
            if type(value) in (bool, int, float, str, tuple) and name not in _CONSTANT
        }

    def _parts(self) -> tuple[object, ...]:
        return (self, self.levels, self.pulse, self.sweep, *self.modulations.values())

    def state(self) -> tuple[dict[str, object], ...]:
        """All settings but whether the output is on."""
        return tuple(self.plain(part) for part in self._parts())

    def restore(self, state: tuple[dict[str, object], ...]) -> None:
        """Take over the settings of `state`."""
        for part, settings in zip(self._parts(), state, strict=True):
            vars(part).update(settings)

    @abstractmethod
    def reset_burst(self) -> None:
        """Defaults of what the model adds."""

    @abstractmethod
    def program(self) -> Program:
        """How cycles follow one another under the present settings."""

    def other_cycle(self) -> Cycle | None:
        """One period of a function that only this model has; None where only the offset is put out."""
        return None

    def refresh(self) -> None:
        """Bring the port into line with the settings."""
        self.stage.refresh()

    # -- function, frequency ---------------------------------------------------------------------------------

    @property
    def function(self) -> str:
        """Short name of the function."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        self._set_function(name)

    def _set_function(self, name: str) -> None:
        if name == "DC":
            self.levels.dc = True
        elif self._function == "DC":
            self.levels.leave_dc()
        highest = self.model.frequency_limits(name).high
        if self._frequency > highest:
            self.bounds.conflict(f"frequency reduced for {NAMES.get(name, name)}")
            self._frequency = highest
        if name == "PULS":
            self.pulse.fit(1.0 / self._frequency, 1.0 / self._frequency)
        self._function = name
        self._fit_square()
        if not self._suits(self.mode):
            self._end_mode(f"turned off, not able to use it with the {NAMES.get(name, name)}")

    # -- mode ------------------------------------------------------------------------------------------------

    def set_mode(self, mode: str, on: bool) -> None:
        """Switch a sweep, a burst or a modulation on or off. One that is on is turned off by another.

        Raises:
            ScpiError: -221 for a function that is not possible in this mode.
        """
        if not on:
            self.mode = CONTINUOUS_MODE if self.mode == mode else self.mode
            return
        if not self._suits(mode):
            raise ScpiError(-221, f"{mode} is not possible with function {self._function}")
        if self.mode not in (CONTINUOUS_MODE, mode):
            self._end_mode("turned off by selection of other mode or modulation")
        self.mode = mode

    def _end_mode(self, why: str) -> None:
        if self.says_mode_ends:
            self.bounds.conflict(f"{MODES.get(self.mode, self.mode)} {why}")
        self.mode = CONTINUOUS_MODE

    def _suits(self, mode: str) -> bool:
        if mode == SWEEP:
            return self._function not in self.model.sweep.excluded
        return mode not in self.modulations or self.modulations[mode].model.allows(self._function)

    @property
    def burst_on(self) -> bool:
        """Whether the function runs in bursts."""
        return self.mode == BURST

    @burst_on.setter
    def burst_on(self, on: bool) -> None:
        self.set_mode(BURST, on)

    @property
    def frequency_mode(self) -> str:
        """Whether the frequency stays (CW) or sweeps (SWE)."""
        return SWEEP if self.mode == SWEEP else CONTINUOUS_MODE

    @frequency_mode.setter
    def frequency_mode(self, name: str) -> None:
        self.set_mode(SWEEP, name == SWEEP)

    def modulating_channel(self, source: str) -> Cycle | None:  # noqa: ARG002 - only models with such sources use it
        """One period of the channel that a modulation has as its source; None for a connector."""
        return None

    def modulating_cycle(self, shape: str, rate: float) -> Cycle:
        """One period of an internal modulating wave that is more than a polygon: noise, bits, or stored samples."""
        if shape == "PRBS":
            return cycles.pseudo_random_bits(rate)
        if shape in ("NOIS", "PRN"):
            return cycles.noise(rate, self._noise_seed)
        samples = self.stored_samples(shape)
        return cycles.arbitrary(samples, 1.0 / rate / len(samples), stepped=False)

    def stored_samples(self, name: str) -> tuple[float, ...]:
        """Samples of a modulating wave from memory; ScpiError -221 where there is none."""
        raise ScpiError(-221, name)

    # -- frequency -------------------------------------------------------------------------------------------

    @property
    def frequency(self) -> float:
        """Repetition frequency [Hz]."""
        return self._frequency

    @frequency.setter
    def frequency(self, hertz: float) -> None:
        self._set_frequency(hertz)

    def _set_frequency(self, hertz: float) -> None:
        if self._function == "PULS":
            self.pulse_period = 1.0 / hertz
        else:
            self._frequency = hertz
            self._fit_square()

    @property
    def frequency_limits(self) -> Limits:
        """What the function allows."""
        return self.model.frequency_limits(self._function)

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
        at = self.frequency_limits
        return Limits(1.0 / at.high, 1.0 / at.low, 1.0 / at.default)

    @property
    def square_limits(self) -> Limits:
        """Duty cycles [%] at which both parts of a square wave last as long as the shortest pulse."""
        shortest = self.model.pulse.shortest_width
        least = max(0.01, 100.0 * shortest / max(self.pulse_period, 2.0 * shortest))
        return Limits(least, 100.0 - least, 50.0)

    def _fit_square(self) -> None:
        at = self.square_limits
        if self._function == "SQU" and not at.low <= self.square_duty_cycle <= at.high:
            self.bounds.conflict("duty cycle changed due to frequency")
            self.square_duty_cycle = max(at.low, min(at.high, self.square_duty_cycle))

    # -- amplitude and load ----------------------------------------------------------------------------------

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

    # -- pulse -----------------------------------------------------------------------------------------------

    @property
    def pulse_period(self) -> float:
        """Period [s]; setting it makes the pulse fit even when another function is selected."""
        return 1.0 / self._frequency

    @pulse_period.setter
    def pulse_period(self, seconds: float) -> None:
        self.pulse.fit(1.0 / self._frequency, seconds)
        self._frequency = 1.0 / seconds

    @property
    def pulse_frequency(self) -> float:
        """Frequency of the pulse function [Hz]."""
        return self._frequency

    @pulse_frequency.setter
    def pulse_frequency(self, hertz: float) -> None:
        self.pulse_period = 1.0 / hertz

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
        """What stays when the period changes: WIDT, or the duty cycle by the model's name for it."""
        return self.pulse.hold

    @pulse_hold.setter
    def pulse_hold(self, name: str) -> None:
        self.pulse.hold = name

    # -- output and triggers ---------------------------------------------------------------------------------

    @property
    def output(self) -> bool:
        """Whether the output relay is closed. A burst goes on inside while it is open."""
        return self.stage.on

    @output.setter
    def output(self, on: bool) -> None:
        self.stage.on = on

    @property
    def relays(self) -> tuple[bool, ...]:
        """Which relays of the channel are closed."""
        return (self.output,)

    @relays.setter
    def relays(self, closed: tuple[bool, ...]) -> None:
        (self.output,) = closed

    def trigger_input(self, *, high: bool) -> bool:
        """The level at the trigger input has changed: an edge fires, a level opens the gate. Whether a burst began."""
        self.stage.gate(high != (self.gate_polarity == "INV"))
        if self.trigger_source == "EXT" and self.trigger_slope in ("POS" if high else "NEG", "EITH"):
            return self.trigger()
        return False

    def trigger(self) -> bool:
        """Start a burst; False when the channel is not waiting for a trigger."""
        return self.stage.fire()

    # -- what the port gets ----------------------------------------------------------------------------------

    def _signal(self) -> Signal:
        shape = self.cycle()
        if shape is None:
            return Signal(self._volts(0.0), None, Program(self.program().play))
        program = self.program()
        if self.mode in (CONTINUOUS_MODE, BURST):
            shape = cycles.rotated(shape, self._start_phase(program))
        zero, swing = self._volts(0.0), self._volts(1.0) - self._volts(0.0)
        parts = np.array(shape.levels)
        volts = zero + swing * parts
        if np.abs(parts).max() > 1.0:  # modulated beyond what the amplifier gives
            volts = volts.clip(-self.model.levels.peak, self.model.levels.peak)
        rest = zero + swing * shape.rest
        return Signal(rest, Cycle(shape.times, tuple(volts.tolist()), rest), program)

    def _start_phase(self, program: Program) -> float:
        return self.phase + self.phase_origin if program.play is Play.CONTINUOUS else self.burst_phase

    def cycle(self) -> Cycle | None:
        """One period of what is put out; None where that is only the offset. -241 is reported for what is too long."""
        carrier, shaping = self.carrier(), self.shaping()
        if carrier is None or shaping is None:
            return carrier
        try:
            return shaping.cycle(carrier)
        except ScpiError as error:
            self._report(error.code, error.detail)
            return carrier

    def shaping(self) -> Shaping | None:
        """What the mode makes of the carrier, if anything."""
        return self.sweep if self.mode == SWEEP else self.modulations.get(self.mode)

    def carrier(self) -> Cycle | None:
        """One period of the function; None where only the offset is put out."""
        if self._function == "PULS":
            return cycles.pulse(self.period, self.pulse)
        if self._function == "SQU":
            return cycles.square(self.period, self.square_duty_cycle, self.model.pulse.shortest_edge)
        if self._function == "SIN":
            return cycles.sine(self.period)
        if self._function in ("RAMP", "TRI"):
            return cycles.ramp(self.period, self.ramp_symmetry if self._function == "RAMP" else 50.0)
        if self._function in ("NOIS", "PRN"):
            return cycles.noise(self.noise_bandwidth, self._noise_seed)
        return self.other_cycle()

    def _volts(self, level: float) -> float:
        """Electromotive force of a level between -1 and 1. Inverted polarity leaves the offset as it is."""
        sign = -1.0 if self.polarity == "INV" else 1.0
        swing = 0.0 if self.levels.dc else 0.5 * sign * self.levels.emf_amplitude * level
        gain = 1.0 + self._accuracy.gain + self._drift.gain
        return gain * (self.levels.emf_offset + swing) + self._accuracy.offset
