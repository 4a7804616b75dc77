"""Simulated Keithley Series 2600B source-measure units."""

from sim_instruments.keithley_2600b.instrument import Keithley2636B

__all__ = ["Keithley2636B"]
