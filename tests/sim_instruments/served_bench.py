"""A bench behind its TCP server, in a thread that ends with the test."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from sim_instruments.bench import EmulatedBench
from sim_instruments.server import AddressError, BenchServer

PATIENCE = 10.0
"""What a test waits for at most [s of wall time]."""


@contextlib.contextmanager
def serving(bench: EmulatedBench, **options: Any) -> Iterator[BenchServer]:
    """A server in a thread of its own, stopped and joined at the end."""
    started: Future[tuple[BenchServer, Callable[[], object]]] = Future()

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with BenchServer(bench, **options) as server:
                started.set_result((server, lambda: loop.call_soon_threadsafe(stop.set)))
                await stop.wait()
        except AddressError as error:
            started.set_exception(error)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        server, stop_serving = started.result(PATIENCE)
        try:
            yield server
        finally:
            stop_serving()
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()
