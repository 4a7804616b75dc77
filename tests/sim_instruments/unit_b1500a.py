"""A simulated B1500A, without noise and unit errors, with resistors from its terminals to ground."""

from emulator import Harness, Port, VirtualClock
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b1500a import KeysightB1500A


class Analyser:
    """`ask` takes one message and gives the reply without its terminator."""

    def __init__(self, ohms: dict[str, float] | None = None, **options: object) -> None:
        self.harness = Harness(VirtualClock())
        self.surroundings = Surroundings("b1500", self.harness, noise=False, accuracy=False)
        self.unit = KeysightB1500A(self.surroundings, **options)  # type: ignore[arg-type]
        for terminal, value in (ohms or {"1": 1e6}).items():
            self.harness.add_resistor(self.port(terminal).name, "ground", value)

    @property
    def now(self) -> float:
        return self.harness.clock.now

    def port(self, terminal: str) -> Port:
        return self.surroundings.port(terminal)

    def voltage(self, terminal: str) -> float:
        return self.harness.probe(self.port(terminal)).voltage

    def raw(self, message: str) -> bytes | None:
        return self.unit.execute(message.encode("ascii") + b"\r")

    def write(self, *messages: str) -> None:
        for message in messages:
            assert self.raw(message) is None, message

    def ask(self, message: str) -> str:
        reply = self.raw(message)
        assert reply is not None, message
        assert reply.endswith(b"\r\n")
        return reply[:-2].decode("ascii")

    def error(self) -> int:
        return int(self.ask("ERRX?").split(",")[0])
