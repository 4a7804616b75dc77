"""Base of the simulated generators: channels, triggers, completion, amplitudes with a unit, the APPLy commands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from sim_instruments.generator.bounds import Bounds
from sim_instruments.generator.channel import GeneratorChannel
from sim_instruments.generator.coupling import Coupling
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.parameters import boolean, keyword, number, quantity, short_form
from sim_instruments.scpi.remembered import Remembered
from sim_instruments.scpi.settings import Settings, long_number
from sim_instruments.scpi.stored_states import StoredStates

_Channel = TypeVar("_Channel", bound=GeneratorChannel)


class _Settings(NamedTuple):
    """What *SAV stores: of each channel its settings and which relays are closed, and what the channels share."""

    channels: list[tuple[tuple[dict[str, object], ...], tuple[bool, ...]]]
    couplings: dict[str, Coupling]
    remembered: Mapping[tuple[str, int], float | str]
    shared: dict[str, Any]


class GeneratorInstrument(ScpiInstrument, Generic[_Channel]):
    """Channels with the terminals "1", "2". A model makes `bounds` and `channels` and adds its commands.

    show: how the model writes numbers.
    """

    channels: Sequence[_Channel]
    bounds: Bounds
    shared_settings: ClassVar[tuple[str, ...]] = ()
    """Attributes that *SAV stores, beside the settings of channels, couplings and display."""

    def __init__(self, surroundings: Surroundings, identity: str, show: Callable[[float], str] = long_number) -> None:
        super().__init__(surroundings, identity)
        self.show = show
        self.couplings: dict[str, Coupling] = {}
        self._trigger_input = False
        self._status_clear = True
        self.remembered = Remembered(
            self.commands, self.channel, lambda value, *limits: self.bounds.within(value, *limits)
        )

    def channel(self, suffix: int) -> _Channel:
        """The channel of that number; ScpiError -114 if there is none."""
        if not 1 <= suffix <= len(self.channels):
            raise ScpiError(-114, str(suffix))
        return self.channels[suffix - 1]

    def channel_settings(self, show: Callable[[float], str] | None = None) -> Settings[_Channel]:
        """For the settings that are attributes of a channel; `show`: how these are written."""
        return Settings(
            self.commands, self.channel, self.bounds.within, lambda channel: self.changed(channel), show or self.show
        )

    def refresh(self) -> None:
        """Bring all ports into line with the settings."""
        for channel in self.channels:
            channel.refresh()

    def reset(self) -> None:
        """*RST: channels, couplings and what is only remembered to their defaults."""
        for coupling in self.couplings.values():
            coupling.reset()
        self.remembered.reset()
        for channel in self.channels:
            channel.reset()

    # -- stored states ---------------------------------------------------------------------------------------

    def add_stored_states(self, locations: range, empty: tuple[int, str] = (-221, "")) -> None:
        """*SAV and *RCL with their locations and the error for an empty one."""
        StoredStates(self.commands, locations, self._settings, self._take_settings, empty)

    def _settings(self) -> _Settings:
        return _Settings(
            [(channel.state(), channel.relays) for channel in self.channels],
            {name: replace(coupling) for name, coupling in self.couplings.items()},
            self.remembered.state(),
            {name: getattr(self, name) for name in self.shared_settings},
        )

    def _take_settings(self, settings: _Settings) -> None:
        for name, coupling in settings.couplings.items():
            vars(self.couplings[name]).update(vars(coupling))
        self.remembered.restore(settings.remembered)
        vars(self).update(settings.shared)
        for channel, (state, relays) in zip(self.channels, settings.channels, strict=True):
            channel.stage.abort()
            channel.restore(state)
            channel.relays = relays
        self.refresh()

    @command("*PSC")
    def _set_status_clear(self, flag: bytes) -> None:
        self._status_clear = boolean(flag)

    @command("*PSC?")
    def _get_status_clear(self) -> Reply:
        return f"{self._status_clear:d}"

    # -- settings that change ----------------------------------------------------------------------------------

    def changed(self, channel: _Channel) -> None:
        """Settings of a channel have changed: the ports follow, and with them the channels that are coupled."""
        couplings = [coupling for coupling in self.couplings.values() if coupling.on]
        for other in self.channels:
            if couplings and other is not channel:
                for coupling in couplings:
                    coupling.follow(channel, other)
                other.refresh()
        channel.refresh()

    def coupling(self, name: str) -> Settings[Coupling]:
        """For the settings of one kind of coupling; a header names the channel that leads."""

        def find(suffix: int) -> Coupling:
            self.couplings[name].leader = self.channel(suffix).number
            return self.couplings[name]

        return Settings(
            self.commands, find, self.bounds.within, lambda one: self.changed(self.channel(one.leader)), self.show
        )

    def synchronise(self) -> None:
        """All channels begin anew at the same moment, each at its phase."""
        for channel in self.channels:
            channel.stage.restart()

    # -- triggers and completion -----------------------------------------------------------------------------

    def fire(self, channels: Sequence[GeneratorChannel]) -> None:
        """Fire all of these; -211 when there is none or one cannot."""
        fired = [channel for channel in channels if channel.trigger()]
        if not channels or len(fired) < len(channels):
            self.report(-211)
        self.burst_began(fired)

    def trigger_input(self, *, high: bool) -> None:
        """What is wired to the trigger input changes its level: fires and gates the channels that wait for it."""
        if high != self._trigger_input:
            self._trigger_input = high
            self.burst_began([channel for channel in self.channels if channel.trigger_input(high=high)])

    def burst_began(self, channels: Sequence[GeneratorChannel]) -> None:
        """Bursts of these channels begin now, maybe of none. A model with trigger outputs gives its pulses here."""

    def add_trigger_connectors(self, *outputs: str) -> None:
        """Enter the trigger input `ext`, and outputs that are low at rest, into the trigger wiring of the bench."""
        wiring, connector = self.surroundings.triggers, self.surroundings.connector
        wiring.add_input(connector("ext"), lambda high: self.trigger_input(high=high))
        for name in outputs:
            wiring.add_output(connector(name), high=False)

    def pulse_output(self, name: str) -> None:
        """A positive pulse at a trigger output."""
        self.surroundings.triggers.pulse(self.surroundings.connector(name))

    def time_to_completion(self) -> float:
        """Time until the last burst ends [s]."""
        return max(channel.stage.time_left for channel in self.channels)

    def complete(self) -> None:
        """All bursts have ended."""
        for channel in self.channels:
            channel.stage.complete()

    def abort(self) -> None:
        """End all bursts, even endless ones."""
        for channel in self.channels:
            channel.stage.abort()
        self.refresh()

    # -- amplitude with a unit -------------------------------------------------------------------------------

    def add_amplitude(self, header: str) -> None:
        """Command and query of the amplitude, whose unit may follow the number."""
        self.commands.add(header, self._set_amplitude)
        self.commands.add(header + "?", self._get_amplitude)

    def _set_amplitude(self, suffix: int, amplitude: bytes) -> None:
        channel = self.channel(suffix)
        self.take_amplitude(channel, amplitude)
        self.changed(channel)

    def take_amplitude(self, channel: _Channel, amplitude: bytes) -> None:
        """Amplitude of a channel from an argument such as ``2.5``, ``500 MVPP`` or ``MAX``."""
        try:
            value, unit = quantity(amplitude, ("VPP", "VRMS", "DBM", "V"))
        except ScpiError:
            value, unit = number(amplitude, (), self._amplitudes(channel)), "VPP"
        channel.set_amplitude(value, {"": channel.unit, "V": "VPP"}.get(unit, unit))

    def _get_amplitude(self, suffix: int, which: bytes = b"") -> Reply:
        channel = self.channel(suffix)
        if not which:
            return self.show(channel.amplitude)
        words = self._amplitudes(channel)
        chosen = keyword(which, *words)
        volts = next(value for form, value in words.items() if short_form(form) == chosen)
        return self.show(channel.from_peak_to_peak(volts, channel.unit))

    def _amplitudes(self, channel: _Channel) -> dict[str, float]:
        levels = channel.levels
        default = channel.model.levels.amplitude * levels.scale
        return {"MINimum": levels.smallest, "MAXimum": levels.largest, "DEFault": default}

    # -- APPLy -----------------------------------------------------------------------------------------------

    def add_apply(self, header: str, forms: Sequence[str], prepare: Callable[[_Channel], None]) -> None:
        """``<header>:<function> [frequency[,amplitude[,offset]]]`` and ``<header>?``; switches the output on.

        prepare: takes a channel to continuous output.
        """
        for form in forms:
            self.commands.add(f"{header}:{form}", self._applier(short_form(form), prepare))
        self.commands.add(header + "?", self._applied)

    def _applier(
        self, function: str, prepare: Callable[[_Channel], None]
    ) -> Callable[[int, bytes, bytes, bytes], None]:
        def apply(suffix: int, frequency: bytes = b"", amplitude: bytes = b"", offset: bytes = b"") -> None:
            channel = self.channel(suffix)
            prepare(channel)
            channel.stage.abort()
            self._apply(channel, function, frequency or b"DEF", amplitude or b"DEF", offset or b"DEF")
            self.changed(channel)

        return apply

    def _apply(self, channel: _Channel, function: str, frequency: bytes, amplitude: bytes, offset: bytes) -> None:
        channel.function = function
        at = channel.frequency_limits
        hertz = number(frequency, ("HZ",), {"MINimum": at.low, "MAXimum": at.high, "DEFault": at.default})
        channel.frequency = self.bounds.within(hertz, at.low, at.high)
        if function != "DC":
            channel.levels.offset = 0.0
            self.take_amplitude(channel, amplitude)
        peak = channel.levels.peak
        channel.levels.offset = number(offset, ("V",), {"MINimum": -peak, "MAXimum": peak, "DEFault": 0.0})
        channel.output = True

    def _applied(self, suffix: int) -> Reply:
        channel = self.channel(suffix)
        values = (channel.frequency, channel.amplitude, channel.levels.offset)
        return f'"{channel.function} {",".join(self.show(value) for value in values)}"'
