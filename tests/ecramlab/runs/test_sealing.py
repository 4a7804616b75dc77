"""Sealing: the copy is compared with the original, and any damage is noticed later."""

import json
import os
import random
import shutil
import stat
from pathlib import Path

import h5py
import numpy as np
import pytest

from ecramlab.runs import RunFileError, open_run, sealing, verify


def test_sealed_file_has_everything_and_nothing_else_is_left(sealed, check_rows, tmp_path):
    assert list(tmp_path.iterdir()) == [sealed]
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o444
    with open_run(sealed) as run:
        assert check_rows(run) == 300
        assert (run.status, run.instruments["smu"]["settings_after"]) == ("complete", {"nplc": 2.0})
        assert run.end_time >= run.start_time
        run.verify()


def test_sealed_columns_are_compressed_and_tied_to_the_axis(sealed):
    with h5py.File(sealed) as file:
        rows = file["entry/rows"]
        for name, column in rows.items():
            assert (column.compression, column.compression_opts, column.shuffle) == ("gzip", 4, True)
            assert column.attrs["units"]
            assert column.attrs["long_name"]
            if name != "time":
                assert column.dims[0][0] == rows["time"]
        assert rows["time"].is_scale
        np.testing.assert_array_equal(rows["status"].attrs["flag_masks"], [1, 2, 4, 8, 16])
        assert rows["status"].attrs["flag_masks"].dtype == np.dtype("u4")
        assert rows["phase"].attrs["flag_meanings"] == "start potentiation depression"


def test_every_number_has_unit_and_name_and_every_text_is_utf8(sealed):
    def check(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            assert item.attrs["units"], name
            assert item.attrs["long_name"], name
        elif isinstance(item, h5py.Dataset) and item.shape == ():
            assert h5py.check_string_dtype(item.dtype).encoding == "utf-8", name

    with h5py.File(sealed) as file:
        file.visititems(check)
        assert file.attrs["NX_class"] == "NXroot"
        assert file["entry"].attrs["default"] == "rows"
        assert file["entry/rows"].attrs["signal"] == "conductance"
        assert list(file["entry/rows"].attrs["axes"]) == ["time"]


def test_old_tools_can_open_it(sealed):
    """Superblock 2 or 3 and no newer: byte 8 of the file (HDF5 file format specification, section II.A)."""
    assert sealed.read_bytes()[8] in (2, 3)


def _change_a_value(entry):
    entry["rows/conductance"][7] = 1.0


def _lose_an_attribute(entry):
    del entry["rows/conductance"].attrs["units"]


def _lose_a_dataset(entry):
    del entry["process/bench_file"]


@pytest.mark.parametrize(
    ("break_copy", "named"),
    [
        (_change_a_value, "/entry/rows/conductance"),
        (_lose_an_attribute, "/entry/rows/conductance"),
        (_lose_a_dataset, "/entry/process/bench_file"),
    ],
)
def test_a_wrong_copy_stops_the_seal_and_both_files_stay(new_writer, row, tmp_path, monkeypatch, break_copy, named):
    writer = new_writer()
    writer.append([row(k) for k in range(50)])
    add_ending = sealing._add_ending

    def spoil(entry, ending):
        break_copy(entry)
        return add_ending(entry, ending)

    monkeypatch.setattr(sealing, "_add_ending", spoil)
    with pytest.raises(RunFileError, match=f"does not match its checksums in {named}$"):
        writer.seal("complete")
    assert sorted(path.name.rpartition(writer.run_id[:6])[2] for path in tmp_path.iterdir()) == [
        ".h5.part",
        ".live.h5",
        ".lock",
    ]


def test_settings_of_an_unknown_instrument_do_not_stop_the_seal(new_writer, caplog):
    with open_run(new_writer().seal("complete", settings_after={"dmm": {"nplc": 1}})) as run:
        assert list(run.instruments) == ["smu"]
    assert "dmm" in caplog.text


def complaint(path: Path) -> str | None:
    try:
        verify(path)
    except RunFileError as error:
        return str(error)
    return None


def test_flipped_bits_are_noticed(sealed, tmp_path, check_rows):
    """A flip either leaves every value as it was (unused bytes), or is refused in one sentence."""
    content = sealed.read_bytes()
    damaged, generator, refused = tmp_path / "damaged.h5", random.Random(5), 0
    for _ in range(60):
        place = generator.randrange(len(content))
        flipped = bytes([content[place] ^ 1 << generator.randrange(8)])
        damaged.write_bytes(content[:place] + flipped + content[place + 1 :])
        before = damaged.stat().st_mtime_ns
        sentence = complaint(damaged)
        if sentence is None:
            with open_run(damaged) as run:
                assert check_rows(run) == 300
        else:
            refused += 1
            assert str(damaged) in sentence
            assert "\n" not in sentence
        assert damaged.stat().st_mtime_ns == before
    assert refused > 20


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(sealed, tmp_path, share):
    content = sealed.read_bytes()
    short = tmp_path / "short.h5"
    short.write_bytes(content[: int(share * len(content))])
    for look in (verify, open_run):
        with pytest.raises(RunFileError, match=r"short\.h5"):
            look(short)


def test_a_changed_value_is_named(sealed, tmp_path):
    changed = tmp_path / "changed.h5"
    shutil.copyfile(sealed, changed)
    with h5py.File(changed, "r+") as file:
        file["entry/rows/conductance"][3] = 2.0
    with pytest.raises(RunFileError, match=r"does not match its checksums in /entry/rows/conductance$"):
        verify(changed)


def test_an_added_object_is_named(sealed, tmp_path):
    changed = tmp_path / "changed.h5"
    shutil.copyfile(sealed, changed)
    with h5py.File(changed, "r+") as file:
        file["entry/note"] = "added"
    with pytest.raises(RunFileError, match="/entry/note"):
        verify(changed)


def test_foreign_files_are_refused(tmp_path):
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as file:
        file["x"] = 1.0
    text = tmp_path / "text.h5"
    text.write_text("not HDF5")
    for path, sentence in ((foreign, "not a run file of ecramlab"), (text, "not a readable HDF5 file")):
        for look in (verify, open_run):
            with pytest.raises(RunFileError, match=sentence):
                look(path)


def test_a_newer_format_is_refused_with_the_remedy(sealed, tmp_path):
    newer = tmp_path / "newer.h5"
    shutil.copyfile(sealed, newer)
    with h5py.File(newer, "r+") as file:
        file.attrs["format_version"] = 99
    with pytest.raises(RunFileError, match=r"version 99.*Update ecramlab"):
        open_run(newer)


def test_checksums_cover_every_object(sealed):
    with h5py.File(sealed) as file:
        names = ["/"]
        file.visit(lambda name: names.append(f"/{name}"))
        listed = json.loads(file["entry/checksums"][()])
    assert sorted(listed) == sorted(set(names) - {"/entry/checksums"})


def test_no_descriptor_stays_open(new_writer, row, tmp_path):
    def files() -> set[str]:
        found = set()
        for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - the listing's own descriptor is in it
            try:
                found.add(os.readlink(f"/proc/self/fd/{number}"))  # noqa: PTH115
            except OSError:
                continue
        return {name for name in found if name.startswith(str(tmp_path))}

    writer = new_writer()
    assert len(files()) == 2
    writer.append([row(0)])
    writer.seal("complete")
    assert files() == set()
