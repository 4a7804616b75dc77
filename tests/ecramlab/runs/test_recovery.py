"""Recovery: seals what the dead left, leaves the living and the foreign alone, and can be repeated."""

import json
import shutil
from pathlib import Path

import h5py
import pytest

from ecramlab.runs import RunFileError, RunWriter, open_run, recover, sealing
from ecramlab.runs.lock import LockHeld, RunLock, is_held


class Death(BaseException):
    """The end of the program, at a moment of the test's choosing."""


def die(*_arguments, **_keywords):
    raise Death


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


@pytest.fixture
def dead(new_writer, row) -> RunWriter:
    """A run of 120 rows whose writer died."""
    writer = new_writer()
    writer.append([row(k) for k in range(120)])
    writer.sync()
    writer.abandon()
    return writer


def test_a_dead_run_is_sealed(dead, tmp_path, check_rows):
    outcomes = recover(tmp_path)
    (name,) = outcomes
    assert str(outcomes[name]) == "recovered: 120 rows kept, 0 incomplete ones dropped"
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.h5"]
    with open_run(tmp_path / f"{name}.h5") as run:
        assert check_rows(run) == 120
        assert (run.status, run.run_id) == ("recovered", dead.run_id)
        assert "without sealing" in run.status_reason
        run.verify()


def test_recovery_can_be_repeated(dead, tmp_path):
    recover(tmp_path)
    before = snapshot(tmp_path)
    assert recover(tmp_path) == {}
    assert snapshot(tmp_path) == before


def test_incomplete_rows_are_cut_and_counted(dead, tmp_path, check_rows):
    with h5py.File(dead.path, "r+", libver=("v110", "v110")) as file:
        file["entry/rows/conductance"].resize((125,))  # as if it had died before the axis was written
    (outcome,) = recover(tmp_path).values()
    assert outcome.detail == "120 rows kept, 5 incomplete ones dropped"
    with open_run(next(tmp_path.glob("*.h5"))) as run:
        assert check_rows(run) == 120


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("ecramlab.runs.sealing._add_ending", {".live.h5", ".h5.part", ".lock"}),
        ("ecramlab.runs.sealing.verify", {".live.h5", ".h5.part", ".lock"}),
        ("pathlib.Path.replace", {".live.h5", ".h5.part", ".lock"}),
        ("ecramlab.runs.disk.sync_folder", {".live.h5", ".h5", ".lock"}),
        ("ecramlab.runs.lock.RunLock.release", {".h5", ".lock"}),
    ],
)
def test_death_while_sealing_is_healed(new_writer, row, tmp_path, monkeypatch, check_rows, step, left):
    writer = new_writer()
    writer.append([row(k) for k in range(60)])
    with monkeypatch.context() as patch:
        patch.setattr(step, die)
        with pytest.raises(Death):
            writer.seal("complete")
    writer.abandon()  # the kernel drops the lock of the dead
    assert {path.name.rpartition(writer.run_id[:6])[2] for path in tmp_path.iterdir()} == left
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == ("cleaned up" if ".h5" in left else "recovered")
    (final,) = tmp_path.iterdir()
    with open_run(final) as run:
        assert check_rows(run) == 60
        assert run.status == ("complete" if ".h5" in left else "recovered")
        run.verify()


def test_a_living_writer_is_left_alone(start_writer, tmp_path):
    child = start_writer("stepwise", tmp_path)
    live = Path(child.stdout.readline().strip())
    child.stdin.write("rows\n")
    child.stdin.flush()
    assert child.stdout.readline() == "100\n"
    before = snapshot(tmp_path)
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "left alone"
    assert f"process {child.pid} on" in outcome.detail
    assert snapshot(tmp_path) == before
    with open_run(live) as run:
        assert run.status == "running"


def test_a_run_of_another_computer_is_left_alone(dead, tmp_path):
    lock = tmp_path / dead.path.name.replace(".live.h5", ".lock")
    lock.write_text(json.dumps({"pid": 1, "host": "another-computer"}))
    before = snapshot(tmp_path)
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "left alone"
    assert "another-computer" in outcome.detail
    assert lock.name in outcome.detail  # the remedy
    assert snapshot(tmp_path) == before


def test_a_sealed_file_of_another_run_stops_it(dead, new_writer, tmp_path):
    other = new_writer(tmp_path / "other").seal("complete")
    shutil.copyfile(other, tmp_path / dead.path.name.replace(".live.h5", ".h5"))
    shutil.rmtree(tmp_path / "other")
    before = snapshot(tmp_path)
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "not recovered"
    assert "different runs" in outcome.detail
    assert snapshot(tmp_path) == before


def test_a_damaged_sealed_file_stops_it(dead, tmp_path):
    (tmp_path / dead.path.name.replace(".live.h5", ".h5")).write_bytes(b"\x89HDF\r\n\x1a\n cut off")
    before = snapshot(tmp_path)
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "not recovered"
    assert snapshot(tmp_path) == before


def test_a_file_that_cannot_be_opened_is_kept(tmp_path):
    live = tmp_path / "2026-01-01T00-00-00_a_b_123456.live.h5"
    live.write_bytes(b"")
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "not recovered"
    assert "not a readable HDF5 file" in outcome.detail
    assert "\n" not in str(outcome)
    assert live.read_bytes() == b""


def test_one_bad_run_does_not_stop_the_others(dead, tmp_path):
    (tmp_path / "2000-01-01T00-00-00_a_b_123456.live.h5").write_bytes(b"")
    assert [outcome.action for outcome in recover(tmp_path).values()] == ["not recovered", "recovered"]


def test_a_lock_without_a_run_is_removed(tmp_path):
    (tmp_path / "2026-01-01T00-00-00_a_b_123456.lock").write_text("")
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "cleaned up"
    assert list(tmp_path.iterdir()) == []


def test_two_writers_of_one_name(new_writer, row, check_rows, monkeypatch, tmp_path):
    monkeypatch.setattr("ecramlab.runs.writer.run_name", lambda *_: "2026-01-01T00-00-00_a_b_123456")
    first = new_writer()
    first.append([row(0)])
    with pytest.raises(LockHeld, match="held by process"):
        new_writer()
    first.append([row(1)])
    with open_run(first.seal("complete")) as run:
        assert check_rows(run) == 2
    before = snapshot(tmp_path)
    with pytest.raises(RunFileError, match="never writes over"):
        new_writer()
    after = snapshot(tmp_path)
    assert {name: after[name] for name in before} == before


def test_a_seal_never_writes_over_another_file(new_writer, row, tmp_path):
    writer = new_writer()
    final = tmp_path / writer.path.name.replace(".live.h5", ".h5")
    final.write_text("precious")
    with pytest.raises(RunFileError, match="exists already"):
        writer.seal("complete")
    assert final.read_text() == "precious"
    assert writer.path.exists()


def test_lock_is_exclusive_and_a_removed_one_is_not_taken(tmp_path):
    path = tmp_path / "a.lock"
    lock = RunLock.acquire(path)
    assert is_held(path)
    with pytest.raises(LockHeld):
        RunLock.acquire(path)
    lock.release(remove=True)
    lock.release(remove=True)
    assert not path.exists()
    assert not is_held(path)
    again = RunLock.acquire(path)
    assert is_held(path)
    again.release(remove=False)
    assert not is_held(path)
    assert path.exists()


def test_sealing_needs_a_run_file(tmp_path):
    from datetime import datetime

    from ecramlab.runs.naming import RunPaths

    paths = RunPaths(tmp_path, "a_b_c_d")
    with h5py.File(paths.live, "w", libver=("v110", "v110")) as file:
        file["x"] = 1.0
    with pytest.raises(RunFileError, match="not a run file"):
        sealing.seal_file(paths, sealing.Ending("complete", "", datetime.now().astimezone(), {}))
    assert [path.name for path in tmp_path.iterdir()] == [paths.live.name]
