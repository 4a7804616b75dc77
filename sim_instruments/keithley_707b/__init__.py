"""Simulated Keithley 707B and 708B switch matrices."""

from sim_instruments.keithley_707b.instrument import Keithley707B, Keithley708B

__all__ = ["Keithley707B", "Keithley708B"]
