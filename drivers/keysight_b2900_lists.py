"""What the B2900 driver's messages are made of: abilities, trigger set-ups, readings.

Pure functions. Source: as `drivers.keysight_b2900`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from drivers.records import CLEAN, Flag, SourceMeasureAbilities
from drivers.smu_channel import Pulse

ELEMENTS: Final = 4  # voltage, current, time, status: the instrument's own order
OFF_STATES: Final = {"normal": "NORM", "zero": "ZERO", "open": "HIZ"}
FUNCTIONS: Final = {"voltage": ("VOLT", "CURR"), "current": ("CURR", "VOLT")}
WORDS: Final = {"VOLT": "voltage", "CURR": "current"}
DC_CORNERS: Final = ((6.0, 3.03), (21.0, 1.515), (210.0, 0.105))  # V, and the largest direct current (A) up to there
TIME_RESOLUTION: Final = 1e-6  # s, of widths, delays and intervals
INTERVAL_MARGIN: Final = 1e-4  # s left free in each step of a sweep; not in the manual
SETTINGS: Final = (
    ":SOUR{c}:FUNC:MODE", ":SOUR{c}:FUNC:SHAP", ":SOUR{c}:VOLT", ":SOUR{c}:VOLT:RANG", ":SOUR{c}:VOLT:RANG:AUTO",
    ":SOUR{c}:CURR", ":SOUR{c}:CURR:RANG", ":SOUR{c}:CURR:RANG:AUTO", ":SENS{c}:CURR:PROT", ":SENS{c}:VOLT:PROT",
    ":OUTP{c}", ":OUTP{c}:ON:AUTO", ":OUTP{c}:OFF:MODE", ":OUTP{c}:PROT", ":OUTP{c}:HCAP", ":OUTP{c}:LOW",
    ":SENS{c}:FUNC", ":SENS{c}:CURR:RANG", ":SENS{c}:CURR:RANG:AUTO", ":SENS{c}:CURR:RANG:AUTO:LLIM",
    ":SENS{c}:VOLT:RANG", ":SENS{c}:VOLT:RANG:AUTO", ":SENS{c}:CURR:APER", ":SENS{c}:REM", ":SENS{c}:WAIT",
)  # fmt: skip

_CURRENTS: Final = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1.5, 3.0)
_SETTLING: Final = (10e-3, 10e-3, 500e-6, 250e-6, 250e-6, *(80e-6,) * 6)
_STATUS: Final = {8: Flag.UNKNOWN, 16: Flag.UNKNOWN, 32: Flag.OVER_TEMPERATURE, 8192: Flag.OVERFLOW}
_COMPLIANCE: Final = 6  # a field of two bits


def abilities_b2900(lowest_range: float) -> SourceMeasureAbilities:
    """Ranges, limits and settling of a model whose lowest current range (A) is given."""
    first = _CURRENTS.index(lowest_range)
    return SourceMeasureAbilities(
        voltage_ranges=(0.2, 2.0, 20.0, 200.0),
        source_current_ranges=_CURRENTS[first:],
        measure_current_ranges=_CURRENTS[first:],
        level_over_range=1.01,  # 5 % on all but the two highest current ranges
        current_limits=(lowest_range / 10, 3.03),  # the smaller one is not in the manual
        voltage_limits=(0.02, 210.0),  # the smaller one is not in the manual
        envelope=DC_CORNERS,
        current_settling=_SETTLING[first:],
        apertures=(8e-6, 2.0),
        max_list_length=2499,  # the base takes the last of 2500 places
        buffer_size=100_000,
        longest_dwell=1e4,
        longest_hold=1e4,
        shortest_pulse=50e-6,
        longest_pulse=1e5,
        pulse_width_definition="10-90%",
        pulse_width_uncertainty=1e-6,
        off_states=tuple(OFF_STATES),
        sense=("two-wire", "four-wire"),
        autozero=False,
        high_capacitance=True,
        flags=Flag.COMPLIANCE | Flag.OVERFLOW | Flag.UNSTABLE | Flag.OVER_TEMPERATURE | Flag.UNKNOWN,
    )


def reading_setup(c: str, aperture: float) -> str:
    """What an untimed reading of channel `c` needs: the instrument's own measurement wait time."""
    return f":SENS{c}:CURR:APER {number(aperture)};:SENS{c}:WAIT 1"


def pulse_setup(c: str, word: str, pulse: Pulse, aperture: float) -> str:
    """One pulse of the source function `word` and one reading that ends with it."""
    return ";".join((
        f":SOUR{c}:FUNC:SHAP PULS", f":SOUR{c}:{word}:MODE FIX", f":SOUR{c}:{word} {number(pulse.base)}",
        f":SOUR{c}:{word}:TRIG {number(pulse.level)}", f":SOUR{c}:PULS:DEL 0",
        f":SOUR{c}:PULS:WIDT {number(pulse.width)}", _acquisition(c, aperture), f":TRIG{c}:SOUR AINT",
        f":TRIG{c}:COUN 1", f":TRIG{c}:TRAN:DEL 0", f":TRIG{c}:ACQ:DEL {number(max(pulse.width - aperture, 0.0))}",
    ))  # fmt: skip


def sweep_setup(c: str, word: str, levels: Sequence[float], base: float, dwell: float, aperture: float) -> str:
    """A list of levels at equal intervals, a reading `dwell` after each step, and the base as last step."""
    interval = math.ceil((dwell + aperture + INTERVAL_MARGIN) / TIME_RESOLUTION - 1e-6) * TIME_RESOLUTION
    listed = ",".join(map(number, (*levels, base)))
    return ";".join((
        f":SOUR{c}:FUNC:SHAP DC", f":SOUR{c}:{word}:MODE LIST", f":SOUR{c}:LIST:{word} {listed}",
        _acquisition(c, aperture), f":TRIG{c}:SOUR TIM", f":TRIG{c}:TIM {number(interval)}",
        f":TRIG{c}:TRAN:COUN {len(levels) + 1}", f":TRIG{c}:ACQ:COUN {len(levels)}", f":TRIG{c}:TRAN:DEL 0",
        f":TRIG{c}:ACQ:DEL {number(dwell)}",
    ))  # fmt: skip


def _acquisition(c: str, aperture: float) -> str:
    """No wait times: the trigger delays alone decide about time."""
    arm = f":ARM{c}:SOUR AINT;:ARM{c}:COUN 1;:ARM{c}:DEL 0"
    return f":SOUR{c}:WAIT 0;:SENS{c}:WAIT 0;:SENS{c}:CURR:APER {number(aperture)};{arm}"


def number(value: float) -> str:
    """A number as the instrument reads it, with twelve digits: more than it keeps."""
    return f"{value:.12g}"


def status_flags(status: int) -> Flag:
    """Flags of the status element of a reading."""
    flags = Flag.COMPLIANCE if status & _COMPLIANCE else CLEAN
    for bit, flag in _STATUS.items():
        if status & bit:
            flags |= flag
    return flags
