"""Chips in HDF5 files: the same bits come back, and nothing else is taken for a chip."""

import json

import h5py
import numpy as np
import pytest

from ecramlab import chip_state
from ecramlab.chip_state import ChipStateError, load_chip, save_chip
from ecramlab.runs import DiskSpaceLow
from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import VoltageSource

MODEL = DeviceModel(
    v0=0.3, rate_up=20.0, cycle_noise=0.01, flicker=1e-6, trap_count=1.0, spread_rate=0.1, y_low=-0.1, y_high=2.0
)


def bench(chip, clock):
    """Harness of a chip with its first two gates at 1.2 V and a meter at the first drain."""
    harness = Harness(clock, chip)
    gate, drain = harness.add_port("unit.g"), harness.add_port("unit.d")
    for node, pad in (("unit.g", "G0"), ("unit.g", "G1"), ("unit.d", "D0"), ("ground", "S0"), ("ground", "S1")):
        harness.connect(node, f"chip.{pad}")
    gate.drive, drain.drive = VoltageSource(1.2), VoltageSource(0.1)
    return harness, drain


@pytest.fixture
def used():
    harness, drain = bench(Chip(Array(MODEL, 2, 2, seed=3, initial_state=0.2)), VirtualClock())
    harness.measure(drain, 1e-4)
    harness.chip.set_fault(1, 1, "gate_short")
    return harness, drain


def bits(chip):
    state = chip.state()
    return state.header, {name: array.tobytes() for name, array in state.arrays.items()}


def test_a_loaded_chip_goes_on_with_the_same_bits(used, tmp_path):
    harness, drain = used
    save_chip(tmp_path / "chip.h5", harness.chip, harness.clock)
    twin, twin_drain = bench(*load_chip(tmp_path / "chip.h5"))
    assert bits(twin.chip) == bits(harness.chip)
    for _ in range(3):
        assert twin.measure(twin_drain, 1e-4) == harness.measure(drain, 1e-4)
    assert bits(twin.chip) == bits(harness.chip)
    assert twin.clock.now == harness.clock.now == pytest.approx(4e-4)


def test_a_megabit_chip(tmp_path):
    array = Array(DeviceModel(spread_rate=0.1), 1024, 1024, seed=1)
    rng = np.random.default_rng(1)
    array.devices[: k.RATE_UP] = rng.random((k.RATE_UP, 1)) * np.arange(1024**2)
    chip = Chip(array, read_noise=False)
    save_chip(tmp_path / "chip.h5", chip, VirtualClock())
    loaded, _ = load_chip(tmp_path / "chip.h5")
    for name in ("devices", "integers", "shared"):
        assert np.array_equal(getattr(loaded.array, name), getattr(array, name))
    assert (tmp_path / "chip.h5").stat().st_size < 0.5 * array.devices.nbytes


def test_an_earlier_file_stays_when_saving_fails(used, tmp_path, monkeypatch):
    harness, _ = used
    path = tmp_path / "chip.h5"
    save_chip(path, harness.chip, harness.clock)
    before = path.read_bytes()

    def full(file, state):
        raise RuntimeError("no space left on device")

    monkeypatch.setattr(chip_state, "_write", full)
    with pytest.raises(ChipStateError, match=r"chip\.h5: the state of the chip was not saved \(no space"):
        save_chip(path, harness.chip, harness.clock)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["chip.h5"]


def test_too_little_room_is_told_before(used, tmp_path, monkeypatch):
    harness, _ = used
    monkeypatch.setattr("ecramlab.runs.disk.free_bytes", lambda _: 1000)
    with pytest.raises(DiskSpaceLow, match="the state of a chip needs"):
        save_chip(tmp_path / "chip.h5", harness.chip, harness.clock)
    assert not list(tmp_path.iterdir())


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.h5").write_text("hello")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1.0
    for name, reason in (
        ("none.h5", "no such file"),
        ("text.h5", "as HDF5"),
        ("foreign.h5", "not the state of a chip"),
    ):
        with pytest.raises(ChipStateError, match=rf"{name}: .*{reason}"):
            load_chip(tmp_path / name)


def test_a_later_version_is_refused(used, tmp_path):
    harness, _ = used
    save_chip(tmp_path / "chip.h5", harness.chip, harness.clock)
    with h5py.File(tmp_path / "chip.h5", "a") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(ChipStateError, match=r"format version 2, .* up to 1\. Update"):
        load_chip(tmp_path / "chip.h5")


def change_a_state(file):
    file["chip/array/_devices"][0, 0] += 1e-12


def change_the_header(file):
    header = json.loads(file["header"][()])
    header["chip"]["array"]["seed"] = 4
    file["header"][()] = json.dumps(header)


def drop_an_array(file):
    del file["chip/noise/_modes"]


def drop_the_checksums(file):
    del file.attrs["checksums"]


@pytest.mark.parametrize("damage", [change_a_state, change_the_header, drop_an_array, drop_the_checksums])
def test_damage_is_found(used, tmp_path, damage):
    harness, _ = used
    save_chip(tmp_path / "chip.h5", harness.chip, harness.clock)
    with h5py.File(tmp_path / "chip.h5", "a") as file:
        damage(file)
    with pytest.raises(ChipStateError, match=r"chip\.h5: damaged \(.*\). Use another copy"):
        load_chip(tmp_path / "chip.h5")


def test_every_cut_of_a_file_is_told(used, tmp_path):
    harness, _ = used
    path = tmp_path / "chip.h5"
    save_chip(path, harness.chip, harness.clock)
    whole = path.read_bytes()
    for share in range(1, 12):
        path.write_bytes(whole[: len(whole) * share // 12])
        with pytest.raises(ChipStateError):
            load_chip(path)


def test_a_state_that_no_longer_fits_is_told(used, tmp_path, monkeypatch):
    harness, _ = used
    save_chip(tmp_path / "chip.h5", harness.chip, harness.clock)
    monkeypatch.setattr(k, "N_INTEGERS", k.N_INTEGERS + 1)
    with pytest.raises(ChipStateError, match=r"'_integers' is int64 .* saved by another version"):
        load_chip(tmp_path / "chip.h5")
