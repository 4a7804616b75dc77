"""Simulated Keysight B2902B and B2912B source-measure units."""

from sim_instruments.keysight_b2900.instrument import KeysightB2902B, KeysightB2912B

__all__ = ["KeysightB2902B", "KeysightB2912B"]
