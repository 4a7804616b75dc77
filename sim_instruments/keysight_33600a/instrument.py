"""Simulated Keysight 33622A, a two-channel waveform generator.

Commands and rules: Agilent 33500 Series / Keysight Trueform Series Operating and Service Guide, SCPI chapter; levels
and times: 33600A data sheet. Sine, square, ramp, triangle, pulse, arbitrary waveforms and DC reach the port; noise
and PRBS can be selected, but only their offset is put out. Sweeps and modulation are refused. Wide-band output noise
averages out over a pulse and is left out.
"""

import math
from collections.abc import Callable

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_33600a import channel_commands
from sim_instruments.keysight_33600a.channel import FUNCTIONS, Accuracy, Channel
from sim_instruments.keysight_33600a.levels import CLIPPED_HIGH, CLIPPED_LOW
from sim_instruments.keysight_33600a.memory import read_samples
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.parameters import boolean, keyword, number, quantity, short_form, string
from sim_instruments.scpi.settings import Settings, long_number

GAIN_ERROR = 0.01
"""Amplitude accuracy at 1 kHz (data sheet: 1 % of the setting)."""
OFFSET_ERROR = 4e-3
"""Offset accuracy into an open circuit [V] (data sheet: 2 mV at 50 ohms)."""
_REFUSED = (
    *(f"{name}:STATe" for name in ("AM", "FM", "PM", "PWM", "FSKey", "BPSK", "SUM", "SWEep", "LIST")),
    *("VOLTage:COUPle[:STATe]", "FREQuency:COUPle[:STATe]"),
)
_ROUNDING = 1.0 + 1e-9


class Keysight33622A(ScpiInstrument):
    """Two channels, terminals "1" and "2". serial, firmware: the last two fields of *IDN?."""

    error_queue_depth = 20
    error_detail_separator = "; "

    def __init__(
        self, surroundings: Surroundings, *, serial: str = "MY59000123", firmware: str = "A.02.03-3.15-03-64-02"
    ) -> None:
        super().__init__(surroundings, f"Agilent Technologies,33622A,{serial},{firmware}")
        self.channels = [self._make_channel(number) for number in (1, 2)]
        channel_commands.add_to(Settings(self.commands, self.channel, self.bound, Channel.refresh))
        channel_commands.add_levels_to(
            Settings(
                self.commands, lambda n: self.channel(n).levels, lambda value, *_: value, lambda _: self._refresh()
            )
        )
        self._add_functions()
        self._reset_shared()

    def _make_channel(self, number: int) -> Channel:
        around = self.surroundings
        accuracy = Accuracy(
            GAIN_ERROR * around.unit_error(f"gain of channel {number}"),
            OFFSET_ERROR * around.unit_error(f"offset of channel {number}"),
        )
        return Channel(around.port(str(number)), around.harness.clock, self.report, accuracy)

    def channel(self, suffix: int) -> Channel:
        """Channel 1 or 2; ScpiError -114 for any other."""
        if not 1 <= suffix <= len(self.channels):
            raise ScpiError(-114, str(suffix))
        return self.channels[suffix - 1]

    def bound(self, value: float, low: float, high: float) -> float:
        """Value, or the limit beyond which it lies; then -222 is queued, as this series does."""
        if value > high and value > high + abs(high) * (_ROUNDING - 1.0):
            self.report(-222, CLIPPED_HIGH)
        elif value < low and value < low - abs(low) * (_ROUNDING - 1.0):
            self.report(-222, CLIPPED_LOW)
        return max(low, min(high, value))

    # -- triggers and completion -----------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: both channels to their defaults."""
        for channel in self.channels:
            channel.reset()
        self._reset_shared()

    def _reset_shared(self) -> None:
        self._swapped = False
        self._text = ""
        self._display_on, self._beeper_on = True, True
        self._sync_on, self._sync_source, self._angle_unit = True, "CH1", "DEG"
        self._trigger_out, self._trigger_out_slope = False, "POS"
        self._reference = "INT"

    def trigger(self) -> None:
        """*TRG and group execute trigger: fire every channel that waits for it; -211 when one cannot."""
        waiting = [channel for channel in self.channels if channel.waits_for_bus]
        fired = [channel.fire() for channel in waiting]
        if not fired or not all(fired):
            self.report(-211)

    def time_to_completion(self) -> float:
        """Time until the last burst ends [s]."""
        return max(channel.time_left for channel in self.channels)

    def complete(self) -> None:
        """All bursts have ended."""
        for channel in self.channels:
            channel.complete()

    @command(":TRIGger#[:IMMediate]")
    def _trigger_channel(self, suffix: int) -> None:
        if not self.channel(suffix).fire():
            self.report(-211)

    @command(":ABORt")
    def _abort(self) -> None:
        for channel in self.channels:
            channel.abort()
        self._refresh()

    def _refresh(self) -> None:
        for channel in self.channels:
            channel.refresh()

    @command(":INITiate#[:IMMediate]", ":INITiate#:IMMediate:ALL")
    def _initiate(self, suffix: int) -> None:
        channel = self.channel(suffix)
        if channel.rearm:
            raise ScpiError(-213)
        channel.armed = channel.trigger_count

    # -- functions -------------------------------------------------------------------------------------------

    def _add_functions(self) -> None:
        for form in FUNCTIONS:
            header = "ARBitrary" if form == "ARB" else form
            self.commands.add(f"[:SOURce#]:APPLy:{header}", self._applier(short_form(form)))
        for header in _REFUSED:
            self.commands.add(f"[:SOURce#]:{header}", self._refuse)
            self.commands.add(f"[:SOURce#]:{header}?", self._refused)

    def _applier(self, function: str) -> Callable[[int, bytes, bytes, bytes], None]:
        def apply(suffix: int, frequency: bytes = b"", amplitude: bytes = b"", offset: bytes = b"") -> None:
            self._apply(self.channel(suffix), function, (frequency, amplitude, offset))

        return apply

    def _apply(self, channel: Channel, function: str, arguments: tuple[bytes, bytes, bytes]) -> None:
        """APPLy: function, frequency, amplitude, offset; burst off, immediate trigger, and the output on."""
        frequency, amplitude, offset = (argument or b"DEF" for argument in arguments)
        channel.burst_on, channel.trigger_source = False, "IMM"
        channel.abort()
        channel.function = function
        at = channel.frequency_limits
        hertz = number(frequency, ("HZ",), {"MINimum": at.low, "MAXimum": at.high, "DEFault": at.default})
        channel.frequency = self.bound(hertz, at.low, at.high)
        if function != "DC":
            channel.levels.offset = 0.0
            self._apply_amplitude(channel, amplitude)
        peak = channel.levels.peak
        channel.levels.offset = number(offset, ("V",), {"MINimum": -peak, "MAXimum": peak, "DEFault": 0.0})
        channel.output = True
        channel.refresh()

    def _apply_amplitude(self, channel: Channel, amplitude: bytes) -> None:
        levels = channel.levels
        words = {"MINimum": levels.smallest, "MAXimum": 2.0 * levels.peak, "DEFault": 0.2 * levels.scale}
        try:
            value, unit = quantity(amplitude, ("VPP", "VRMS", "DBM", "V"))
        except ScpiError:
            value, unit = number(amplitude, (), words), "VPP"
        unit = {"": channel.unit, "V": "VPP"}.get(unit, unit)
        channel.set_amplitude(value, unit)

    @command("[:SOURce#]:APPLy?")
    def _applied(self, suffix: int) -> Reply:
        channel = self.channel(suffix)
        values = (channel.frequency, channel.amplitude, channel.levels.offset)
        return f'"{channel.function} {",".join(long_number(value) for value in values)}"'

    def _refuse(self, suffix: int, state: bytes) -> None:
        self.channel(suffix)
        if boolean(state):
            raise ScpiError(-241, "sweep, modulation and coupled channels are not simulated")

    def _refused(self, suffix: int) -> Reply:
        self.channel(suffix)
        return "0"

    @command("[:SOURce#]:TRACk")
    def _set_tracking(self, suffix: int, mode: bytes) -> None:
        self.channel(suffix)
        if keyword(mode, "OFF", "ON", "INVerted") != "OFF":
            raise ScpiError(-241, "tracking channels are not simulated")

    @command("[:SOURce#]:TRACk?")
    def _get_tracking(self, suffix: int) -> Reply:
        self.channel(suffix)
        return "OFF"

    # -- amplitude with a unit, phase in the present angle unit -------------------------------------------------

    @command("[:SOURce#]:VOLTage[:LEVel][:IMMediate][:AMPLitude]", "[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak")
    def _set_amplitude(self, suffix: int, amplitude: bytes) -> None:
        channel = self.channel(suffix)
        self._apply_amplitude(channel, amplitude)
        channel.refresh()

    @command("[:SOURce#]:VOLTage[:LEVel][:IMMediate][:AMPLitude]?")
    def _get_amplitude(self, suffix: int, which: bytes = b"") -> Reply:
        channel = self.channel(suffix)
        if not which:
            return long_number(channel.amplitude)
        levels = channel.levels
        words = {"MINimum": levels.smallest, "MAXimum": 2.0 * levels.peak, "DEFault": 0.2 * levels.scale}
        return long_number(channel.from_peak_to_peak(words[_word(which, *words)], channel.unit))

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak?")
    def _get_arb_amplitude(self, suffix: int) -> Reply:
        return long_number(self.channel(suffix).levels.amplitude)

    @command("[:SOURce#]:PHASe[:ADJust]")
    def _set_phase(self, suffix: int, angle: bytes) -> None:
        channel = self.channel(suffix)
        value, unit = quantity(angle, ("DEG", "RAD", "SEC", "S"))
        channel.phase = self.bound(value * self._degrees_per(unit or self._angle_unit, channel), -360.0, 360.0)

    @command("[:SOURce#]:PHASe[:ADJust]?")
    def _get_phase(self, suffix: int) -> Reply:
        channel = self.channel(suffix)
        return long_number(channel.phase / self._degrees_per(self._angle_unit, channel))

    def _degrees_per(self, unit: str, channel: Channel) -> float:
        return {"DEG": 1.0, "RAD": math.degrees(1.0)}.get(unit, 360.0 * channel.frequency)

    @command(":UNIT:ANGLe")
    def _set_angle_unit(self, unit: bytes) -> None:
        self._angle_unit = keyword(unit, "DEGree", "RADian", "SECond")

    @command(":UNIT:ANGLe?")
    def _get_angle_unit(self) -> Reply:
        return self._angle_unit

    @command("[:SOURce#]:PHASe:REFerence", "[:SOURce#]:PHASe:SYNChronize")
    def _synchronise(self, suffix: int) -> None:
        self.channel(suffix)

    # -- arbitrary waveforms ---------------------------------------------------------------------------------

    @command("[:SOURce#]:DATA:ARBitrary#")
    def _load_reals(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, dac=False)

    @command("[:SOURce#]:DATA:ARBitrary#:DAC")
    def _load_integers(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, dac=True)

    def _load(self, suffix: int, lanes: int, name: bytes, values: tuple[bytes, ...], *, dac: bool) -> None:
        if lanes != 1:
            raise ScpiError(-114, "data for both channels at once are not simulated")
        if not values:
            raise ScpiError(-109)
        self.channel(suffix).memory.store(_name(name), read_samples(values, dac=dac, swapped=self._swapped))

    @command("[:SOURce#]:DATA:VOLatile:CLEar")
    def _clear_memory(self, suffix: int) -> None:
        channel = self.channel(suffix)
        channel.clear_memory()
        channel.refresh()

    @command("[:SOURce#]:DATA:VOLatile:CATalog?")
    def _catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self.channel(suffix).memory.names)

    @command("[:SOURce#]:DATA:VOLatile:FREE?")
    def _free_memory(self, suffix: int) -> Reply:
        return f"{self.channel(suffix).memory.free:+d}"

    @command("[:SOURce#]:DATA:ATTRibute:POINts?")
    def _points(self, suffix: int, name: bytes = b"") -> Reply:
        channel = self.channel(suffix)
        return f"{len(channel.memory.find(_name(name)) if name else channel.samples):+d}"

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:POINts?")
    def _points_in_use(self, suffix: int) -> Reply:
        return f"{len(self.channel(suffix).samples):+d}"

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary")
    def _select_arb(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        channel.memory.find(_name(name))
        channel.arb_name = _name(name)
        channel.refresh()

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary?")
    def _selected_arb(self, suffix: int) -> Reply:
        return f'"{self.channel(suffix).arb_name}"'

    @command(":FORMat:BORDer")
    def _set_byte_order(self, order: bytes) -> None:
        self._swapped = keyword(order, "NORMal", "SWAPped") == "SWAP"

    @command(":FORMat:BORDer?")
    def _get_byte_order(self) -> Reply:
        return "SWAP" if self._swapped else "NORM"

    # -- what both channels share ----------------------------------------------------------------------------

    @command(":OUTPut#:SYNC[:STATe]")
    def _set_sync(self, suffix: int, state: bytes) -> None:
        self.channel(suffix)
        self._sync_on = boolean(state)

    @command(":OUTPut#:SYNC[:STATe]?")
    def _get_sync(self, suffix: int) -> Reply:
        self.channel(suffix)
        return f"{self._sync_on:d}"

    @command(":OUTPut:SYNC:SOURce")
    def _set_sync_source(self, source: bytes) -> None:
        self._sync_source = keyword(source, "CH1", "CH2")

    @command(":OUTPut:SYNC:SOURce?")
    def _get_sync_source(self) -> Reply:
        return self._sync_source

    @command(":OUTPut:TRIGger[:STATe]")
    def _set_trigger_out(self, state: bytes) -> None:
        self._trigger_out = boolean(state)

    @command(":OUTPut:TRIGger[:STATe]?")
    def _get_trigger_out(self) -> Reply:
        return f"{self._trigger_out:d}"

    @command(":OUTPut:TRIGger:SLOPe")
    def _set_trigger_out_slope(self, slope: bytes) -> None:
        self._trigger_out_slope = keyword(slope, "POSitive", "NEGative")

    @command(":OUTPut:TRIGger:SLOPe?")
    def _get_trigger_out_slope(self) -> Reply:
        return self._trigger_out_slope

    @command(":ROSCillator:SOURce")
    def _set_reference(self, source: bytes) -> None:
        self._reference = keyword(source, "INTernal", "EXTernal")

    @command(":ROSCillator:SOURce?")
    def _get_reference(self) -> Reply:
        return self._reference

    @command(":DISPlay[:STATe]")
    def _set_display(self, state: bytes) -> None:
        self._display_on = boolean(state)

    @command(":DISPlay[:STATe]?")
    def _get_display(self) -> Reply:
        return f"{self._display_on:d}"

    @command(":DISPlay:TEXT")
    def _show_text(self, text: bytes) -> None:
        self._text = string(text)

    @command(":DISPlay:TEXT?")
    def _shown_text(self) -> Reply:
        return f'"{self._text}"'

    @command(":DISPlay:TEXT:CLEar")
    def _clear_text(self) -> None:
        self._text = ""

    @command(":SYSTem:BEEPer:STATe")
    def _set_beeper(self, state: bytes) -> None:
        self._beeper_on = boolean(state)

    @command(":SYSTem:BEEPer:STATe?")
    def _get_beeper(self) -> Reply:
        return f"{self._beeper_on:d}"

    @command(":SYSTem:BEEPer[:IMMediate]", ":SYSTem:LOCal", ":SYSTem:REMote", ":SYSTem:RWLock", ":SYSTem:LOCK:RELease")
    def _nothing_to_see(self) -> None:
        """Front panel only."""

    @command(":SYSTem:LOCK:REQuest?")
    def _grant_lock(self) -> Reply:
        return "1"


def _word(argument: bytes, *forms: str) -> str:
    """The declared form of a keyword."""
    chosen = keyword(argument, *forms)
    return next(form for form in forms if short_form(form) == chosen)


def _name(argument: bytes) -> str:
    """Name of a waveform, with or without quotes; a path and the ending .arb are left away."""
    text = argument.decode("latin-1").strip().strip("\"'")
    return text.replace("/", "\\").rsplit("\\", 1)[-1].upper().removesuffix(".ARB")
