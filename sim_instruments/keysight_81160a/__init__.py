"""Simulated Keysight 81160A pulse function arbitrary noise generator."""

from sim_instruments.keysight_81160a.instrument import Keysight81160A

__all__ = ["Keysight81160A"]
