"""Programs in processes of their own share one served bench: no reply goes to the wrong one, and the chip is one."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

# A client: plain sockets and nothing of ours. Says the replies that were not its own.
CLIENT = """
import socket, sys

port, own, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with socket.create_connection(("127.0.0.1", port), timeout=60) as link, link.makefile("rb") as replies:
    print("ready", flush=True)
    sys.stdin.readline()
    wrong = []
    for k in range(count):
        link.sendall(f"print('{own}{k}')\\n".encode())
        reply = replies.readline().decode().strip()
        if reply != f"{own}{k}":
            wrong.append(reply)
print(len(wrong), wrong[:3])
"""


@contextmanager
def served(bench: str) -> Iterator[dict[str, int]]:
    """`ecramlab serve` in a process of its own -> TCP port of each instrument."""
    command = [sys.executable, "-m", "ecramlab", "serve", bench, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as program:
        try:
            assert program.stdout is not None
            rows = [program.stdout.readline().split() for _ in range(3)][1:]
            yield {name: int(resource.split("::")[2]) for name, _, resource in rows}
            program.send_signal(signal.SIGTERM)
            program.wait(PATIENCE)
        finally:
            program.kill()


def client(port: int, own: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CLIENT, str(port), own, "400"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_replies_reach_the_process_that_asked() -> None:
    with served("single-device") as ports:
        clients = [client(ports["smu"], own) for own in ("x", "y", "z")]
        ready = [each.stdout.readline() for each in clients if each.stdout]  # all are connected before the first asks
        for each in clients:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        outcomes = [each.communicate(timeout=PATIENCE)[0].strip() for each in clients]
    assert ready == ["ready\n"] * 3
    assert outcomes == ["0 []"] * 3
