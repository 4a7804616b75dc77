"""Currents of ports where lines hang on nothing: floating gate lines, cut-off channels, sources without a return."""

from dataclasses import replace

import pytest

from emulator import Array, Chip, Defects, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import CurrentSource, Drive, Ground, Open, Sample, VoltageSource

PLAIN = DeviceModel(charge=1e-9, v0=0.3, rate_up=1.0, rate_down=1.0, rest_drive=0.1, y_low=-9.0, y_high=9.0)


def measured(chip: Chip, seconds: float, drives: dict[str, Drive]) -> dict[str, Sample]:
    """What a port at each pad sees; pads that are not named are open."""
    harness = Harness(VirtualClock(), chip)
    ports = [harness.add_port(f"unit.{pad}") for pad in chip.pads]
    for pad, port in zip(chip.pads, ports, strict=True):
        harness.connect(port.name, f"chip.{pad}")
        port.drive = drives.get(pad, Open())
    return dict(zip(chip.pads, harness.measure_all(ports, seconds), strict=True))


def chip_of(columns: int, model: DeviceModel = PLAIN) -> Chip:
    array = Array(model, 1, columns, seed=1, initial_state=0.5, device_spread=False, cycle_noise=False)
    return Chip(array, read_noise=False)


def test_two_devices_of_a_floating_line_exchange_what_one_gives_the_other() -> None:
    """One device stands at the edge of rest, where the current makes a step and no voltage balances both."""
    chip = chip_of(2, replace(PLAIN, rate_down=50.0))
    samples = measured(chip, 1e-3, {"S0": VoltageSource(-0.02), "D0": VoltageSource(-0.02), "D1": VoltageSource(0.2)})
    given, taken = chip.array.devices[k.Q] - 0.5
    assert given == pytest.approx(-taken, rel=1e-12, abs=0.0)
    assert abs(given) > 0.0
    currents = [sample.current for sample in samples.values()]
    assert sum(currents) == pytest.approx(0.0, abs=1e-12 * max(map(abs, currents)))


def test_a_current_source_whose_return_path_is_at_its_limits_stands_at_its_own() -> None:
    """Source and drain line both give all they may, to each other; nothing is left to take the current of the gate."""
    drives = {
        "G0": CurrentSource(-1e-6, voltage_limit=0.1),
        "S0": VoltageSource(-2.0, current_limit=1e-9),
        "D0": VoltageSource(3.0, current_limit=1e-9),
    }
    samples = measured(chip_of(1), 1e-2, drives)
    assert samples["G0"].voltage == pytest.approx(-0.1)
    assert samples["G0"].limited
    assert samples["D0"].current == pytest.approx(1e-9, abs=0.0)
    assert sum(sample.current for sample in samples.values()) == pytest.approx(0.0, abs=1e-15)


def test_what_leaks_into_an_open_channel_leaves_by_the_side_that_is_tied() -> None:
    chip = chip_of(1, replace(PLAIN, gate_leakage=1e-9))
    Defects(open_channel=1.0).apply(chip)
    samples = measured(chip, 1e-6, {"G0": VoltageSource(1.0), "S0": Ground()})
    assert samples["G0"].current > 1e-10
    assert samples["S0"].current == pytest.approx(-samples["G0"].current, rel=1e-9, abs=0.0)
    assert abs(samples["D0"].voltage) <= 1.0
