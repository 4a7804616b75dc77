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
    harness, drift = bench.harness, port.instrument.surroundings.drift
    match fault:
        case kinds.LostMessage():
            return lambda: port.drop_messages(fault.count)
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
            _faulty_part(port.instrument, "interlock_closed", f"{fault.instrument} has no safety interlock to open")
            return lambda: _set(port.instrument, interlock_closed=False)
        case kinds.ComplianceTrip() | kinds.RouteLeakage():
            return lambda: harness.add_resistor(f"{fault.instrument}.{fault.terminal}", GROUND, fault.resistance)
        case kinds.DriftedOffset():
            return lambda: _set(drift, current=fault.current, voltage=fault.voltage)
        case kinds.DriftedGain():
            return lambda: _set(drift, gain=fault.gain)
        case kinds.StuckRelay():
            stuck = _faulty_part(port.instrument, "stuck_relays", f"{fault.instrument} has no relays that could stick")
            return lambda: stuck.add((fault.row, fault.column))
        case kinds.ContactLift():
            chip = harness.chip
            if not isinstance(chip, Chip):
                raise ValueError("emulation.faults: there is no chip on this bench whose lines could be cut")
            return lambda: chip.set_line_fault(fault.line, "dead")
    raise ValueError(f"no such fault: {fault!r}")


def _set(owner: object, **values: object) -> None:
    for name, value in values.items():
        setattr(owner, name, value)


def _faulty_part(instrument: object, name: str, otherwise: str) -> Any:
    """What a model offers for faults beyond the protocol of all instruments; ValueError where it does not."""
    if not hasattr(instrument, name):
        raise ValueError(f"emulation.faults: {otherwise}")
    return getattr(instrument, name)
