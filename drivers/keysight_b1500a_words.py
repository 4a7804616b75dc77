"""What the B1500A driver's messages are made of: range codes, numbers, data words, staircases, abilities.

Pure functions. Source: B1500A programming guide ed. 11 (range codes: tables 4-2 to 4-5; data: pages 1-26 to 1-35);
B1500A user's guide ed. 13, page 4-19, for the pulses of an SMU. Not confirmed, because no table of the HRSMU was at
hand: settling times, the largest current at a voltage, the smallest limits, the time of one converter sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drivers.records import CLEAN, Flag, SourceMeasureAbilities, SourceSetting
from drivers.smu_checks import ROUNDING

VOLTAGE_CODES: Final = {0.5: 5, 2.0: 20, 5.0: 50, 20.0: 200, 40.0: 400, 100.0: 1000}
CURRENT_CODES: Final = {1e-11: 9, 1e-10: 10, 1e-9: 11, 1e-8: 12, 1e-7: 13, 1e-6: 14, 1e-5: 15, 1e-4: 16, 1e-3: 17,
                        1e-2: 18, 0.1: 19}  # fmt: skip
OUTPUT_STEPS: Final = 20_000  # per range
LARGEST_CURRENT: Final = ((20.0, 0.1), (40.0, 0.05), (100.0, 0.02))  # A up to that voltage (V)
SAMPLE_TIME: Final = 16e-6  # s, one sample of the high-speed converter
MOST_SAMPLES: Final = 1023
MOST_CYCLES: Final = 100
MOST_STEPS: Final = 1001  # of one staircase
FUNCTIONS: Final = {"voltage": ("V", "A"), "current": ("I", "V")}
STATUS_FLAGS: Final = {"C": Flag.COMPLIANCE, "V": Flag.OVERFLOW, "X": Flag.UNSTABLE, "F": Flag.COMPLIANCE}
WITHOUT_FLAG: Final = "NTWE"  # normal, another channel at its limit, source data

_WORD: Final = re.compile(r"([A-Z])([A-JZ])([A-Z])([+-]\d+\.\d+E[+-]\d\d)")
_LEARNT: Final = re.compile(r"D([VI])\d+,(-?\d+),([^,]+),([^,]+)")


@dataclass(frozen=True, slots=True)
class Word:
    """One datum: status letter, kind ("V", "I", "T"), value (V, A, s)."""

    status: str
    kind: str
    value: float

    @property
    def flags(self) -> Flag:
        """What the letter says of a reading."""
        if self.status in WITHOUT_FLAG:
            return CLEAN
        return STATUS_FLAGS.get(self.status, Flag.UNKNOWN)


def words(reply: str) -> list[Word] | None:
    """The data of a reply in the format 11; None if it is anything else."""
    matches = [_WORD.fullmatch(part) for part in reply.split(",")]
    return [Word(match[1], match[3], float(match[4])) for match in matches if match] if all(matches) else None


@dataclass(frozen=True, slots=True)
class Learnt:
    """The source of one channel as ``*LRN?`` tells it: "V" or "I", level and limit."""

    kind: str
    level: float
    limit: float


def learnt(reply: str) -> Learnt | None:
    """The source in a reply to ``*LRN? <slot>``; None for an output that is off or held at 0 V.

    Units were seen to send numbers like ``-0.-1``: a second sign is dropped.
    """
    match = _LEARNT.match(reply)
    return Learnt(match[1], tolerant(match[3]), tolerant(match[4])) if match else None


def tolerant(text: str) -> float:
    """A number, also where its decimals carry a sign of their own."""
    return float(re.sub(r"\.[+-]", ".", text))


def number(value: float) -> str:
    """A number as the instrument reads it, with nine digits: more than it keeps."""
    return f"{value:.9G}"


def abilities_b1517a(line_frequency: float) -> SourceMeasureAbilities:
    """Ranges, limits and pulses of a B1517A at 50 or 60 Hz line frequency."""
    return SourceMeasureAbilities(
        voltage_ranges=tuple(VOLTAGE_CODES),
        source_current_ranges=tuple(CURRENT_CODES),
        measure_current_ranges=tuple(CURRENT_CODES),
        level_over_range=1.0,
        current_limits=(1e-12, 0.1),
        voltage_limits=(1e-3, 100.0),
        envelope=LARGEST_CURRENT,
        current_settling=(0.1, 50e-3, 20e-3, 5e-3, 1e-3, 4e-4, 2e-4, 2e-4, 2e-4, 2e-4, 2e-4),
        apertures=(SAMPLE_TIME, MOST_CYCLES / line_frequency),
        max_list_length=MOST_STEPS,
        buffer_size=100_000,
        longest_dwell=65.535,
        longest_hold=655.35,
        shortest_pulse=0.5e-3,
        longest_pulse=2.0,
        pulse_width_definition="50%",
        pulse_width_uncertainty=50e-6,
        off_states=("open", "zero"),
        sense=("two-wire", "four-wire"),
        autozero=True,
        high_capacitance=False,
        flags=Flag.COMPLIANCE | Flag.OVERFLOW | Flag.UNSTABLE | Flag.UNKNOWN,
    )


def output_range(source: SourceSetting, *levels: float) -> tuple[float, int]:
    """Full scale and code of the output range that `levels` are sourced on; the code allows none below."""
    codes = VOLTAGE_CODES if source.function == "voltage" else CURRENT_CODES
    needed = max(map(abs, levels), default=0.0)
    found = source.range or next(scale for scale in codes if needed <= scale * ROUNDING)
    return found, codes[found]


def rounded(level: float, full_scale: float) -> float:
    """A level as the instrument keeps it on a range."""
    step = full_scale / OUTPUT_STEPS
    return round(level / step) * step


def staircases(levels: Sequence[float], tolerance: float) -> list[Sequence[float]]:
    """A list of levels cut into the longest runs of equal steps: the instrument sweeps staircases, not lists.

    tolerance: V or A that a level may lie beside the staircase.
    """
    runs: list[Sequence[float]] = []
    start = 0
    while start < len(levels):
        stop = _end_of_run(levels, start, tolerance)
        runs.append(levels[start:stop])
        start = stop
    return runs


def _end_of_run(levels: Sequence[float], start: int, tolerance: float) -> int:
    """Index behind the run that starts at `start`."""
    most = min(len(levels), start + MOST_STEPS)
    stop = min(start + 2, most)
    step = levels[stop - 1] - levels[start]
    while stop < most and abs(levels[start] + (stop - start) * step - levels[stop]) <= tolerance:
        stop += 1
    return stop
