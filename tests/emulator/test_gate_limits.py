"""Sources at the gate: limits, series resistance, compliance within a segment, currents through all terminals."""

import math

import pytest

from emulator import DeviceModel
from emulator import kernels as k
from emulator.drives import CurrentSource, Ground, Open, VoltageSource

PLAIN = DeviceModel(charge=1e-9, v0=0.3, y_high=1e6, y_low=-1e6)


def ionic_current(volts, model=PLAIN):
    return model.charge * model.rate_up * math.sinh(volts / model.v0)


def test_gate_current_is_ionic_and_leaves_by_source_and_drain(Rig):
    rig = Rig(PLAIN)
    rig.gate.drive = VoltageSource(1.0)
    gate, drain, source = rig.harness.measure_all([rig.gate, rig.drain, rig.source], 1e-3)
    assert gate.current == pytest.approx(ionic_current(1.0), rel=1e-12)
    assert drain.current == source.current == pytest.approx(-0.5 * ionic_current(1.0), rel=1e-12)
    assert (gate.voltage, gate.limited) == (1.0, False)


def test_leakage_adds_to_the_gate_current(Rig):
    rig = Rig(DeviceModel(charge=1e-9, v0=0.3, gate_leakage=1e-8, y_high=1e6))
    rig.gate.drive = VoltageSource(1.0)
    assert rig.harness.measure(rig.gate, 1e-3).current == pytest.approx(ionic_current(1.0) + 1e-8, rel=1e-12)


def test_currents_of_all_ports_sum_to_zero(Rig):
    rig = Rig(DeviceModel(charge=1e-9, v0=0.3, gate_leakage=1e-9, dispersion_onset=1e-6, y_high=1e6))
    rig.gate.drive = VoltageSource(2.0, resistance=1e6)
    rig.drain.drive = VoltageSource(0.4, resistance=1e4)
    rig.source.drive = VoltageSource(-0.3)
    currents = [s.current for s in rig.harness.measure_all([rig.gate, rig.drain, rig.source], 1e-3)]
    assert max(abs(i) for i in currents) > 1e-7
    assert sum(currents) == pytest.approx(0.0, abs=1e-13 * max(abs(i) for i in currents))


def test_gate_current_divides_as_the_distributed_channel_demands(Rig):
    """Shares from a numerical integral of sinh along the channel, weighted by the distance to the other end."""
    rig = Rig(PLAIN)
    vg, vs, vd, n = 1.2, -0.5, 0.4, 20_000
    rig.gate.drive, rig.source.drive, rig.drain.drive = (VoltageSource(v) for v in (vg, vs, vd))
    gate, drain, source = (s.current for s in rig.harness.measure_all([rig.gate, rig.drain, rig.source], 1e-12))
    x = [(i + 0.5) / n for i in range(n)]
    local = [math.sinh((vg - vs - (vd - vs) * t) / 0.3) / n for t in x]
    unit = PLAIN.charge * PLAIN.rate_up
    channel = rig.conductance * (vs - vd)
    assert gate == pytest.approx(unit * sum(local), rel=1e-6)
    assert drain + channel == pytest.approx(-unit * sum(i * t for i, t in zip(local, x, strict=True)), rel=1e-5)
    assert source - channel == pytest.approx(-unit * sum(i * (1 - t) for i, t in zip(local, x, strict=True)), rel=1e-5)


@pytest.mark.parametrize(("volts", "sign"), [(2.0, 1), (-2.0, -1)])
def test_current_limit_of_a_voltage_source_clamps(Rig, volts, sign):
    """At its limit the source drives a current: charge I t/Q, and the voltage that this current needs."""
    rig = Rig(PLAIN)
    rig.gate.drive = VoltageSource(volts, current_limit=2e-9)
    sample = rig.harness.measure(rig.gate, 0.1)
    assert sample.limited
    assert sample.current == pytest.approx(sign * 2e-9, rel=1e-12)
    assert sample.voltage == pytest.approx(sign * 0.3 * math.asinh(2e-9 / 1e-9), rel=1e-12)
    assert rig.value(k.Q) == pytest.approx(0.5 + sign * 2e-9 * 0.1 / 1e-9, rel=1e-12)


def test_clamp_releases_when_the_ionic_current_decays(Rig):
    """Dispersive current i0 tau0/(tau0 + t) (tau_rec is long) falls below the limit half-way."""
    model = DeviceModel(charge=1e-9, v0=0.3, dispersion_onset=1e-3, dispersion_recovery=1e9, y_high=1e9)
    rig = Rig(model)
    i0 = ionic_current(1.0, model)
    rig.gate.drive = VoltageSource(1.0, current_limit=i0 / 4)
    start = rig.value(k.Q)
    sample = rig.harness.measure(rig.gate, 10e-3)
    tail = math.log((1e-3 + 10e-3) / (1e-3 + 3e-3)) * 1e-3 * i0  # limited until age 3 ms
    assert not sample.limited
    assert (rig.value(k.Q) - start) * 1e-9 == pytest.approx(i0 / 4 * 3e-3 + tail, rel=1e-6)
    assert sample.current == pytest.approx((i0 / 4 * 3e-3 + tail) / 10e-3, rel=1e-6)


def test_current_source_shows_the_voltage_it_needs(Rig):
    rig = Rig(DeviceModel(charge=1e-9, v0=0.3, ocp_slope=0.4, y_high=9.0))
    rig.gate.drive = CurrentSource(1e-9, voltage_limit=5.0)
    first = rig.harness.probe(rig.gate)
    assert first.voltage == pytest.approx(0.3 * math.asinh(1.0), rel=1e-9)
    assert (first.current, first.limited) == (pytest.approx(1e-9), False)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert sample.voltage == pytest.approx(0.3 * math.asinh(1.0) + 0.5 * 0.4 * 1.0, rel=1e-12)
    assert rig.value(k.Q) == pytest.approx(1.5, rel=1e-12)


def test_current_source_crosses_its_voltage_limit_within_a_segment(Rig):
    """V_oc rises with the charge; the limit is met at q = 1.5, then tanh relaxation towards q = 2.5 - ..."""
    model = DeviceModel(charge=1e-9, v0=0.3, ocp_slope=0.4, y_high=9.0)
    rig = Rig(model)
    limit = 0.3 * math.asinh(1.0) + 0.4 * 0.5
    rig.gate.drive = CurrentSource(1e-9, voltage_limit=limit)
    sample = rig.harness.measure(rig.gate, 2.0)
    assert sample.limited
    eta = 2 * math.atanh(math.tanh(math.asinh(1.0) / 2) * math.exp(-0.4 * 1.5 / 0.3)) * 0.3
    assert rig.value(k.Q) == pytest.approx(1.0 + (0.3 * math.asinh(1.0) - eta) / 0.4, rel=1e-9)
    assert sample.current == pytest.approx((rig.value(k.Q) - 0.5) * 1e-9 / 2.0, rel=1e-12)


def test_current_source_without_path_sits_at_its_voltage_limit(Rig):
    rig = Rig(PLAIN)
    lonely = rig.harness.add_port("unit.x")
    lonely.drive = CurrentSource(1e-9, voltage_limit=3.0)
    sample = rig.harness.measure(lonely, 1e-3)
    assert sample.limited
    assert sample.voltage == pytest.approx(3.0)
    assert sample.current == pytest.approx(0.0, abs=1e-13)


@pytest.mark.parametrize("drive", [CurrentSource(0.0), Open()])
def test_zero_current_leaves_the_gate_open(Rig, drive):
    rig = Rig(DeviceModel(ocp_slope=0.5, v0=0.1))
    rig.chip.array.devices[k.Q] = 0.9
    rig.gate.drive = drive
    sample = rig.harness.measure(rig.gate, 10.0)
    assert rig.value(k.Q) == 0.9
    assert (sample.voltage, sample.current, sample.limited) == (pytest.approx(0.2), 0.0, False)


def test_grounded_gate_is_voltage_drive(Rig):
    rig = Rig(DeviceModel(ocp_slope=0.5, v0=0.1))
    rig.chip.array.devices[k.Q] = 0.9
    rig.gate.drive = Ground()
    rig.harness.advance(10.0)
    assert rig.value(k.Q) < 0.6


def test_generator_sees_an_open_gate_or_a_divider(Rig):
    """50 Ohm into a high-impedance gate: the full voltage; into 50 Ohm beside the gate: half of it."""
    for load, expected in ((None, 2.0), (50.0, 1.0)):
        rig = Rig(DeviceModel(charge=1e-15, v0=0.3, y_high=1e9))
        if load:
            rig.harness.add_resistor("chip.G0", "ground", load)
        rig.gate.drive = VoltageSource(2.0, resistance=50.0)
        sample = rig.harness.measure(rig.gate, 1e-3)
        assert sample.voltage == pytest.approx(expected, rel=1e-9)
        assert sample.current == pytest.approx(2.0 / 100 if load else 0.0, rel=1e-9, abs=1e-11)


def test_series_resistance_takes_its_share_of_the_gate_voltage(Rig):
    """V + R Q r sinh(V/v0) = 2 V, solved here by bisection."""
    rig = Rig(PLAIN)
    rig.gate.drive = VoltageSource(2.0, resistance=1e7)
    sample = rig.harness.measure(rig.gate, 1e-3)
    low, high = 0.0, 2.0
    for _ in range(100):
        v = 0.5 * (low + high)
        low, high = (v, high) if v + 1e7 * ionic_current(v) < 2.0 else (low, v)
    assert sample.voltage == pytest.approx(v, rel=1e-9)
    assert sample.current == pytest.approx(ionic_current(v), rel=1e-9)


def test_external_resistor_at_the_gate(Rig):
    """A resistor in the lead acts as a series resistance of the source, also under current drive."""
    rig = Rig(PLAIN)
    far = rig.harness.add_port("unit.far")
    rig.harness.add_resistor("unit.far", "chip.G0", 1e7)
    rig.gate.drive = Open()
    far.drive = CurrentSource(1e-9, voltage_limit=10.0)
    remote, gate = rig.harness.measure_all([far, rig.gate], 1e-3)
    assert gate.voltage == pytest.approx(0.3 * math.asinh(1.0), rel=1e-9)
    assert remote.voltage - gate.voltage == pytest.approx(1e-9 * 1e7, rel=1e-6)
    assert remote.current == pytest.approx(1e-9, rel=1e-12)


def test_probe_changes_nothing(Rig):
    rig = Rig(DeviceModel(charge=1e-9, v0=0.3, dispersion_onset=1e-6, cycle_noise=0.01), cycle_noise=True)
    rig.gate.drive = VoltageSource(1.0)
    before = rig.chip.array.devices.copy(), rig.harness.clock.now
    assert rig.harness.probe(rig.gate).current == pytest.approx(ionic_current(1.0), rel=1e-6)
    assert (rig.chip.array.devices == before[0]).all()
    assert rig.harness.clock.now == before[1]
