"""Whatever moment the writer dies at: rows that were safe stay, and everything that stays is right."""

import os
import random
import shutil
from pathlib import Path

import h5py
import pytest

from ecramlab.runs import open_run, recover, verify

RANDOM = random.Random(20260314)


@pytest.mark.parametrize("lines", [0, 1, 5, *(RANDOM.randrange(5, 600) for _ in range(4)), 799, 800])
def test_random_kill_loses_nothing_that_was_safe(start_writer, tmp_path, check_rows, lines):
    """8000 rows in 800 lines; 800 kills it while it seals, or after."""
    child = start_writer("fast", tmp_path, 8000)
    said = [child.stdout.readline().split() for _ in range(lines + 1)]
    child.kill()
    said += [line.split() for line in child.stdout.read().splitlines()]
    handed, safe = max(((int(words[0]), int(words[1])) for words in said if len(words) == 2), default=(0, 0))
    outcomes = recover(tmp_path)
    assert all(outcome.action in ("recovered", "cleaned up") for outcome in outcomes.values()), outcomes
    (final,) = tmp_path.iterdir()
    verify(final)
    with open_run(final) as run:
        assert safe <= check_rows(run) <= max(handed + 10, 8000 * (lines > 798))
        assert run.status in ("recovered", "complete")
        assert run.events[0].text == "run created"


def test_file_is_sound_after_every_call(new_writer, row, check_rows, tmp_path, monkeypatch):
    """A stand-in for kills at each write: a copy of the live file after every call that writes to it."""
    copies: list[tuple[Path, int]] = []
    writer = new_writer(tmp_path / "run")
    (tmp_path / "copies").mkdir()

    def copying(original):
        def call(*arguments, **keywords):
            result = original(*arguments, **keywords)
            copy = tmp_path / "copies" / f"{len(copies):03d}_a_b_c.live.h5"
            shutil.copyfile(writer.path, copy)
            copies.append((copy, writer.rows_on_disk))
            return result

        return call

    with monkeypatch.context() as patch:
        for name in ("resize", "__setitem__", "flush"):
            patch.setattr(h5py.Dataset, name, copying(getattr(h5py.Dataset, name)))
        for k in range(2):
            writer.append([row(n) for n in range(40 * k, 40 * k + 40)])
            writer.sync()
            writer.event("warning", f"{k} " + "Ω" * 400)
    assert len(copies) > 50
    for copy, safe in copies:
        with open_run(copy) as run:
            assert check_rows(run) >= safe
            assert run.events[0].text == "run created"
    copies = copies[::6]  # sealing all of them would take long
    for copy in set((tmp_path / "copies").iterdir()) - {path for path, _ in copies}:
        copy.unlink()
    outcomes = recover(tmp_path / "copies")
    assert {outcome.action for outcome in outcomes.values()} == {"recovered"}
    for copy, safe in copies:
        with open_run(copy) as run:
            assert run.path.suffixes == [".h5"]
            assert check_rows(run) >= safe
            run.verify()


def test_power_cut_keeps_what_was_synced(new_writer, row, check_rows, tmp_path, monkeypatch):
    """A stand-in for a power cut: the file as it was at the last fsync."""
    writer = new_writer(tmp_path / "run")
    after_cut = tmp_path / "2026-01-01T00-00-00_a_b_c.live.h5"
    original = os.fsync

    def fsync(descriptor: int) -> None:
        original(descriptor)
        shutil.copyfile(writer.path, after_cut)

    monkeypatch.setattr(os, "fsync", fsync)
    for k in range(5):
        writer.append([row(n) for n in range(100 * k, 100 * k + 100)])
        assert writer.sync() == 100 * (k + 1)
        with open_run(after_cut) as run:
            assert check_rows(run) == 100 * (k + 1)


@pytest.mark.parametrize("limit", [800_000, 1_500_000, 2_222_222])
def test_full_disk_is_one_sentence_and_keeps_the_rows(start_writer, tmp_path, check_rows, limit):
    child = start_writer("full_disk", tmp_path, limit)
    safe, sentence = child.communicate()[0].splitlines()
    assert child.returncode == 3  # not a segmentation fault at the exit of the interpreter
    assert "writing failed" in sentence
    assert "File too large" in sentence
    (live,) = tmp_path.glob("*.live.h5")
    with open_run(live) as run:
        assert check_rows(run) >= int(safe) > 0
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "recovered"
    with open_run(next(tmp_path.glob("*.h5"))) as run:
        assert check_rows(run) >= int(safe)


@pytest.mark.parametrize("limit", [4096, 20_000, 50_000])
def test_disk_full_while_sealing_keeps_the_live_file(start_writer, tmp_path, check_rows, limit):
    child = start_writer("full_while_sealing", tmp_path, limit)
    (sentence,) = child.communicate()[0].splitlines()
    assert child.returncode == 3
    assert "sealing failed ([Errno 27] File too large); the live file stays" in sentence
    (outcome,) = recover(tmp_path).values()
    assert outcome.action == "recovered"
    (final,) = tmp_path.iterdir()
    with open_run(final) as run:
        assert check_rows(run) == 1000
