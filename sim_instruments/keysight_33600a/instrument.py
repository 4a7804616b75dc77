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

from sim_instruments.generator import Clipping, GeneratorChannel, GeneratorInstrument, coupling
from sim_instruments.generator.channel import CONTINUOUS_MODE
from sim_instruments.generator.commands import add_levels
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.memory import read_samples
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_33600a import channel_commands, panel_settings
from sim_instruments.keysight_33600a.channel import Channel
from sim_instruments.keysight_33600a.models import FUNCTIONS, K33512B, K33522B, K33622A, FamilyModel
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, keyword, quantity, string
from sim_instruments.scpi.settings import Limits, long_number

DAC_FULL_SCALE = 32767
EMPTY_STATE = (810, "State has not been stored")
"""As the 33250A says it; not confirmed for this family."""
_SOURCES = ("INTernal", "CH1", "CH2", "EXTernal")
_SHAPES = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "NOISe", "PRBS", "ARB")


class Keysight33xxx(GeneratorInstrument[Channel]):
    """Two channels, terminals "1" and "2". serial, firmware: the last two fields of *IDN?."""

    error_queue_depth = 20
    error_detail_separator = "; "
    shared_settings = ("_swapped", "_sync_on", "_sync_source", "_angle_unit", "_trigger_out")
    family: FamilyModel

    def __init__(self, surroundings: Surroundings, *, serial: str = "", firmware: str = "") -> None:
        family = self.family
        fields = ("Agilent Technologies", family.generator.name, serial or family.serial, firmware or family.firmware)
        super().__init__(surroundings, ",".join(fields))
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
        self._swapped = False
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

    # -- phase in the present angle unit -----------------------------------------------------------------------

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak")
    def _set_arb_amplitude(self, suffix: int, amplitude: bytes) -> None:
        channel = self.channel(suffix)
        self.take_amplitude(channel, amplitude)
        self.changed(channel)

    @command("[:SOURce#]:FUNCtion[:SHAPe]:ARBitrary:PTPeak?")
    def _get_arb_amplitude(self, suffix: int) -> Reply:
        return long_number(self.channel(suffix).levels.amplitude)

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

    @command("[:SOURce#]:PHASe:SYNChronize")
    def _synchronise(self, suffix: int) -> None:
        self.channel(suffix)
        self.synchronise()

    # -- arbitrary waveforms ---------------------------------------------------------------------------------

    @command("[:SOURce#]:DATA:ARBitrary#")
    def _load_reals(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, "f", 1.0)

    @command("[:SOURce#]:DATA:ARBitrary#:DAC")
    def _load_integers(self, suffix: int, lanes: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, lanes, name, values, "h", DAC_FULL_SCALE)

    def _load(
        self, suffix: int, lanes: int, name: bytes, values: tuple[bytes, ...], kind: str, full_scale: float
    ) -> None:
        if lanes != 1:
            raise ScpiError(-114, "data for both channels at once are not simulated")
        if not values:
            raise ScpiError(-109)
        samples = read_samples(values, kind, full_scale, swapped=self._swapped)
        self.channel(suffix).memory.store(_name(name), samples)

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


def _name(argument: bytes) -> str:
    """Name of a waveform, with or without quotes; a path and the ending .arb are left away."""
    text = argument.decode("latin-1").strip().strip("\"'")
    return text.replace("/", "\\").rsplit("\\", 1)[-1].upper().removesuffix(".ARB")
