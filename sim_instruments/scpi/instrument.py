"""The SCPI engine without I/O: one program message in, one response message out (IEEE 488.2 chapters 6 to 10)."""

import logging
import math

from sim_instruments.instrument import Surroundings
from sim_instruments.scpi.errors import ErrorQueue, ScpiError, event_bit
from sim_instruments.scpi.headers import CommandTable, Reply, command
from sim_instruments.scpi.parameters import integer
from sim_instruments.scpi.status import OPERATION_COMPLETE, RegisterGroup, StatusModel
from sim_instruments.scpi.steps import StepTable

_log = logging.getLogger(__name__)


class NeverCompletes(Exception):  # noqa: N818 -- not an error: the instrument waits for an operation without end
    """Raised by *OPC? and *WAI when the pending operation has no end."""


class ScpiInstrument:
    """Base of the simulated SCPI instruments: syntax, common commands, error queue and status model.

    A model adds handlers with `command`, and overrides `reset`, `trigger` and, where operations overlap,
    `time_to_completion` and `complete`.
    """

    binary_blocks = True
    terminator = b"\n"
    error_queue_depth = 20
    error_detail_separator = ";"
    message_time = 0.5e-3
    """Time that the instrument takes to parse a message [s]; a guess, the manuals do not say."""

    def __init__(self, surroundings: Surroundings, identity: str) -> None:
        self.surroundings, self.identity = surroundings, identity
        self.harness = surroundings.harness
        self.errors = ErrorQueue(self.error_queue_depth, self.error_detail_separator)
        self.status = StatusModel()
        self.commands = CommandTable()
        self.commands.add_methods(self)
        self._steps = StepTable(self.commands)
        self._completion_awaited = False
        self._stuck = False

    # -- what a transport calls ------------------------------------------------------------------------------

    def execute(self, message: bytes) -> bytes | None:
        """Carry out one program message; see `sim_instruments.instrument.Instrument.execute`."""
        if self._stuck:
            return None
        self.harness.advance(self.message_time)
        try:
            replies = self._run(message)
        except NeverCompletes:
            self._stuck = True
            return None
        except Exception:
            _log.exception("%s: internal fault in message %r", self.surroundings.name, message[:200])
            self.report(-310)
            return None
        return b";".join(replies) + self.terminator if replies else None

    def clear(self) -> None:
        """Device clear; also ends the wait of *OPC? and *WAI for an operation without end."""
        self._stuck = False
        self._completion_awaited = False

    def trigger(self) -> None:
        """Group execute trigger, *TRG."""
        self.report(-211)

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """Status byte. A serial poll also waits for what *OPC announced: whoever polls lets time pass."""
        if serial_poll and self._completion_awaited and math.isfinite(self.time_to_completion()):
            self._wait()
        self.refresh_status()
        return self.status.byte(
            errors=len(self.errors) > 0, message_available=message_available, serial_poll=serial_poll
        )

    def report(self, code: int, detail: str = "", text: str = "") -> None:
        """Enter an error and set its bit in the standard event register."""
        self.errors.push(code, detail, text)
        self.status.standard.event |= event_bit(code)

    # -- what a model overrides ------------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: default settings. Error queue, event and enable registers stay."""

    def time_to_completion(self) -> float:
        """Time until all pending operations are complete [s]; 0 when there are none, inf when they never end."""
        return 0.0

    def complete(self) -> None:
        """Called when the time of `time_to_completion` has passed."""

    def refresh_status(self) -> None:
        """Bring condition registers and the operation-complete bit up to date."""
        if self._completion_awaited and self.time_to_completion() == 0.0:
            self._completion_awaited = False
            self.status.standard.event |= OPERATION_COMPLETE

    # -- parsing ---------------------------------------------------------------------------------------------

    def _run(self, message: bytes) -> list[bytes]:
        replies = []
        for step in self._steps.of(message):
            try:
                reply = step()
            except ScpiError as error:
                self.report(error.code, error.detail, error.text)
                continue
            if reply is not None:
                replies.append(reply if isinstance(reply, bytes) else reply.encode("latin-1", "replace"))
        return replies

    # -- mandatory commands ----------------------------------------------------------------------------------

    @command("*IDN?")
    def _identify(self) -> Reply:
        return self.identity

    @command("*OPT?")
    def _options(self) -> Reply:
        return "0"

    @command("*TST?")
    def _self_test(self) -> Reply:
        return "+0"

    @command("*RST")
    def _reset(self) -> None:
        self._completion_awaited = False
        self.reset()

    @command("*CLS")
    def _clear_status(self) -> None:
        self._completion_awaited = False
        self.errors.clear()
        self.status.clear_events()

    @command("*TRG")
    def _bus_trigger(self) -> None:
        self.trigger()

    @command("*OPC?")
    def _wait_and_say_so(self) -> Reply:
        self._wait()
        return "1"

    @command("*WAI")
    def _wait(self) -> None:
        remaining = self.time_to_completion()
        if math.isinf(remaining):
            raise NeverCompletes
        self.harness.advance(remaining)
        self.complete()

    @command("*OPC")
    def _announce_completion(self) -> None:
        self._completion_awaited = True

    @command("*ESR?")
    def _read_event_status(self) -> Reply:
        self.refresh_status()
        return f"{self.status.standard.read_event():+d}"

    @command("*ESE")
    def _enable_events(self, mask: bytes) -> None:
        self.status.standard.enable = integer(mask, 0, 255)

    @command("*ESE?")
    def _enabled_events(self) -> Reply:
        return f"{self.status.standard.enable:+d}"

    @command("*SRE")
    def _enable_service(self, mask: bytes) -> None:
        self.status.service_enable = integer(mask, 0, 255) & ~0x40

    @command("*SRE?")
    def _enabled_service(self) -> Reply:
        return f"{self.status.service_enable:+d}"

    @command("*STB?")
    def _read_status_byte(self) -> Reply:
        return f"{self.status_byte():+d}"

    @command(":SYSTem:ERRor[:NEXT]?")
    def _next_error(self) -> Reply:
        code, text = self.errors.pop()
        return f'{code:+d},"{text}"'

    @command(":SYSTem:ERRor:COUNt?")
    def _error_count(self) -> Reply:
        return f"{len(self.errors):+d}"

    @command(":SYSTem:VERSion?")
    def _scpi_version(self) -> Reply:
        return "1999.0"

    @command(":STATus:PRESet")
    def _preset_status(self) -> None:
        self.status.preset()

    @command(":STATus:OPERation[:EVENt]?")
    def _operation_event(self) -> Reply:
        return self._read_group(self.status.operation)

    @command(":STATus:OPERation:CONDition?")
    def _operation_condition(self) -> Reply:
        return self._condition(self.status.operation)

    @command(":STATus:OPERation:ENABle")
    def _enable_operation(self, mask: bytes) -> None:
        self.status.operation.enable = integer(mask, 0, 0x7FFF)

    @command(":STATus:OPERation:ENABle?")
    def _enabled_operation(self) -> Reply:
        return f"{self.status.operation.enable:+d}"

    @command(":STATus:QUEStionable[:EVENt]?")
    def _questionable_event(self) -> Reply:
        return self._read_group(self.status.questionable)

    @command(":STATus:QUEStionable:CONDition?")
    def _questionable_condition(self) -> Reply:
        return self._condition(self.status.questionable)

    @command(":STATus:QUEStionable:ENABle")
    def _enable_questionable(self, mask: bytes) -> None:
        self.status.questionable.enable = integer(mask, 0, 0x7FFF)

    @command(":STATus:QUEStionable:ENABle?")
    def _enabled_questionable(self) -> Reply:
        return f"{self.status.questionable.enable:+d}"

    def _read_group(self, group: RegisterGroup) -> str:
        self.refresh_status()
        return f"{group.read_event():+d}"

    def _condition(self, group: RegisterGroup) -> str:
        self.refresh_status()
        return f"{group.condition:+d}"
