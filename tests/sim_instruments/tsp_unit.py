"""TSP instruments on a harness of their own, asked by single messages."""

from __future__ import annotations

from typing import Any

from emulator import Harness, Port, VirtualClock
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

OVERFLOW = 9.91e37


class Unit:
    """One simulated instrument; an ideal unit unless noise or accuracy is asked for."""

    def __init__(
        self, model: str, *, noise: bool = False, accuracy: bool = False, seed: int = 0, **options: Any
    ) -> None:
        self.clock = VirtualClock()
        self.harness = Harness(self.clock)
        self.surroundings = Surroundings("unit", self.harness, seed=seed, noise=noise, accuracy=accuracy)
        self.instrument: Any = create(model, self.surroundings, **options)

    def tell(self, message: str) -> None:
        """A message that has no reply."""
        assert self.instrument.execute(message.encode("latin-1")) is None

    def ask(self, message: str) -> str:
        """The one line a message is answered with."""
        reply = self.instrument.execute(message.encode("latin-1"))
        assert reply is not None
        assert reply.endswith(b"\n")
        return str(reply[:-1].decode("latin-1"))

    def value(self, expression: str) -> float:
        return float(self.ask(f"print({expression})"))

    def values(self, message: str) -> list[float]:
        """The numbers of a printbuffer or of a print."""
        return [float(part) for part in self.ask(message).replace("\t", ",").split(",")]

    def errors(self) -> list[int]:
        """The codes in the error queue, which is empty afterwards."""
        codes = []
        while (code := int(float(self.ask("print(errorqueue.next())").split("\t")[0]))) != 0:
            codes.append(code)
        return codes

    def seconds(self, message: str) -> float:
        """How long a message takes in virtual time, without the overhead of a message."""
        start = self.clock.now
        self.instrument.execute(message.encode("latin-1"))
        return self.clock.now - start - 0.5e-3

    def port(self, terminal: str) -> Port:
        return self.surroundings.port(terminal)


def smu(load_a: float = 1e6, load_b: float = 1e3, **options: Any) -> Unit:
    """A 2636B with resistors from its channels to ground; exact readings, no waiting but the aperture."""
    unit = Unit("keithley_2636b", **options)
    unit.harness.add_resistor("unit.a", "ground", load_a)
    unit.harness.add_resistor("unit.b", "ground", load_b)
    return unit


def prompt_smu(load_a: float = 1e6, **options: Any) -> Unit:
    """As `smu`, with channel a on fixed ranges, no automatic delay, no references: a reading takes its aperture."""
    unit = smu(load_a, **options)
    unit.tell("smua.source.rangev=2 smua.measure.rangei=1e-6 smua.measure.delay=0 smua.measure.autozero=0")
    return unit
