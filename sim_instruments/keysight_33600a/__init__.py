"""Simulated Keysight 33500B and 33600A waveform generators."""

from sim_instruments.keysight_33600a.instrument import Keysight33512B, Keysight33522B, Keysight33622A

__all__ = ["Keysight33512B", "Keysight33522B", "Keysight33622A"]
