"""Simulated Tektronix AFG3252C arbitrary function generator with two channels.

Commands and ranges: command documentation of the AFG3000C series in tm_devices 3.7, Tektronix AFG3000 Series Reference
Manual (chapter 3, syntax). Amplitudes, frequencies and memory: tm_devices, ``AFG3K``. Not confirmed: the reset state,
the fastest edge, the form of numbers, that what does not fit is refused with -222 or -221, accuracy and noise, the
parameters of the curves SINC … HAVersine, and that ``*OPC?`` waits for a burst.
The trigger input is the connector `ext`, for both channels; `trigout` gives a pulse when a burst of channel 1 begins.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim_instruments.generator import (
    GeneratorChannel,
    GeneratorInstrument,
    GeneratorModel,
    LevelLimits,
    ModulationModel,
    Play,
    Program,
    PulseLimits,
    Refusing,
    RefusingPulse,
    SweepModel,
    coupling,
)
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.channel import SWEEP
from sim_instruments.generator.commands import (
    SECONDS,
    add_levels,
    edge_limits,
    frequency_limits,
    pulse_period_limits,
    width_limits,
)
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.memory import Samples, unpack
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.generator.output import CONTINUOUS
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import block_payload, boolean, definite_block, integer, keyword, quantity, text_of
from sim_instruments.scpi.settings import Limits, Settings

CURVES = ("SINC", "GAUSsian", "LORentz", "ERISe", "EDECay", "HAVersine")
USER_MEMORIES = ("USER1", "USER2", "USER3", "USER4")
EDIT_MEMORIES = ("EMEMory", "EMEMory2")
FUNCTIONS = ("SINusoid", "SQUare", "PULSe", "RAMP", "PRNoise", "DC", *CURVES, *USER_MEMORIES, *EDIT_MEMORIES)
SAME_MEMORY = {"USER": "USER1", "EMEM1": "EMEM"}
MOST_POINTS, FEWEST_POINTS, DEFAULT_POINTS = 128 * 1024, 2, 1000
MIDDLE, HIGHEST_CODE = 8191, 16383
"""14-bit values: 0 is the low level, 8191 the offset, 16382 the high level."""
NOT_MODULATED = ("PULS", "PRN", "DC")
MODULATING = ("SINusoid", "SQUare", "TRIangle", "RAMP", "NRAMp", "PRNoise")


def _modulations() -> dict[str, ModulationModel]:
    """Rates and depths: command documentation; what is set after a reset is recalled and not confirmed."""
    rate = Limits(2e-3, 50e3, 10e3)
    return {
        "AM": ModulationModel(Limits(0.0, 120.0, 50.0), rate, excluded=NOT_MODULATED, full=2.2),
        "FM": ModulationModel(_deviations, rate, excluded=NOT_MODULATED),
        "PM": ModulationModel(Limits(0.0, 180.0, 90.0), rate, excluded=NOT_MODULATED),
        "PWM": ModulationModel(Limits(0.0, 50.0, 5.0), rate, functions=("PULS",), relative=True),
        "FSK": ModulationModel(_hop_frequencies, Limits(2e-3, 1e6, 50.0), excluded=NOT_MODULATED),
    }


def _deviations(channel: GeneratorChannel) -> Limits:
    at = channel.frequency_limits
    return Limits(0.0, max(0.0, min(channel.frequency - at.low, at.high - channel.frequency)), 1e6)


def _hop_frequencies(channel: GeneratorChannel) -> Limits:
    return Limits(channel.frequency_limits.low, channel.frequency_limits.high, 1e6)


MODEL = GeneratorModel(
    name="AFG3252C",
    channels=2,
    functions=FUNCTIONS,
    lowest_frequency=1e-6,
    highest_frequency={
        "SIN": 240e6,
        **dict.fromkeys(("SQU", "PULS", "USER1", "USER2", "USER3", "USER4", "EMEM", "EMEM2"), 120e6),
        **dict.fromkeys(("RAMP", "SINC", "GAUS", "LOR", "ERIS", "EDEC", "HAV"), 2.4e6),
    },
    frequency=1e6,
    pulse=PulseLimits(
        shortest_width=4e-9,
        longest_width=999.99,
        shortest_edge=2.5e-9,
        longest_edge=625.0,
        shortest_period=1.0 / 120e6,
        longest_period=1000.0,
        slow_width=4e-9,
        width_share=0.625,
        rest_share=0.8,
        width=500e-9,
        edge=2.5e-9,
        hold="DUTY",
    ),
    levels=LevelLimits(peak=5.0, smallest=0.1, largest=10.0, amplitude=2.0, always_limited=True),
    loads=Limits(1.0, 10e3, 50.0),
    gain_error=0.01,
    offset_error=10e-3,
    noise_density=1e-3 / 240e6**0.5,
    modulations=_modulations(),
    sweep=SweepModel(
        time=Limits(1e-3, 300.0, 10e-3),
        hold_time=Limits(0.0, 300.0, 0.0),
        return_time=Limits(0.0, 300.0, 1e-3),
        start=100e3,
        stop=1e6,
        excluded=NOT_MODULATED,
    ),
)
_SOURCE = "[:SOURce#]"
_VOLTAGE = _SOURCE + ":VOLTage[:LEVel][:IMMediate]"


def short_number(value: float) -> str:
    """Levels: five digits."""
    return "9.9E+37" if math.isinf(value) else f"{value:.4E}"


def exact_number(value: float) -> str:
    """Times and frequencies: thirteen digits."""
    return f"{value:.12E}"


def plain_number(value: float) -> str:
    """Counts and impedances."""
    return "9.9E+37" if math.isinf(value) else f"{value:g}" if value < 1e6 else f"{value:.0f}"


@dataclass
class TriggerSystem:
    """What fires bursts on both channels; `timer` in s."""

    source: str = "TIM"
    slope: str = "POS"
    timer: float = 1e-3


class Memories:
    """Edit and user memories, samples -1 … 1, common to both channels."""

    def __init__(self) -> None:
        flat = (0.0,) * DEFAULT_POINTS
        self._samples: dict[str, Samples] = {"EMEM": flat, "EMEM2": flat}

    def find(self, name: str) -> Samples:
        """Samples of a memory; ScpiError -224 for no such memory, -221 for an empty one."""
        name = self.known(name)
        if name not in self._samples:
            raise ScpiError(-221, f"{name} is empty")
        return self._samples[name]

    def store(self, name: str, samples: Samples) -> None:
        """Fill a memory; ScpiError -224 for no such memory or a wrong number of points."""
        if not FEWEST_POINTS <= len(samples) <= MOST_POINTS:
            raise ScpiError(-224, f"{len(samples)} points; {FEWEST_POINTS} … {MOST_POINTS} are possible")
        self._samples[self.known(name)] = samples

    def delete(self, name: str) -> None:
        """Empty a user memory; ScpiError -224 for another one."""
        if self.known(name) not in USER_MEMORIES:
            raise ScpiError(-224, name)
        self._samples.pop(self.known(name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Memories that hold a waveform."""
        return tuple(self._samples)

    @staticmethod
    def known(name: str) -> str:
        """The short name of a memory; ScpiError -224 if there is none of that name."""
        chosen = keyword(name.encode("latin-1", "replace"), *USER_MEMORIES, *EDIT_MEMORIES, "USER", "EMEMory1")
        return SAME_MEMORY.get(chosen, chosen)


class Channel(GeneratorChannel):
    """Settings in SI units."""

    says_mode_ends = False

    def __init__(
        self, number: int, around: Surroundings, report: Report, triggers: TriggerSystem, memories: Memories
    ) -> None:
        self.triggers, self.memories = triggers, memories
        super().__init__(number, around, MODEL, Refusing(), report, RefusingPulse(MODEL.pulse))
        self.reset()

    def reset_burst(self) -> None:
        """Burst off."""
        self.ramp_symmetry, self.pulse_delay = 50.0, 0.0
        self.noise_bandwidth = MODEL.highest_frequency["SIN"]
        self.burst_mode, self.burst_count, self.burst_delay = "TRIG", 5.0, 0.0
        self.sweep_mode = "AUTO"

    @property
    def function(self) -> str:
        """Short name of the function; ScpiError -221 for a memory that is empty."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        name = SAME_MEMORY.get(name, name)
        if name.startswith(("USER", "EMEM")):
            self.memories.find(name)
        self._set_function(name)

    def _set_frequency(self, hertz: float) -> None:
        if self._function != "PULS" and self.pulse.hold == "DUTY":
            self.pulse.width *= self._frequency / hertz
        super()._set_frequency(hertz)

    def other_cycle(self) -> Cycle | None:
        """Curves and arbitrary waveforms."""
        if self._function.startswith(("USER", "EMEM")):
            samples = self.memories.find(self._function)
            return cycles.arbitrary(samples, self.period / len(samples), stepped=False)
        curve = _CURVES.get(self._function)
        return cycles.polygon(self.period, curve, cycles.CURVE_SEGMENTS, curve(0.0)) if curve else None

    def stored_samples(self, name: str) -> Samples:
        """Of a user or edit memory."""
        return self.memories.find(name)

    def trigger_input(self, *, high: bool) -> bool:
        """The trigger system is common to both channels."""
        self.trigger_source, self.trigger_slope = self.triggers.source, self.triggers.slope
        return super().trigger_input(high=high)

    def program(self) -> Program:
        """Continuous, a sweep for each trigger, or bursts by trigger, gate or internal clock."""
        if self.mode == SWEEP and self.sweep_mode == "MAN":
            return Program(Play.TRIGGERED, 1.0)
        if not self.burst_on or self._function == "DC":
            return CONTINUOUS
        if self.burst_mode == "GAT":
            return Program(Play.GATED)
        if self.triggers.source == "TIM":
            return Program(Play.REPEATED, self.burst_count, self.triggers.timer, self.burst_delay)
        return Program(Play.TRIGGERED, self.burst_count, delay=self.burst_delay)


def _sinc(x: float) -> float:
    t = 20.0 * (x - 0.5)
    return 1.0 if t == 0.0 else math.sin(math.pi * t) / (math.pi * t)


_CURVES: dict[str, Callable[[float], float]] = {
    "SINC": _sinc,
    "GAUS": lambda x: 2.0 * math.exp(-0.5 * ((x - 0.5) / 0.1) ** 2) - 1.0,
    "LOR": lambda x: 2.0 / (1.0 + ((x - 0.5) / 0.025) ** 2) - 1.0,
    "ERIS": lambda x: 1.0 - 2.0 * math.exp(-5.0 * x),
    "EDEC": lambda x: 2.0 * math.exp(-5.0 * x) - 1.0,
    "HAV": lambda x: -math.cos(2.0 * math.pi * x),
}


class TektronixAFG3252C(GeneratorInstrument[Channel]):
    """Two channels, terminals "1" and "2". serial, firmware: of *IDN?."""

    error_detail_separator = "; "

    def __init__(self, surroundings: Surroundings, *, serial: str = "C010123", firmware: str = "3.2.3") -> None:
        identity = f"TEKTRONIX,AFG3252C,{serial},SCPI:99.0 FV:{firmware}"
        super().__init__(surroundings, identity, short_number)
        self.bounds = Refusing()
        self.triggers, self.memories = TriggerSystem(), Memories()
        self.channels = [Channel(n, surroundings, self.report, self.triggers, self.memories) for n in (1, 2)]
        self._reference = "INT"
        _add_functions(self.channel_settings(exact_number))
        add_modulations(self, _SOURCE, "", ("INTernal", "EXTernal"), (*MODULATING, *USER_MEMORIES, *EDIT_MEMORIES))
        add_sweep(self, _SOURCE, "", state=False)
        self.couplings = {"levels": Coupling(coupling.levels), "frequency": Coupling(coupling.frequency)}
        self.coupling("levels").boolean(_SOURCE + ":VOLTage:CONCurrent[:STATe]", "on")
        self.coupling("frequency").boolean(_SOURCE + ":FREQuency:CONCurrent[:STATe]", "on")
        _add_pulse(self.channel_settings(exact_number))
        _add_output(self.channel_settings(plain_number))
        _add_bursts(self.channel_settings(plain_number), self.channel_settings(exact_number))
        self._add_triggers()
        self.add_trigger_connectors("trigout")
        add_levels(self, _VOLTAGE, limit_state=False)
        self.add_amplitude(_VOLTAGE + "[:AMPLitude]")

    def burst_began(self, channels: Sequence[GeneratorChannel]) -> None:
        """The trigger output belongs to channel 1."""
        if self.channels[0] in channels:
            self.pulse_output("trigout")

    def _add_triggers(self) -> None:
        settings: Settings[TriggerSystem] = Settings(
            self.commands, lambda _: self.triggers, self.bounds.within, lambda _: self.refresh(), exact_number
        )
        settings.keyword(":TRIGger#[:SEQuence]:SOURce", "source", "TIMer", "EXTernal")
        settings.keyword(":TRIGger#[:SEQuence]:SLOPe", "slope", "POSitive", "NEGative")
        settings.number(":TRIGger#[:SEQuence]:TIMer", "timer", Limits(1e-6, 500.0, 1e-3), SECONDS)

    def reset(self) -> None:
        """*RST: both channels and the trigger system to their defaults; the memories keep their waveforms."""
        self.triggers.source, self.triggers.slope, self.triggers.timer = "TIM", "POS", 1e-3
        for one in self.couplings.values():
            one.reset()
        for channel in self.channels:
            channel.reset()
        self._reference = "INT"

    def trigger(self) -> None:
        """*TRG and group execute trigger: fire all channels whose bursts wait; -211 if no channel is in burst mode.

        Bursts that the internal clock repeats go on as they are.
        """
        programs = [channel.program().play for channel in self.channels]
        waiting = [c for c, play in zip(self.channels, programs, strict=True) if play is Play.TRIGGERED]
        if waiting or Play.REPEATED not in programs:
            self.fire(waiting)

    @command(":TRIGger#[:SEQuence][:IMMediate]")
    def _force_trigger(self, suffix: int) -> None:  # noqa: ARG002 - one trigger system
        self.trigger()

    @command(":ABORt")
    def _abort(self) -> None:
        self.abort()

    @command(":SYSTem:ERRor[:NEXT]?")
    def _next_error(self) -> Reply:
        code, text = self.errors.pop()
        return f'{code},"{text}"'

    # -- phase -----------------------------------------------------------------------------------------------

    @command(_SOURCE + ":PHASe[:ADJust]")
    def _set_phase(self, suffix: int, angle: bytes) -> None:
        value, unit = quantity(angle, ("RAD", "DEG"))
        degrees = value if unit == "DEG" else math.degrees(value)
        channel = self.channel(suffix)
        channel.phase = self.bounds.within(degrees, -180.0, 180.0)
        self.changed(channel)

    @command(_SOURCE + ":PHASe[:ADJust]?")
    def _get_phase(self, suffix: int) -> Reply:
        return exact_number(math.radians(self.channel(suffix).phase))

    @command(_SOURCE + ":PHASe:INITiate")
    def _synchronise(self, suffix: int) -> None:
        self.channel(suffix)
        self.synchronise()

    # -- waveform memories -----------------------------------------------------------------------------------

    @command(":TRACe[:DATA]", ":DATA[:DATA]")
    def _load(self, name: bytes, block: bytes) -> None:
        codes = unpack(block_payload(block), "H")
        if any(code > HIGHEST_CODE for code in codes):
            raise ScpiError(-222, f"values must lie between 0 and {HIGHEST_CODE}")
        self.memories.store(text_of(name), tuple(min(1.0, code / MIDDLE - 1.0) for code in codes))
        self.refresh()

    @command(":TRACe[:DATA]?", ":DATA[:DATA]?")
    def _loaded(self, name: bytes) -> Reply:
        codes = (round((sample + 1.0) * MIDDLE) for sample in self.memories.find(text_of(name)))
        return definite_block(b"".join(code.to_bytes(2, "big") for code in codes))

    @command(":TRACe:DEFine", ":DATA:DEFine")
    def _define(self, name: bytes, source: bytes = b"1000") -> None:
        if source[:1].isdigit():
            self.memories.store(text_of(name), (0.0,) * integer(source, FEWEST_POINTS, MOST_POINTS))
        else:
            self.memories.store(text_of(name), self.memories.find(text_of(source)))
        self.refresh()

    @command(":TRACe:COPY", ":DATA:COPY")
    def _copy(self, name: bytes, source: bytes) -> None:
        self.memories.store(text_of(name), self.memories.find(text_of(source)))
        self.refresh()

    @command(":TRACe:POINts", ":DATA:POINts")
    def _set_points(self, name: bytes, points: bytes) -> None:
        count, samples = integer(points, FEWEST_POINTS, MOST_POINTS), self.memories.find(text_of(name))
        self.memories.store(text_of(name), (samples + (0.0,) * count)[:count])
        self.refresh()

    @command(":TRACe:POINts?", ":DATA:POINts?")
    def _points(self, name: bytes) -> Reply:
        return str(len(self.memories.find(text_of(name))))

    @command(":TRACe:CATalog?", ":DATA:CATalog?")
    def _catalogue(self) -> Reply:
        return ",".join(f'"{name}"' for name in self.memories.names)

    @command(":TRACe:DELete[:NAME]", ":DATA:DELete[:NAME]")
    def _delete(self, name: bytes) -> None:
        if any(channel.function == Memories.known(text_of(name)) for channel in self.channels):
            raise ScpiError(-221, "the memory is in use")
        self.memories.delete(text_of(name))

    # -- the rest --------------------------------------------------------------------------------------------

    @command("[:SOURce]:ROSCillator:SOURce")
    def _set_reference(self, source: bytes) -> None:
        self._reference = keyword(source, "INTernal", "EXTernal")

    @command("[:SOURce]:ROSCillator:SOURce?")
    def _get_reference(self) -> Reply:
        return self._reference

    @command(":SYSTem:BEEPer[:IMMediate]")
    def _beep(self) -> None:
        """Front panel only."""

    @command(":SYSTem:BEEPer:STATe", ":SYSTem:KLOCk[:STATe]", ":DISPlay:SAVer[:STATe]")
    def _front_panel_switch(self, state: bytes) -> None:
        boolean(state)

    @command(":DISPlay:BRIGhtness", ":DISPlay:CONTrast")
    def _front_panel_value(self, value: bytes) -> None:
        quantity(value)


def _add_functions(settings: Settings[Channel]) -> None:
    settings.keyword(_SOURCE + ":FUNCtion[:SHAPe]", "function", *FUNCTIONS, *("USER", "EMEMory1"))
    settings.number(_SOURCE + ":FUNCtion:RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 50.0), ("PCT",))
    settings.number(_SOURCE + ":FREQuency[:CW]", "frequency", frequency_limits, ("HZ",))
    settings.number(_SOURCE + ":FREQuency:FIXed", "frequency", frequency_limits, ("HZ",))
    settings.keyword(_SOURCE + ":FREQuency:MODE", "frequency_mode", "CW", "FIXed", "SWEep")
    settings.keyword(_SOURCE + ":SWEep:MODE", "sweep_mode", "AUTO", "MANual")
    settings.keyword(_SOURCE + ":VOLTage:UNIT", "unit", "VPP", "VRMS", "DBM")


def _add_pulse(settings: Settings[Channel]) -> None:
    pulse = _SOURCE + ":PULSe"
    settings.number(pulse + ":PERiod", "pulse_period", pulse_period_limits, SECONDS)
    settings.number(pulse + ":WIDTh", "pulse_width", width_limits, SECONDS)
    settings.number(pulse + ":DCYCle", "pulse_duty_cycle", Limits(0.001, 99.999, 50.0), ("PCT",))
    settings.number(pulse + ":DELay", "pulse_delay", Limits(0.0, 999.99, 0.0), SECONDS)
    settings.keyword(pulse + ":HOLD", "pulse_hold", "WIDTh", "DUTY")
    settings.number(pulse + ":TRANsition[:LEADing]", "leading_edge", edge_limits, SECONDS)
    settings.number(pulse + ":TRANsition:TRAiling", "trailing_edge", edge_limits, SECONDS)


def _add_output(settings: Settings[Channel]) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.number(":OUTPut#:IMPedance", "load", MODEL.loads, ("OHM",), infinite=True)


def _add_bursts(counts: Settings[Channel], times: Settings[Channel]) -> None:
    burst = _SOURCE + ":BURSt"
    counts.boolean(burst + ":STATe", "burst_on")
    counts.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    counts.number(burst + ":NCYCles", "burst_count", Limits(1.0, 1e6, 5.0), infinite=True, whole=True)
    times.number(burst + ":TDELay", "burst_delay", Limits(0.0, 85.0, 0.0), SECONDS)
