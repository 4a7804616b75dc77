"""`ecramlab serve` as a program of its own, and what it refuses."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ecramlab.cli import cli

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["serve", *arguments])


def ask(resource: str, message: bytes) -> bytes:
    """One query through the port that a VISA resource name gives."""
    port = int(resource.split("::")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as link, link.makefile("rb") as replies:
        link.sendall(message + b"\n")
        return replies.readline()


@pytest.mark.parametrize(("host", "ending"), [("127.0.0.1", signal.SIGTERM), ("0.0.0.0", signal.SIGINT)])
def test_a_parent_program_reads_the_table_and_ends_it(host: str, ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "ecramlab", "serve", "single-device", "--port", "0", "--host", host]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as program,
        socket.socket() as idle,
    ):
        try:
            assert program.stdout is not None
            table = [program.stdout.readline().split() for _ in range(3)]
            assert table[0] == ["Instrument", "Model", "Resource"]
            assert [row[:2] for row in table[1:]] == [["pulser", "keysight_33622a"], ["smu", "keithley_2636b"]]
            shown = host if host == "127.0.0.1" else socket.gethostname()
            assert all(row[2].startswith(f"TCPIP0::{shown}::") for row in table[1:])
            assert ask(table[1][2], b"*IDN?").split(b",")[1] == b"33622A"
            assert ask(table[2][2], b"smua.source.levelv = 0.125 print(smua.source.levelv)") == b"1.25000e-01\n"
            assert ask(table[2][2], b"print(smua.source.levelv)") == b"1.25000e-01\n"  # another connection, same chip
            idle.connect(("127.0.0.1", int(table[1][2].split("::")[2])))
            program.send_signal(ending)
            rest, errors = program.communicate(timeout=PATIENCE)
        finally:
            program.kill()
    assert program.returncode == 0, errors
    assert rest == ""
    assert "Traceback" not in errors
    assert ("not loopback" in errors) is (host == "0.0.0.0")


def test_help_teaches_pyvisa_and_plain_sockets() -> None:
    text = invoke("--help").output
    assert 'ResourceManager("@py")' in text
    assert "TCPIP0::127.0.0.1::5026::SOCKET" in text
    assert "tcpclient" in text


def test_addresses_that_cannot_be_used_are_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = invoke("single-device", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "Address already in use" in done.output
    assert "or 0 for any free ports" in done.output
    for arguments in (["--port", "65535"], ["--host", "::1"], ["--port", "-1"]):
        refused = invoke("single-device", *arguments)
        assert refused.exit_code == 2
        assert "Error:" in refused.output
    assert invoke("nowhere").exit_code == 2
