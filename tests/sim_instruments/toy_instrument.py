"""A SCPI instrument for tests of the engine and of the transports: it keeps a voltage, echoes, and can be slow."""

from emulator import Harness, VirtualClock
from sim_instruments.instrument import Surroundings
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.parameters import block_payload, boolean, definite_block, keyword, number, string


class Toy(ScpiInstrument):
    error_queue_depth = 4

    def __init__(self, harness: Harness | None = None) -> None:
        super().__init__(Surroundings("toy", harness or Harness(VirtualClock())), "ECRAMLAB,TOY,1,0.1")
        self.triggers = self.clears = 0
        self.seen: object = None
        self.busy_until = 0.0
        self.reset()

    def reset(self) -> None:
        self.level, self.on = 0.0, False

    def trigger(self) -> None:
        self.triggers += 1

    def clear(self) -> None:
        super().clear()
        self.clears += 1

    def time_to_completion(self) -> float:
        return max(0.0, self.busy_until - self.harness.clock.now)

    def complete(self) -> None:
        self.busy_until = 0.0

    @command("[:SOURce#]:VOLTage[:LEVel][:IMMediate][:AMPLitude]")
    def _set_level(self, channel: int, volts: bytes) -> None:
        if channel > 2:
            raise ScpiError(-114, str(channel))
        value = number(volts, ("V",), {"MINimum": -20.0, "MAXimum": 20.0, "DEFault": 0.0})
        if not -20.0 <= value <= 20.0:
            raise ScpiError(-222, "20 V")
        self.level = value

    @command("[:SOURce#]:VOLTage[:LEVel][:IMMediate][:AMPLitude]?")
    def _get_level(self, channel: int) -> Reply:
        return f"{self.level:g}"

    @command(":PULSe#:WIDTh#")
    def _width(self, pulse: int, width: int, seconds: bytes) -> None:
        self.seen = (pulse, width, number(seconds, ("S",)))

    @command(":OUTPut[:STATe]")
    def _output(self, state: bytes) -> None:
        self.on = boolean(state)

    @command(":OUTPut[:STATe]?")
    def _output_state(self) -> Reply:
        return f"{self.on:d}"

    @command(":SHAPe")
    def _shape(self, name: bytes) -> None:
        self.seen = keyword(name, "SINusoid", "SQUare")

    @command(":TEXT")
    def _text(self, text: bytes) -> None:
        self.seen = string(text)

    @command(":DATA")
    def _data(self, name: bytes, block: bytes) -> None:
        self.seen = (name, block_payload(block))

    @command(":DATA?")
    def _give_data(self, size: bytes = b"4") -> Reply:
        return definite_block(bytes(k % 256 for k in range(int(number(size)))))

    @command(":SLOW?")
    def _slow(self, seconds: bytes) -> Reply:
        self.harness.advance(number(seconds, ("S",)))
        return "done"

    @command(":STARt")
    def _start(self, seconds: bytes) -> None:
        self.busy_until = self.harness.clock.now + number(seconds, ("S",), {"INFinity": float("inf")})

    @command(":BUG")
    def _bug(self) -> None:
        raise ZeroDivisionError
