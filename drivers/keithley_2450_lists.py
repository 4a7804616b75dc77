"""What the 2450 driver's messages are made of: abilities, lists of levels, trigger-model blocks, readings.

Pure functions. Source: as `drivers.keithley_2450`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drivers.records import CLEAN, Flag, SourceMeasureAbilities
from drivers.smu_channel import Pulse

BUFFER: Final = '"defbuffer1"'
LIST_PART: Final = 100  # levels of one list command
NPLC: Final = (0.01, 10.0)
OFF_STATES: Final = {"normal": "NORM", "zero": "ZERO", "open": "HIMP", "guard": "GUAR"}
SOURCE_FLAGS: Final = {  # SOURSTAT of a reading: overvoltage protection, over-temperature, limit
    4: Flag.COMPLIANCE,
    16: Flag.OVER_TEMPERATURE,
    32: Flag.COMPLIANCE,
}
FUNCTIONS: Final = {"voltage": ("VOLT", "ILIM", "CURR"), "current": ("CURR", "VLIM", "VOLT")}
WORDS: Final = {"VOLT": "voltage", "CURR": "current"}
SETTINGS: Final = (
    ":SOUR:FUNC", ":SOUR:VOLT", ":SOUR:VOLT:RANG", ":SOUR:VOLT:RANG:AUTO", ":SOUR:VOLT:ILIM", ":SOUR:VOLT:PROT",
    ":SOUR:VOLT:HIGH:CAP", ":SOUR:CURR", ":SOUR:CURR:RANG", ":SOUR:CURR:RANG:AUTO", ":SOUR:CURR:VLIM", ":OUTP",
    ":OUTP:VOLT:SMOD", ":OUTP:CURR:SMOD", ":OUTP:INT:TRIP", ":ROUT:TERM", ":SENS:FUNC", ":SENS:CURR:RANG",
    ":SENS:CURR:RANG:AUTO", ":SENS:CURR:RANG:AUTO:LLIM", ":SENS:CURR:NPLC", ":SENS:CURR:AZER", ":SENS:CURR:RSEN",
    ":SENS:VOLT:RANG", ":SENS:VOLT:RANG:AUTO", ":SENS:VOLT:NPLC", ":SENS:VOLT:AZER", ":SENS:VOLT:RSEN", ":SYST:LFR",
)  # fmt: skip


def abilities_2450(line_frequency: float) -> SourceMeasureAbilities:
    """Ranges, limits and settling of the 2450 at 50 or 60 Hz line frequency."""
    decades = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    return SourceMeasureAbilities(
        voltage_ranges=(0.02, 0.2, 2.0, 20.0, 200.0),
        source_current_ranges=decades,
        measure_current_ranges=decades,
        level_over_range=1.05,
        current_limits=(1e-9, 1.05),
        voltage_limits=(0.02, 210.0),
        envelope=((21.0, 1.05), (210.0, 0.105)),
        current_settling=(0.05, 0.05, 3e-3, 2e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3),
        apertures=(NPLC[0] / line_frequency, NPLC[1] / line_frequency),
        max_list_length=1000,  # chosen so that one reply stays below 64 kB
        buffer_size=100_000,
        longest_dwell=5e3,  # dwell and hold are one delay block, of at most 10 000 s
        longest_hold=5e3,
        shortest_pulse=2e-3,  # list sweeps were seen to reach about 2 ms; no figure in the manual
        longest_pulse=1e4,
        pulse_width_definition="50%",
        pulse_width_uncertainty=5e-4,  # not in the manual
        off_states=tuple(OFF_STATES),
        sense=("two-wire", "four-wire"),
        autozero=True,
        high_capacitance=True,
        flags=Flag.COMPLIANCE | Flag.OVERFLOW | Flag.UNSTABLE | Flag.OVER_TEMPERATURE,
    )


def pulse_setup(word: str, pulse: Pulse) -> str:
    """The list of two levels of the source function `word` and the blocks that step through it.

    Without a reading, one is taken at the base only if the limit was seen: the number of readings tells.
    """
    name = _list_name(word)
    blocks = [f"BUFF:CLE 1,{BUFFER}", f"CONF:REC 2,{name},1", f"DEL:CONS 3,{number(pulse.wait)}"]
    if pulse.measure:
        blocks += [f"MEAS 4,{BUFFER},1", f"CONF:REC 5,{name},2"]
    else:
        blocks += [f"CONF:REC 4,{name},2", "BRAN:EVEN 5,SLIM,7", "BRAN:ALW 6,8", f"MEAS 7,{BUFFER},1", "NOP 8"]
    return ";".join([_timing(word), f":SOUR:LIST:{word} {number(pulse.level)},{number(pulse.base)}", _model(blocks)])


def list_messages(word: str, levels: Sequence[float]) -> list[str]:
    """Commands that load a list of levels of the source function `word`, a hundred levels each."""
    parts = [levels[start : start + LIST_PART] for start in range(0, len(levels), LIST_PART)]
    first, *others = [",".join(map(number, part)) for part in parts]
    return [f"{_timing(word)};:SOUR:LIST:{word} {first}", *(f":SOUR:LIST:{word}:APP {other}" for other in others)]


def sweep_blocks(word: str, count: int, hold: float, dwell: float) -> str:
    """The blocks that read at `count` levels of a list, `dwell` (s) after each step, and end at the level behind."""
    name = _list_name(word)
    return _model([
        f"BUFF:CLE 1,{BUFFER}", f"CONF:REC 2,{name},1", f"DEL:CONS 3,{number(hold + dwell)}", "BRAN:ALW 4,7",
        f"CONF:NEXT 5,{name}", f"DEL:CONS 6,{number(dwell)}", f"MEAS 7,{BUFFER},1", f"BRAN:COUN 8,{count},5",
        f"CONF:NEXT 9,{name}",
    ])  # fmt: skip


def _list_name(word: str) -> str:
    return f'"{word.capitalize()}CustomSweepList"'


def _timing(word: str) -> str:
    """No read-back and no source delay, so that the blocks alone decide about time; lists keep both settings."""
    return f":SOUR:{word}:READ:BACK OFF;:SOUR:{word}:DEL 0"


def _model(blocks: Sequence[str]) -> str:
    return ";".join([':TRIG:LOAD "Empty"', *(f":TRIG:BLOC:{block}" for block in blocks)])


def number(value: float) -> str:
    """A number as the instrument reads it, with twelve digits: more than it keeps."""
    return f"{value:.12g}"


def status_flags(status: int) -> Flag:
    """Flags of the source status of a reading."""
    flags = CLEAN
    for bit, flag in SOURCE_FLAGS.items():
        if status & bit:
            flags |= flag
    return flags
