"""One channel of a pulse generator: the order of a request, whatever the model.

A request is checked in full against the abilities of the model and against the state of the channel, then sent, and
what the instrument confirmed is kept. A model adds its limits of times and its words on the wire.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import partial

from drivers.checks import within
from drivers.errors import Refused
from drivers.pulse_checks import whole_count
from drivers.records import PulseShape
from drivers.roles import PulseGenerator
from drivers.visa_instrument import VisaInstrument


@dataclass(frozen=True, slots=True)
class PulseRequest:
    """A pulse as it is asked for: V, s; None = the model's own choice."""

    base: float
    level: float
    width: float
    period: float | None
    rise: float | None
    fall: float | None
    delay: float


class PulseChannel(PulseGenerator):
    """A channel that knows its load and its pulse; None until the instrument has confirmed them.

    Endless trains are refused: nothing would end them if the computer fails.
    """

    _instrument: VisaInstrument

    def __init__(self, instrument: VisaInstrument, terminal: str, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._instrument, self._n = instrument, terminal
        self.forget(on)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: neither load nor pulse set."""
        self._on = on
        self._load: float | None = None
        self._pulse: PulseShape | None = None
        self._count = 1

    # What a model must say -------------------------------------------------------------------------------------------

    @abstractmethod
    def _send_load(self, ohm: float) -> float:
        """Tell the instrument what it drives; the load (Ω) that its levels are meant at from now on."""

    @abstractmethod
    def _requested(self, asked: PulseRequest) -> PulseShape:
        """The pulse asked for, with defaults filled in; `Refused` if it does not fit the instrument."""

    @abstractmethod
    def _send_pulse(self, wanted: PulseShape, old: PulseShape | None) -> PulseShape:
        """Get from the pulse `old`, where one is in force, to the wanted one; what is in force now."""

    @abstractmethod
    def _send_count(self, n: int) -> None:
        """Set the pulses of one train and read them back."""

    @abstractmethod
    def _send_output(self, on: bool) -> bool:
        """Switch the output; whether it is on now."""

    @abstractmethod
    def _ask_output(self) -> bool:
        """Whether the output is on."""

    @abstractmethod
    def _send_train(self) -> None:
        """Start a train and wait for its end."""

    @abstractmethod
    def _wait(self, timeout: float) -> None:
        """Wait for the end of a train, `timeout` seconds at most."""

    @abstractmethod
    def _off_message(self) -> str:
        """What opens the output, from any state of the instrument."""

    @abstractmethod
    def _reads_on(self) -> bool:
        """Whether the output is on, by a plain query that an unprepared instrument answers."""

    # Load and pulse --------------------------------------------------------------------------------------------------

    def load(self, ohm: float) -> float:
        """As in the role."""
        if ohm != math.inf:
            within("load", ohm, "ohm", *self.abilities.loads, "state inf for a gate")
        if self._on:
            raise Refused("a change of load is refused while the output is on: switch it off first")
        self._forget_train()  # the same numbers would mean other voltages
        self._load = None  # unknown until the read-back agrees
        self._load = self._send_load(ohm)
        return ohm

    def _stated_load(self) -> float:
        if self._load is None:
            raise Refused(
                "state the load first, load(inf) for a gate: at the usual 50 ohm a gate would get twice the voltage"
            )
        return self._load

    def pulse(
        self,
        *,
        base: float,
        level: float,
        width: float,
        period: float | None = None,
        rise: float | None = None,
        fall: float | None = None,
        delay: float = 0.0,
    ) -> PulseShape:
        """As in the role."""
        self._stated_load()
        wanted, old = self._requested(PulseRequest(base, level, width, period, rise, fall, delay)), self._pulse
        self._forget_train()  # unknown until the read-back agrees
        found = self._send_pulse(wanted, old)
        self._pulse = wanted
        return found

    def polarity(self, sign: int) -> PulseShape:
        """As in the role."""
        if sign not in (1, -1):
            raise Refused(f"polarity {sign} must be 1 or -1")
        old = self._set_pulse()
        level = old.base + sign * abs(old.level - old.base)
        return self.pulse(
            base=old.base,
            level=level,
            width=old.width,
            period=old.period,
            rise=old.rise,
            fall=old.fall,
            delay=old.delay,
        )

    def _set_pulse(self) -> PulseShape:
        if self._pulse is None:
            raise Refused(
                "no pulse was set since the last reset, make-safe or change of load: call load and pulse first"
            )
        return self._pulse

    def _forget_train(self) -> None:
        """Take what a train consists of as unknown."""
        self._pulse = None

    # Trains ----------------------------------------------------------------------------------------------------------

    def count(self, n: int | None) -> int | None:
        """As in the role."""
        pulses = whole_count(n, self.abilities.max_count)
        self._send_count(pulses)
        self._count = pulses
        return pulses

    def _check_train(self) -> None:
        """Refuse where there is nothing to send."""
        self._set_pulse()

    def output(self, on: bool) -> bool:
        """As in the role. The terminal goes to the base of the pulse.

        An output that was not confirmed counts as on until it is asked or switched off.
        """
        if on:
            self._check_train()
            self._on = True
        self._on = self._send_output(on)
        if self._on != on:
            state = "on" if self._on else "off"
            raise self._instrument.error(f"output {self._n} is still {state} after it was switched")
        return self._on

    @property
    def output_state(self) -> bool:
        """As in the role."""
        self._on = self._ask_output()
        return self._on

    def fire(self) -> None:
        """As in the role."""
        self._check_train()
        if not self._on:
            raise Refused("the output is off: switch it on first")
        self._send_train()

    def wait(self, timeout: float) -> None:
        """As in the role."""
        self._wait(within("timeout", timeout, "s", 0.0, 1e6))

    def stop(self) -> None:
        """As in the role."""
        self.output(False)

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role."""
        problems: list[str] = []
        instrument, off = self._instrument, self._off_message()
        with instrument.lock:
            instrument.guarded_step(problems, off, partial(instrument.write, off))
            instrument.guarded_step(problems, f"read back of output {self._n}", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: the load is to be stated again
        return problems

    def _read_back_off(self) -> None:
        self._on = self._reads_on()
        if self._on:
            self._instrument.write(self._off_message())
            raise self._instrument.error(f"output {self._n} still reads on")
