"""A simulated B2900 on a harness without chip, each channel loaded by a resistor; messages as text."""

from __future__ import annotations

from typing import Any

from emulator import Harness, Port, VirtualClock
from sim_instruments import Surroundings, create

MESSAGE = 1e-3  # s that each message takes


class UnitB2900:
    """An ideal unit unless noise or accuracy is asked for."""

    def __init__(
        self,
        load: float = 1e6,
        *,
        model: str = "keysight_b2912b",
        noise: bool = False,
        accuracy: bool = False,
        seed: int = 0,
        **options: Any,
    ):
        self.harness = Harness(VirtualClock())
        self.surroundings = Surroundings("smu", self.harness, seed=seed, noise=noise, accuracy=accuracy)
        self.unit: Any = create(model, self.surroundings, **options)
        for channel in "12":
            self.harness.add_resistor(f"smu.{channel}", "ground", load)

    def port(self, channel: int = 1) -> Port:
        return self.surroundings.port(str(channel))

    @property
    def now(self) -> float:
        return self.harness.clock.now

    def voltage(self, channel: int = 1) -> float:
        return self.harness.probe(self.port(channel)).voltage

    def write(self, *messages: str) -> None:
        for message in messages:
            assert self.unit.execute(message.encode("ascii")) is None, message

    def raw(self, message: str) -> bytes:
        reply = self.unit.execute(message.encode("ascii"))
        assert reply is not None, message
        assert reply.endswith(b"\n")
        return bytes(reply[:-1])

    def ask(self, message: str) -> str:
        return self.raw(message).decode("latin-1")

    def number(self, message: str) -> float:
        return float(self.ask(message))

    def numbers(self, message: str) -> list[float]:
        return [float(part) for part in self.ask(message).split(",")]

    def seconds(self, message: str) -> float:
        """How long a message takes, without the overhead of a message."""
        before = self.now
        self.unit.execute(message.encode("ascii"))
        return self.now - before - MESSAGE

    def errors(self) -> list[int]:
        codes: list[int] = []
        while (code := int(self.ask(":SYST:ERR?").split(",")[0])) != 0:
            codes.append(code)
        return codes
