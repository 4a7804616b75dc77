"""The emulated bench over TCP: real sockets on 127.0.0.1, waits bounded by socket timeouts."""

import contextlib
import logging
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
import yaml

from ecramlab import bench_file
from ecramlab.emulation import build_bench
from emulator import Harness, VirtualClock
from sim_instruments.bench import EmulatedBench
from sim_instruments.server import AddressError, BenchServer, Limits
from tests.sim_instruments.served_bench import PATIENCE, serving
from tests.sim_instruments.toy_instrument import Toy

IDENTITY = b"ECRAMLAB,TOY,1,0.1\n"
QUIET = ("device_spread", "cycle_noise", "read_noise", "instrument_noise", "instrument_accuracy")


class Talker(Toy):
    """Answers everything with more than the buffers of a connection hold."""

    reply = b"x" * (32 << 20) + b"\n"

    def execute(self, message: bytes) -> bytes | None:
        return self.reply


def toys() -> EmulatedBench:
    harness = Harness(VirtualClock())
    return EmulatedBench(harness, {"toy": Toy(harness), "talker": Talker(harness)}, {})


class Client:
    """A program that speaks plain sockets."""

    def __init__(self, server: BenchServer, name: str = "toy") -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.ports[name]), timeout=PATIENCE)
        self.replies = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.replies.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, message: bytes) -> bytes:
        self.send(message + b"\n")
        return self.replies.readline()

    def is_closed(self) -> bool:
        """Whether the server has hung up: end of file, or a reset when it threw input away."""
        try:
            return self.replies.read() == b""
        except ConnectionResetError:
            return True


class Notes(logging.Handler):
    """What the server logs, to be waited for."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.queue: queue.Queue[str] = queue.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.queue.put(record.getMessage())

    def wait_for(self, words: str) -> str:
        while words not in (note := self.queue.get(timeout=PATIENCE)):
            pass
        return note


@pytest.fixture
def notes(caplog: pytest.LogCaptureFixture) -> Iterator[Notes]:
    logger, handler = logging.getLogger("sim_instruments.server"), Notes()
    caplog.set_level(logging.INFO, logger.name)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def bench() -> EmulatedBench:
    return toys()


@pytest.fixture
def server(bench: EmulatedBench) -> Iterator[BenchServer]:
    with serving(bench) as running:
        yield running


def test_every_instrument_has_a_port_named_as_visa_names_it(server: BenchServer) -> None:
    assert list(server.resources) == ["toy", "talker"]
    for name, resource in server.resources.items():
        assert resource == f"TCPIP0::127.0.0.1::{server.ports[name]}::SOCKET"
    assert len(set(server.ports.values())) == 2
    with Client(server) as client:
        assert client.ask(b"*IDN?") == IDENTITY


def test_many_clients_at_once_each_get_their_own_replies(server: BenchServer) -> None:
    def converse(number: int, wrong: list[bytes]) -> None:
        size = b"%d" % (10 + number)
        expected = b"#2" + size + bytes(range(10 + number)) + b"\n"
        with Client(server) as client:
            for _ in range(10):
                client.send(b":DATA? " + size + b"\n*IDN?\n")
                wrong += [reply for reply in [client.replies.read(len(expected))] if reply != expected]
                wrong += [reply for reply in [client.replies.readline()] if reply != IDENTITY]

    wrong: list[bytes] = []
    threads = [threading.Thread(target=converse, args=(number, wrong)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert wrong == []


def test_settings_are_shared_but_unfinished_input_is_not(server: BenchServer) -> None:
    with Client(server) as one, Client(server) as other:
        one.send(b"VOLT 1")
        assert other.ask(b"VOLT?") == b"0\n"
        assert one.ask(b".5;VOLT?") == b"1.5\n"
        assert other.ask(b"VOLT?") == b"1.5\n"


def test_a_message_may_come_in_any_pieces(bench: EmulatedBench, server: BenchServer) -> None:
    with Client(server) as client, Client(server) as other:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"\r\n:DATA x,#15a\nb;c\r\n*IDN?\r\n":
            client.send(bytes([byte]))
            assert other.ask(b"VOLT?") == b"0\n"  # by now the byte has been taken, alone
        assert client.replies.readline() == IDENTITY
    assert bench.instruments["toy"].seen == (b"x", b"a\nb;c")  # type: ignore[attr-defined]


def test_messages_may_be_sent_ahead_of_their_replies(server: BenchServer) -> None:
    with Client(server) as client:
        client.send(b"*IDN?\nVOLT 2\nVOLT?\nSYST:ERR?\n")
        client.socket.shutdown(socket.SHUT_WR)  # whoever has asked everything still gets every reply
        assert client.replies.read() == IDENTITY + b'2\n+0,"No error"\n'


def test_time_is_virtual(bench: EmulatedBench, server: BenchServer) -> None:
    with Client(server) as client:
        assert client.ask(b":SLOW? 36000") == b"done\n"  # ten hours, within the timeout of the socket
    assert bench.clock.now == pytest.approx(36000.0)


def test_who_drops_mid_message_leaves_nothing(bench: EmulatedBench, server: BenchServer, notes: Notes) -> None:
    with Client(server) as stays:
        assert stays.ask(b"VOLT 1;VOLT?") == b"1\n"
        stays.send(b"VOLT ")
        with Client(server) as client:
            client.send(b"VOLT 7")
        notes.wait_for("went")
        assert stays.ask(b"3;VOLT?") == b"3\n"  # its own input was kept
        with Client(server) as client:
            assert client.ask(b"SYST:ERR?") == b'+0,"No error"\n'
    notes.wait_for("went")
    notes.wait_for("went")
    assert bench.session_count == 0
    assert bench.instruments["toy"].clears == 0  # type: ignore[attr-defined]


def test_a_connection_that_breaks_harms_nobody(bench: EmulatedBench, server: BenchServer, notes: Notes) -> None:
    with Client(server) as stays:
        with Client(server) as client:
            client.ask(b"*IDN?")
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset on close
            client.send(b"VOLT 7")
        notes.wait_for("was lost")
        assert stays.ask(b"VOLT?") == b"0\n"


def test_an_endless_line_ends_the_connection(bench: EmulatedBench, notes: Notes) -> None:
    with serving(bench, limits=Limits(message=100_000)) as server, Client(server) as stays, Client(server) as client:
        with contextlib.suppress(ConnectionError):
            client.send(b"x" * 300_000)
        assert client.is_closed()
        assert "exceeds 100000 bytes" in notes.wait_for("is disconnected")
        assert stays.ask(b"SYST:ERR?") == b'+0,"No error"\n'


def test_a_long_message_below_the_limit_is_carried_out(bench: EmulatedBench) -> None:
    payload = bytes(k % 251 for k in range(300_000))
    with serving(bench, limits=Limits(message=300_100)) as server, Client(server) as client:
        assert client.ask(b":DATA x,#6300000" + payload + b"\n*IDN?") == IDENTITY
    assert bench.instruments["toy"].seen == (b"x", payload)  # type: ignore[attr-defined]


def test_who_does_not_read_is_disconnected_and_holds_nobody_up(bench: EmulatedBench, notes: Notes) -> None:
    with serving(bench, limits=Limits(patience=0.3)) as server, Client(server, "talker") as client:
        client.send(b"TALK?\n" * 1000)
        with Client(server) as other:
            assert other.ask(b"*IDN?") == IDENTITY
        assert "has read nothing for 0.3 s" in notes.wait_for("is disconnected")
        with contextlib.suppress(ConnectionResetError):
            assert len(client.replies.read()) < len(Talker.reply)


def test_a_long_reply_reaches_who_reads(server: BenchServer) -> None:
    with Client(server, "talker") as client:
        assert client.ask(b"TALK?") == Talker.reply


def test_faults_of_the_bench_come_through(bench: EmulatedBench, server: BenchServer, notes: Notes) -> None:
    bench.ports["toy"].drop_replies(after=0)
    with Client(server) as client:
        client.send(b"*IDN?\n")
        assert client.ask(b"VOLT?") == b"0\n"
        bench.ports["toy"].lose_connection()
        assert client.ask(b"*IDN?") == b""
    assert "ConnectionLostError" in notes.wait_for("is disconnected")
    with Client(server) as again:
        assert again.ask(b"*IDN?") == IDENTITY


def test_the_stop_closes_ports_and_connections(bench: EmulatedBench) -> None:
    with serving(bench) as server:
        idle, reading, deaf = Client(server), Client(server), Client(server, "talker")
        reading.ask(b"*IDN?")
        deaf.send(b"TALK?\n")
        deaf.replies.read(1)  # the reply is on its way, most of it still in the server
        ports = list(server.ports.values())
    assert idle.is_closed()
    assert reading.is_closed()
    for client in (idle, reading, deaf):
        client.__exit__()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    assert bench.session_count == 0
    assert server.ports == {}


def listening_pair() -> tuple[socket.socket, socket.socket]:
    """Two listeners on neighbouring ports, below those that systems give to port 0."""
    for port in range(20_000, 32_000, 2):
        with contextlib.suppress(OSError), contextlib.ExitStack() as bound:
            first, second = (bound.enter_context(socket.create_server(("127.0.0.1", port + k))) for k in range(2))
            bound.pop_all()
            return first, second
    raise AssertionError("no two free ports side by side")


def test_ports_follow_the_first_one(bench: EmulatedBench) -> None:
    first, second = listening_pair()
    port = first.getsockname()[1]
    first.close()
    with (
        second,
        pytest.raises(AddressError, match=f"{port + 1} .*Address already in use"),
        serving(bench, first_port=port),
    ):
        pass
    with serving(bench, first_port=port) as server:  # and the first one was given back
        assert server.ports == {"toy": port, "talker": port + 1}


def test_addresses_that_cannot_be_are_refused(bench: EmulatedBench) -> None:
    with pytest.raises(AddressError, match="give 65534 or less"):
        BenchServer(bench, first_port=65535)
    with pytest.raises(AddressError, match="no IPv4 address"):
        BenchServer(bench, host="::1")


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False), ("", False)]
)
def test_only_loopback_is_private(bench: EmulatedBench, host: str, loopback: bool) -> None:
    assert BenchServer(bench, host=host).loopback is loopback


@pytest.fixture
def chip_server(tmp_path: Path) -> Iterator[BenchServer]:
    """The shipped single-device bench with the device of Kim 2019 and without anything random."""
    document = yaml.safe_load(bench_file.shipped()["single-device"].read_text(encoding="utf-8"))
    document["emulation"] |= {"device": "kim2019", **dict.fromkeys(QUIET, False)}
    path = tmp_path / "single.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with serving(build_bench(path)) as running:
        yield running


def test_a_pulse_through_one_port_is_read_through_another(chip_server: BenchServer) -> None:
    with Client(chip_server, "pulser") as pulser, Client(chip_server, "smu") as smu:
        smu.send(b"smua.source.levelv = 0.1 smua.source.output = 1\n")
        before = float(smu.ask(b"print(smua.measure.i())"))
        pulser.send(b"OUTP1:LOAD INF;:FUNC PULS;:VOLT:HIGH 4;LOW 0;:FUNC:PULS:WIDT 1E-7\n")
        pulser.send(b"TRIG1:SOUR BUS;:BURS:NCYC 100;STAT ON;:OUTP1 ON\n*TRG\n")
        assert pulser.ask(b"*OPC?") == b"1\n"
        assert pulser.ask(b"SYST:ERR?") == b'+0,"No error"\n'
        after = float(smu.ask(b"print(smua.measure.i())"))
    assert before == pytest.approx(0.1 * 1.5e-6, rel=0.01)  # Gmin of Kim 2019
    assert after > 1.05 * before


def test_scripts_and_binary_blocks_of_tsp(chip_server: BenchServer) -> None:
    with Client(chip_server, "smu") as smu:
        smu.send(b"loadscript twice\nfunction twice(x)\n  return 2 * x -- #19\nend\nends")
        smu.send(b"cript\ntwice.run()\nprint(twice(21))\n")
        assert float(smu.replies.readline()) == 42.0
        smu.send(b"smua.source.levelv = 0.1 smua.source.output = 1 smua.nvbuffer1.collectsourcevalues = 1\n")
        smu.send(b"smua.measure.i(smua.nvbuffer1) format.data = format.REAL32\n")
        smu.send(b"printbuffer(1, 1, smua.nvbuffer1.sourcevalues)\n")
        block = smu.replies.read(7)
    assert (block[:2], block[-1:]) == (b"#0", b"\n")
    assert struct.unpack("<f", block[2:6])[0] == pytest.approx(0.1, rel=1e-3)


def test_pyvisa_py_works(server: BenchServer) -> None:
    import pyvisa

    manager = pyvisa.ResourceManager("@py")
    toy = manager.open_resource(server.resources["toy"], read_termination="\n", write_termination="\n", timeout=5000)
    try:
        assert isinstance(toy, pyvisa.resources.MessageBasedResource)
        assert toy.query("*IDN?") == IDENTITY.decode().strip()
        assert toy.query_binary_values(":DATA? 256", datatype="B") == list(range(256))
        toy.write("VOLT 2.5")
        assert toy.query("VOLT?") == "2.5"
    finally:
        toy.close()
        manager.close()
