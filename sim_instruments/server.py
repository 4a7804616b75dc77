"""The emulated bench over TCP: one raw SCPI socket (VISA class SOCKET) an instrument, for programs of any language.

Built on asyncio, not on socketserver: instruments answer at once and under one bench lock, so threads would only queue
up at that lock, and each would have to be found and ended at the stop. One event loop needs neither threads nor further
locks; it also holds back a client that does not read, and sets TCP_NODELAY, by itself.

Time is virtual as everywhere on an emulated bench: a message advances it at once, and a reply is sent when it is known.
"""

import asyncio
import contextlib
import functools
import ipaddress
import itertools
import logging
import math
import os
import socket
from dataclasses import dataclass
from typing import Self

from sim_instruments.bench import EmulatedBench
from sim_instruments.bus import BusError, BusPort
from sim_instruments.framing import take_messages

LOOPBACK = "127.0.0.1"
LAST_PORT = 65535
_CHUNK = 1 << 16
_log = logging.getLogger(__name__)
_handles = itertools.count(-1, -1)  # session handles on the bus ports; those of VISA count upwards from 1


class AddressError(ValueError):
    """A host or port on which no instrument can be offered; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask of the server.

    message: length of one program message [bytes]; the default holds a block of 8 million float32 points.
    patience: wall time in which a client must take at least a part of its reply [s].
    """

    message: int = 32 << 20
    patience: float = 30.0


class _RefusedError(Exception):
    """The client has to go; the text says why."""


class BenchServer:
    """Offers every instrument of a bench on a TCP port of its own, for as long as the `async with` block runs.

    Each client has an input of its own, and only the client that asked gets the reply. Settings of the instruments
    outlive clients. Messages are framed as on any stream: LF ends them, outside definite-length blocks.

    host: address or name to listen on, IPv4. There are no passwords: whoever reaches the ports drives the bench.
    first_port: port of the first instrument, the others follow in the order of the bench; 0 takes any free ports.
    Raises AddressError for an unknown host or ports beyond 65535, and on entering for an address that is taken.
    """

    def __init__(
        self, bench: EmulatedBench, *, host: str = LOOPBACK, first_port: int = 0, limits: Limits | None = None
    ) -> None:
        if first_port + len(bench.ports) - 1 > LAST_PORT:
            raise AddressError(
                f"port {first_port} given for the first of {len(bench.ports)} instruments; the last port is "
                f"{LAST_PORT}: give {LAST_PORT + 1 - len(bench.ports)} or less, or 0 for any free ports"
            )
        self.address = _resolve(host)
        """The IPv4 address of `host`."""
        self.ports: dict[str, int] = {}
        """TCP port of each instrument, by its name; empty while nothing is offered."""
        self._bench, self._first_port, self._limits = bench, first_port, limits or Limits()
        self._listeners: list[asyncio.Server] = []
        self._clients: set[asyncio.Task[None]] = set()
        self._accepting = False

    @property
    def loopback(self) -> bool:
        """Whether only programs on this computer reach the ports."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def resources(self) -> dict[str, str]:
        """VISA resource name of each instrument; this computer's name stands for "all addresses" (0.0.0.0)."""
        everywhere = ipaddress.ip_address(self.address).is_unspecified
        host = socket.gethostname() if everywhere else self.address
        return {name: f"TCPIP0::{host}::{port}::SOCKET" for name, port in self.ports.items()}

    async def __aenter__(self) -> Self:
        self._accepting = True
        try:
            for index, name in enumerate(self._bench.ports):
                await self._listen(name, self._first_port + index if self._first_port else 0)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stop()

    async def _listen(self, name: str, port: int) -> None:
        accept = functools.partial(self._accept, name)
        try:
            listener = await asyncio.start_server(accept, self.address, port, limit=_CHUNK)
        except OSError as error:
            raise AddressError(
                f"cannot listen on {self.address}:{port} for {name} ({os.strerror(error.errno or 0)}): give an address "
                "of this computer, and another first port, or 0 for any free ports"
            ) from None
        self._listeners.append(listener)
        self.ports[name] = int(listener.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        """Close every port and every connection, and wait until it is so."""
        self._accepting = False
        for listener in self._listeners:
            listener.close()
        while self._clients:
            for client in self._clients:
                client.cancel()
            await asyncio.wait(self._clients)
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()
        self.ports.clear()

    def _accept(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._accepting:  # it came through while the port was being closed
            writer.transport.abort()
            return
        client = asyncio.create_task(self._serve_client(name, reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve_client(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port, session = self._bench.ports[name], next(_handles)
        peer = "{}:{}".format(*writer.get_extra_info("peername", ("?", "?"))[:2])
        writer.transport.set_write_buffer_limits(high=0)  # a reply has left before the next message is looked at
        port.attach(session)
        _log.info("%s: %s connected", name, peer)
        try:
            await self._converse(port, session, reader, writer)
            level, outcome = logging.INFO, "went"
        except OSError as error:
            level, outcome = logging.INFO, f"was lost: {error}"
        except _RefusedError as reason:
            level, outcome = logging.WARNING, f"is disconnected: {reason}"
        finally:
            port.detach(session)
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        _log.log(level, "%s: %s %s", name, peer, outcome)

    async def _converse(
        self, port: BusPort, session: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry out messages and send replies until the client ends; what it left unfinished is forgotten."""
        unfinished = bytearray()
        while chunk := await reader.read(_CHUNK):
            unfinished += chunk
            if b"\n" in chunk:  # nothing else ends a message on a stream
                blocks = port.instrument.binary_blocks
                for message in take_messages(unfinished, end=False, stream=True, blocks=blocks):
                    await self._send(writer, self._exchange(port, session, message))
                    await asyncio.sleep(0)  # now the others
            if len(unfinished) > self._limits.message:
                raise _RefusedError(f"its message exceeds {self._limits.message} bytes and has not come to an end")

    def _exchange(self, port: BusPort, session: int, message: bytes) -> bytes:
        """One message and its whole reply, empty if there is none; nobody else comes in between."""
        with self._bench.lock:
            try:
                port.write(session, message + b"\n", end=False, stream=True)
                return port.read(session, port.bytes_waiting, math.inf).data if port.bytes_waiting else b""
            except BusError as error:
                raise _RefusedError(f"the bus refuses ({type(error).__name__})") from None

    async def _send(self, writer: asyncio.StreamWriter, reply: bytes) -> None:
        writer.write(reply)
        while left := writer.transport.get_write_buffer_size():
            try:
                async with asyncio.timeout(self._limits.patience):
                    await writer.drain()
            except TimeoutError:
                if writer.transport.get_write_buffer_size() == left:
                    raise _RefusedError(
                        f"it has read nothing for {self._limits.patience:g} s while {left} bytes of a reply wait"
                    ) from None


def _resolve(host: str) -> str:
    """IPv4 address of a host name or address."""
    try:
        return socket.gethostbyname(host)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"host {host!r} given, which has no IPv4 address here ({error}); try {LOOPBACK}") from None
