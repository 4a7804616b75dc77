"""Lets any PyVISA program open an emulated bench: `pyvisa.ResourceManager("bench.yaml@ecramlab")`."""

from ecramlab.emulation import build_bench
from sim_instruments.visa import EcramlabVisaLibrary, set_builder

__all__ = ["WRAPPER_CLASS"]

set_builder(build_bench)

WRAPPER_CLASS = EcramlabVisaLibrary
