"""The contract between a transport and a simulated instrument, and what an instrument knows of the bench around it."""

import hashlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sim_instruments.trigger_wiring import TriggerWiring

if TYPE_CHECKING:
    from emulator import Harness, Port


class Instrument(Protocol):
    """All that a transport knows of an instrument. No I/O, no sessions, no waiting: time is that of the harness."""

    surroundings: "Surroundings"
    """The bench around it; faults that are not on the bus reach it there."""
    binary_blocks: bool
    """Whether messages may hold IEEE 488.2 blocks `#<n><len>…`; False where `#` is an ordinary character."""

    def execute(self, message: bytes) -> bytes | None:
        """Carry out one program message without its terminator; return the response with its terminator, if any.

        Never raises for anything a client sends: mistakes go to the error queue of the instrument.
        """
        ...

    def clear(self) -> None:
        """Device clear: unfinished input is forgotten, settings and registers stay."""
        ...

    def trigger(self) -> None:
        """Group execute trigger."""
        ...

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """IEEE 488.2 status byte; bit 6 is RQS in a serial poll (which clears it), MSS otherwise."""
        ...

    def report(self, code: int, detail: str = "") -> None:
        """Enter an error that the transport has detected (-410, -420, -430) into the error queue."""
        ...


@dataclass
class Drift:
    """What readings, or the levels of a generator, are off by beyond the errors of the unit: fraction, A, V."""

    gain: float = 0.0
    current: float = 0.0
    voltage: float = 0.0

    def offset(self, quantity: str) -> float:
        """That of a quantity [A, V] that a model calls "i", "I" or "CURR", "v", "V" or "VOLT"."""
        return self.current if quantity[0] in "iIC" else self.voltage


@dataclass
class Surroundings:
    """What an instrument needs of its bench.

    name: name of the instrument in the bench file; its terminals are the harness nodes `<name>.<terminal>`.
    seed: seed of everything random in this instrument, together with its name.
    noise: False switches random noise of readings and outputs off.
    accuracy: False switches off the gain and offset errors that belong to this unit.
    drift: what the instrument is off by, beyond the errors of the unit, because a fault was asked for.
    triggers: the trigger connectors of the bench, where the instrument enters its own.
    """

    name: str
    harness: "Harness"
    seed: int = 0
    noise: bool = True
    accuracy: bool = True
    drift: Drift = field(default_factory=Drift)
    triggers: TriggerWiring = field(default_factory=TriggerWiring)
    _ports: "dict[str, Port]" = field(default_factory=dict, init=False, repr=False)

    def port(self, terminal: str) -> "Port":
        """The harness port of one terminal, made on first use."""
        if terminal not in self._ports:
            self._ports[terminal] = self.harness.add_port(f"{self.name}.{terminal}")
        return self._ports[terminal]

    def connector(self, name: str) -> str:
        """The full name of one of the instrument's trigger connectors."""
        return f"{self.name}.{name}"

    def generator(self, purpose: str) -> random.Random:
        """A random generator of its own for one purpose; the same seed, name and purpose give the same numbers."""
        key = repr((self.seed, self.name, purpose)).encode()
        return random.Random(int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "big"))

    def unit_error(self, purpose: str) -> float:
        """Error of this unit as a fraction of the specified error: normal, sigma 0.5, cut at ±1; 0 without accuracy."""
        if not self.accuracy:
            return 0.0
        generator = self.generator(purpose)
        while abs(error := generator.gauss(0.0, 0.5)) > 1.0:
            pass
        return error
