"""Program data: numbers with units, booleans, keywords, strings, blocks (IEEE 488.2, 7.7; SCPI-99 volume 1, 7)."""

import math
import re
from collections.abc import Mapping, Sequence

from sim_instruments.framing import block_end
from sim_instruments.scpi.errors import ScpiError

_DECIMAL = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:\s*E\s*[+-]?\s*\d+)?)\s*([A-Z]*)")
_RADIX = {"H": 16, "Q": 8, "B": 2}
_MULTIPLIERS = {
    "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3, "": 1.0,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12, "F": 1e-15, "A": 1e-18,
}  # fmt: skip
_MEGA = {"MHZ", "MOHM"}  # the two units for which M means mega (IEEE 488.2, 7.7.3.4)


def text_of(argument: bytes) -> str:
    """Argument as upper-case text."""
    return argument.decode("latin-1").strip().upper()


def quantity(argument: bytes, units: Sequence[str] = ()) -> tuple[float, str]:
    """A number and its unit ("" when none was given), multipliers applied.

    Raises ScpiError -104 for anything but a number, -131 for a unit not in `units`, -222 for what no double can hold.
    """
    text = text_of(argument)
    if text[:1] == "#":
        return _non_decimal(text), ""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ScpiError(-104, text)
    value = float(re.sub(r"\s", "", match[1]))
    factor, unit = _split_suffix(match[2], units)
    value *= factor
    if not math.isfinite(value):
        raise ScpiError(-222, text)
    return value, unit


def number(argument: bytes, units: Sequence[str] = (), words: Mapping[str, float] | None = None) -> float:
    """A number in base units, or one of `words` in short or long form ("MINimum": 1e-3)."""
    if words:
        text = text_of(argument)
        for form, value in words.items():
            if text in spellings(form):
                return value
    return quantity(argument, units)[0]


def integer(argument: bytes, low: int, high: int) -> int:
    """A number rounded to an integer; ScpiError -222 outside low … high."""
    value = quantity(argument)[0]
    if not low <= value <= high:
        raise ScpiError(-222, text_of(argument))
    return round(value)


def boolean(argument: bytes) -> bool:
    """ON, OFF, or a number that is rounded to 0 or not 0."""
    text = text_of(argument)
    if text in ("ON", "OFF"):
        return text == "ON"
    return abs(quantity(argument)[0]) >= 0.5


def keyword(argument: bytes, *forms: str) -> str:
    """One of the keywords declared as "VOLTage", returned in short form; ScpiError -224 for any other."""
    text = text_of(argument)
    for form in forms:
        if text in spellings(form):
            return short_form(form)
    raise ScpiError(-224, text)


def string(argument: bytes) -> str:
    """Quoted string data without its quotes; ScpiError -104 when it is not quoted."""
    text = argument.decode("latin-1").strip()
    if len(text) < 2 or text[0] not in "\"'" or text[-1] != text[0]:
        raise ScpiError(-104, text)
    return text[1:-1].replace(text[0] * 2, text[0])


def block_payload(argument: bytes) -> bytes:
    """Contents of a definite or indefinite block; ScpiError -161 when it is damaged."""
    if argument[:2] == b"#0":
        return argument[2:]
    stop = block_end(argument, 0) if argument[:1] == b"#" else None
    if stop is None or stop != len(argument):
        raise ScpiError(-161)
    return argument[2 + int(argument[1:2]) :]


def definite_block(payload: bytes) -> bytes:
    """`#<n><len><payload>`."""
    length = b"%d" % len(payload)
    return b"#%d%b%b" % (len(length), length, payload)


def short_form(form: str) -> str:
    """'VOLTage' -> 'VOLT'."""
    return "".join(letter for letter in form if not letter.islower())


def spellings(form: str) -> tuple[str, str]:
    """Both legal upper-case spellings of a keyword declared as 'VOLTage'."""
    return short_form(form), form.upper()


def _non_decimal(text: str) -> float:
    try:
        return float(int(text[2:], _RADIX[text[1:2]]))
    except (KeyError, ValueError, OverflowError):
        raise ScpiError(-104, text[:20]) from None


def _split_suffix(suffix: str, units: Sequence[str]) -> tuple[float, str]:
    if not suffix:
        return 1.0, ""
    if suffix in _MEGA and suffix[1:] in units:
        return 1e6, suffix[1:]
    for unit in units:
        multiplier = suffix.removesuffix(unit) if suffix.endswith(unit) else None
        if multiplier is not None and multiplier in _MULTIPLIERS:
            return _MULTIPLIERS[multiplier], unit
    raise ScpiError(-131, suffix)
