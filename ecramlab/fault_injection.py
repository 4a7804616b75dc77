"""Faults of a bench file, made to happen on its emulated twin. A test may add some to a twin that is running."""

from collections.abc import Callable
from typing import Any

from ecramlab import faults as kinds
from ecramlab.faults import FaultBase
from ecramlab.wiring import GROUND
from emulator import Chip
from sim_instruments import faults as damages
from sim_instruments.bus import BusPort
from sim_instruments.visa import EmulatedBench

Action = Callable[[], object]


def inject(bench: EmulatedBench, fault: FaultBase) -> None:
    """Plan a fault: it strikes before the message it names, counted from now, and is then told in `bench.incidents`.

    Raises ValueError for a fault that this instrument cannot have, KeyError for an unknown instrument.
    """
    port = bench.ports[fault.instrument]
    action = _action(bench, port, fault)

    def strike() -> None:
        action()
        bench.incidents.append(f"fault at {bench.clock.now:g} s of the bench: {_told(fault)}")

    port.before_message(strike, after=fault.after, time=fault.at)


def _told(fault: FaultBase) -> str:
    return ", ".join(f"{name} {value}" for name, value in fault.model_dump(exclude={"after", "at"}).items())


def _action(bench: EmulatedBench, port: BusPort, fault: FaultBase) -> Action:
    harness, surroundings = bench.harness, port.instrument.surroundings
    match fault:
        case kinds.LostReply():
            return lambda: port.drop_replies(0, fault.count)
        case kinds.GarbledReply():
            return lambda: port.damage_replies(0, fault.count, getattr(damages, fault.damage))
        case kinds.LostConnection():
            return port.lose_connection
        case kinds.WrongIdentity():
            return lambda: port.answer_as(fault.identity.encode("ascii"))
        case kinds.QueuedError():
            return lambda: port.instrument.report(fault.code)
        case kinds.InterlockOpen():
            return _interlock(fault.instrument, port.instrument)
        case kinds.ComplianceTrip() | kinds.RouteLeakage():
            return lambda: harness.add_resistor(f"{fault.instrument}.{fault.terminal}", GROUND, fault.resistance)
        case kinds.DriftedOffset():
            return lambda: surroundings.drift.set(current=fault.current, voltage=fault.voltage)
        case kinds.StuckRelay():
            return lambda: surroundings.stuck_relays.add((fault.row, fault.column))
        case kinds.ContactLift():
            if not isinstance(harness.chip, Chip):
                raise ValueError("emulation.faults: only a chip has lines whose contact could lift")
            chip = harness.chip
            return lambda: chip.set_line_fault(fault.line, "dead")
    raise ValueError(f"no such fault: {fault!r}")


def _interlock(name: str, instrument: Any) -> Action:
    if not hasattr(instrument, "interlock_closed"):
        raise ValueError(f"emulation.faults: {name} has no safety interlock that could open")
    return lambda: setattr(instrument, "interlock_closed", False)
