"""Stands in for `ecramlab` in tests of the window: speaks the event stream, and misbehaves on request.

    python fake_program.py RECORD BEHAVIOUR run potentiation-depression --bench FILE … --events

RECORD gets one line for each call: its arguments as JSON. Standard library only.
"""

import json
import math
import select
import signal
import sys
from pathlib import Path

BRANCH = 50
CYCLES = 3
COLUMNS = [
    ("time", "s"), ("phase", "1"), ("cycle", "1"), ("pulse", "1"), ("gate_voltage", "V"), ("drain_voltage", "V"),
    ("gate_current", "A"), ("drain_current", "A"), ("conductance", "S"), ("pulse_amplitude", "V"), ("pulse_width", "s"),
    ("status", "1"),
]  # fmt: skip
FIGURES = {
    "g_min": {"value": 1.02e-6, "unit": "S", "label": "Lowest conductance"},
    "g_max": {"value": 4.61e-6, "unit": "S", "label": "Highest conductance"},
    "on_off": {"value": 4.52, "unit": "", "label": "On/off ratio"},
    "nonlinearity_up": {"value": 1.9, "unit": "", "label": "Nonlinearity u, potentiation"},
    "nonlinearity_down": {"value": 3.1, "unit": "", "label": "Nonlinearity u, depression"},
    "asymmetry": {"value": 0.12, "unit": "", "label": "Asymmetry, mean"},
    "c2c": {"value": 1.4, "unit": "%", "label": "Cycle-to-cycle spread"},
}


def say(event: str, **content: object) -> None:
    """One event on stdout."""
    sys.stdout.write(json.dumps({"event": event, **content}) + "\n")
    sys.stdout.flush()


def started(file: str, emulated: bool, total: int | None) -> None:
    say(
        "started", run_id="01TEST", file=file, experiment="potentiation-depression",
        title="Potentiation and depression", emulated=emulated, total=total,
        columns=[{"name": n, "unit": u, "long_name": n} for n, u in COLUMNS],
        instruments=[{"name": "smu", "role": "smu", "idn": "Keithley,2636B,1,4.0"}],
    )  # fmt: skip
    say("outputs", on=["pulser.1", "smu.a"])


def row(number: int) -> list[float | None]:
    """Row `number` of an endless P/D curve: start, then branches of 50 pulses, exponential both ways."""
    if number == 0:
        return [0.0, 0, 0, 0, None, 0.1, None, 1e-7, 1e-6, None, None, 0]
    branch, pulse = divmod(number - 1, BRANCH)
    up = branch % 2 == 0
    rise = (1 - math.exp(-3 * (pulse + 1) / BRANCH)) / (1 - math.exp(-3))
    conductance = 1e-6 + 3e-6 * (rise if up else 1 - rise)
    amplitude = 4.0 if up else -4.0
    phase = 1 if up else 2
    return [
        0.02 * number, phase, branch // 2, pulse + 1, amplitude, 0.1, 1e-9, 0.1 * conductance, conductance, amplitude,
        1e-3, 1 if number == 7 else 0,
    ]  # fmt: skip


def rows(first: int, count: int, total: int | None) -> None:
    block = [row(number) for number in range(first, first + count)]
    columns = {name: [line[at] for line in block] for at, (name, _) in enumerate(COLUMNS)}
    say("rows", first=first, columns=columns)
    done = first + count
    say("progress", done=done, total=total, seconds_left=None if total is None else (total - done) * 0.02, on_disk=done)


def finished(status: str, file: str, *, off: bool = True, reason: str = "") -> None:
    say("outputs", on=[] if off else ["pulser.1"])
    say(
        "finished",
        status=status,
        reason=reason,
        file=file,
        outputs_off=off,
        figures=FIGURES if status == "complete" else {},
    )


def until_told(file: str, total: int | None, stop_after: int | None = None) -> int:
    """Rows until SIGTERM or "abort" on stdin; with `stop_after`, no more rows after that many, but still listening."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    number, paused = 0, False
    while not told:
        if not paused and (stop_after is None or number < stop_after):
            rows(number, 5, total)
            number += 5
        ready, _, _ = select.select([sys.stdin], [], [], 0.01)
        line = sys.stdin.readline().strip() if ready else ""
        paused = {"pause": True, "resume": False}.get(line, paused)
        if line == "abort":
            break
    finished("aborted", file, reason="SIGTERM")
    return 130


def run(behaviour: str, file: str, emulated: bool) -> int:
    total = 1 + 2 * BRANCH * CYCLES
    if behaviour == "refuse":
        sys.stderr.write("Error: pulse.amplitude: 12 V is beyond the chip's limit of 5 V.\n")
        return 1
    if behaviour == "garbage":
        sys.stdout.write("Segmentation fault, or so\n[1, 2]\n{broken json\n" + 5000 * "x" + "\n\xff\n")
    started(file, emulated, total)
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        rows(0, 20, total)
        while True:
            signal.sigtimedwait([signal.SIGUSR1], 1)
    if behaviour in ("endless", "halfway"):
        return until_told(file, 100_000 if behaviour == "endless" else total, 190 if behaviour == "halfway" else None)
    for first in range(0, total, 43):
        rows(first, min(43, total - first), total)
    if behaviour == "vanish":
        return 0
    say("message", level="info", text="measured")
    finished("complete", file, off=behaviour != "unconfirmed")
    return 0


def main(record: str, behaviour: str, *arguments: str) -> int:
    with Path(record).open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if arguments[0] == "off":
        if behaviour == "off-fails":
            sys.stderr.write("smu: no answer\n")
            return 1
        sys.stdout.write("Every output is confirmed off.\n")
        return 0
    if arguments[0] == "check":
        sys.stdout.write("every instrument answers as expected\n")
        return 0
    return run("vanish" if behaviour == "off-fails" else behaviour, f"{record}.h5", "--emulate" in arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
