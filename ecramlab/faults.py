"""Faults of the emulated bench as a bench file names them: a kind, where, when, and the parameters of that kind.

This is the description alone; `ecramlab.fault_injection` makes them happen.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from ecramlab.parameters import Parameters, quantity
from ecramlab.wiring import CHIP


class FaultBase(Parameters):
    """What every fault has: the instrument whose messages are counted, and the message before which it strikes."""

    instrument: str = Field(description="instrument of the bench whose messages are counted")
    after: int = Field(0, ge=0, description="messages to that instrument that still find everything in order")
    at: float = quantity("s", 0.0, minimum=0.0, help="earliest time on the clock of the bench")

    def nodes(self) -> tuple[str, ...]:
        """Terminals and pads that have to exist for this fault."""
        return ()


class _Count(FaultBase):
    count: int = Field(1, ge=1, description="number of messages or replies")


class LostMessage(_Count):
    """Messages never reach the instrument, as when a trigger is missed."""

    kind: Literal["lost_message"]


class LostReply(_Count):
    """Replies never arrive: the read times out."""

    kind: Literal["lost_reply"]


class GarbledReply(_Count):
    """Replies arrive damaged."""

    kind: Literal["garbled_reply"]
    damage: Literal["truncated", "unterminated", "wrong_block_length"] = "truncated"


class LostConnection(FaultBase):
    """The link breaks; a new session works again."""

    kind: Literal["lost_connection"]


class WrongIdentity(FaultBase):
    """Another unit answers `*IDN?`."""

    kind: Literal["wrong_identity"]
    identity: str = Field("OTHER MAKER,OTHER MODEL,0,0", min_length=1, pattern=r"^[ -~]+$", description="the reply")


class QueuedError(FaultBase):
    """An error appears in the instrument's error queue, as after a setting that failed."""

    kind: Literal["queued_error"]
    code: int = Field(-310, description="code of the error; the B1500A knows positive ones only")


class InterlockOpen(FaultBase):
    """The safety interlock opens, as by the lid of a fixture: outputs that need it go off."""

    kind: Literal["interlock_open"]


class _AtTerminal(FaultBase):
    terminal: str = Field(min_length=1, description="terminal of that instrument, e.g. a")

    def nodes(self) -> tuple[str, ...]:
        """The terminal."""
        return (f"{self.instrument}.{self.terminal}",)


class ComplianceTrip(_AtTerminal):
    """A short circuit at a terminal drives its source into the limit."""

    kind: Literal["compliance_trip"]
    resistance: float = quantity("Ω", 1.0, minimum=1e-3, maximum=1e15, help="from the terminal to ground")


class RouteLeakage(_AtTerminal):
    """Insulation gives way: a leakage from a terminal to ground adds to its current."""

    kind: Literal["route_leakage"]
    resistance: float = quantity("Ω", 1e9, minimum=1e-3, maximum=1e15, help="from the terminal to ground")


class DriftedOffset(FaultBase):
    """Readings are off by a constant; beyond the range in use the instrument reports an overflow."""

    kind: Literal["drifted_offset"]
    current: float = quantity("A", 0.0, minimum=-1e3, maximum=1e3, help="added to every current reading")
    voltage: float = quantity("V", 0.0, minimum=-1e4, maximum=1e4, help="added to every voltage reading")


class DriftedGain(FaultBase):
    """Readings, or the levels of a generator, are off by a fraction."""

    kind: Literal["drifted_gain"]
    gain: float = Field(ge=-1.0, le=10.0, description="0.05: 5 % too much")


class StuckRelay(FaultBase):
    """A relay of a switch matrix no longer moves: it stays open or closed as it is at that moment."""

    kind: Literal["stuck_relay"]
    row: str = Field(description="row of the matrix, e.g. A")
    column: str = Field(description="column of the matrix, e.g. 101")

    def nodes(self) -> tuple[str, ...]:
        """Both lines that the relay joins."""
        return (f"{self.instrument}.{self.row}", f"{self.instrument}.{self.column}")


class ContactLift(FaultBase):
    """A probe lifts off: a line of the chip is cut from its pads."""

    kind: Literal["contact_lift"]
    line: str = Field(description="line of the chip, e.g. D0")

    def nodes(self) -> tuple[str, ...]:
        """The pad of the line."""
        return (f"{CHIP}.{self.line}",)


KINDS: dict[str, type[FaultBase]] = {
    "lost_message": LostMessage,
    "lost_reply": LostReply,
    "garbled_reply": GarbledReply,
    "lost_connection": LostConnection,
    "wrong_identity": WrongIdentity,
    "queued_error": QueuedError,
    "interlock_open": InterlockOpen,
    "compliance_trip": ComplianceTrip,
    "route_leakage": RouteLeakage,
    "drifted_offset": DriftedOffset,
    "drifted_gain": DriftedGain,
    "stuck_relay": StuckRelay,
    "contact_lift": ContactLift,
}
"""Every kind by its name in a bench file."""


def _of_its_kind(value: object) -> FaultBase:
    """A fault from what a bench file says of it; ValueError naming the kinds there are."""
    if isinstance(value, FaultBase):
        return value
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} given, known are {', '.join(KINDS)}")
    return KINDS[kind].model_validate(value)


Fault = Annotated[SerializeAsAny[FaultBase], BeforeValidator(_of_its_kind)]
"""Any kind of fault, told apart by its key `kind`."""

__all__ = ["KINDS", "Fault", "FaultBase", *sorted(one.__name__ for one in KINDS.values())]
