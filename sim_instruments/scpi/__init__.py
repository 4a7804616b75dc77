"""SCPI-99 and IEEE 488.2 for simulated instruments: syntax, parameters, error queue, status model."""

from sim_instruments.scpi.errors import ErrorQueue, ScpiError
from sim_instruments.scpi.headers import CommandTable, Reply, command
from sim_instruments.scpi.instrument import ScpiInstrument
from sim_instruments.scpi.status import RegisterGroup, StatusModel

__all__ = [
    "CommandTable",
    "ErrorQueue",
    "RegisterGroup",
    "Reply",
    "ScpiError",
    "ScpiInstrument",
    "StatusModel",
    "command",
]
