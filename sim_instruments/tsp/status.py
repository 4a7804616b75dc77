"""Status model of the TSP instruments: register sets of 16 bits whose summaries meet in the status byte.

Series 2600B reference manual, "Status model". A register set has condition, event (latched, cleared by reading),
enable, and the transition filters ptr and ntr.
"""

from __future__ import annotations

from typing import Final

from sim_instruments.tsp.objects import LuaValue, TspObject, number

# Bits of the status byte.
MSB, SSB, EAV, QSB, MAV, ESB, MSS, OSB = 1, 2, 4, 8, 16, 32, 64, 128
# Bits of the standard event register.
OPC, QYE, DDE, EXE, CME, URQ, PON = 1, 4, 8, 16, 32, 64, 128

_word = number(0, 0xFFFF)
_NAMES: Final = {
    "MSB": MSB, "SSB": SSB, "EAV": EAV, "QSB": QSB, "MAV": MAV, "ESB": ESB, "MSS": MSS, "OSB": OSB,
}  # fmt: skip
_FULL_NAMES: Final = {
    "MEASUREMENT_SUMMARY_BIT": MSB, "SYSTEM_SUMMARY_BIT": SSB, "ERROR_AVAILABLE": EAV, "QUESTIONABLE_SUMMARY_BIT": QSB,
    "MESSAGE_AVAILABLE": MAV, "EVENT_SUMMARY_BIT": ESB, "MASTER_SUMMARY_STATUS": MSS, "OPERATION_SUMMARY_BIT": OSB,
}  # fmt: skip
_STANDARD_NAMES: Final = {
    "OPC": OPC, "QYE": QYE, "DDE": DDE, "EXE": EXE, "CME": CME, "URQ": URQ, "PON": PON,
}  # fmt: skip
_FULL_STANDARD_NAMES: Final = {
    "OPERATION_COMPLETE": OPC, "QUERY_ERROR": QYE, "DEVICE_DEPENDENT_ERROR": DDE, "EXECUTION_ERROR": EXE,
    "COMMAND_ERROR": CME, "USER_REQUEST": URQ, "POWER_ON": PON,
}  # fmt: skip
_NODE_NAMES: Final = {"EXT": 1, "EXTENSION_BIT": 1, **{f"NODE{node}": 1 << node for node in range(1, 15)}}


class RegisterSet:
    """One register set as a table; `parent_bit` is its summary's weight in the set above.

    ptr is all ones after a reset: every condition that appears is latched.
    """

    def __init__(self, name: str, parent: RegisterSet | None = None, parent_bit: int = 0, **constants: int) -> None:
        self.table = TspObject("status_" + name, **constants)
        self._own = 0
        self._event = 0
        self._children: list[RegisterSet] = []
        self._weight = parent_bit
        self._enable = self.table.setting("enable", 0, _word)
        self._ntr = self.table.setting("ntr", 0, _word)
        self._ptr = self.table.setting("ptr", 0xFFFF, _word)
        self.table.attribute("condition", lambda: self.condition)
        self.table.attribute("event", self.take_event)
        self._parent = parent
        if parent is not None:
            parent._children.append(self)
            parent.table.child(name, self.table)

    @property
    def condition(self) -> int:
        """Bits true now: the own ones and the summaries of the sets below."""
        return self._own | sum(child._weight for child in self._children if child.summary)

    @property
    def summary(self) -> bool:
        """Whether an enabled event is latched."""
        return bool(self._event & int(self._enable.value))

    def put(self, bits: int, on: bool) -> None:
        """Switch condition bits on or off and latch the transitions that the filters let pass."""
        before = self._own
        self._own = before | bits if on else before & ~bits
        appeared, gone = self._own & ~before, before & ~self._own
        self.latch((appeared & int(self._ptr.value)) | (gone & int(self._ntr.value)))

    def latch(self, bits: int) -> None:
        """Set event bits; a summary that appears is an event of the set above."""
        before = self.summary
        self._event |= bits
        if self._parent is not None and self.summary and not before:
            self._parent.latch(self._weight & int(self._parent._ptr.value))

    def take_event(self) -> int:
        """The event register; reading clears it."""
        bits, self._event = self._event, 0
        return bits

    def clear(self) -> None:
        """Clear the events of this set and of those below."""
        self._event = 0
        for child in self._children:
            child.clear()


class StatusModel:
    """The `status` table with the sets every TSP instrument has; a model adds its own below them."""

    def __init__(self) -> None:
        self.table = TspObject("status", **_NAMES)
        self.table.synonyms.update(_FULL_NAMES)
        self.measurement = self._top("measurement")
        self.system = self._top("system", **_NODE_NAMES)
        self.questionable = self._top("questionable")
        self.operation = self._top("operation")
        self.standard = self._top("standard", **_STANDARD_NAMES)
        self.standard.table.synonyms.update(_FULL_STANDARD_NAMES)
        self._request_enable = self.table.setting("request_enable", 0, number(0, 0xFF))
        self.table.setting("node_enable", 0, number(0, 0xFFFF))
        self.table.attribute("condition", lambda: self.byte(0))
        self.table.attribute("node_event", lambda: self.byte(0))
        self.table.attribute("request_event", lambda: self.byte(0) & self.request_enable)
        self.table.function("reset", self.reset)
        self._served = False

    def _top(self, name: str, **constants: int) -> RegisterSet:
        made = RegisterSet(name, None, 0, **constants)
        self.table.child(name, made.table)
        return made

    def byte(self, more: int) -> int:
        """The status byte with `more` bits (error and message available) and the master summary."""
        bits = more
        for weight, group in ((MSB, self.measurement), (SSB, self.system), (QSB, self.questionable),
                              (ESB, self.standard), (OSB, self.operation)):  # fmt: skip
            bits |= weight if group.summary else 0
        return bits | (MSS if bits & self.request_enable & ~MSS else 0)

    def poll(self, more: int) -> int:
        """The byte as a serial poll gets it: bit 6 is the request for service, and the poll ends it."""
        bits = self.byte(more)
        requested = bool(bits & MSS) and not self._served
        self._served = bool(bits & MSS)
        return (bits & ~MSS) | (MSS if requested else 0)

    @property
    def request_enable(self) -> int:
        """The service request enable register (`*SRE`)."""
        return int(self._request_enable.value)

    @request_enable.setter
    def request_enable(self, bits: LuaValue) -> None:
        self._request_enable.write(bits)

    def reset(self) -> None:
        """`status.reset()`: enables and filters to their defaults, events cleared; conditions stay."""
        self.table.reset()
        self.clear()

    def clear(self) -> None:
        """`*CLS`: all event registers."""
        for group in (self.measurement, self.system, self.questionable, self.operation, self.standard):
            group.clear()


def event_of_error(code: int) -> int:
    """The bit of the standard event register that an error code sets."""
    if -200 < code <= -100:
        return CME
    if -300 < code <= -200:
        return EXE
    return QYE if -500 < code <= -400 else DDE
