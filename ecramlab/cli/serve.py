"""`ecramlab serve BENCH`: the emulated twin over TCP, for any program that speaks VISA or plain sockets."""

import asyncio
from typing import TYPE_CHECKING

import click
from typing_extensions import override

from ecramlab.bench_file import BenchFile
from ecramlab.cli.errors import RefusedRequest, told_in_a_sentence
from ecramlab.cli.options import bench_argument
from ecramlab.stop import StopRequest

if TYPE_CHECKING:
    from sim_instruments.server import BenchServer

_WARNING = (
    "Warning: {} is not loopback. Whoever reaches this computer can drive the emulated bench; there is no password."
)


@click.command()
@bench_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 means all.")
@click.option(
    "--port",
    "first_port",
    default=5025,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="FIRST",
    help="Port of the first instrument, the others follow; 0 takes any free ports.",
)
def command(bench: BenchFile, host: str, first_port: int) -> None:
    """Offer the emulated twin of a bench over TCP, until Ctrl-C or SIGTERM.

    Each instrument gets a raw SCPI socket, printed as a VISA resource name. All programs that connect, in any
    language and at the same time, share one emulated chip. It starts anew with every start of this command. Nothing
    takes wall time: a 10 s pulse is over when its message has been carried out.

    \b
    Example:
      ecramlab serve single-device --port 5025
        pulser  keysight_33622a  TCPIP0::127.0.0.1::5025::SOCKET
        smu     keithley_2636b   TCPIP0::127.0.0.1::5026::SOCKET

    \b
    From Python with PyVISA (pip install pyvisa-py; elsewhere the VISA library of the maker):
      import pyvisa
      smu = pyvisa.ResourceManager("@py").open_resource(
          "TCPIP0::127.0.0.1::5026::SOCKET", read_termination="\\n", write_termination="\\n")
      print(smu.query("*IDN?"))

    \b
    From MATLAB, LabVIEW, C or a shell: open the port, send lines that end with LF, read lines:
      smu = tcpclient("127.0.0.1", 5026); writeline(smu, "*IDN?"); readline(smu)
      printf '*IDN?\\n' | nc -N 127.0.0.1 5026

    Raw sockets carry no serial poll, no device clear and no triggers: use *STB? and *TRG.
    """
    from ecramlab.emulation import twin
    from sim_instruments.server import AddressError, BenchServer

    with told_in_a_sentence():
        emulated = twin(bench.path)
    try:
        server = BenchServer(emulated, host=host, first_port=first_port)
        asyncio.run(_serve(server, bench))
    except AddressError as error:
        raise RefusedRequest(str(error)) from None


async def _serve(server: "BenchServer", bench: BenchFile) -> None:
    from ecramlab.signals import ending_on_signals

    stop = _StopServing()
    with ending_on_signals(stop):
        async with server:
            click.echo(_table(server, bench))  # and flushes, for a program that waits for it
            click.echo("Ctrl-C ends it.", err=True)
            if not server.loopback:
                click.secho(_WARNING.format(server.address), fg="yellow", err=True)
            await stop.asked.wait()


class _StopServing(StopRequest):
    """A request to end that wakes the running event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @override
    def request(self, reason: str) -> None:
        super().request(reason)
        self._loop.call_soon_threadsafe(self.asked.set)


def _table(server: "BenchServer", bench: BenchFile) -> str:
    """One line an instrument: name, model, VISA resource name, in columns that no terminal width breaks."""
    rows = [("Instrument", "Model", "Resource")]
    rows += [(name, bench.instruments[name].driver, resource) for name, resource in server.resources.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{name:{widths[0]}}  {model:{widths[1]}}  {resource}" for name, model, resource in rows)
