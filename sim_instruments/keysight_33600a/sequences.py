"""Sequences of arbitrary waveforms, as DATA:SEQuence loads them: played one after the other, each some times.

Operating and Service Guide, DATA:SEQuence: the block holds the name of the sequence and, for each step, the name of a
waveform, a count, how it is played, and two fields for the marker. Steps that wait for a trigger are not simulated.
"""

from collections.abc import Callable

from sim_instruments.generator.memory import Samples
from sim_instruments.scpi import ScpiError

FIELDS = 5
LONGEST = 1_000_000
"""Samples of a whole sequence; a choice."""


def joined(text: str, find: Callable[[str], Samples]) -> tuple[str, Samples]:
    """Name and samples of a sequence. find: the samples of a waveform by its name.

    Raises:
        ScpiError: -109 for fields that do not make steps, -224 for a play control that does not exist, -241 for one
            that waits for a trigger, -223 for a sequence that is too long.
    """
    name, *fields = [field.strip().strip('"') for field in text.split(",")]
    if not fields or len(fields) % FIELDS:
        raise ScpiError(-109, "a step has a name, a count, a play control, a marker mode and a marker point")
    samples: list[float] = []
    for k in range(0, len(fields), FIELDS):
        waveform, count, play = fields[k : k + 3]
        samples += find(waveform) * _times(count, play.lower())
        if len(samples) > LONGEST:
            raise ScpiError(-223, f"more than {LONGEST} samples")
    return name, tuple(samples)


def _times(count: str, play: str) -> int:
    if play == "once":
        return 1
    if play == "repeat":
        if not count.isdecimal() or not 1 <= int(count) <= LONGEST:
            raise ScpiError(-222, f"repeated {count} times")
        return int(count)
    if play in ("oncewaittrig", "repeatinf", "repeattiltrig"):
        raise ScpiError(-241, "sequences that wait for a trigger are not simulated")
    raise ScpiError(-224, play)
