"""Simulated Tektronix AFG3252C arbitrary function generator."""

from sim_instruments.tektronix_afg3252c.instrument import TektronixAFG3252C

__all__ = ["TektronixAFG3252C"]
