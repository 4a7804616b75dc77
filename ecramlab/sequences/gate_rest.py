"""The gate between writes: at 0 V, where a potential of the stack drives ions back, or open, where none can flow."""

from typing import Literal

from drivers.roles import PulseGenerator, SourceMeasureUnit
from ecramlab.limits import Limits

GateRest = Literal["ground", "open"]


def rest_gate(gate: PulseGenerator | SourceMeasureUnit, rest: GateRest, limits: Limits) -> None:
    """Hold the gate at 0 V, or open the relay of its source, until the next pulse is loaded."""
    if isinstance(gate, SourceMeasureUnit):
        _rest_unit(gate, rest, limits)
    elif rest == "open":
        gate.output(False)  # a generator that is off is disconnected; one that is on rests at 0 V


def _rest_unit(gate: SourceMeasureUnit, rest: GateRest, limits: Limits) -> None:
    if rest == "open":
        gate.off_state("open")
        gate.output(False)
        return
    gate.output(False)
    gate.source_voltage(
        0.0, current_limit=limits.gate_current
    )  # after current pulses it would source 0 A: an open gate
    gate.output(True)
