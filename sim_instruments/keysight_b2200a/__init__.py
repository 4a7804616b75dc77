"""Simulated Keysight B2200A and B2201A switch mainframes."""

from sim_instruments.keysight_b2200a.instrument import KeysightB2200A, KeysightB2201A

__all__ = ["KeysightB2200A", "KeysightB2201A"]
