"""Simulated Keithley 2450 source-measure unit."""

from sim_instruments.keithley_2450.instrument import Keithley2450

__all__ = ["Keithley2450"]
