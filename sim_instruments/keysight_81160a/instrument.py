"""Simulated Keysight 81160A pulse function arbitrary noise generator with two channels.

Commands: Agilent 81150A/81160A User's Guide, as far as seen; the others as PyMeasure 0.16 (``Keysight81160A``) and lab
programs send them. Of the limits below, period, width, edge and the rule between them are the guide's, the levels and
counts PyMeasure's. Not confirmed: the reset state beyond the period of 1 µs; that values outside the limits are
clipped with -222 (the guide's text on pulses is that of the 33250A, which does); accuracy and noise; which channels
``:TRIGger`` fires; edges set together until ``:TRAiling:AUTO OFF``. Complementary outputs are the terminals "1c" and
"2c". EXT IN is the connector `ext`; `trigout1` and `trigout2` give a pulse when a burst of their channel begins.
"""

from collections.abc import Sequence

from sim_instruments.generator import Clipping, GeneratorChannel, GeneratorInstrument, coupling
from sim_instruments.generator.channel import CONTINUOUS_MODE
from sim_instruments.generator.commands import add_levels
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.memory import read_samples
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_81160a import channel_commands
from sim_instruments.keysight_81160a.channel import Channel
from sim_instruments.keysight_81160a.channel_commands import FUNCTION, SOURCE, VOLTAGE
from sim_instruments.keysight_81160a.models import (
    BUILT_IN,
    DAC_FULL_SCALE,
    FUNCTIONS,
    MODULATING,
    NON_VOLATILE_SLOTS,
    VOLATILE,
)
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import keyword, text_of

EMPTY_STATE = (810, "State has not been stored")
"""As the 33250A says it; not confirmed."""


class Keysight81160A(GeneratorInstrument[Channel]):
    """Two channels, terminals "1" and "2". serial, firmware: the last two fields of *IDN?."""

    error_detail_separator = "; "
    shared_settings = ("_swapped",)

    def __init__(
        self, surroundings: Surroundings, *, serial: str = "MY51400160", firmware: str = "1.1.0.0-4.0"
    ) -> None:
        super().__init__(surroundings, f"Agilent Technologies,81160A,{serial},{firmware}")
        self.bounds = Clipping(self.report)
        self.channels = [Channel(n, surroundings, self.report) for n in (1, 2)]
        self._swapped = False
        self.add_trigger_connectors("trigout1", "trigout2")
        channel_commands.add_to(self.channel_settings())
        add_levels(self, VOLTAGE)
        self.remembered.boolean(":DISPlay[:STATe]", default=True)
        self.remembered.boolean(":SYSTem:BEEPer:STATe", default=True)
        self.add_stored_states(range(5), EMPTY_STATE)
        self.add_amplitude(VOLTAGE + "[:AMPLitude]")
        add_modulations(self, SOURCE, "#", ("INTernal", "INTernal2", "EXTernal"), MODULATING)
        add_sweep(self, SOURCE, "#")
        self.couplings = {"tracking": Coupling(coupling.everything)}
        self.coupling("tracking").boolean(":TRACk:CHANnel#", "on")
        self.add_apply(SOURCE + ":APPLy#", FUNCTIONS, _make_continuous)

    def reset(self) -> None:
        """*RST: both channels to their defaults."""
        super().reset()
        self._swapped = False

    def trigger(self) -> None:
        """*TRG and group execute trigger: fire every channel armed by MAN; -211 when one cannot."""
        self.fire([channel for channel in self.channels if channel.trigger_source == "MAN"])

    def burst_began(self, channels: Sequence[GeneratorChannel]) -> None:
        """A pulse at the trigger output of each of these channels."""
        for channel in channels:
            self.pulse_output(f"trigout{channel.number}")

    @command(":TRIGger#[:IMMediate]")
    def _manual_trigger(self, suffix: int) -> None:
        self.channel(suffix)
        self.trigger()

    @command(":ABORt")
    def _abort(self) -> None:
        self.abort()

    # -- arbitrary waveforms ---------------------------------------------------------------------------------

    @command(SOURCE + ":DATA#:DAC")
    def _load_integers(self, suffix: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, name, values, "h", DAC_FULL_SCALE)

    @command(SOURCE + ":DATA#")
    def _load_reals(self, suffix: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, name, values, "f", 1.0)

    def _load(self, suffix: int, name: bytes, values: tuple[bytes, ...], kind: str, full_scale: float) -> None:
        channel = self.channel(suffix)
        if text_of(name) != VOLATILE:
            raise ScpiError(-224, text_of(name))
        if not values:
            raise ScpiError(-109)
        channel.memory.replace(VOLATILE, read_samples(values, kind, full_scale, swapped=self._swapped))
        channel.refresh()

    @command(SOURCE + ":DATA#:COPY")
    def _keep(self, suffix: int, name: bytes, origin: bytes = b"VOLATILE") -> None:
        memory = self.channel(suffix).memory
        if text_of(name) in (*BUILT_IN, VOLATILE):
            raise ScpiError(-224, text_of(name))
        if len(self._stored(suffix)) >= NON_VOLATILE_SLOTS and text_of(name) not in memory.names:
            raise ScpiError(781, "", "Not enough memory to store new arb waveform")
        memory.replace(text_of(name), memory.find(text_of(origin)))

    @command(SOURCE + ":DATA#:DELete[:NAME]")
    def _delete(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        if channel.function == "USER" and channel.user_name == text_of(name):
            raise ScpiError(-221, "the waveform is in use")
        channel.memory.delete(text_of(name))
        if channel.user_name == text_of(name):
            channel.user_name = "EXP_RISE"

    @command(SOURCE + ":DATA#:DELete:ALL")
    def _delete_all(self, suffix: int) -> None:
        for name in self._stored(suffix):
            self._delete(suffix, name.encode("latin-1"))

    def _stored(self, suffix: int) -> list[str]:
        return [name for name in self.channel(suffix).memory.names if name not in (*BUILT_IN, VOLATILE)]

    @command(SOURCE + ":DATA#:CATalog?")
    def _catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self.channel(suffix).memory.names)

    @command(SOURCE + ":DATA#:NVOLatile:CATalog?")
    def _stored_catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self._stored(suffix)) or '""'

    @command(SOURCE + ":DATA#:NVOLatile:FREE?")
    def _free_slots(self, suffix: int) -> Reply:
        return f"{NON_VOLATILE_SLOTS - len(self._stored(suffix)):+d}"

    @command(SOURCE + ":DATA#:ATTRibute:POINts?")
    def _points(self, suffix: int, name: bytes = b"VOLATILE") -> Reply:
        return f"{len(self.channel(suffix).memory.find(text_of(name))):+d}"

    @command(FUNCTION + ":USER")
    def _select(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        channel.memory.find(text_of(name))
        channel.user_name = text_of(name)
        channel.refresh()

    @command(FUNCTION + ":USER?")
    def _selected(self, suffix: int) -> Reply:
        return self.channel(suffix).user_name

    @command(":FORMat:BORDer")
    def _set_byte_order(self, order: bytes) -> None:
        self._swapped = keyword(order, "NORMal", "SWAPped") == "SWAP"

    @command(":FORMat:BORDer?")
    def _get_byte_order(self) -> Reply:
        return "SWAP" if self._swapped else "NORM"

    @command(":SYSTem:BEEPer[:IMMediate]")
    def _beep(self) -> None:
        """Front panel only."""


def _make_continuous(channel: Channel) -> None:
    """What APPLy does first."""
    channel.mode, channel.trigger_source = CONTINUOUS_MODE, "IMM"
