"""The FLEX engine without I/O: messages in, replies out, and the two halves of its output buffer.

Sources: B1500A programming guide ed. 11, chapters 1 and 4; that `*CLS` is not known was seen on a bench.
"""

import logging
import re
from typing import Final

from sim_instruments.flex.commands import FlexCommands, Reply, command, units
from sim_instruments.flex.data import TERMINATOR
from sim_instruments.flex.errors import SYNTAX, SYSTEM, VALUE, FlexError, FlexErrorQueue, text_of
from sim_instruments.flex.output import FlexOutput
from sim_instruments.instrument import Surroundings

_log = logging.getLogger(__name__)
DATA_READY, INTERLOCK_OPEN, SET_READY, ERROR, SERVICE = 1, 8, 16, 32, 64
_DATUM: Final = re.compile(rb"[VITX][+-]\d{1,3}\.\d{3,6}E[+-]\d\d", re.IGNORECASE)


class FlexInstrument:
    """Base of the simulated FLEX instruments: syntax, error queue, status byte.

    A model marks its methods with `command`, and overrides `reset`, `trigger` and `before_message`.
    """

    binary_blocks = False
    message_time = 3e-3
    """Time that the instrument takes to carry out a message, beside what it does [s]; a choice."""

    def __init__(self, surroundings: Surroundings, identity: str) -> None:
        self.surroundings, self.identity = surroundings, identity
        self.harness = surroundings.harness
        self.errors = FlexErrorQueue()
        self.output = FlexOutput()
        self.commands = FlexCommands()
        self.commands.add_methods(self)
        self._service_mask = self._event_mask = self._events = 0
        self._served = False

    # -- what a transport calls ------------------------------------------------------------------------------

    def execute(self, message: bytes) -> bytes | None:
        """Carry out one message. Of several replies, measured data come first: they have a buffer of their own."""
        self.harness.advance(self.message_time)
        try:
            return self._run(message)
        except Exception:
            _log.exception("%s: internal fault in message %r", self.surroundings.name, message[:200])
            self.report(SYSTEM)
            return None

    def _run(self, message: bytes) -> bytes | None:
        self.before_message()
        data, queries = b"", b""
        for unit in units(message.strip()):
            try:
                reply = self.commands.run(unit)
            except FlexError as error:
                self.report(error.code, error.detail)
                continue
            if isinstance(reply, bytes):
                data += reply
            elif reply is not None:
                queries += reply.encode("latin-1") + TERMINATOR
        self.output.coming = len(queries)
        return data + queries or None

    def clear(self) -> None:
        """Device clear; the transport empties the output buffer."""

    def trigger(self) -> None:
        """Group execute trigger."""

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """Bit 0 data ready, 3 interlock open, 4 ready for a command, 5 error, 6 service request."""
        byte = message_available * DATA_READY | SET_READY | (len(self.errors) > 0) * ERROR
        byte |= self.interlock_open * INTERLOCK_OPEN
        summary = bool(byte & self._service_mask)
        if not serial_poll:
            return byte | summary * SERVICE
        request = summary and not self._served
        self._served = summary
        return byte | request * SERVICE

    def report(self, code: int, detail: str = "") -> None:
        """Enter an error. What a transport reports has negative codes; FLEX knows none of them."""
        if code > 0:
            self.errors.push(code, detail)
            self._events |= ERROR

    # -- what a model overrides ------------------------------------------------------------------------------

    interlock_open: bool = False

    def reset(self) -> None:
        """*RST. The error queue stays."""

    def before_message(self) -> None:
        """Called before the commands of each message."""

    # -- common commands -------------------------------------------------------------------------------------

    @command("*IDN?")
    def _identify(self) -> Reply:
        return self.identity

    @command("*RST")
    def _reset(self) -> None:
        self.reset()

    @command("*OPC?")
    def _complete(self) -> Reply:
        return "1"

    @command("*OPC")
    def _announce(self) -> None:
        self._events |= 1

    @command("*TST?", 0, 1)
    def _self_test(self, module: float = 0.0) -> Reply:
        return "0" if 0 <= module <= 11 else self._refuse()

    @command("*STB?")
    def _status(self) -> Reply:
        return str(self.status_byte(message_available=len(self.output) > 0))

    @command("*SRE", 1)
    def _enable_service(self, mask: float) -> None:
        self._service_mask = integer(mask, 0, 255) & ~SERVICE

    @command("*SRE?")
    def _enabled_service(self) -> Reply:
        return str(self._service_mask)

    @command("*ESE", 1)
    def _enable_events(self, mask: float) -> None:
        self._event_mask = integer(mask, 0, 255)

    @command("*ESE?")
    def _enabled_events(self) -> Reply:
        return str(self._event_mask)

    @command("*ESR?")
    def _read_events(self) -> Reply:
        events, self._events = self._events, 0
        return str(events)

    @command("ERRX?", 0, 1)
    def _next_error(self, mode: float = 0.0) -> Reply:
        code, text = self.errors.pop()
        return f"{code:+d}" if mode == 1 else f'{code:+d},"{text}"'

    @command("ERR?", 0, 1)
    def _error_codes(self, mode: float = 0.0) -> Reply:
        return ",".join(map(str, self.errors.pop_codes(1 if mode == 1 else 4)))

    @command("EMG?", 1)
    def _error_text(self, code: float) -> Reply:
        return text_of(integer(code, 0, 9999))

    @command("BC")
    def _clear_output(self) -> None:
        self.output.clear()

    @command("NUB?")
    def _count_data(self) -> Reply:
        return str(len(_DATUM.findall(self.output.waiting)))

    def _refuse(self) -> Reply:
        raise FlexError(VALUE)


def integer(value: float, low: int, high: int) -> int:
    """A whole number within limits; FlexError for another one."""
    if value != int(value):
        raise FlexError(SYNTAX)
    if not low <= value <= high:
        raise FlexError(VALUE)
    return int(value)


def within(value: float, low: float, high: float) -> float:
    """A number within limits; FlexError for another one."""
    if not low <= value <= high:
        raise FlexError(VALUE)
    return value
