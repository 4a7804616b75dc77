"""What the models of the Keithley Series 2600B can do: ranges, limits, settling, apertures.

Source: Keithley Series 2600B reference manual (2600BS-901-01), TSP command reference and specifications. Figures that
are not in it are marked where they stand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from drivers.records import CLEAN, Flag, SourceMeasureAbilities

NPLC: Final = (0.001, 25.0)  # shortest and longest integration in power line cycles
OFF_MODES: Final = {"normal": 0, "zero": 1, "open": 2}  # OUTPUT_NORMAL, OUTPUT_ZERO, OUTPUT_HIGH_Z
CLAMPED: Final = 64  # bit of the status byte of a buffered reading: the source was at its limit
_STATUS_FLAGS: Final = {2: Flag.OVER_TEMPERATURE, CLAMPED: Flag.COMPLIANCE}
SETTINGS: Final = (
    "source.func", "source.levelv", "source.leveli", "source.limiti", "source.limitv", "source.rangev", "source.rangei",
    "source.autorangev", "source.autorangei", "source.highc", "source.offmode", "source.output", "sense",
    "measure.nplc", "measure.rangei", "measure.autorangei", "measure.lowrangei", "measure.rangev", "measure.autorangev",
    "measure.autozero", "measure.delay",
)  # fmt: skip

_LOW: Final = (1e-9, 1e-8)
_DECADES: Final = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_LOW_SETTLING: Final = (0.36, 0.09)
_SETTLING: Final = (0.015, 2.5e-3, 5e-4, 1.5e-4, 1e-4, 8e-5, 8e-5)  # up to 100 mA; above the models differ

_2636B: Final = SourceMeasureAbilities(
    voltage_ranges=(0.2, 2.0, 20.0, 200.0),
    source_current_ranges=(*_LOW, *_DECADES, 1.5),
    measure_current_ranges=(1e-10, *_LOW, *_DECADES, 1.5),
    level_over_range=1.01,
    current_limits=(1e-10, 1.5),
    voltage_limits=(0.02, 200.0),
    envelope=((20.0, 1.515), (202.0, 0.1)),  # levels may exceed a range by 1 %, limits not
    # 100 pA with its analog filter on, as after a reset
    current_settling=(0.45, *_LOW_SETTLING, *_SETTLING, 1.2e-4, 1.2e-4),
    apertures=(NPLC[0] / 50.0, NPLC[1] / 50.0),
    max_list_length=1000,  # chosen so that one reply stays below 64 kB
    buffer_size=60_000,
    longest_dwell=1e5,
    longest_hold=1e5,
    # Scripted pulses: the level commands take the same time at both edges, delay and reading add the uncertainty.
    # Neither figure is in the manual; shorter pulses are a generator's work.
    shortest_pulse=1e-3,
    longest_pulse=1e5,
    pulse_width_definition="50%",
    pulse_width_uncertainty=2e-4,
    off_states=tuple(OFF_MODES),
    sense=("two-wire", "four-wire"),
    autozero=True,
    high_capacitance=True,
    flags=Flag.COMPLIANCE | Flag.OVERFLOW | Flag.UNSTABLE | Flag.OVER_TEMPERATURE,
)
_2634B: Final = replace(
    _2636B,
    measure_current_ranges=_2636B.source_current_ranges,
    current_settling=_2636B.current_settling[1:],
)
_2612B: Final = replace(
    _2636B,
    source_current_ranges=(*_DECADES, 1.5),
    measure_current_ranges=(*_DECADES, 1.5),
    current_settling=(*_SETTLING, 1.2e-4, 1.2e-4),
    current_limits=(1e-8, 1.5),
)
_2602B: Final = replace(
    _2636B,
    voltage_ranges=(0.1, 1.0, 6.0, 40.0),
    source_current_ranges=(*_DECADES, 3.0),
    measure_current_ranges=(*_DECADES, 3.0),
    current_settling=(*_SETTLING, 8e-5, 8e-5),
    current_limits=(1e-8, 3.0),
    voltage_limits=(0.01, 40.0),
    envelope=((6.0, 3.03), (40.4, 1.0)),
)
_MODELS: Final = {"2602B": _2602B, "2612B": _2612B, "2634B": _2634B, "2636B": _2636B}


def abilities_2600b(model: str, line_frequency: float) -> SourceMeasureAbilities:
    """Ranges, limits and settling of a model, "2636B" for one, at 50 or 60 Hz line frequency."""
    return replace(_MODELS[model], apertures=(NPLC[0] / line_frequency, NPLC[1] / line_frequency))


def status_flags(status: int) -> Flag:
    """The flags of a buffered reading's status byte; bits that only describe the setup (4, 8, 16, 32, 128) are no
    flags.
    """
    flags = CLEAN
    for bit, flag in _STATUS_FLAGS.items():
        if status & bit:
            flags |= flag
    return flags
