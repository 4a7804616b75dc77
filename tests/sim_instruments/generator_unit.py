"""A simulated generator on a harness without chip, its channel 1 loaded by a resistor."""

import math
from typing import Any

from emulator import Harness, Port, VirtualClock
from sim_instruments import Surroundings, create


class Generator:
    """Messages as text; `level` is the voltage at terminal 1 now."""

    def __init__(self, load: float = 1e9, model: str = "keysight_33622a", **surroundings: Any) -> None:
        self.harness = Harness(VirtualClock())
        self.surroundings = Surroundings("pulser", self.harness, **{"accuracy": False, "noise": False, **surroundings})
        self.unit: Any = create(model, self.surroundings)
        if math.isfinite(load):
            self.harness.add_resistor("pulser.1", "ground", load)

    @property
    def port(self) -> Port:
        return self.surroundings.port("1")

    @property
    def now(self) -> float:
        return self.harness.clock.now

    @property
    def level(self) -> float:
        return self.harness.probe(self.port).voltage

    def write(self, *messages: str) -> None:
        for message in messages:
            assert self.unit.execute(message.encode("ascii")) is None, message

    def ask(self, message: str) -> str:
        reply = self.unit.execute(message.encode("ascii"))
        assert reply is not None, message
        assert reply.endswith(b"\n")
        return reply.decode("ascii").removesuffix("\n")

    def mean(self, seconds: float) -> float:
        """Mean voltage at terminal 1 over the next seconds."""
        return self.harness.measure(self.port, seconds).voltage

    def trigger_pulse(self, seconds: float = 0.0) -> None:
        """A positive pulse at the trigger input."""
        self.unit.trigger_input(high=True)
        self.harness.advance(seconds)
        self.unit.trigger_input(high=False)

    def number(self, message: str) -> float:
        return float(self.ask(message))

    def errors(self) -> list[int]:
        codes: list[int] = []
        while (code := int(self.ask("SYST:ERR?").split(",")[0])) != 0:
            codes.append(code)
        return codes
