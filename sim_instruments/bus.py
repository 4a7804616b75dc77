"""What a bus sees of one instrument: framing, response queue, locks, the time a reply still owes, and faults.

The same object serves every transport; sessions are named by integer handles. Nothing here knows PyVISA.
"""

import math
import threading
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sim_instruments import faults
from sim_instruments.framing import REMEMBERED_LENGTH, take_messages, whole_messages
from sim_instruments.instrument import Instrument
from sim_instruments.locks import ResourceLocks
from sim_instruments.output_buffer import KeepsAnswers, OutputBuffer

if TYPE_CHECKING:
    from emulator import Harness

QUERY_INTERRUPTED, QUERY_UNTERMINATED = -410, -420
BUS_LATENCY = 1e-3
"""Every read takes at least about this long [s], so that a timeout of 0 fetches what the instrument answers at once."""


class BusError(Exception):
    """An operation that the bus refuses."""


class BusTimeoutError(BusError):
    """Nothing came in time."""


class LockedError(BusError):
    """Another session holds a lock."""


class NotLockedError(BusError):
    """The session holds no lock that it could give back."""


class ConnectionLostError(BusError):
    """The link to the instrument is broken; a new session is needed."""


class Ending(IntEnum):
    """Why a read returned."""

    END = 0
    """End of the message."""
    CHARACTER = 1
    """Termination character."""
    COUNT = 2
    """As many bytes as asked for."""


_END = Ending.END  # looking members up costs


class Chunk(NamedTuple):
    """Bytes of one read."""

    data: bytes
    ending: Ending


class BusPort:
    """One instrument on the bus. All ports of a bench share one re-entrant lock, as they share chip and clock."""

    def __init__(self, instrument: Instrument, harness: "Harness", bench_lock: "threading.RLock | None" = None) -> None:
        self.instrument, self.harness = instrument, harness
        self.virtual_timeouts = False
        """True: a read with nothing asked fails without wall time, so no other thread can make the instrument talk."""
        self._lock = bench_lock or threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._awaiting = 0  # threads that wait for an answer
        self._locks = ResourceLocks()
        self._faults = faults.Faults()
        self._plans: list[faults.Plan] = []
        self._other_identity: bytes | None = None
        self._deaf_for = 0
        self._sessions: set[int] = set()
        self._broken: set[int] = set()
        self._restricted = False  # whether any session is locked out or broken
        self._input = bytearray()
        self._keeps_answers = isinstance(instrument, KeepsAnswers)
        self._output = instrument.output if isinstance(instrument, KeepsAnswers) else OutputBuffer()
        self._owed = 0.0
        self._reply_lost = False

    # -- sessions --------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> frozenset[int]:
        """Handles of the open sessions."""
        return frozenset(self._sessions)

    def attach(self, session: int) -> None:
        """A session was opened."""
        with self._changed:
            self._sessions.add(session)

    def detach(self, session: int) -> None:
        """A session was closed; its locks are released."""
        with self._changed:
            self._sessions.discard(session)
            self._broken.discard(session)
            self._locks.remove_all(session)
            self._access_changed()

    # -- message exchange ------------------------------------------------------------------------------------

    @property
    def bytes_waiting(self) -> int:
        """Number of bytes of the response that have not been read."""
        return len(self._output)

    def write(self, session: int, data: bytes, *, end: bool, stream: bool) -> None:
        """Bytes for the instrument; `end` came with the last one, `stream` is a transport without END."""
        with self._lock:
            if self._restricted:
                self._check(session)
            for message in self._messages(data, end, stream):
                if self._plans:
                    self._carry_out_plans()
                    self._check_connection(session)
                if self._deaf_for:
                    self._deaf_for -= 1
                    self._reply_lost = True
                    continue
                if self._keeps_answers or self._output.answered:
                    self._make_room(stream)
                self._exchange(message)

    def _messages(self, data: bytes, end: bool, stream: bool) -> Sequence[bytes]:
        """Messages that are complete with `data`."""
        blocks = self.instrument.binary_blocks
        if not self._input and len(data) <= REMEMBERED_LENGTH:
            whole = whole_messages(data, end, stream, blocks)
            if whole is not None:
                return whole
        self._input += data
        return take_messages(self._input, end=end, stream=stream, blocks=blocks)

    def _make_room(self, stream: bool) -> None:
        """A message has reached the instrument; a response that nobody has read is dropped for it."""
        if self._keeps_answers:
            self._output.skip_line_end()
        elif not stream:
            self._drop_output()
            self.instrument.report(QUERY_INTERRUPTED)

    def read(
        self,
        session: int,
        count: int,
        timeout: float,
        *,
        stop_at: bytes | None = None,
        suppress_end: bool = False,
        stream: bool = False,
    ) -> Chunk:
        """Up to `count` bytes of the response, within `timeout` [s, may be inf].

        Time is virtual: a reply that takes longer than the timeout raises BusTimeoutError at once and stays due for the
        rest. Only a read with nothing asked waits in wall time, for other threads.
        stop_at: termination character, one byte.
        """
        with self._lock:
            if self._restricted:
                self._check(session)
            if not self._output.answered:
                self._await_output(session, timeout, stream)
            if self._owed > timeout and self._owed > BUS_LATENCY:
                self._owed -= max(timeout, BUS_LATENCY)
                raise BusTimeoutError
            self._owed = 0.0
            data, found = self._output.take(count, stop_at)
            if not (self._output.answered or suppress_end or (stream and found)):
                return Chunk(data, _END)
            return Chunk(data, Ending.CHARACTER if found else Ending.COUNT)

    def clear(self, session: int) -> None:
        """Device clear: both buffers are emptied; settings stay."""
        with self._changed:
            self._check(session)
            self._input.clear()
            self._drop_output()
            self.instrument.clear()

    def discard_output(self, session: int) -> None:
        """Forget the response that has not been read."""
        with self._changed:
            self._check(session)
            self._drop_output()

    def poll(self, session: int) -> int:
        """Serial poll; whoever polls has waited, so the pending reply owes nothing any more."""
        with self._changed:
            self._check(session)
            self._owed = 0.0
            return self.instrument.status_byte(message_available=self.bytes_waiting > 0, serial_poll=True)

    def trigger(self, session: int) -> None:
        """Group execute trigger."""
        with self._changed:
            self._check(session)
            self.instrument.trigger()

    def _exchange(self, message: bytes) -> None:
        self._reply_lost = False
        if self._faults.waiting:
            self._faults.message_came()
        clock = self.harness.clock
        started = clock.now
        reply = self.instrument.execute(message)
        if reply is None:
            return
        if self._other_identity is not None and message.strip().upper() == b"*IDN?":
            reply = self._other_identity + reply[len(reply.rstrip(b"\r\n")) :]
        arriving = self._faults.pass_on(reply) if self._faults.waiting else reply
        if not arriving:
            self._reply_lost = True
            return
        self._owed += clock.now - started
        self._output.append(arriving)
        if self._awaiting:
            self._changed.notify_all()

    def _await_output(self, session: int, timeout: float, stream: bool) -> None:
        if self._reply_lost or self.virtual_timeouts:
            if math.isfinite(timeout):
                self.harness.advance(timeout)
        elif self._wait_for_output(timeout):
            self._check(session)
            return
        if not stream and not self._reply_lost:
            self.instrument.report(QUERY_UNTERMINATED)
        raise BusTimeoutError

    def _wait_for_output(self, timeout: float) -> bool:
        """Wait up to `timeout` [s] of wall time for an answer to what another thread asks; whether it came."""
        self._awaiting += 1
        try:
            return bool(self._changed.wait_for(lambda: self.bytes_waiting, timeout if math.isfinite(timeout) else None))
        finally:
            self._awaiting -= 1

    def _drop_output(self) -> None:
        self._output.clear()
        self._owed, self._reply_lost = 0.0, False

    # -- locks -----------------------------------------------------------------------------------------------

    def lock(self, session: int, timeout: float, key: str | None = None) -> None:
        """Give `session` a lock, shared under `key` or exclusive for None, waiting up to `timeout` [s] of wall time."""
        with self._changed:
            self._check_connection(session)
            wait = timeout if math.isfinite(timeout) else None
            if not self._changed.wait_for(lambda: self._locks.grants(session, key), wait):
                raise LockedError
            self._locks.add(session, key)
            self._access_changed()

    def unlock(self, session: int) -> None:
        """Give back the latest lock."""
        with self._changed:
            self._check_connection(session)
            if not self._locks.remove_one(session):
                raise NotLockedError
            self._access_changed()

    def _access_changed(self) -> None:
        """Locks or links are not as they were: whoever waits for a lock looks again."""
        self._restricted = bool(self._broken) or self._locks.held
        self._changed.notify_all()

    def _check(self, session: int) -> None:
        self._check_connection(session)
        if not self._locks.allows(session):
            raise LockedError

    def _check_connection(self, session: int) -> None:
        if session in self._broken:
            raise ConnectionLostError

    # -- faults ----------------------------------------------------------------------------------------------

    def drop_replies(self, after: int, count: int = 1) -> None:
        """Lose `count` replies from the `after`-th next message on (0: the next). The read then times out at once."""
        self.damage_replies(after, count, faults.lost)

    def drop_messages(self, count: int = 1) -> None:
        """Lose the next `count` messages on their way: the instrument does not see them."""
        with self._changed:
            self._deaf_for += count

    def damage_replies(self, after: int, count: int = 1, damage: faults.Damage = faults.truncated) -> None:
        """Garble `count` replies from the `after`-th next message on (0: the next) by one of the ways in `faults`."""
        with self._changed:
            self._faults.add(faults.ReplyFault(after, count, damage))

    def before_message(self, action: Callable[[], None], *, after: int = 0, time: float = 0.0) -> None:
        """Call `action` just before the `after`-th next message (0: the next), or the first one from `time` [s] on."""
        with self._changed:
            self._plans.append(faults.Plan(action, after, time))

    def _carry_out_plans(self) -> None:
        due = [plan for plan in self._plans if plan.due(self.harness.clock.now)]
        self._plans = [plan for plan in self._plans if plan not in due]
        for plan in due:
            plan.action()

    def answer_as(self, identity: bytes) -> None:
        """Answer *IDN? as another unit would, from now on."""
        with self._changed:
            self._other_identity = identity

    def lose_connection(self) -> None:
        """Break the link: every operation of the sessions that are open now raises ConnectionLostError."""
        with self._changed:
            self._broken |= self._sessions
            self._locks = ResourceLocks()
            self._input.clear()
            self._drop_output()
            self._access_changed()
