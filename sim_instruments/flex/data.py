"""Measured data as FLEX sends it, as ASCII or binary words (B1500A programming guide ed. 11, pages 1-25 to 1-53)."""

import enum
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TERMINATOR: Final = b"\r\n"
FORMATS: Final = (1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 21, 22, 25)
WITHOUT_HEADER: Final = (2, 12, 22)
COMMA_ENDED: Final = (5, 15, 25)
FOUR_BYTES, EIGHT_BYTES = (3, 4), (13, 14)
WITHOUT_TERMINATOR: Final = (4, 14)
NO_NUMBER: Final = 199.999e99
EXTRANEOUS: Final = 0
"""Channel of what belongs to none, such as the reply of TSQ; letter Z."""
MEASURE_STEPS, SOURCE_STEPS, LONG_STEPS, TIME_STEPS = 50_000, 20_000, 1_000_000, 1_000_000
_PARAMETERS: Final = {"V": 0, "I": 1, "T": 3, "X": 6}  # of the 8-byte word; 6 for the index is not confirmed


class Status(enum.IntFlag):
    """What is wrong with a datum; the numbers are those of FMT 21."""

    OVERFLOW = 1
    OSCILLATION = 2
    OTHER_COMPLIANCE = 4
    OWN_COMPLIANCE = 8
    INVALID = 64
    END = 128


NORMAL: Final = Status(0)

# From the one that hides all others down: letter of FMT 1, number of the 4-byte word.
_SEVERITY: Final = (
    (Status.OSCILLATION, "X", 3),
    (Status.OVERFLOW, "V", 4),
    (Status.OWN_COMPLIANCE, "C", 2),
    (Status.OTHER_COMPLIANCE, "T", 1),
)


@dataclass(frozen=True, slots=True)
class Datum:
    """One number. kind: "V", "I", "T" (time, s) or "X" (index). channel: slot number, `EXTRANEOUS` for none.

    range: full scale (V or A) and its code. source: whether it is what was sourced; last: at the last step of a sweep.
    slow: whether the high-resolution converter took it.
    """

    kind: str
    value: float
    channel: int
    status: Status = NORMAL
    range: float = 1.0
    code: int = 0
    source: bool = False
    last: bool = False
    slow: bool = False


def encode(data: Sequence[Datum], form: int) -> bytes:
    """Data in a format of FMT, with what ends them."""
    if form in FOUR_BYTES or form in EIGHT_BYTES:
        word = _four_bytes if form in FOUR_BYTES else _eight_bytes
        body = b"".join(word(datum) for datum in data if form in EIGHT_BYTES or datum.kind in "VI")
        return body if form in WITHOUT_TERMINATOR else body + TERMINATOR
    text = ",".join(_ascii(datum, form) for datum in data).encode("ascii")
    return text + (b"," if form in COMMA_ENDED else TERMINATOR)


def _ascii(datum: Datum, form: int) -> str:
    digits = 5 if form < 10 else 6
    invalid = not math.isfinite(datum.value) or Status.OVERFLOW in datum.status
    number = f"+199.{'9' * (digits - 2)}E+99" if invalid else f"{datum.value:+.{digits}E}"
    if form in WITHOUT_HEADER:
        return number
    channel = "Z" if datum.channel == EXTRANEOUS else chr(ord("A") + datum.channel - 1)
    if form < 20:
        return f"{_letter(datum)}{channel}{datum.kind}{number}"
    kind = datum.kind.lower() if datum.source else datum.kind
    return f"{_number(datum):03d}{channel}{kind}{number}"


def _letter(datum: Datum) -> str:
    if datum.source:
        return "E" if datum.last else "W"
    return next((letter for status, letter, _ in _SEVERITY if status in datum.status), "N")


def _number(datum: Datum) -> int:
    if datum.source:
        return 2 if datum.last else 1
    return int(datum.status)


def _count(datum: Datum, steps: int, bits: int) -> int:
    most = 1 << (bits - 1)
    if not math.isfinite(datum.value) or Status.OVERFLOW in datum.status:
        return most - 1
    return max(-most, min(most - 1, round(datum.value / datum.range * steps))) & ((1 << bits) - 1)


def _four_bytes(datum: Datum) -> bytes:
    if datum.source:
        status = 2 if datum.last else 1
    else:
        status = next((number for bit, _, number in _SEVERITY if bit in datum.status), 0)
    count = _count(datum, SOURCE_STEPS if datum.source else MEASURE_STEPS, 17)
    word = (not datum.source) << 31 | (datum.kind == "I") << 30 | (datum.code & 31) << 25
    return struct.pack(">I", word | count << 8 | status << 5 | datum.channel & 31)


def _eight_bytes(datum: Datum) -> bytes:
    measured = not datum.source and datum.kind in "VI"
    first, last = measured << 7 | _PARAMETERS[datum.kind], datum.slow << 5 | datum.channel & 31
    if datum.kind == "T":
        return struct.pack(">B", first) + _count(datum, TIME_STEPS, 48).to_bytes(6, "big") + struct.pack(">B", last)
    steps = 1 if datum.kind == "X" else LONG_STEPS
    return struct.pack(">BBIBB", first, datum.code & 255, _count(datum, steps, 32), _number(datum) & 255, last)
