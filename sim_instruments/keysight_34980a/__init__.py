"""Simulated Keysight 34980A mainframe with 34934A matrix modules."""

from sim_instruments.keysight_34980a.instrument import Keysight34980A

__all__ = ["Keysight34980A"]
