"""Pulse generators with two channels that are driven by SCPI: what the drivers of all models share.

Trains are triggered bursts of N pulses; one exchange fires a train and answers when it is over. One exchange sets a
pulse and reads everything about it back, since some instruments change what does not fit. ``APPLy`` is never sent: it
switches outputs on.

Whatever could move the resting level (a new level or polarity, and with them the attenuator relays) is sent with the
output relay open and closed again in the same message: the load sees the base or nothing.

The commands of a model are a `drivers.generator_dialect.Dialect`; pulses become commands in
`drivers.generator_pulse`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

from drivers import generator_pulse as pulses
from drivers import generator_waveform as waveforms
from drivers.checks import one_of, quantity
from drivers.errors import Refused
from drivers.generator_dialect import WORDS, Dialect
from drivers.pulse_channel import PulseChannel, PulseRequest
from drivers.records import SENTINEL, PulseGeneratorAbilities, PulseShape
from drivers.scpi import ScpiInstrument

TERMINALS: Final = ("1", "2")
SLOPES: Final = {"rising": "POS", "falling": "NEG"}


class PulseGeneratorBox(ScpiInstrument):
    """The box: link, error queue and the channels "1" and "2". `channel("1")` is a `PulseGenerator`.

    A model names its maker, model, `dialect` and, where it differs, `queue_depth`.
    """

    dialect: ClassVar[Dialect]
    queue_depth: ClassVar[int] = 20

    def _opened(self) -> None:
        states = self.exchange(";".join(self.state_query("output", terminal) for terminal in TERMINALS)).split(";")
        self._channels = {
            terminal: GeneratorChannel(self, terminal, state == "1")
            for terminal, state in zip(TERMINALS, states, strict=True)
        }

    def channel(self, terminal: str) -> GeneratorChannel:
        """The pulse generator "1" or "2"."""
        return self._channels[one_of("terminal", terminal, self._channels)]

    def state_query(self, name: str, terminal: str) -> str:
        """The query of one named value of a channel."""
        return self.dialect.state[name].format(n=terminal)

    def state(self, terminal: str, *commands: str) -> dict[str, float | str]:
        """Send settings and read the whole state of a channel back, in one exchange."""
        message = ";".join((*commands, *(query.format(n=terminal) for query in self.dialect.state.values())))
        replies = self.call(message)
        if len(replies) != len(self.dialect.state):
            raise self.error(f"{len(self.dialect.state)} values were expected", message, ";".join(replies))
        return {
            name: reply if name in WORDS else self.parse_number(reply)
            for name, reply in zip(self.dialect.state, replies, strict=True)
        }

    def parse_number(self, reply: str) -> float:
        """A number as the instrument writes it, 9.9E+37 as inf; InstrumentError if it is none."""
        value = super().parse_number(reply)
        return math.inf if value >= SENTINEL else value

    def outputs(self) -> dict[str, str]:
        """Channels whose output is on, with function and levels."""
        found = {}
        for terminal in self._channels:
            names = ("output", "function", "low", "high")
            reply = self.exchange(";".join(self.state_query(name, terminal) for name in names))
            on, function, low, high = reply.split(";")
            if self.parse_number(on):
                levels = f"{quantity(self.parse_number(low), 'V')} and {quantity(self.parse_number(high), 'V')}"
                found[terminal] = f"{function} between {levels}"
        return found

    def settings(self) -> dict[str, float | str | bool]:
        """State of both channels under "<channel>.<name>": times in s (edges 10–90 %), levels in V, loads in Ω or
        "inf".
        """
        record: dict[str, float | str | bool] = {}
        for terminal in self._channels:
            for name, value in self.state(terminal).items():
                record[f"{terminal}.{name}"] = "inf" if value == math.inf else value
        return record

    def reset(self) -> None:
        """``*RST``: outputs off, load 50 Ω. Load and pulse must be set again before an output goes on."""
        self.exchange("*RST;*CLS;*OPC?")
        for channel in self._channels.values():
            channel.forget()

    def _make_safe(self, problems: list[str]) -> None:
        for channel in self._channels.values():
            problems += channel.make_safe()


class GeneratorChannel(PulseChannel):
    """One channel of a generator whose commands are a `Dialect`."""

    _instrument: PulseGeneratorBox

    def __init__(self, instrument: PulseGeneratorBox, terminal: str, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._dialect = instrument.dialect
        super().__init__(instrument, terminal, on)

    def forget(self, on: bool = False) -> None:
        """As in the base; the trigger is the bus again."""
        super().forget(on)
        self._waveform: float | None = None  # s that the arbitrary waveform takes, where one is set and confirmed
        self._source, self._edge = "bus", "rising"

    @property
    def abilities(self) -> PulseGeneratorAbilities:
        """What this channel can do."""
        return self._dialect.abilities

    # Load and pulse --------------------------------------------------------------------------------------------------

    def _send_load(self, ohm: float) -> float:
        """The source resistance is 50 Ω whatever is set here."""
        text, value = self._dialect.open_load if ohm == math.inf else (pulses.number(ohm), ohm)
        found = self._instrument.state(self._n, self._dialect.load.format(n=self._n, ohm=text))
        self._agrees(found, {"load": (value, 0.0 if value == math.inf else 1e-3 * value)})
        return value

    def _requested(self, asked: PulseRequest) -> PulseShape:
        limits = self._dialect.limits
        wanted = pulses.requested(limits, asked)
        pulses.check_levels(limits, wanted.base, wanted.level, self._stated_load())
        return wanted

    def _send_pulse(self, wanted: PulseShape, old: PulseShape | None) -> PulseShape:
        """The instrument is given 10–90 % edge times, 0.8 of the full ramps."""
        found = self._instrument.state(self._n, *self._commands(wanted, old))
        expected = pulses.expected_state(self._dialect, wanted, self._count)
        self._agrees(found, {**expected, "trigger": self._trigger_reply, "output": (float(self._on), 0.0)})
        return pulses.shape_of(found)

    def _forget_train(self) -> None:
        super()._forget_train()
        self._waveform = None

    def _commands(self, wanted: PulseShape, old: PulseShape | None) -> list[str]:
        """What must be sent to get from the pulse in force to the wanted one; everything if there is none."""
        n = self._n
        times = levels = True
        commands = []
        if old is None:
            # Another function's frequency may not suit a pulse and is then changed: no matter, all times follow.
            commands = [*self._alone(), self._dialect.function.format(n=n), "*CLS", *self._burst_commands()]
        else:
            times = (old.width, old.period, old.rise, old.fall, old.delay) != (
                wanted.width, wanted.period, wanted.rise, wanted.fall, wanted.delay,
            )  # fmt: skip
            levels = (old.base, old.level) != (wanted.base, wanted.level)
        if times:
            commands += pulses.time_commands(self._dialect, n, wanted)
        if not levels:
            return commands
        commands += pulses.level_commands(self._dialect, n, wanted.base, wanted.level, self._stated_load())
        return [self._output_command(False), *commands, *([self._output_command(True)] if self._on else [])]

    def _alone(self) -> list[str]:
        return [command.format(n=self._n) for command in self._dialect.alone]

    def _burst_commands(self) -> list[str]:
        trigger = self._trigger_command(self._source, self._edge)
        return [command.format(n=self._n, count=self._count, trigger=trigger) for command in self._dialect.bursts]

    def _trigger_command(self, source: str, edge: str) -> str:
        return self._dialect.triggers[source][0].format(n=self._n, slope=SLOPES[edge])

    @property
    def _trigger_reply(self) -> str:
        return self._dialect.triggers[self._source][1]

    def _output_command(self, on: bool) -> str:
        return self._dialect.output.format(n=self._n, state="ON" if on else "OFF")

    def _agrees(self, found: dict[str, float | str], expected: pulses.Expected) -> None:
        """InstrumentError if the instrument changed a setting by more than rounding."""
        for name, target in expected.items():
            value = found[name]
            if isinstance(target, str):
                agrees, asked = value == target, target
            else:
                agrees, asked = value == target[0] or abs(float(value) - target[0]) <= target[1], f"{target[0]:g}"
            if not agrees:
                raise self._instrument.error(
                    f"channel {self._n}: asked for {name} {asked}, in force is {value}",
                    remedy="choose a pulse that fits the instrument",
                )

    # Trains ----------------------------------------------------------------------------------------------------------

    def _send_count(self, n: int) -> None:
        found = self._instrument.state(self._n, self._dialect.count.format(n=self._n, count=n))
        self._agrees(found, {"count": (float(n), 0.0)})

    def trigger(self, source: str, *, edge: str = "rising") -> str:
        """As in the role. An external trigger during a train is lost."""
        one_of("trigger source", source, self.abilities.triggers)
        one_of("trigger edge", edge, SLOPES)
        found = self._instrument.state(self._n, self._trigger_command(source, edge))
        self._source, self._edge = source, edge
        self._agrees(found, {"trigger": self._trigger_reply})
        if source == "external":
            (slope,) = self._instrument.call(self._dialect.slope.format(n=self._n))
            self._agrees({"trigger edge": slope}, {"trigger edge": SLOPES[edge]})
        return source

    def _check_train(self) -> None:
        if self._waveform is None:
            super()._check_train()

    def _train_time(self) -> float:
        """Seconds from the trigger to the end of the train."""
        if self._waveform is not None:
            return self._count * self._waveform
        shape = self._set_pulse()
        return shape.delay + self._count * shape.period

    def _send_output(self, on: bool) -> bool:
        return self._instrument.state(self._n, self._output_command(on))["output"] == 1.0

    def _ask_output(self) -> bool:
        (state,) = self._instrument.call(self._instrument.state_query("output", self._n))
        return state == "1"

    def _send_train(self) -> None:
        """The bus trigger reaches both channels; one whose output is off shows nothing of it."""
        if self._source != "bus":
            raise Refused(f'the train waits for the {self._source} trigger: call trigger("bus") to fire it from here')
        self._instrument.call("*TRG;*OPC?", seconds_expected=self._train_time())

    def running(self) -> bool:
        """False: `fire` returns when the train is over. Refused with an external trigger, which it cannot follow."""
        if self._source != "bus":
            raise Refused("whether an externally triggered train runs cannot be asked: wait returns when it is over")
        return False

    def _wait(self, timeout: float) -> None:
        self._instrument.exchange("*OPC?", seconds_expected=timeout)

    # Arbitrary waveforms ---------------------------------------------------------------------------------------------

    def waveform(self, samples: Sequence[float], dt: float) -> None:
        """As in the role. It takes the place of the pulse; count, trigger and output are as for pulses. Both ends must
        be at the same voltage, at which the output rests. The 33500B and 33600A hold each sample for `dt`, the others
        join them by straight lines.
        """
        arbitrary, n = self._dialect.arbitrary, self._n
        waveforms.check(arbitrary, samples, dt)
        low, high = min(samples), max(samples)
        pulses.check_levels(self._dialect.limits, low, high, self._stated_load())
        self._forget_train()  # unknown until the read-back agrees
        names = {"n": n, "memory": arbitrary.memory[n]}
        block = arbitrary.block(waveforms.scaled(samples, low, high))
        with self._instrument.lock:
            self._instrument.call(
                ";".join((self._output_command(False), *self._alone(), arbitrary.function[0].format(**names), "*CLS"))
            )
            for command in arbitrary.upload:
                self._instrument.write(command.format(**names, block=block))
            found = self._instrument.state(n, *self._waveform_commands(len(samples), dt, low, high))
        expected = pulses.expected_levels(self._dialect, low, high, self._count)
        self._agrees(found, {**expected, "trigger": self._trigger_reply, "output": (float(self._on), 0.0)})
        self._agrees(found, {"function": arbitrary.function[1].format(**names)})
        self._check_stored(len(samples), dt)
        self._waveform = len(samples) * dt

    def _waveform_commands(self, points: int, dt: float, low: float, high: float) -> list[str]:
        """What follows the upload: selection, rate, bursts, levels, and the output as it was."""
        n, arbitrary = self._n, self._dialect.arbitrary
        rates = {"rate": pulses.number(1.0 / dt), "frequency": pulses.number(1.0 / (points * dt))}
        return [
            *(command.format(n=n, memory=arbitrary.memory[n], **rates) for command in arbitrary.select),
            *self._burst_commands(),
            *pulses.level_commands(self._dialect, n, low, high, self._stated_load()),
            *([self._output_command(True)] if self._on else []),
        ]

    def _check_stored(self, points: int, dt: float) -> None:
        arbitrary, parse = self._dialect.arbitrary, self._instrument.parse_number
        queries = f"{arbitrary.points_query};{arbitrary.rate_query}".format(n=self._n, memory=arbitrary.memory[self._n])
        stored, rate = map(parse, self._instrument.call(queries))
        wanted = arbitrary.rate(points, dt)
        self._agrees(
            {"samples": stored, "sample rate": rate},
            {"samples": (float(points), 0.0), "sample rate": (wanted, self._dialect.limits.time_rounding * wanted)},
        )

    # Safety ----------------------------------------------------------------------------------------------------------

    def _off_message(self) -> str:
        return self._output_command(False)

    def _reads_on(self) -> bool:
        return self._instrument.exchange(self._instrument.state_query("output", self._n)) != "0"
