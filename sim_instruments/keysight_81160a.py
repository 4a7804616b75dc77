"""Simulated Keysight 81160A pulse function arbitrary noise generator with two channels.

Commands: Agilent 81150A/81160A User's Guide, as far as seen; the others as PyMeasure 0.16 (``Keysight81160A``) and lab
programs send them. Of the limits below, period, width, edge and the rule between them are the guide's, the levels and
counts PyMeasure's. Not confirmed: the reset state beyond the period of 1 µs; that values outside the limits are
clipped with -222 (the guide's text on pulses is that of the 33250A, which does); accuracy and noise; which channels
``:TRIGger`` fires; edges set together until ``:TRAiling:AUTO OFF``. Sweeps, modulation, coupled channels and the
complementary outputs are not simulated. EXT IN is the connector `ext`; the trigger outputs are not simulated.
"""

import math

from sim_instruments.generator import (
    Clipping,
    FittingPulse,
    GeneratorChannel,
    GeneratorInstrument,
    GeneratorModel,
    LevelLimits,
    ModulationModel,
    Play,
    Program,
    PulseLimits,
    SweepModel,
    coupling,
)
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.channel import CONTINUOUS_MODE, SWEEP
from sim_instruments.generator.commands import (
    SECONDS,
    add_levels,
    edge_limits,
    frequency_limits,
    period_limits,
    pulse_period_limits,
    square_limits,
    width_limits,
)
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.memory import Samples, WaveformMemory, read_samples
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.generator.output import CONTINUOUS
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, keyword, text_of
from sim_instruments.scpi.settings import Limits, Settings

FUNCTIONS = ("SINusoid", "SQUare", "RAMP", "PULSe", "NOISe", "DC", "USER")
MOST_CYCLES = 2_147_483_647
DAC_FULL_SCALE = 8191
MEMORY_POINTS, FEWEST_POINTS, NON_VOLATILE_SLOTS = 524_288, 2, 4
VOLATILE = "VOLATILE"
BUILT_IN: dict[str, Samples] = {
    "EXP_RISE": tuple(2.0 * (1.0 - math.exp(-5.0 * k / 63)) / (1.0 - math.exp(-5.0)) - 1.0 for k in range(64)),
    "NEG_RAMP": tuple(1.0 - 2.0 * k / 63 for k in range(64)),
}
MODULATING = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "NOISe", "USER")
NOT_SWEPT = ("PULS", "NOIS", "DC")


def _modulations() -> dict[str, ModulationModel]:
    """Recalled from the 33250A, whose texts the guide takes over, and not confirmed."""
    rate, angle = Limits(1e-3, 10e6, 10.0), Limits(0.0, 360.0, 180.0)
    return {
        "AM": ModulationModel(Limits(0.0, 120.0, 100.0), Limits(1e-3, 10e6, 100.0)),
        "FM": ModulationModel(_deviations, rate, excluded=("NOIS", "DC")),
        "PM": ModulationModel(angle, rate, excluded=("NOIS", "DC")),
        "PWM": ModulationModel(_width_deviations, rate, functions=("PULS",)),
        "FSK": ModulationModel(_hop_frequencies, rate, excluded=("NOIS", "DC")),
    }


def _deviations(channel: GeneratorChannel) -> Limits:
    at = channel.frequency_limits
    return Limits(at.low, max(at.low, min(channel.frequency, at.high - channel.frequency)), 100.0)


def _hop_frequencies(channel: GeneratorChannel) -> Limits:
    return Limits(channel.frequency_limits.low, channel.frequency_limits.high, 100.0)


def _width_deviations(channel: GeneratorChannel) -> Limits:
    room = min(channel.pulse.width, channel.pulse_period - channel.pulse.width) - channel.pulse.limits.shortest_width
    return Limits(0.0, max(0.0, room), 10e-9)


MODEL = GeneratorModel(
    name="81160A",
    channels=2,
    functions=FUNCTIONS,
    lowest_frequency=1e-6,
    highest_frequency={"SIN": 500e6, "SQU": 330e6, "PULS": 330e6, "RAMP": 20e6, "USER": 330e6},
    frequency=1e6,
    pulse=PulseLimits(
        shortest_width=1.5e-9,
        longest_width=1e6,
        shortest_edge=1e-9,
        longest_edge=1e3,
        shortest_period=3.03e-9,
        longest_period=1e6,
        slow_width=1.5e-9,
        width_share=0.8,
        rest_share=0.8,
        width=100e-9,
        edge=1e-9,
    ),
    levels=LevelLimits(peak=10.0, smallest=0.1, largest=10.0, amplitude=2.0),
    loads=Limits(0.3, 1e6, 50.0),
    gain_error=0.015,
    offset_error=5e-3,
    noise_density=2e-3 / 500e6**0.5,
    modulations=_modulations(),
    sweep=SweepModel(
        time=Limits(1e-3, 500.0, 1.0),
        hold_time=Limits(0.0, 500.0, 0.0),
        return_time=Limits(0.0, 500.0, 0.0),
        start=100.0,
        stop=1e3,
        excluded=NOT_SWEPT,
    ),
)
_SOURCE = "[:SOURce]"
_VOLTAGE = _SOURCE + ":VOLTage#[:LEVel][:IMMediate]"
_FUNCTION = _SOURCE + ":FUNCtion#"
_THRESHOLD = Limits(-20.0, 20.0, 1.0)
"""Of EXT IN [V]; not confirmed."""


class Channel(GeneratorChannel):
    """Settings in SI units. A trigger gives one cycle, or a burst of them."""

    def __init__(self, number: int, around: Surroundings, report: Report) -> None:
        self.memory = WaveformMemory(BUILT_IN, MEMORY_POINTS, FEWEST_POINTS)
        super().__init__(number, around, MODEL, Clipping(report), report, FittingPulse(MODEL.pulse, report))
        self.reset()

    def reset_burst(self) -> None:
        """Continuous, burst off, edges coupled."""
        self.trailing_auto, self.pulse_delay = True, 0.0
        self.user_name = "EXP_RISE"
        self.burst_mode, self.burst_count = "TRIG", 1.0
        self.burst_period, self.burst_phase = 10e-3, 0.0
        self.trigger_source, self.trigger_slope, self.trigger_sense = "IMM", "POS", "EDGE"
        self.arm_period, self.arm_level, self.arm_impedance = 10e-6, 1.0, 10e3
        self.range_auto, self.internal_impedance, self.interpolated = True, 50.0, True

    @property
    def leading_edge(self) -> float:
        """Leading edge; the trailing edge follows it until it is set by itself."""
        return self.pulse.leading

    @leading_edge.setter
    def leading_edge(self, seconds: float) -> None:
        self.pulse.set_edges(seconds, seconds if self.trailing_auto else self.pulse.trailing, self.pulse_period)

    @property
    def trailing_edge(self) -> float:
        """Trailing edge; setting it ends that it follows the leading edge."""
        return self.pulse.trailing

    @trailing_edge.setter
    def trailing_edge(self, seconds: float) -> None:
        self.trailing_auto = False
        self.pulse.set_edges(self.pulse.leading, seconds, self.pulse_period)

    @property
    def trigger_count(self) -> float:
        """Cycles for each trigger: the short form of burst count and state."""
        return self.burst_count if self.burst_on else 1.0

    @trigger_count.setter
    def trigger_count(self, count: float) -> None:
        self.burst_count, self.burst_on = count, count > 1.0

    @property
    def arm_frequency(self) -> float:
        """Frequency of the internal trigger [Hz]."""
        return 1.0 / self.arm_period

    @arm_frequency.setter
    def arm_frequency(self, hertz: float) -> None:
        self.arm_period = 1.0 / hertz

    def other_cycle(self) -> Cycle | None:
        """The arbitrary waveform, stretched over the period."""
        if self._function != "USER":
            return None
        samples = self.memory.find(self.user_name)
        return cycles.arbitrary(samples, self.period / len(samples), stepped=not self.interpolated)

    def program(self) -> Program:
        """Continuous, or cycles by trigger, gate or internal clock."""
        count = self.trigger_count
        delay = self.pulse_delay if self._function == "PULS" else 0.0
        if self._function == "DC":
            return CONTINUOUS
        if self.mode == SWEEP:
            return self._sweep_program()
        if self.trigger_source == "IMM":
            return Program(Play.REPEATED, count, self.burst_period) if self.burst_on else CONTINUOUS
        if self.trigger_source == "INT2":
            return Program(Play.REPEATED, count, self.arm_period, delay)
        if self.trigger_source == "EXT" and (self.trigger_sense == "LEV" or self.burst_mode == "GAT"):
            return Program(Play.GATED)
        return Program(Play.TRIGGERED, count, delay=delay)

    def _sweep_program(self) -> Program:
        if self.trigger_source == "IMM":
            return CONTINUOUS
        if self.trigger_source == "INT2":
            return Program(Play.REPEATED, 1.0, self.arm_period)
        return Program(Play.TRIGGERED, 1.0)

    def stored_samples(self, name: str) -> Samples:
        """USER: the selected arbitrary waveform."""
        return self.memory.find(self.user_name) if name == "USER" else super().stored_samples(name)


class Keysight81160A(GeneratorInstrument[Channel]):
    """Two channels, terminals "1" and "2". serial, firmware: the last two fields of *IDN?."""

    error_detail_separator = "; "

    def __init__(
        self, surroundings: Surroundings, *, serial: str = "MY51400160", firmware: str = "1.1.0.0-4.0"
    ) -> None:
        super().__init__(surroundings, f"Agilent Technologies,81160A,{serial},{firmware}")
        self.bounds = Clipping(self.report)
        self.channels = [Channel(n, surroundings, self.report) for n in (1, 2)]
        self._swapped = False
        self.add_trigger_connectors()
        settings = self.channel_settings()
        _add_functions(settings)
        _add_pulse(settings)
        _add_output(settings)
        _add_triggers(settings)
        add_levels(self, _VOLTAGE)
        self.add_amplitude(_VOLTAGE + "[:AMPLitude]")
        add_modulations(self, _SOURCE, "#", ("INTernal", "INTernal2", "EXTernal"), MODULATING)
        add_sweep(self, _SOURCE, "#")
        self.couplings = {"tracking": Coupling(coupling.everything)}
        self.coupling("tracking").boolean(":TRACk:CHANnel#", "on")
        self.add_apply(_SOURCE + ":APPLy#", FUNCTIONS, _make_continuous)

    def reset(self) -> None:
        """*RST: both channels to their defaults."""
        self.couplings["tracking"].reset()
        for channel in self.channels:
            channel.reset()
        self._swapped = False

    def trigger(self) -> None:
        """*TRG and group execute trigger: fire every channel armed by MAN; -211 when one cannot."""
        self.fire([channel for channel in self.channels if channel.trigger_source == "MAN"])

    @command(":TRIGger#[:IMMediate]")
    def _manual_trigger(self, suffix: int) -> None:
        self.channel(suffix)
        self.trigger()

    @command(":ABORt")
    def _abort(self) -> None:
        self.abort()

    # -- arbitrary waveforms ---------------------------------------------------------------------------------

    @command(_SOURCE + ":DATA#:DAC")
    def _load_integers(self, suffix: int, name: bytes, *values: bytes) -> None:
        self._load(suffix, name, values, "h", DAC_FULL_SCALE)

    @command(_SOURCE + ":DATA#")
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

    @command(_SOURCE + ":DATA#:COPY")
    def _keep(self, suffix: int, name: bytes, origin: bytes = b"VOLATILE") -> None:
        memory = self.channel(suffix).memory
        if text_of(name) in (*BUILT_IN, VOLATILE):
            raise ScpiError(-224, text_of(name))
        if len(self._stored(suffix)) >= NON_VOLATILE_SLOTS and text_of(name) not in memory.names:
            raise ScpiError(781, "", "Not enough memory to store new arb waveform")
        memory.replace(text_of(name), memory.find(text_of(origin)))

    @command(_SOURCE + ":DATA#:DELete[:NAME]")
    def _delete(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        if channel.function == "USER" and channel.user_name == text_of(name):
            raise ScpiError(-221, "the waveform is in use")
        channel.memory.delete(text_of(name))
        if channel.user_name == text_of(name):
            channel.user_name = "EXP_RISE"

    @command(_SOURCE + ":DATA#:DELete:ALL")
    def _delete_all(self, suffix: int) -> None:
        for name in self._stored(suffix):
            self._delete(suffix, name.encode("latin-1"))

    def _stored(self, suffix: int) -> list[str]:
        return [name for name in self.channel(suffix).memory.names if name not in (*BUILT_IN, VOLATILE)]

    @command(_SOURCE + ":DATA#:CATalog?")
    def _catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self.channel(suffix).memory.names)

    @command(_SOURCE + ":DATA#:NVOLatile:CATalog?")
    def _stored_catalogue(self, suffix: int) -> Reply:
        return ",".join(f'"{name}"' for name in self._stored(suffix)) or '""'

    @command(_SOURCE + ":DATA#:NVOLatile:FREE?")
    def _free_slots(self, suffix: int) -> Reply:
        return f"{NON_VOLATILE_SLOTS - len(self._stored(suffix)):+d}"

    @command(_SOURCE + ":DATA#:ATTRibute:POINts?")
    def _points(self, suffix: int, name: bytes = b"VOLATILE") -> Reply:
        return f"{len(self.channel(suffix).memory.find(text_of(name))):+d}"

    @command(_FUNCTION + ":USER")
    def _select(self, suffix: int, name: bytes) -> None:
        channel = self.channel(suffix)
        channel.memory.find(text_of(name))
        channel.user_name = text_of(name)
        channel.refresh()

    @command(_FUNCTION + ":USER?")
    def _selected(self, suffix: int) -> Reply:
        return self.channel(suffix).user_name

    @command(":FORMat:BORDer")
    def _set_byte_order(self, order: bytes) -> None:
        self._swapped = keyword(order, "NORMal", "SWAPped") == "SWAP"

    @command(":FORMat:BORDer?")
    def _get_byte_order(self) -> Reply:
        return "SWAP" if self._swapped else "NORM"

    # -- what is not simulated -------------------------------------------------------------------------------

    @command(":OUTPut#:COMPlement")
    def _complement(self, suffix: int, state: bytes) -> None:
        self._only_off(suffix, state, "complementary outputs are not simulated")

    def _only_off(self, suffix: int, state: bytes, why: str) -> None:
        self.channel(suffix)
        if boolean(state):
            raise ScpiError(-241, why)

    @command(":OUTPut#:COMPlement?")
    def _always_off(self, suffix: int) -> Reply:
        self.channel(suffix)
        return "0"

    @command(":DISPlay[:STATe]")
    def _set_display(self, state: bytes) -> None:
        boolean(state)

    @command(":SYSTem:BEEPer[:IMMediate]")
    def _beep(self) -> None:
        """Front panel only."""


def _make_continuous(channel: Channel) -> None:
    """What APPLy does first."""
    channel.mode, channel.trigger_source = CONTINUOUS_MODE, "IMM"


def _add_functions(settings: Settings[Channel]) -> None:
    settings.keyword(_FUNCTION + "[:SHAPe]", "function", *FUNCTIONS)
    settings.keyword(_SOURCE + ":FREQuency#:MODE", "frequency_mode", "CW", "FIXed", "SWEep")
    settings.number(_SOURCE + ":FREQuency#[:CW][:FIXed]", "frequency", frequency_limits, ("HZ",))
    settings.number(_SOURCE + ":PERiod#[:CW][:FIXed]", "period", period_limits, SECONDS)
    settings.number(_SOURCE + ":PHASe#[:ADJust]", "phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.number(_FUNCTION + ":SQUare:DCYCle", "square_duty_cycle", square_limits, ("PCT",))
    settings.number(_FUNCTION + ":RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 100.0), ("PCT",))
    settings.keyword(_VOLTAGE + ":UNIT", "unit", "VPP", "VRMS", "DBM")
    settings.boolean(_SOURCE + ":VOLTage#:RANGe:AUTO", "range_auto")
    settings.boolean(":DIGital#[:STIMulus]:TRANsition:INTerpolate", "interpolated")


def _add_pulse(settings: Settings[Channel]) -> None:
    settings.number(_SOURCE + ":PULSe:PERiod#", "pulse_period", pulse_period_limits, SECONDS)
    settings.number(_SOURCE + ":PULSe:FREQuency#", "pulse_frequency", MODEL.frequency_limits("PULS"), ("HZ",))
    for header in (_SOURCE + ":PULSe:{}#", _FUNCTION + ":PULSe:{}"):  # the guide's form, and that of newer programs
        settings.number(header.format("WIDTh"), "pulse_width", width_limits, SECONDS)
        settings.number(header.format("DCYCle"), "pulse_duty_cycle", Limits(0.0, 100.0, 10.0), ("PCT",))
        settings.number(header.format("DELay"), "pulse_delay", Limits(0.0, 1e6, 0.0), SECONDS)
        settings.keyword(header.format("HOLD"), "pulse_hold", "WIDTh", "DCYCle", "TDELay")
        edge = header.format("TRANsition")
        settings.number(edge + "[:LEADing]", "leading_edge", edge_limits, SECONDS)
        settings.number(edge + ":TRAiling", "trailing_edge", edge_limits, SECONDS)
        settings.boolean(edge + ":TRAiling:AUTO", "trailing_auto")


def _add_output(settings: Settings[Channel]) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.number(":OUTPut#:LOAD", "load", MODEL.loads, ("OHM",))
    settings.number(":OUTPut#:IMPedance:EXTernal", "load", MODEL.loads, ("OHM",))
    settings.number(":OUTPut#:IMPedance[:INTernal]", "internal_impedance", Limits(50.0, 50.0, 50.0), ("OHM",))


def _add_triggers(settings: Settings[Channel]) -> None:
    burst = _SOURCE + ":BURSt#"
    cycles_ = Limits(1.0, MOST_CYCLES, 1.0)
    settings.boolean(burst + ":STATe", "burst_on")
    settings.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    settings.number(burst + ":NCYCles", "burst_count", cycles_, infinite=True, whole=True)
    settings.number(burst + ":INTernal:PERiod", "burst_period", Limits(3.03e-9, 1e6, 10e-3), SECONDS)
    settings.number(burst + ":PHASe", "burst_phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.number(":TRIGger#:COUNt", "trigger_count", cycles_, whole=True)
    settings.keyword(":ARM:SOURce#", "trigger_source", "IMMediate", "INTernal2", "EXTernal", "MANual")
    settings.keyword(":ARM:SLOPe#", "trigger_slope", "POSitive", "NEGative", "EITHer")
    settings.keyword(":ARM:SENSe#", "trigger_sense", "EDGE", "LEVel")
    settings.number(":ARM:LEVel#", "arm_level", _THRESHOLD, ("V",))
    settings.number(":ARM:IMPedance#", "arm_impedance", Limits(50.0, 10e3, 10e3), ("OHM",))
    settings.number(":ARM:PERiod#", "arm_period", Limits(3.03e-9, 1e6, 10e-6), SECONDS)
    settings.number(":ARM:FREQuency#", "arm_frequency", Limits(1e-6, 330e6, 100e3), ("HZ",))
