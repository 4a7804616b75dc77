"""Simulated Tektronix AFG3252C arbitrary function generator with two channels.

Commands and ranges: command documentation of the AFG3000C series in tm_devices 3.7, Tektronix AFG3000 Series Reference
Manual (chapter 3, syntax). Amplitudes, frequencies and memory: tm_devices, ``AFG3K``. Not confirmed: the reset state,
the fastest edge, the form of numbers, that what does not fit is refused with -222 or -221, accuracy and noise, the
parameters of the curves SINC … HAVersine, and that ``*OPC?`` waits for a burst.
The trigger input is the connector `ext`, for both channels; `trigout` gives a pulse when a burst of channel 1 begins.
"""

import math
from collections.abc import Sequence

from sim_instruments.generator import (
    GeneratorChannel,
    GeneratorInstrument,
    Play,
    Refusing,
    coupling,
)
from sim_instruments.generator.commands import (
    SECONDS,
    add_levels,
)
from sim_instruments.generator.coupling import Coupling
from sim_instruments.generator.memory import unpack
from sim_instruments.generator.modulation_commands import add_modulations, add_sweep
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import (
    block_payload,
    boolean,
    definite_block,
    integer,
    keyword,
    quantity,
    string,
    text_of,
)
from sim_instruments.scpi.remembered import Remembered
from sim_instruments.scpi.settings import Limits, Settings
from sim_instruments.tektronix_afg3252c import channel_commands, panel_settings
from sim_instruments.tektronix_afg3252c.channel import Channel, Memories, TriggerSystem
from sim_instruments.tektronix_afg3252c.channel_commands import SOURCE, VOLTAGE
from sim_instruments.tektronix_afg3252c.models import (
    EDIT_MEMORIES,
    FEWEST_POINTS,
    HIGHEST_CODE,
    MIDDLE,
    MODULATING,
    MOST_POINTS,
    USER_MEMORIES,
    exact_number,
    plain_number,
    short_number,
)
from sim_instruments.tektronix_afg3252c.waveform_files import WaveformFiles

PHASE_RANGE = (-180.0, 180.0)
_PHASES = {"MIN": -180.0, "MINIMUM": -180.0, "MAX": 180.0, "MAXIMUM": 180.0}

EMPTY_STATE = (-221, "")
"""What recalling an empty memory reports; not confirmed."""


class TektronixAFG3252C(GeneratorInstrument[Channel], WaveformFiles):
    """Two channels, terminals "1" and "2". serial, firmware: of *IDN?."""

    error_detail_separator = "; "

    def __init__(self, surroundings: Surroundings, *, serial: str = "C010123", firmware: str = "3.2.3") -> None:
        identity = f"TEKTRONIX,AFG3252C,{serial},SCPI:99.0 FV:{firmware}"
        super().__init__(surroundings, identity, short_number)
        self.bounds = Refusing()
        self.triggers, self.memories = TriggerSystem(), Memories()
        self.channels = [Channel(n, surroundings, self.report, self.triggers, self.memories) for n in (1, 2)]
        channel_commands.add_to(self.channel_settings(exact_number), self.channel_settings(plain_number))
        add_modulations(self, SOURCE, "", ("INTernal", "EXTernal"), (*MODULATING, *USER_MEMORIES, *EDIT_MEMORIES))
        add_sweep(self, SOURCE, "", state=False)
        self.couplings = {"levels": Coupling(coupling.levels), "frequency": Coupling(coupling.frequency)}
        self.coupling("levels").boolean(SOURCE + ":VOLTage:CONCurrent[:STATe]", "on")
        self.coupling("frequency").boolean(SOURCE + ":FREQuency:CONCurrent[:STATe]", "on")
        self._add_triggers()
        self.add_trigger_connectors("trigout")
        panel_settings.add_to(self.remembered)
        self._noise = Remembered(self.commands, self._check_noise_source, self.bounds.within)
        panel_settings.add_noise_levels(self._noise)
        self.add_stored_states(range(5), EMPTY_STATE)
        add_levels(self, VOLTAGE, limit_state=False)
        self.add_amplitude(VOLTAGE + "[:AMPLitude]")

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
        self._noise.reset()
        super().reset()

    @staticmethod
    def _check_noise_source(source: int) -> None:
        """Source 3 is the noise for channel 1, source 4 that for channel 2."""
        if source not in (3, 4):
            raise ScpiError(-114, str(source))

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

    @command(SOURCE + ":PHASe[:ADJust]")
    def _set_phase(self, suffix: int, angle: bytes) -> None:
        channel = self.channel(suffix)
        if text_of(angle) in _PHASES:
            degrees = _PHASES[text_of(angle)]
        else:
            value, unit = quantity(angle, ("RAD", "DEG"))
            degrees = value if unit == "DEG" else math.degrees(value)
        channel.phase = self.bounds.within(degrees, *PHASE_RANGE)
        self.changed(channel)

    @command(SOURCE + ":PHASe[:ADJust]?")
    def _get_phase(self, suffix: int, which: bytes = b"") -> Reply:
        degrees = self.channel(suffix).phase
        if which:
            degrees = _PHASES[keyword(which, "MINimum", "MAXimum")]
        return exact_number(math.radians(degrees))

    @command(SOURCE + ":PHASe:INITiate")
    def _synchronise(self, suffix: int) -> None:
        self.channel(suffix)
        self.synchronise()

    # -- waveform memories -----------------------------------------------------------------------------------

    @command(":TRACe[:DATA]", ":DATA[:DATA]")
    def _load(self, name: bytes, block: bytes) -> None:
        codes = unpack(block_payload(block), "H")
        if any(code > HIGHEST_CODE for code in codes):
            raise ScpiError(-222, f"values must lie between 0 and {HIGHEST_CODE}")
        self.memories.store(text_of(name), tuple(_level(code) for code in codes))
        self.refresh()

    @command(":TRACe[:DATA]?", ":DATA[:DATA]?")
    def _loaded(self, name: bytes) -> Reply:
        codes = (_code(sample) for sample in self.memories.find(text_of(name)))
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

    @command(":TRACe:EMEMCOPY", ":DATA:EMEMCOPY")
    def _copy_edited(self, source: bytes, name: bytes) -> None:
        self._copy(keyword(name, *EDIT_MEMORIES, "EMEMory1").encode(), source)

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

    @command(":TRACe[:DATA]:VALue", ":DATA[:DATA]:VALue")
    def _set_point(self, name: bytes, point: bytes, code: bytes) -> None:
        samples = list(self.memories.find(text_of(name)))
        samples[integer(point, 1, len(samples)) - 1] = _level(integer(code, 0, HIGHEST_CODE))
        self.memories.store(text_of(name), tuple(samples))
        self.refresh()

    @command(":TRACe[:DATA]:VALue?", ":DATA[:DATA]:VALue?")
    def _get_point(self, name: bytes, point: bytes) -> Reply:
        samples = self.memories.find(text_of(name))
        return str(_code(samples[integer(point, 1, len(samples)) - 1]))

    @command(":TRACe[:DATA]:LINE", ":DATA[:DATA]:LINE")
    def _draw_line(self, name: bytes, *ends: bytes) -> None:
        if len(ends) != 4:
            raise ScpiError(-109 if len(ends) < 4 else -108)
        samples = list(self.memories.find(text_of(name)))
        first, last = (integer(ends[k], 1, len(samples)) for k in (0, 2))
        start, stop = (_level(integer(ends[k], 0, HIGHEST_CODE)) for k in (1, 3))
        for point in range(first, last + 1):
            samples[point - 1] = start + (stop - start) * (point - first) / max(1, last - first)
        self.memories.store(text_of(name), tuple(samples))
        self.refresh()

    @command(":TRACe:LOCK[:STATe]", ":DATA:LOCK[:STATe]")
    def _lock(self, name: bytes, state: bytes) -> None:
        self.memories.lock(text_of(name), boolean(state))

    @command(":TRACe:LOCK[:STATe]?", ":DATA:LOCK[:STATe]?")
    def _is_locked(self, name: bytes) -> Reply:
        return f"{self.memories.known(text_of(name)) in self.memories.locked:d}"

    @command(":TRACe:DELete[:NAME]", ":DATA:DELete[:NAME]")
    def _delete(self, name: bytes) -> None:
        if any(channel.function == Memories.known(text_of(name)) for channel in self.channels):
            raise ScpiError(-221, "the memory is in use")
        self.memories.delete(text_of(name))

    @command(":AFGControl:CSCopy")
    def _copy_channel(self, source: bytes, target: bytes) -> None:
        given, taking = (int(keyword(word, "CH1", "CH2")[-1]) for word in (source, target))
        channel = self.channel(taking)
        channel.restore(self.channel(given).state())
        self.changed(channel)

    @command(":SYSTem:BEEPer[:IMMediate]", ":DISPlay:SAVer[:IMMediate]", ":DISPlay[:WINDow]:TEXT:CLEar")
    def _nothing_to_see(self) -> None:
        """Front panel only."""

    @command("*CAL?", ":CALibration[:ALL]?", ":DIAGnostic[:ALL]?")
    def _test(self) -> Reply:
        return "0"

    @command(":CALibration[:ALL]", ":DIAGnostic[:ALL]")
    def _start_test(self) -> None:
        """What they find is asked for with the query."""

    @command(SOURCE + ":COMBine:FEED")
    def _combine(self, suffix: int, source: bytes) -> None:
        self.channel(suffix)
        if string(source).upper() not in ("", "EXT", "EXTERNAL"):  # nothing is wired to the input
            raise ScpiError(-241, "noise on top of a waveform is not simulated")

    @command(SOURCE + ":COMBine:FEED?")
    def _combined(self, suffix: int) -> Reply:
        self.channel(suffix)
        return '""'

    @command(":SYSTem:SECurity:IMMediate")
    def _forget_everything(self) -> None:
        self.reset()
        self.memories.clear()


def _level(code: float) -> float:
    """Sample -1 … 1 of a 14-bit value."""
    return min(1.0, code / MIDDLE - 1.0)


def _code(sample: float) -> int:
    return round((sample + 1.0) * MIDDLE)
