"""What the models of the Keithley Series 2600B can do: ranges, limits, settling, apertures.

Source: Keithley Series 2600B reference manual (2600BS-901-01), TSP command reference and specifications. Figures that
are not in it are marked where they stand.
"""

from __future__ import annotations

from typing import Final

from drivers.records import Flag, SourceMeasureAbilities

NPLC: Final = (0.001, 25.0)  # shortest and longest integration in power line cycles
OFF_MODES: Final = {"normal": 0, "zero": 1, "open": 2}  # OUTPUT_NORMAL, OUTPUT_ZERO, OUTPUT_HIGH_Z
DECADES: Final = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1.5)


def abilities_2636b(line_frequency: float) -> SourceMeasureAbilities:
    """Ranges, limits and settling of the 2636B at 50 or 60 Hz line frequency."""
    return SourceMeasureAbilities(
        voltage_ranges=(0.2, 2.0, 20.0, 200.0),
        source_current_ranges=DECADES,
        measure_current_ranges=(1e-10, *DECADES),
        level_over_range=1.01,
        current_limits=(1e-10, 1.5),
        voltage_limits=(0.02, 200.0),
        power_corner=(20.0, 0.1),
        # 100 pA with its analog filter on, as after a reset
        current_settling=(0.45, 0.36, 0.09, 0.015, 2.5e-3, 5e-4, 1.5e-4, 1e-4, 8e-5, 8e-5, 1.2e-4, 1.2e-4),
        apertures=(NPLC[0] / line_frequency, NPLC[1] / line_frequency),
        max_list_length=1000,  # chosen so that one reply stays below 64 kB
        buffer_size=60_000,
        # Scripted pulses: the level commands take the same time at both edges, delay and reading add the uncertainty.
        # Neither figure is in the manual; shorter pulses are a generator's work.
        shortest_pulse=1e-3,
        pulse_width_definition="50%",
        pulse_width_uncertainty=2e-4,
        off_states=tuple(OFF_MODES),
        sense=("two-wire", "four-wire"),
        high_capacitance=True,
        flags=Flag.COMPLIANCE | Flag.OVERFLOW | Flag.UNSTABLE | Flag.OVER_TEMPERATURE,
    )
