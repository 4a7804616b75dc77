"""Simulated Keysight 33600A waveform generators."""

from sim_instruments.keysight_33600a.instrument import Keysight33622A

__all__ = ["Keysight33622A"]
