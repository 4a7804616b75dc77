"""The FLEX command language of Agilent and Keysight parameter analysers (4142B, E5270B, B1500A), without I/O."""

from sim_instruments.flex.commands import FlexCommands, Reply, command
from sim_instruments.flex.data import Datum, Status, encode
from sim_instruments.flex.errors import FlexError
from sim_instruments.flex.instrument import FlexInstrument

__all__ = ["Datum", "FlexCommands", "FlexError", "FlexInstrument", "Reply", "Status", "command", "encode"]
