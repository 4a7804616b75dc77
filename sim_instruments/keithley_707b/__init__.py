"""Simulated Keithley 707B switch matrix."""

from sim_instruments.keithley_707b.instrument import Keithley707B

__all__ = ["Keithley707B"]
