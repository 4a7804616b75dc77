"""Simulated Keysight 33512B, 33522B and 33622A, two-channel waveform generators.

Commands and rules: Agilent 33500 Series / Keysight Trueform Series Operating and Service Guide, SCPI chapter; limits:
`models`. All functions reach the port: sine, square, ramp, triangle, pulse, arbitrary waveforms, PRBS (sequence PN7),
noise (a sequence of 256 values) and DC, swept, modulated and in bursts. Wide-band output noise averages out over a
pulse; what is left of it shifts each burst. The trigger
input is the connector `ext`; `sync` gives a pulse when a burst of the sync source begins, `trigout` (on the instrument
the connector of the input) when any burst begins while OUTP:TRIG is on.
"""

import math
from collections.abc import Sequence

from sim_instruments.generator import Clipping, GeneratorChannel, coupling
from sim_instruments.generator.channel import CONTINUOUS_MODE
from sim_instruments.generator.commands import SECONDS, add_levels
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.memory import Samples
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_33600a import channel_commands, panel_settings
from sim_instruments.keysight_33600a.arbitrary_commands import ArbitraryWaveforms
from sim_instruments.keysight_33600a.channel import Channel
from sim_instruments.keysight_33600a.frequency_list import MOST_FREQUENCIES
from sim_instruments.keysight_33600a.models import FUNCTIONS, K33512B, K33522B, K33622A, FamilyModel
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, keyword, number, quantity, string, text_of
from sim_instruments.scpi.settings import Limits, long_number

EMPTY_STATE = (810, "State has not been stored")
"""As the 33250A says it; not confirmed for this family."""
DWELL = Limits(1e-6, 3600.0, 1.0)
_SOURCES = ("INTernal", "CH1", "CH2", "EXTernal")
_SHAPES = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "NOISe", "PRBS", "ARB")


class Keysight33xxx(ArbitraryWaveforms):
    """Two channels, terminals "1" and "2". serial, firmware: the last two fields of *IDN?."""

    error_queue_depth = 20
    error_detail_separator = "; "
    shared_settings = ("_swapped", "_interleaved", "_sync_on", "_sync_source", "_angle_unit", "_trigger_out")
    family: FamilyModel

    def __init__(self, surroundings: Surroundings, *, serial: str = "", firmware: str = "") -> None:
        family = self.family
        fields = ("Agilent Technologies", family.generator.name, serial or family.serial, firmware or family.firmware)
        super().__init__(surroundings, ",".join(fields))
        self.files: dict[str, Samples] = {}
        self.bounds = Clipping(self.report)
        self.channels = [Channel(n, surroundings, family, self.report) for n in (1, 2)]
        for channel in self.channels:
            channel.siblings = self.channels
        channel_commands.add_to(self.channel_settings(), family)
        add_levels(self, channel_commands.VOLTAGE)
        self._add_functions()
        self._add_couplings()
        self.add_trigger_connectors("sync", "trigout")
        panel_settings.add_to(self.remembered)
        self.add_stored_states(range(5), EMPTY_STATE)
        self._reset_shared()

    # -- triggers and completion -----------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: everything to its defaults."""
        super().reset()
        self._reset_shared()

    def _reset_shared(self) -> None:
        self.reset_formats()
        self._text = ""
        self._sync_on, self._sync_source, self._angle_unit = True, "CH1", "DEG"
        self._trigger_out = False

    def trigger(self) -> None:
        """*TRG and group execute trigger: fire every channel that waits for it; -211 when one cannot."""
        self.fire([channel for channel in self.channels if channel.waits_for_bus])

    def burst_began(self, channels: Sequence[GeneratorChannel]) -> None:
        """A pulse at the sync and trigger outputs that are on."""
        if self._sync_on and self.channel(int(self._sync_source[-1])) in channels:
            self.pulse_output("sync")
        if self._trigger_out and channels:
            self.pulse_output("trigout")

    @command(":TRIGger#[:IMMediate]")
    def _trigger_channel(self, suffix: int) -> None:
        self.fire([self.channel(suffix)])

    @command(":ABORt")
    def _abort(self) -> None:
        self.abort()

    @command(":INITiate#[:IMMediate]", ":INITiate#:IMMediate:ALL")
    def _initiate(self, suffix: int) -> None:
        channel = self.channel(suffix)
        if channel.rearm:
            raise ScpiError(-213)
        channel.armed = channel.trigger_count

    # -- functions -------------------------------------------------------------------------------------------

    def _add_functions(self) -> None:
        forms = ["ARBitrary" if form == "ARB" else form for form in FUNCTIONS]
        self.add_apply("[:SOURce#]:APPLy", forms, _make_continuous)
        self.add_amplitude(channel_commands.VOLTAGE + "[:AMPLitude]")
        add_modulations(self, "[:SOURce#]", "", _SOURCES, _SHAPES)
        add_sweep(self, "[:SOURce#]", "")

    def _add_couplings(self) -> None:
        self.couplings = {
            "levels": Coupling(coupling.levels),
            "frequency": Coupling(coupling.frequency),
            "rate": Coupling(coupling.sample_rate),
            "tracking": Coupling(coupling.everything),
        }
        self.coupling("levels").boolean("[:SOURce#]:VOLTage:COUPle[:STATe]", "on")
        self.coupling("tracking").keyword("[:SOURce#]:TRACk", "tracking", "OFF", "ON", "INVerted")
        rates = ("[:SOURce#]:RATE:COUPle", "[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:SRATe:COUPle")
        for header, name in (("[:SOURce#]:FREQuency:COUPle", "frequency"), *((rate, "rate") for rate in rates)):
            settings = self.coupling(name)
            settings.boolean(header + "[:STATe]", "on")
            settings.keyword(header + ":MODE", "mode", "OFFSet", "RATio")
            settings.number(header + ":OFFSet", "offset", Limits(-200e6, 200e6, 0.0), ("HZ",))
            settings.number(header + ":RATio", "ratio", Limits(1e-3, 1e3, 1.0))

    @command("[:SOURce#]:VOLTage:RANGe:AUTO")
    def _set_autorange(self, suffix: int, state: bytes) -> None:
        self.channel(suffix).range_auto = text_of(state) != "ONCE" and boolean(state)

    @command("[:SOURce#]:VOLTage:RANGe:AUTO?")
    def _get_autorange(self, suffix: int) -> Reply:
        return f"{self.channel(suffix).range_auto:d}"

    # -- frequency list --------------------------------------------------------------------------------------

    @command("[:SOURce#]:LIST:FREQuency")
    def _set_frequencies(self, suffix: int, *frequencies: bytes) -> None:
        channel = self.channel(suffix)
        if not 1 <= len(frequencies) <= MOST_FREQUENCIES:
            raise ScpiError(-223 if frequencies else -109, f"{len(frequencies)} frequencies")
        at = channel.frequency_limits
        words = {"MINimum": at.low, "MAXimum": at.high}
        hertz = [number(frequency, ("HZ",), words) for frequency in frequencies]
        channel.list.frequencies = tuple(self.bounds.within(value, at.low, at.high) for value in hertz)
        self.changed(channel)

    @command("[:SOURce#]:LIST:FREQuency?")
    def _get_frequencies(self, suffix: int) -> Reply:
        return ",".join(long_number(hertz) for hertz in self.channel(suffix).list.frequencies)

    @command("[:SOURce#]:LIST:FREQuency:POINts?")
    def _count_frequencies(self, suffix: int) -> Reply:
        return f"{len(self.channel(suffix).list.frequencies):+d}"

    @command("[:SOURce#]:LIST:DWELl")
    def _set_dwell(self, suffix: int, seconds: bytes) -> None:
        channel = self.channel(suffix)
        words = {"MINimum": DWELL.low, "MAXimum": DWELL.high, "DEFault": DWELL.default}
        channel.list.dwell = self.bounds.within(number(seconds, SECONDS, words), DWELL.low, DWELL.high)
        self.changed(channel)

    @command("[:SOURce#]:LIST:DWELl?")
    def _get_dwell(self, suffix: int) -> Reply:
        return long_number(self.channel(suffix).list.dwell)

    # -- phase in the present angle unit -----------------------------------------------------------------------

    @command("[:SOURce#]:PHASe[:ADJust]")
    def _set_phase(self, suffix: int, angle: bytes) -> None:
        channel = self.channel(suffix)
        value, unit = quantity(angle, ("DEG", "RAD", "SEC", "S"))
        channel.phase = self.bounds.within(value * self._degrees_per(unit or self._angle_unit, channel), -360.0, 360.0)
        self.changed(channel)

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

    @command("[:SOURce#]:PHASe:REFerence")
    def _take_phase_as_zero(self, suffix: int) -> None:
        channel = self.channel(suffix)
        channel.phase, channel.phase_origin = 0.0, channel.phase + channel.phase_origin

    @command("[:SOURce#]:PHASe:SYNChronize", "[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:SYNChronize")
    def _synchronise(self, suffix: int) -> None:
        self.channel(suffix)
        self.synchronise()

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

    @command(":DISPlay:TEXT")
    def _show_text(self, text: bytes) -> None:
        self._text = string(text)

    @command(":DISPlay:TEXT?")
    def _shown_text(self) -> Reply:
        return f'"{self._text}"'

    @command(":DISPlay:TEXT:CLEar")
    def _clear_text(self) -> None:
        self._text = ""

    @command(":SYSTem:BEEPer[:IMMediate]", ":SYSTem:LOCal", ":SYSTem:REMote", ":SYSTem:RWLock", ":SYSTem:LOCK:RELease")
    def _nothing_to_see(self) -> None:
        """Front panel only."""

    @command(":SYSTem:LOCK:REQuest?")
    def _grant_lock(self) -> Reply:
        return "1"

    @command(":SYSTem:LOCK:NAME?", ":SYSTem:LOCK:OWNer?")
    def _lock_owner(self) -> Reply:
        return '"NONE"'

    @command("*CAL?", ":CALibration[:ALL]?")
    def _calibrate(self) -> Reply:
        return "+0"

    @command(":COMBine:FEED#", "[:SOURce#]:COMBine:FEED")
    def _combine(self, suffix: int, source: bytes) -> None:
        self.channel(suffix)
        if keyword(source, "CH1", "CH2", "NONE") != "NONE":
            raise ScpiError(-241, "combined channels are not simulated")

    @command(":COMBine:FEED#?", "[:SOURce#]:COMBine:FEED?")
    def _combined(self, suffix: int) -> Reply:
        self.channel(suffix)
        return "NONE"

    @command(":SYSTem:SECurity:IMMediate")
    def _forget_everything(self) -> None:
        self.reset()
        self.files.clear()
        for channel in self.channels:
            channel.clear_memory()


class Keysight33512B(Keysight33xxx):
    """20 MHz."""

    family = K33512B


class Keysight33522B(Keysight33xxx):
    """30 MHz."""

    family = K33522B


class Keysight33622A(Keysight33xxx):
    """120 MHz."""

    family = K33622A


def _make_continuous(channel: Channel) -> None:
    """What APPLy does first: burst, sweep and modulation off, immediate trigger."""
    channel.mode, channel.trigger_source = CONTINUOUS_MODE, "IMM"
