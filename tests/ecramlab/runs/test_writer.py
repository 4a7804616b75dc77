"""The writer: pace, what is safe, refusals."""

import json
import math
import socket
from pathlib import Path

import h5py
import pytest

from ecramlab.columns import TIME, Column
from ecramlab.runs import DiskSpaceLow, RunFileError, disk, open_run


class FakeClock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return FakeClock()


def test_file_is_on_disk_before_the_first_row(new_writer, tmp_path):
    writer = new_writer()
    assert writer.path.name.endswith("_W07-C3_potentiation-depression_" + writer.run_id[:6] + ".live.h5")
    assert writer.path.stat().st_size > 0
    owner = json.loads((tmp_path / writer.path.name.replace(".live.h5", ".lock")).read_text())
    assert owner["host"] == socket.gethostname()
    assert owner["live"] == writer.path.name


def test_rows_are_forced_to_disk_every_half_second(new_writer, row, clock):
    writer = new_writer(clock=clock)
    safe = []
    for k in range(12):
        clock.now += 0.125
        writer.append([row(k)])
        safe.append(writer.rows_on_disk)
    assert safe == [0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12]
    assert writer.rows == 12


def test_a_row_a_minute_is_safe_at_once(new_writer, row, clock):
    writer = new_writer(clock=clock)
    for k in range(3):
        clock.now += 60.0
        writer.append([row(k)])
        assert writer.rows_on_disk == k + 1


def test_rows_reach_hdf5_every_tenth_of_a_second(new_writer, row, clock, monkeypatch):
    writer = new_writer(clock=clock)
    flushed = []
    original = h5py.Dataset.flush
    monkeypatch.setattr(h5py.Dataset, "flush", lambda self: (flushed.append((self.name, len(self))), original(self)))
    for k in range(4):
        clock.now += 0.0625
        writer.append([row(k)])
    times = [size for name, size in flushed if name == "/entry/rows/time"]
    assert times == [2, 4]
    assert flushed[4][0] == "/entry/rows/time"  # the axis last, so that its length counts complete rows


def test_an_event_makes_everything_safe(new_writer, row):
    writer = new_writer()
    writer.append([row(0)])
    writer.event("info", "operator touched the probe")
    assert writer.rows_on_disk == 1


def test_one_row_a_flush_writes_little(new_writer, row, clock):
    def written() -> int:
        lines = Path("/proc/self/io").read_text().splitlines()
        return int(dict(line.split(": ") for line in lines)["wchar"])

    writer = new_writer(clock=clock)
    writer.append([row(0)])
    writer.sync()
    before = written()
    for k in range(1, 21):
        clock.now += 0.11
        writer.append([row(k)])
    assert (written() - before) / 20 < 64 * 1024


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"current": 1.0}, "unknown \\['current'\\]"),
        ({"phase": 0.5}, "phase.*whole numbers"),
        ({"phase": math.nan}, "phase.*whole numbers"),
        ({"status": -1}, "status.*whole numbers from 0"),
        ({"status": 2**32}, "status.*whole numbers from 0"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_harm_nothing(new_writer, row, check_rows, change, sentence):
    writer = new_writer()
    writer.append([row(0)])
    with pytest.raises(ValueError, match=sentence):
        writer.append([row(1), {**row(2), **change}])
    writer.append([row(1)])
    with open_run(writer.seal("complete")) as run:
        assert check_rows(run) == 2


def test_a_missing_column_is_named(new_writer, row):
    short = row(0)
    del short["conductance"]
    with pytest.raises(ValueError, match=r"missing \['conductance'\]"):
        new_writer().append([short])


def test_nothing_can_be_written_after_the_end(new_writer, row):
    writer = new_writer()
    assert writer.seal("complete") == writer.path
    with pytest.raises(RunFileError, match="the run is over"):
        writer.append([row(0)])
    with pytest.raises(RunFileError, match="the run is over"):
        writer.seal("complete")


def test_an_abandoned_run_keeps_its_live_file(new_writer, row):
    writer = new_writer()
    writer.append([row(0)])
    writer.sync()
    writer.abandon()
    writer.abandon()
    assert writer.path.exists()
    with open_run(writer.path) as run:
        assert (run.rows, run.status) == (1, "interrupted")


def test_long_texts_are_continued_and_never_cut_inside_a_character(new_writer):
    text = "ab" + "Ω" * 1000  # 480 bytes end inside a character if counted blindly: 2 + 2 k bytes, then 3-byte ones
    texts = [text, "x" + text, "€" * 500, "", "lone \udc80 half"]
    writer = new_writer()
    for item in texts:
        writer.event("error", item)
    with open_run(writer.seal("complete")) as run:
        assert [event.text for event in run.events[1:-1]] == [*texts[:-1], "lone \\udc80 half"]
    with h5py.File(writer.path) as file:
        assert file["entry/events/text"].dtype.itemsize == 480
        assert h5py.check_string_dtype(file["entry/events/text"].dtype).encoding == "utf-8"


def test_a_level_that_is_too_long_is_refused(new_writer):
    writer = new_writer()
    with pytest.raises(ValueError, match="8 characters"):
        writer.event("catastrophe", "")
    writer.seal("complete")


def test_without_room_nothing_is_created(new_writer, tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "free_bytes", lambda _path: 300_000_000)
    new_writer(estimated_rows=1000).seal("complete")
    folder = tmp_path / "not yet there"
    with pytest.raises(DiskSpaceLow, match=r"300 MB free.*Free some space"):
        new_writer(folder, estimated_rows=1_000_000)  # 2 x 32 MB of rows and 256 MB
    assert not folder.exists()


def test_a_nearly_full_disk_ends_the_run_with_all_rows_safe(new_writer, row, check_rows, monkeypatch, clock):
    writer = new_writer(clock=clock)
    monkeypatch.setattr(disk, "free_bytes", lambda _path: 200_000_000)
    clock.now += 1.0
    with pytest.raises(DiskSpaceLow, match="200 MB free"):
        writer.append([row(0)])
    assert writer.rows_on_disk == 1
    with open_run(writer.seal("failed", "disk nearly full")) as run:  # 200 MB are enough for the copy
        assert check_rows(run) == 1


def test_too_little_room_to_seal_keeps_the_live_file(new_writer, row, monkeypatch):
    writer = new_writer()
    writer.append([row(0)])
    monkeypatch.setattr(disk, "free_bytes", lambda _path: 1000)
    with pytest.raises(DiskSpaceLow, match="sealing"):
        writer.seal("complete")
    assert writer.path.exists()
    with open_run(writer.path) as run:
        assert run.rows == 1


def test_a_failed_creation_leaves_nothing(new_writer, tmp_path, monkeypatch):
    monkeypatch.setattr("ecramlab.runs.writer.declare", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(RunFileError, match="no"):
        new_writer()
    assert list(tmp_path.iterdir()) == []


def test_after_a_failed_write_hdf5_is_never_called_again(new_writer, row, monkeypatch):
    writer = new_writer()
    writer.append([row(0)])
    writer.sync()
    calls = []

    def fail(self: h5py.Dataset, shape: object) -> None:
        calls.append(self.name)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(h5py.Dataset, "resize", fail)
    writer.append([row(1)])
    with pytest.raises(RunFileError, match=r"No space left on device.*1 rows are safe"):
        writer.sync()
    for attempt in (writer.sync, lambda: writer.append([row(2)]), lambda: writer.event("info", ""), writer.abandon):
        if attempt == writer.abandon:
            attempt()
        else:
            with pytest.raises(RunFileError, match="writing failed before"):
                attempt()
    with pytest.raises(RunFileError):
        writer.seal("failed")
    assert len(calls) == 1


@pytest.mark.parametrize("columns", [(TIME,), (TIME, TIME), (Column("a", "1", "a"), Column("b", "1", "b"))])
def test_columns_need_an_axis_and_something_to_plot(new_writer, tmp_path, columns):
    with pytest.raises(ValueError, match="'time' must be one"):
        new_writer(columns=columns)
    assert list(tmp_path.iterdir()) == []
