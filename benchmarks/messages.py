"""Messages per second of the emulated bench: short queries and 10 000-point blocks, beside static pyvisa-sim and TCP.

The static side answers constants from a table. Ours parses each message, keeps the status model, and fetches the block
from the buffer of a simulated unit. The same PyVISA client talks to both; the third column is the emulated bench over
TCP (`ecramlab serve`), with the same client on pyvisa-py. Interleaved rounds, medians.
"""

import argparse
import asyncio
import contextlib
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pyvisa
from pyvisa.resources import MessageBasedResource

from ecramlab.emulation import twin
from sim_instruments.server import BenchServer

POINTS = 10_000
SMU, PULSER = "GPIB0::26::INSTR", "GPIB0::10::INSTR"
QUERIES = {"SCPI *IDN?": (PULSER, "*IDN?"), "SCPI level?": (PULSER, "SOUR1:VOLT:HIGH?"), "TSP print": (SMU, "print(1)")}
BLOCK = f"printbuffer(1, {POINTS}, smua.nvbuffer1.readings)"

BENCH = """
instruments:
  pulser: {driver: keysight_33622a, resource: "GPIB0::10::INSTR"}
  smu: {driver: keithley_2636b, resource: "GPIB0::26::INSTR"}
wiring: {pulser.1: chip.G0, smu.a: chip.D0, ground: chip.S0}
roles: {gate: pulser.1, drain: smu.a}
"""


def static_definition() -> str:
    """The same replies for plain pyvisa-sim, which has no binary data: the block is 10 000 numbers as text."""
    numbers = ", ".join(["1.00000e-07"] * POINTS)
    return f"""
spec: "1.1"
devices:
  generator:
    eom: {{GPIB INSTR: {{q: "\\n", r: "\\n"}}}}
    dialogues: [{{q: "*IDN?", r: "Agilent Technologies,33622A,MY1,1"}}, {{q: "SOUR1:VOLT:HIGH?", r: "+1.0E-01"}}]
  smu:
    eom: {{GPIB INSTR: {{q: "\\n", r: "\\n"}}}}
    dialogues: [{{q: "print(1)", r: "1.00000e+00"}}, {{q: "{BLOCK}", r: "{numbers}"}}]
resources:
  GPIB0::10::INSTR: {{device: generator}}
  GPIB0::26::INSTR: {{device: smu}}
"""


@contextlib.contextmanager
def served(path: Path) -> Iterator[dict[str, str]]:
    """The emulated bench over TCP -> VISA resource names by instrument."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = BenchServer(twin(path))
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    try:
        yield server.resources
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def opened(manager: pyvisa.ResourceManager, name: str) -> MessageBasedResource:
    resource = manager.open_resource(name, read_termination="\n", write_termination="\n", chunk_size=1 << 20)
    assert isinstance(resource, MessageBasedResource)
    resource.timeout = 60_000
    return resource


def fill_buffer(smu: MessageBasedResource) -> None:
    smu.write("smua.measure.rangei = 1e-6 smua.measure.nplc = 0.001 smua.measure.autozero = 0 smua.source.output = 1")
    smu.write(f"smua.measure.count = {POINTS} smua.nvbuffer1.clear() smua.measure.i(smua.nvbuffer1)")
    assert float(smu.query("print(smua.nvbuffer1.n)")) == POINTS
    smu.write("format.data = format.REAL32")


def queries_per_second(resource: MessageBasedResource, message: str, count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        resource.query(message)
    return count / (time.perf_counter() - started)


def text_block(resource: MessageBasedResource) -> float:
    """Blocks per second, as text."""
    started = time.perf_counter()
    values = resource.query_ascii_values(BLOCK)
    seconds = time.perf_counter() - started
    assert len(values) == POINTS
    return 1.0 / seconds


def binary_block(resource: MessageBasedResource) -> float:
    """Blocks per second, as REAL32; the block has no stated length and ends with END, or over TCP after its bytes."""
    started = time.perf_counter()
    resource.write(BLOCK)
    data = resource.read_bytes(2 + 4 * POINTS + 1)
    seconds = time.perf_counter() - started
    assert data[:2] == b"#0"
    return 1.0 / seconds


def report(label: str, unit: str, figures: list[tuple[float, float, float]]) -> None:
    ours, static, tcp = (statistics.median(column) for column in zip(*figures, strict=True))
    ratio = statistics.median(row[0] / row[1] for row in figures)
    print(f"  {label:22} {ours:10.0f} {static:12.1f} {tcp:10.0f}  {unit:10} ratio {ratio:7.1f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=9, help="interleaved rounds (default: 9)")
    arguments.add_argument("--queries", type=int, default=1000, help="queries a round (default: 1000)")
    given = arguments.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("pyvisa", "pyvisa-sim", "pyvisa-py", "lupa"))
    print(f"{platform.machine()}, Python {sys.version.split()[0]}, {packages}")
    print(f"medians of {given.rounds} interleaved rounds; ratio: emulated bench / static pyvisa-sim")
    print(f"  {'':22} {'emulated':>10} {'static sim':>12} {'over TCP':>10}")
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), given.rounds, given.queries)


def measure(folder: Path, rounds: int, queries: int) -> None:
    bench, static = folder / "bench.yaml", folder / "static.yaml"
    bench.write_text(BENCH)
    static.write_text(static_definition())
    with served(bench) as tcp_names, contextlib.ExitStack() as stack:
        managers = [pyvisa.ResourceManager(library) for library in (f"{bench}@ecramlab", f"{static}@sim", "@py")]
        for manager in managers:
            stack.callback(manager.close)
        units = {
            PULSER: [opened(m, n) for m, n in zip(managers, (PULSER, PULSER, tcp_names["pulser"]), strict=True)],
            SMU: [opened(m, n) for m, n in zip(managers, (SMU, SMU, tcp_names["smu"]), strict=True)],
        }
        for label, (address, message) in QUERIES.items():
            figures = [tuple(queries_per_second(u, message, queries) for u in units[address]) for _ in range(rounds)]
            report(label, "queries/s", figures)  # type: ignore[arg-type]
        fill_buffer(units[SMU][0])
        blocks: tuple[Callable[[MessageBasedResource], float], ...] = (binary_block, text_block, binary_block)
        figures = [tuple(read(u) for read, u in zip(blocks, units[SMU], strict=True)) for _ in range(rounds)]
        report(f"block of {POINTS}", "blocks/s", figures)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
