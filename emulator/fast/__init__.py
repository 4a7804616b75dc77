"""The fast tier: equal pulses to every device of an array, for models whose rate does not depend on the state.

It gives every device what the full tier (:class:`emulator.Chip` between sources, channels grounded) gives it: the same
closed forms, and one random number of the same stream for each driven piece of each pulse. Results agree with the full
tier to rounding whatever the number of threads, the order of the devices and the number of calls. What falls away is
the circuit: gates are driven by ideal sources, sources and drains are at 0 V, and no time passes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.fast.eligibility import unsupported
    from emulator.fast.pulses import Pulses, pulse, pulse_all

_HOME = {
    "Pulses": "emulator.fast.pulses",
    "pulse": "emulator.fast.pulses",
    "pulse_all": "emulator.fast.pulses",
    "unsupported": "emulator.fast.eligibility",
}

__all__ = ["Pulses", "pulse", "pulse_all", "unsupported"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'emulator.fast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
