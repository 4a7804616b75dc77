"""A writer in a process of its own, for tests that kill it, follow it or fill its disk.

    python writer_process.py MODE FOLDER [ARGUMENT]

Row k of a run is `row(k)`, so that whoever reads the file can check every value.
"""

import contextlib
import math
import sys
from pathlib import Path

from ecramlab.columns import STATUS, TIME, Column, choice_column
from ecramlab.runs import InstrumentRecord, Provenance, RunFileError, RunWriter, SampleRecord

COLUMNS = (
    TIME,
    choice_column("phase", "part of the sequence", ("start", "potentiation", "depression")),
    Column("conductance", "S", "channel conductance"),
    Column("gate_current", "A", "gate current"),
    STATUS,
)
PROVENANCE = Provenance(
    sample=SampleRecord("W07-C3", rows=8, columns=8, limits={"gate_voltage": 5.0}),
    instruments=[
        InstrumentRecord(
            "smu",
            "smu",
            "Maker,Model,1,2",
            "GPIB0::26::INSTR",
            "driver",
            "1",
            "emulated",
            settings_before={"nplc": 1.0},
        )
    ],
    parameters={"pulse": {"amplitude": 4.0, "width": 1e-3}},
    bench_file="sample: W07-C3  # Ω\n",
    emulation={"device": "kim2019", "faults": []},
    seed=7,
)


def row(k: int) -> dict[str, float]:
    current = math.nan if k % 2 else 1e-9 * k
    return {"time": 0.01 * k, "phase": k % 3, "conductance": 1e-6 + 1e-9 * k, "gate_current": current, "status": k % 8}


def new_writer(folder: Path, **settings: object) -> RunWriter:
    facts = {"experiment": "potentiation-depression", "title": "P/D", "columns": COLUMNS, "provenance": PROVENANCE}
    return RunWriter.create(folder, **{**facts, **settings})


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def fast(folder: Path, count: str) -> None:
    """Rows in blocks of ten, and events; says how many rows are handed over and how many safe. Then seals."""
    writer = new_writer(folder)
    for k in range(0, int(count), 10):
        writer.append([row(n) for n in range(k, k + 10)])
        if k % 500 == 0:
            writer.event("warning", "long text, Ω " * 100)
        say(writer.rows, writer.rows_on_disk)
    say("sealing")
    writer.seal("complete")


def stepwise(folder: Path) -> None:
    """One kind of write for each line on stdin."""
    writer = new_writer(folder)
    say(writer.path)
    for line in sys.stdin:
        match line.strip():
            case "rows":
                writer.append([row(n) for n in range(writer.rows, writer.rows + 100)])
                writer.flush()
            case "event":
                writer.event("error", "trace, Ω " * 200)
            case "sync":
                writer.sync()
        say(writer.rows)
    writer.abandon()


def full_disk(folder: Path, limit: str) -> None:
    """Writes until files may not grow any more."""
    writer = new_writer(folder)
    _limit_file_size(int(limit))
    try:
        while True:
            writer.append([row(n) for n in range(writer.rows, writer.rows + 1000)])
            writer.sync()
    except RunFileError as error:
        say(writer.rows_on_disk)
        say(error)
        with contextlib.suppress(RunFileError):
            writer.event("error", "must not reach the file")
        sys.exit(3)


def full_while_sealing(folder: Path, limit: str) -> None:
    """Has no room for the sealed copy although there seemed to be some."""
    from ecramlab.runs import hdf5, sealing

    def create_and_fill(file: hdf5.PatientFile) -> object:
        _limit_file_size(int(limit))
        return hdf5.create_sealed(file)

    writer = new_writer(folder)
    writer.append([row(n) for n in range(1000)])
    sealing.create_sealed = create_and_fill
    try:
        writer.seal("complete")
    except RunFileError as error:
        say(error)
        sys.exit(3)


def _limit_file_size(size: int) -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writes beyond the limit fail as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


if __name__ == "__main__":
    {"fast": fast, "stepwise": stepwise, "full_disk": full_disk, "full_while_sealing": full_while_sealing}[sys.argv[1]](
        Path(sys.argv[2]), *sys.argv[3:]
    )
