"""PyVISA backend: pyvisa-sim's library plus live instruments that share one emulated chip.

`pyvisa.ResourceManager("bench.yaml@ecramlab")` opens a bench in any program that takes a VISA library string. The
library looks benches up in one registry keyed by the real path of their file, so that neither garbage collection nor
a second spelling of the path makes the chip forget.
"""

import itertools
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, ClassVar, NamedTuple

from pyvisa import constants, errors, rname
from pyvisa.constants import AccessModes, BufferOperation, ResourceAttribute, SerialTermination, StatusCode
from pyvisa_sim.devices import Devices
from pyvisa_sim.highlevel import SimVisaLibrary
from pyvisa_sim.sessions.session import MessageBasedSession, Session

from sim_instruments import bus
from sim_instruments.bench import EmulatedBench, bench, reset, set_builder

__all__ = ["EcramlabVisaLibrary", "EmulatedBench", "bench", "reset", "set_builder"]

_SUCCESS = StatusCode.success
_NO_FILE = "unset"
_NOTHING_TO_IGNORE = nullcontext()
_DISCARD_INPUT = BufferOperation.discard_read_buffer | BufferOperation.discard_read_buffer_no_io
_STATUS: dict[type[bus.BusError], StatusCode] = {
    bus.BusTimeoutError: StatusCode.error_timeout,
    bus.LockedError: StatusCode.error_resource_locked,
    bus.NotLockedError: StatusCode.error_session_not_locked,
    bus.ConnectionLostError: StatusCode.error_connection_lost,
}
_ENDINGS = (  # in the order of bus.Ending
    StatusCode.success,
    StatusCode.success_termination_character_read,
    StatusCode.success_max_count_read,
)


def _refuse(status: StatusCode) -> errors.VisaIOError:
    return errors.VisaIOError(status)


def _seconds(milliseconds: int) -> float:
    return math.inf if milliseconds == constants.VI_TMO_INFINITE else milliseconds / 1000


class _Transfer(NamedTuple):
    """How a session transfers bytes, as its attributes say."""

    send_end: bool
    timeout: float
    """[s]"""
    stop_at: bytes | None
    suppress_end: bool


class LiveSession(MessageBasedSession):  # type: ignore[misc]  # pyvisa-sim is not typed
    """Mixed in before a session class of pyvisa-sim; talks to a BusPort instead of a table of replies."""

    port: bus.BusPort
    handle: int
    _transfer: "_Transfer | None" = None  # until an attribute changes

    def after_parsing(self) -> None:
        """Fill in the attributes that the resource name determines."""
        super().after_parsing()
        if self.parsed.interface_type == "GPIB":  # pyvisa-sim stores the board number as termination character
            self.attrs.pop(ResourceAttribute.termchar, None)
            self.attrs[ResourceAttribute.interface_number] = int(self.parsed.board)
        self.serial = self.parsed.interface_type == "ASRL"
        self.stream = self.serial or self.parsed.resource_class == "SOCKET"

    def get_attribute(self, attribute: ResourceAttribute) -> tuple[Any, StatusCode]:
        """Value of an attribute."""
        if attribute == ResourceAttribute.asrl_avalaible_number:
            return self.port.bytes_waiting, StatusCode.success
        if attribute in self.attrs:
            return self.attrs[attribute], StatusCode.success
        found: tuple[Any, StatusCode] = super().get_attribute(attribute)
        return found

    def write(self, data: bytes) -> tuple[int, StatusCode]:
        """Send bytes; END goes with the last one unless the attribute says otherwise."""
        transfer = self._transfer or self._work_out_transfer()
        self.port.write(self.handle, bytes(data), end=transfer.send_end, stream=self.stream)
        return len(data), _SUCCESS

    def read(self, count: int) -> tuple[bytes, StatusCode]:
        """Read up to `count` bytes."""
        transfer = self._transfer or self._work_out_transfer()
        data, ending = self.port.read(
            self.handle,
            count,
            transfer.timeout,
            stop_at=transfer.stop_at,
            suppress_end=transfer.suppress_end,
            stream=self.stream,
        )
        return data, _ENDINGS[ending]

    def set_attribute(self, attribute: ResourceAttribute, attribute_state: Any) -> StatusCode:
        """Change an attribute."""
        self._transfer = None
        status: StatusCode = super().set_attribute(attribute, attribute_state)
        return status

    def _work_out_transfer(self) -> "_Transfer":
        self._transfer = _Transfer(
            bool(self._value(ResourceAttribute.send_end_enabled)),
            _seconds(self._value(ResourceAttribute.timeout_value)),
            self._stop_at(),
            bool(self._value(ResourceAttribute.suppress_end_enabled)),
        )
        return self._transfer

    def _stop_at(self) -> bytes | None:
        serial_end = self.serial and self._value(ResourceAttribute.asrl_end_in) == SerialTermination.termination_char
        if serial_end or self._value(ResourceAttribute.termchar_enabled):
            return bytes((self._value(ResourceAttribute.termchar),))
        return b"\n" if self.stream else None

    def _value(self, attribute: ResourceAttribute) -> Any:
        return self.get_attribute(attribute)[0]


@cache
def _live_class(base: type) -> type[LiveSession]:
    return type("Live" + base.__name__, (LiveSession, base), {})


class EcramlabVisaLibrary(SimVisaLibrary):  # type: ignore[misc]  # pyvisa-sim is not typed
    """VISA library of an emulated bench. Resources that are not live are answered by pyvisa-sim."""

    _handles: ClassVar["itertools.count[int]"] = itertools.count(
        1
    )  # pyvisa-sim would draw them from the user's `random`
    sessions: dict[int, Any]

    def _init(self) -> None:
        """Open the bench; called again by other packages, which must not lose anything."""
        if self.library_path == _NO_FILE:
            super()._init()
            return
        if not getattr(self, "sessions", None):
            self.sessions = {}
        bench(self.library_path)

    @property
    def devices(self) -> Devices:
        """The static side of the bench, as pyvisa-sim keeps it."""
        return self._static if self.library_path == _NO_FILE else bench(self.library_path).definition

    @devices.setter
    def devices(self, static: Devices) -> None:
        self._static = static

    def _register(self, obj: Any) -> int:
        handle = next(self._handles)
        self.sessions[handle] = obj
        return handle

    # -- sessions --------------------------------------------------------------------------------------------

    def open(
        self,
        session: int,
        resource_name: str,
        access_mode: AccessModes = AccessModes.no_lock,
        open_timeout: Any = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[int, StatusCode]:
        """Open a live resource, or else a static one; VI_ERROR_RSRC_NFOUND for a name the bench does not have."""
        try:
            name = rname.to_canonical_name(resource_name)
        except rname.InvalidResourceName:
            raise _refuse(StatusCode.error_invalid_resource_name) from None
        port = None if self.library_path == _NO_FILE else bench(self.library_path).port_of(name)
        if port is None:
            return self._open_static(session, resource_name, access_mode, open_timeout)
        parsed = rname.parse_resource_name(name)
        live = _live_class(Session.get_session_class(parsed.interface_type_const, parsed.resource_class))(
            session, name, parsed
        )
        live.port, live.handle = port, self._register(live)
        port.attach(live.handle)
        try:
            self._lock_at_open(live, AccessModes(access_mode), _seconds(int(open_timeout)))
        except errors.VisaIOError:
            self.close(live.handle)
            raise
        return live.handle, StatusCode.success

    def _open_static(
        self, session: int, resource_name: str, access_mode: AccessModes, open_timeout: Any
    ) -> tuple[int, StatusCode]:
        try:
            handle, status = super().open(session, resource_name, access_mode, open_timeout)
        except ValueError:  # a kind of resource that pyvisa-sim does not know
            raise _refuse(StatusCode.error_resource_not_found) from None
        if status < 0:
            raise _refuse(status)
        return handle, status

    def _lock_at_open(self, live: LiveSession, mode: AccessModes, timeout: float) -> None:
        if mode != AccessModes.no_lock:
            self._guarded(live.port.lock, live.handle, timeout, self._key(live.handle, mode, None))

    def close(self, session: int) -> StatusCode:
        """Close a session and release its locks."""
        live = self.sessions.get(session)
        if isinstance(live, LiveSession):
            live.port.detach(session)
        status: StatusCode = super().close(session)
        return status

    def ignore_warning(self, session: int, *warnings_constants: StatusCode) -> AbstractContextManager[None]:  # noqa: ARG002
        """PyVISA wraps each read in this; operations of this library issue no warnings that it could ignore."""
        return _NOTHING_TO_IGNORE

    # -- message exchange ------------------------------------------------------------------------------------

    def read(self, session: int, count: int) -> tuple[bytes, StatusCode]:
        """Read bytes from a resource."""
        target = self.sessions.get(session)
        if not isinstance(target, LiveSession):
            data, status = self._exchange(target, "read", count)
            return bytes(data), status
        try:
            return target.read(count)
        except bus.BusError as error:
            raise _refuse(_STATUS[type(error)]) from None

    def write(self, session: int, data: bytes) -> tuple[int, StatusCode]:
        """Write bytes to a resource."""
        target = self.sessions.get(session)
        if not isinstance(target, LiveSession):
            count, status = self._exchange(target, "write", data)
            return int(count), status
        try:
            return target.write(data)
        except bus.BusError as error:
            raise _refuse(_STATUS[type(error)]) from None

    @staticmethod
    def _exchange(target: Any, operation: str, argument: Any) -> tuple[Any, StatusCode]:
        """What a static resource answers; VisaIOError for what it refuses and for what takes no messages."""
        if not isinstance(target, MessageBasedSession):
            raise _refuse(StatusCode.error_invalid_object)
        result, status = getattr(target, operation)(argument)
        if status < 0:
            raise _refuse(status)
        return result, status

    def clear(self, session: int) -> StatusCode:
        """Device clear."""
        live = self._live(session)
        self._guarded(live.port.clear, session)
        return StatusCode.success

    def read_stb(self, session: int) -> tuple[int, StatusCode]:
        """Serial poll."""
        return self._guarded(self._live(session, stream=False).port.poll, session), StatusCode.success

    def assert_trigger(self, session: int, protocol: constants.TriggerProtocol) -> StatusCode:  # noqa: ARG002
        """Group execute trigger."""
        self._guarded(self._live(session, stream=False).port.trigger, session)
        return StatusCode.success

    def flush(self, session: int, mask: BufferOperation) -> StatusCode:
        """Forget the unread response if the mask says so."""
        live = self._live(session)
        if mask & _DISCARD_INPUT:
            self._guarded(live.port.discard_output, session)
        return StatusCode.success

    def gpib_control_ren(self, session: int, mode: constants.RENLineOperation) -> StatusCode:  # noqa: ARG002
        """Remote enable, which makes no difference here."""
        self._live(session)
        return StatusCode.success

    # -- locks and events ------------------------------------------------------------------------------------

    def lock(
        self, session: int, lock_type: constants.Lock, timeout: int, requested_key: str | None = None
    ) -> tuple[str, StatusCode]:
        """Lock a resource against other sessions; returns the key of a shared lock."""
        live = self._live(session)
        key = self._key(session, AccessModes(lock_type), requested_key)
        self._guarded(live.port.lock, session, _seconds(timeout), key)
        return key or "", StatusCode.success

    def unlock(self, session: int) -> StatusCode:
        """Give back the latest lock."""
        self._guarded(self._live(session).port.unlock, session)
        return StatusCode.success

    def enable_event(self, session: int, event_type: Any, mechanism: Any, context: None = None) -> StatusCode:  # noqa: ARG002
        """Events are not simulated; poll the status byte instead."""
        raise _refuse(StatusCode.error_nonsupported_operation)

    def wait_on_event(self, session: int, in_event_type: Any, timeout: int) -> Any:  # noqa: ARG002
        """Events are not simulated; poll the status byte instead."""
        raise _refuse(StatusCode.error_nonsupported_operation)

    def install_handler(self, session: int, event_type: Any, handler: Any, user_handle: Any = None) -> Any:  # noqa: ARG002
        """Events are not simulated; poll the status byte instead."""
        raise _refuse(StatusCode.error_nonsupported_operation)

    @staticmethod
    def _key(session: int, mode: AccessModes, requested: str | None) -> str | None:
        if mode == AccessModes.exclusive_lock:
            return None
        return requested or f"ecramlab-{session}"

    def _live(self, session: int, *, stream: bool = True) -> LiveSession:
        """The live session of a handle; `stream` False refuses sockets and serial lines, which cannot do it."""
        target = self.sessions.get(session)
        if target is None:
            raise _refuse(StatusCode.error_invalid_object)
        if not isinstance(target, LiveSession) or (target.stream and not stream):
            raise _refuse(StatusCode.error_nonsupported_operation)
        return target

    @staticmethod
    def _guarded(operation: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return operation(*arguments)
        except bus.BusError as error:
            raise _refuse(_STATUS[type(error)]) from None
