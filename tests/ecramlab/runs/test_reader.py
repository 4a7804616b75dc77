"""Readers: ours on live and sealed files, xarray and h5netcdf on sealed ones."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import h5netcdf
import numpy as np
import pytest
import xarray

from ecramlab.runs import RunFileError, RunWriter, find_run, list_runs, open_run
from ecramlab.runs.naming import RunPaths, run_name


def test_facts_of_a_run(sealed, made):
    with open_run(sealed) as run:
        assert run.experiment == "potentiation-depression"
        assert run.title == "P/D"
        assert run.axis == "time"
        assert run.parameters == {"pulse": {"amplitude": 4.0, "width": 1e-3}}
        assert run.emulated
        assert run.metadata["emulation"] == {"device": "kim2019", "faults": []}
        assert run.sample["limits"] == {"gate_voltage": 5.0}
        assert (run.sample["name"], run.sample["rows"]) == ("W07-C3", 8)
        assert run.instruments["smu"]["idn"] == "Maker,Model,1,2"
        assert run.instruments["smu"]["settings_before"] == {"nplc": 1.0}
        assert run.metadata["process"]["bench_file"] == made["PROVENANCE"].bench_file
        assert run.metadata["process"]["seed"] == 7
        assert run.metadata["process"]["packages"]["h5py"]
        assert set(run.columns) == {"time", "phase", "conductance", "gate_current", "status"}
        assert run.units == {"time": "s", "phase": "1", "conductance": "S", "gate_current": "A", "status": "1"}
        assert run.long_names["conductance"] == "channel conductance"
        assert run.column_info["phase"].attrs["flag_meanings"] == "start potentiation depression"
        assert [(event.level, event.text) for event in run.events] == [
            ("info", "run created"),
            ("warning", "compliance, Ω"),
            ("info", "end: complete"),
        ]
        assert abs(run.end_time - run.start_time) < timedelta(minutes=5)
        assert run.start_time.tzinfo is not None


def test_bench_file_fingerprint(sealed):
    with open_run(sealed) as run:
        # printf 'sample: W07-C3  # Ω\n' | sha256sum
        expected = "3950700123432c88bbed124cb728c135c941b1b19ae3a89d4137c28331253cd9"
        assert run.metadata["process"]["bench_file_sha256"] == expected


def test_a_real_bench_is_not_emulated(new_writer, made):
    from dataclasses import replace

    with open_run(new_writer(provenance=replace(made["PROVENANCE"], emulation=None)).seal("complete")) as run:
        assert not run.emulated


def test_nothing_secret_is_kept(sealed, monkeypatch):
    import os

    content = sealed.read_bytes()
    assert str(Path.home()).encode() not in content or str(Path.home()) == "/"
    for name, value in os.environ.items():
        if len(value) > 12 and name not in ("HOSTNAME",):
            assert value.encode() not in content, name


def test_an_unknown_column_is_a_key_error(sealed):
    with open_run(sealed) as run, pytest.raises(KeyError):
        run.columns["temperature"]


def test_columns_read_stay_after_closing(sealed):
    with open_run(sealed) as run:
        conductance = run.columns["conductance"]
    assert conductance[1] == pytest.approx(1.001e-6)


def test_a_run_without_rows_can_be_read(new_writer):
    with open_run(new_writer().seal("aborted", "Ctrl-C")) as run:
        assert run.rows == 0
        assert run.columns["conductance"].shape == (0,)
        assert (run.status, run.status_reason) == ("aborted", "Ctrl-C")


def test_a_writer_killed_before_its_first_event_leaves_a_readable_file(new_writer, monkeypatch):
    monkeypatch.setattr(RunWriter, "event", lambda *_: None)
    writer = new_writer()
    with open_run(shutil.copy(writer.path, writer.path.with_name("2026_a_b_c.live.h5"))) as run:
        assert (run.rows, run.events, run.status) == (0, [], "interrupted")


def test_another_process_is_followed_row_by_row(start_writer, tmp_path, check_rows):
    child = start_writer("stepwise", tmp_path)
    live = Path(child.stdout.readline().strip())

    def ask(what: str) -> int:
        child.stdin.write(what + "\n")
        child.stdin.flush()
        return int(child.stdout.readline())

    with open_run(live) as follower:
        assert (follower.rows, follower.status) == (0, "running")
        for what in ("rows", "event", "rows", "sync", "event", "event", "rows"):
            rows = ask(what)
            assert follower.refresh() == rows
            assert check_rows(follower) == rows
            with open_run(live) as newcomer:  # after every kind of write
                assert check_rows(newcomer) == rows
                assert len(newcomer.events) == len(follower.events)
        assert follower.events[-1].text == "trace, Ω " * 200
        assert len(follower.events) == 4
        assert follower.end_time is None


def test_either_name_of_a_run_opens_it(sealed):
    live_name = sealed.with_name(sealed.name.replace(".h5", ".live.h5"))
    with open_run(live_name) as run:
        assert run.path == sealed
    with pytest.raises(RunFileError, match="no such file"):
        open_run(sealed.with_name("2026_a_b_c.h5"))


def test_xarray_opens_a_sealed_run(sealed, row):
    """Warnings are errors in this suite: a dimension without scale would be one."""
    with xarray.open_dataset(sealed, engine="h5netcdf", group="entry/rows") as rows:
        assert rows["conductance"].dims == ("time",)
        assert rows["conductance"].attrs["units"] == "S"
        np.testing.assert_array_equal(rows["conductance"], [row(k)["conductance"] for k in range(300)])
        np.testing.assert_array_equal(rows["time"], [row(k)["time"] for k in range(300)])
    with xarray.open_datatree(sealed, engine="h5netcdf") as tree:
        assert str(tree["entry/sample/name"].values) == "W07-C3"
        assert tree["entry/events"].sizes["time"] == 3


def test_h5netcdf_opens_a_sealed_run(sealed):
    with h5netcdf.File(sealed, "r") as file:
        assert file["entry/rows"].dimensions["time"].size == 300
        assert set(file["entry/rows"].variables) == {"time", "phase", "conductance", "gate_current", "status"}


def test_names_are_safe_for_any_file_system():
    from datetime import datetime

    moment = datetime(2026, 3, 14, 21, 5, 9)
    assert run_name(moment, "W07-C3", "potentiation-depression", "5f3a9c11-…") == (
        "2026-03-14T21-05-09_W07-C3_potentiation-depression_5f3a9c"
    )
    assert run_name(moment, "../a b:c", "x/y", "0123456789") == "2026-03-14T21-05-09_a-b-c_x-y_012345"
    assert run_name(moment, "...", "x", "0123456789") == "2026-03-14T21-05-09_unnamed_x_012345"


def test_dots_in_a_name_belong_to_the_name(tmp_path):
    paths = RunPaths(tmp_path, "2026_W07.3_pd_abc")
    for path in (paths.live, paths.part, paths.lock, paths.final):
        assert RunPaths.of(path) == paths
    with pytest.raises(ValueError, match="a run file ends in"):
        RunPaths.of(tmp_path / "picture.png")


@pytest.fixture
def three(new_writer, monkeypatch, tmp_path):
    names = iter(["2026-01-01T00-00-00_a_x_111111", "2026-01-02T00-00-00_a_x_222222", "2026-02-01T00-00-00_b_x_223333"])
    monkeypatch.setattr("ecramlab.runs.writer.run_name", lambda *_: next(names))
    writers = [new_writer() for _ in range(3)]
    writers[0].seal("complete")
    return writers


def test_runs_are_listed_by_start_live_ones_included(three, tmp_path):
    assert [path.name for path in list_runs(tmp_path)] == [
        "2026-01-01T00-00-00_a_x_111111.h5",
        "2026-01-02T00-00-00_a_x_222222.live.h5",
        "2026-02-01T00-00-00_b_x_223333.live.h5",
    ]


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("last", 2),
        ("2026-01-01", 0),
        ("2026-01-02T00-00-00_a_x_222222.live.h5", 1),
        ("2026-01-01T00-00-00_a_x_111111.h5", 0),
        ("111111", 0),
        ("2233", 2),
    ],
)
def test_finding_by_name(three, tmp_path, said, index):
    assert find_run(tmp_path, said) == three[index].path


def test_finding_by_path_and_by_id(sealed, tmp_path):
    with open_run(sealed) as run:
        run_id = run.run_id
    assert find_run(Path("nowhere"), str(sealed)) == sealed
    assert find_run(tmp_path, run_id) == sealed
    with pytest.raises(RunFileError):
        find_run(tmp_path, run_id[:-1] + ("0" if run_id[-1] != "0" else "1"))


def test_what_cannot_be_found_is_explained(three, tmp_path):
    with pytest.raises(RunFileError, match=r"fits 2 runs.*111111.*222222.*give more"):
        find_run(tmp_path, "2026-01")
    with pytest.raises(RunFileError, match=r"nor a run in .*latest are.*223333"):
        find_run(tmp_path, "2027")
    with pytest.raises(RunFileError, match="no runs in"):
        find_run(tmp_path / "empty", "last")


def test_importing_the_package_is_cheap():
    code = (
        "import sys, ecramlab.runs, ecramlab.plots; "
        "print([m for m in ('numpy', 'h5py', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
