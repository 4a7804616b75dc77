"""Simulated Keithley Series 2600B source-measure units."""

from sim_instruments.keithley_2600b.instrument import Keithley2602B, Keithley2612B, Keithley2634B, Keithley2636B

__all__ = ["Keithley2602B", "Keithley2612B", "Keithley2634B", "Keithley2636B"]
