"""Simulated Keysight B1500A with B1517A high-resolution SMUs and B1525A pulse generators."""

from sim_instruments.keysight_b1500a.instrument import KeysightB1500A

__all__ = ["KeysightB1500A"]
