"""One instrument on one VISA link: lock, timeouts, identity, wire log, and the way back after a failure."""

from __future__ import annotations

import contextlib
import re
import sys
import threading
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pyvisa.constants import StatusCode
from pyvisa.errors import InvalidSession, VisaIOError

from drivers.errors import InstrumentError

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

    from drivers.wire_log import WireLog

PATIENCE = 5.0  # s that every answer gets beyond the time its command is expected to take
AT_THE_BENCH = "the output may still be on: switch it off on the instrument's front panel"


@dataclass(frozen=True, slots=True)
class Identity:
    """The four fields of a ``*IDN?`` reply; `model` without a leading "Model"."""

    maker: str
    model: str
    serial: str
    firmware: str

    @classmethod
    def parse(cls, reply: str) -> Identity:
        """Split a ``*IDN?`` reply; ValueError unless it has four fields (IEEE 488.2, 10.14)."""
        fields = [field.strip() for field in reply.split(",", 3)]
        if len(fields) != 4:
            raise ValueError(f"four fields expected in an identity, not {reply!r}")
        maker, model, serial, firmware = fields
        return cls(maker, re.sub(r"^model\s+", "", model, flags=re.IGNORECASE), serial, firmware)


def same_maker(one: str, other: str) -> bool:
    """Whether two maker fields mean the same house: case, blanks and legal forms do not count, Agilent is Keysight."""
    return _house(one) == _house(other)


def _house(maker: str) -> str:
    first_word = re.split(r"[^a-z]+", maker.casefold().strip(), maxsplit=1)[0]
    return {"agilent": "keysight"}.get(first_word, first_word)


class VisaInstrument(ABC):
    """What all drivers share: exchanges under one lock, identity check at opening, error queue, wire log, make-safe.

    Opening asks for the identity and reads what it must know (line frequency, outputs, cards). It changes no setting.

    After an exchange that failed or was interrupted the two sides are out of step: a late reply would answer the next
    query. So the next exchange first sends a device clear (or opens a new session on links that have none).

    Subclasses name `maker` and `model`, and implement the abstract methods. Every message goes through `exchange`,
    `write` or `query_values`.
    """

    maker: ClassVar[str]
    model: ClassVar[str]
    terminator: ClassVar[str] = "\n"
    """Ends every message and every reply."""
    _prepared = False
    """Whether formats and the like were set since the last reset or make-safe."""

    def __init__(
        self,
        resource: MessageBasedResource,
        *,
        name: str,
        serial: str | None = None,
        wire_log: WireLog | None = None,
    ) -> None:
        """Take over an open PyVISA resource and check who answers.

        name: what the bench calls this instrument. serial: expected serial number, None = any.
        InstrumentError if nothing answers or the wrong instrument does; the resource is then closed.
        """
        self.name = name
        self._resource = resource
        self._wire_log = wire_log
        self.lock = threading.RLock()
        self._out_of_step = True  # whoever used the link before may have left a reply in it
        self._timeout = 0.0
        try:
            self._set_up_link()
            self.identity = self._checked_identity(serial)
            self._opened()
        except BaseException:
            self.close()
            raise

    # What a model must say -------------------------------------------------------------------------------------------

    @abstractmethod
    def _opened(self) -> None:
        """Read (never change) what the driver must know before its first request."""

    @abstractmethod
    def channel(self, terminal: str) -> object:
        """The role object of one terminal; `Refused` for a terminal this model does not have."""

    @abstractmethod
    def check_errors(self) -> None:
        """Empty the instrument's error queue; InstrumentError naming every entry if there was one."""

    @abstractmethod
    def outputs(self) -> dict[str, str]:
        """What is on now, read from the instrument: terminal → description. Empty when nothing is on. Changes
        nothing.
        """

    @abstractmethod
    def settings(self) -> dict[str, float | str | bool]:
        """The settings that matter for a measurement, read from the instrument, as a flat record for a run file."""

    @abstractmethod
    def reset(self) -> None:
        """Bring the instrument into its reset state, outputs off. Limits must be set again before an output goes on."""

    @abstractmethod
    def _make_safe(self, problems: list[str]) -> None:
        """Switch everything off, each step through `guarded_step`, and read back. Appends what went wrong."""

    # Preparation -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the instrument ready for the driver's requests, unless that was done since `prepare_again`."""
        with self.lock:
            if not self._prepared:
                self._prepare()
                self._prepared = True

    def prepare_again(self) -> None:
        """Take nothing as known any more: a reset, a power cycle or another program may have changed it."""
        self._prepared = False

    def _prepare(self) -> None:  # noqa: B027 - most models need none
        """Drop the errors that came before us and choose formats, where a model needs that."""

    # Exchanges -------------------------------------------------------------------------------------------------------

    def exchange(self, message: str, *, seconds_expected: float = 0.0) -> str:
        """Send one message and return its reply, without terminator. One lock is held from the first byte to the last.

        seconds_expected: how long the instrument is expected to take; it is granted `PATIENCE` more.
        InstrumentError when nothing, or no complete line, comes back.
        """
        with self.lock:
            self._in_step()
            with self._exchanging(message, seconds_expected):
                self._send(message, seconds_expected)
                reply = bytes(self._resource.read_raw())
                self._record("<", reply)
            if not reply.endswith(b"\n"):
                self._out_of_step = True
                raise self.error("the reply is cut off: a line feed was expected at its end", message, repr(reply))
            return reply.rstrip(b"\r\n").decode("latin-1")

    query = exchange

    def write(self, message: str) -> None:
        """Send one message that has no reply."""
        with self.lock:
            self._in_step()
            with self._exchanging(message, 0.0):
                self._send(message, 0.0)

    def query_values(
        self,
        message: str,
        datatype: Literal["f", "d"] = "d",
        *,
        big_endian: bool = False,
        seconds_expected: float = 0.0,
    ) -> list[float]:
        """Send one message and return the numbers of the binary block it answers (IEEE 488.2, 8.7.9 and 8.7.10).

        datatype: "f" 32 bit, "d" 64 bit. The header is read, never assumed: a definite block brings its own length, an
        indefinite one (``#0``) ends with the message, so that links without END (raw sockets) cannot carry it.
        """
        with self.lock:
            self._in_step()
            with self._exchanging(message, seconds_expected):
                self._send(message, seconds_expected)
                self._resource.read_termination = None
                try:
                    block = self._read_block()
                finally:
                    self._resource.read_termination = self.terminator
                self._record("<", block)
        values = array(datatype)
        if len(block) % values.itemsize:
            raise self.error(f"the block of {len(block)} bytes holds no whole numbers", message)
        values.frombytes(block)
        if big_endian != (sys.byteorder == "big"):
            values.byteswap()
        return list(values)

    def clear(self) -> None:
        """Send a device clear: what was under way is dropped on both sides, settings stay."""
        with self.lock:
            self._out_of_step = True
            self._in_step()

    def reconnect(self) -> None:
        """Open a new session on the same resource; InstrumentError if that fails."""
        with self.lock:
            self._record("!", b"new session")
            try:
                with contextlib.suppress(VisaIOError, InvalidSession):
                    self._resource.close()
                self._resource.open()
                self._set_up_link()
            except (VisaIOError, InvalidSession) as error:
                raise self.error(f"no new session: {error}") from error
            self._out_of_step = True

    def close(self) -> None:
        """Close the link. Outputs stay as they are: call `make_safe` before. Safe to call twice."""
        with self.lock, contextlib.suppress(VisaIOError, InvalidSession):
            self._resource.close()

    def make_safe(self) -> list[str]:
        """Switch everything off and read back.

        Never raises: what went wrong is returned as sentences, nothing as [].
        """
        problems: list[str] = []
        with self.lock:
            self._make_safe(problems)
        return problems

    def guarded_step(self, problems: list[str], what: str, action: Callable[[], object]) -> None:
        """One guarded step of a make-safe: a failure is followed by a recovery of the link and one more try."""
        try:
            action()
        except Exception:
            try:
                self._recover()
                action()
            except Exception as error:
                problems.append(f"{self.name}: {what} failed: {error}; {AT_THE_BENCH}")

    def _recover(self) -> None:
        try:
            self.clear()
        except InstrumentError:
            self.reconnect()
            self.clear()

    # The link --------------------------------------------------------------------------------------------------------

    @property
    def _described(self) -> str:
        return f"{self.name} ({self.model} at {self._resource.resource_name})"

    def error(self, problem: str, sent: str = "", reply: str = "", remedy: str = "") -> InstrumentError:
        """An `InstrumentError` that names this instrument, its model and its resource; to be raised by the caller."""
        return InstrumentError(problem, instrument=self._described, sent=sent, reply=reply, remedy=remedy)

    def _record(self, direction: str, data: bytes) -> None:
        if self._wire_log is not None:
            self._wire_log.record(self.name, direction, data)

    def _set_up_link(self) -> None:
        self._resource.read_termination = self.terminator
        self._timeout = 0.0  # a new session starts with its own

    def _set_timeout(self, seconds: float) -> None:
        if seconds != self._timeout:
            self._resource.timeout = round(1000 * seconds)
            self._timeout = seconds

    def _send(self, message: str, seconds_expected: float) -> None:
        self._set_timeout(PATIENCE + seconds_expected)
        data = (message + self.terminator).encode("latin-1")  # a character a byte, also in binary blocks
        self._record(">", data)
        self._resource.write_raw(data)

    @contextlib.contextmanager
    def _exchanging(self, message: str, seconds_expected: float) -> Iterator[None]:
        """Mark the link out of step for as long as an exchange is not complete, whatever interrupts it."""
        self._out_of_step = True
        try:
            yield
        except VisaIOError as error:
            raise self._failure(error, message, seconds_expected) from error
        except InvalidSession as error:
            raise self.error("the link is closed", message, remedy="open the bench again") from error
        self._out_of_step = False

    def _failure(self, error: VisaIOError, message: str, seconds_expected: float) -> InstrumentError:
        if error.error_code == StatusCode.error_timeout:
            waited = PATIENCE + seconds_expected
            self._record("!", f"nothing within {waited:g} s".encode())
            return self.error(
                f"no complete reply within {waited:g} s",
                message,
                remedy="check that it is on, in remote mode and that this model knows the message; "
                "messages were sent with a line feed and a reply ending with a line feed was expected",
            )
        self._record("!", str(error).encode("ascii", "replace"))
        return self.error(str(error), message, remedy="check the cable and the address, then open the bench again")

    def _in_step(self) -> None:
        """Send the device clear that an unfinished exchange left owing."""
        if not self._out_of_step:
            return
        self._record("!", b"device clear")
        try:
            self._resource.clear()
        except VisaIOError as error:
            if error.error_code != StatusCode.error_nonsupported_operation:
                raise self.error(f"no device clear: {error}", remedy="check cable and power") from error
            self._new_session_instead_of_clear()
        except InvalidSession as error:
            raise self.error("the link is closed", remedy="open the bench again") from error
        self._out_of_step = False

    def _new_session_instead_of_clear(self) -> None:
        """Links without device clear (raw sockets, RS-232): a new session drops what the old one still had to say."""
        self.reconnect()

    def _read_block(self) -> bytes:
        header = self._resource.read_bytes(2)
        if header[:1] != b"#" or not header[1:].isdigit():
            raise self.error("the reply is no binary block", reply=repr(header))
        digits = int(header[1:])
        if digits == 0:
            return bytes(self._resource.read_raw()).removesuffix(b"\n")
        block = self._resource.read_bytes(int(self._resource.read_bytes(digits)))
        self._resource.read_bytes(1)  # the line feed behind the block
        return block

    def _checked_identity(self, serial: str | None) -> Identity:
        reply = self.exchange("*IDN?")
        try:
            identity = Identity.parse(reply)
        except ValueError as error:
            raise self.error(str(error), "*IDN?", reply) from error
        expected = f"{self.maker} {self.model}" + (f" with serial {serial}" if serial else "")
        if (
            not same_maker(identity.maker, self.maker)
            or identity.model != self.model
            or (serial is not None and identity.serial != serial)
        ):
            found = f"{identity.maker} {identity.model} with serial {identity.serial}"
            raise self.error(
                f"{expected} was expected, {found} answers",
                "*IDN?",
                reply,
                remedy="correct the resource, the driver or the serial in the bench file, or swap the cables",
            )
        return identity
