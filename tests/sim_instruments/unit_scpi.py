"""A simulated SCPI instrument on a harness without chip; messages as text."""

from __future__ import annotations

from typing import Any

from emulator import Harness, Port, VirtualClock, VoltageSource
from sim_instruments import Surroundings, create


class UnitScpi:
    """One unit named "unit"; `seconds` is free of the time that a message takes."""

    def __init__(self, model: str, **options: Any) -> None:
        self.harness = Harness(VirtualClock())
        self.surroundings = Surroundings("unit", self.harness)
        self.unit: Any = create(model, self.surroundings, **options)

    def tell(self, *messages: str) -> None:
        for message in messages:
            assert self.unit.execute(message.encode("ascii")) is None, message

    def ask(self, message: str) -> str:
        reply = self.unit.execute(message.encode("ascii"))
        assert reply is not None, message
        return str(reply.decode("ascii").removesuffix("\n"))

    def seconds(self, message: str) -> float:
        before = self.harness.clock.now
        self.unit.execute(message.encode("ascii"))
        return self.harness.clock.now - before - float(self.unit.message_time)

    def errors(self) -> list[int]:
        codes: list[int] = []
        while (code := int(self.ask(":SYST:ERR?").split(",")[0])) != 0:
            codes.append(code)
        return codes

    def source(self, terminal: str, volts: float = 1.0) -> Port:
        """A voltage source cabled to a terminal of the unit."""
        port = self.harness.add_port(f"source_{terminal}.1")
        port.drive = VoltageSource(volts, 0.0, 1.0)
        self.harness.connect(port.name, f"unit.{terminal}")
        return port

    def resistor(self, terminal: str, ohms: float) -> None:
        self.harness.add_resistor(f"unit.{terminal}", "ground", ohms)

    def current(self, port: Port) -> float:
        return float(self.harness.probe(port).current)
