"""What stands at a gate beside the ions: series resistance, filter, double layer, leakage, a bounded reservoir."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from emulator import Array, DeviceModel, Waveform
from emulator import kernels as k
from emulator.drives import CurrentSource, Ground, Open, VoltageSource

WIDE = {"y_low": -1e9, "y_high": 1e9}
FROZEN = {"rate_up": 1e-30, "rate_down": 1e-30}  # no ions: what is left is the double layer


def moved(rig):
    return rig.value(k.Q) - 0.5


def test_a_plain_model_has_no_optional_state():
    for extra, rows in (({}, k.N_ROWS), ({"series_resistance": 1.0}, k.N_ALL_ROWS)):
        model = DeviceModel(**extra)
        assert model.extended is bool(extra)
        assert Array(model, 1, 2, seed=1).devices.shape == (rows, 2)


# --- resistance in series with the ions ---------------------------------------------------------------------------


@pytest.mark.parametrize("volts", [0.2, 1.0, -1.0, 20.0])
@pytest.mark.parametrize("ohms", [1.0, 1e6, 1e9, 1e13])
def test_series_resistance_under_voltage_drive(Rig, volts, ohms):
    """v0 asinh(i/(r Q)) + i R = V, solved by bracketing."""
    model = DeviceModel(v0=0.3, rate_up=1e-3, rate_down=1e-3, charge=1e-9, series_resistance=ohms, **WIDE)
    rig = Rig(model)
    rig.hold(volts, 0.01)
    size = abs(volts)
    expected = brentq(lambda i: 0.3 * math.asinh(i / 1e-12) + i * ohms - size, 0.0, size / ohms + 1e-30, xtol=1e-40)
    assert moved(rig) * 1e-9 / 0.01 == pytest.approx(math.copysign(expected, volts), rel=1e-9)


def test_series_resistance_under_current_drive(Rig):
    """V_G = v0 asinh(I/(r Q)) + I R."""
    rig = Rig(DeviceModel(v0=0.1, rate_up=1e-3, charge=1e-9, series_resistance=1e9))
    rig.gate.drive = CurrentSource(5e-10)
    sample = rig.harness.measure(rig.gate, 1e-3)
    assert sample.voltage == pytest.approx(0.1 * math.asinh(5e-10 / 1e-12) + 0.5, rel=1e-12)
    assert moved(rig) == pytest.approx(5e-10 * 1e-3 / 1e-9, rel=1e-9)


def test_series_resistance_brings_the_voltage_limit_forward(Rig):
    model = DeviceModel(v0=0.1, rate_up=1e-3, charge=1e-9, series_resistance=1e9, ocp_slope=1.0, **WIDE)
    rig = Rig(model)
    rig.gate.drive = CurrentSource(5e-10, voltage_limit=1.5)
    rig.harness.advance(1.0)  # 0.5 V across the resistance, 0.69 V in the sinh: 0.31 V of q are left
    sample = rig.harness.measure(rig.gate, 1e-3)
    assert sample.limited
    assert sample.voltage == pytest.approx(1.5)
    assert 0.31 < moved(rig) < 0.5


def test_series_resistance_with_open_circuit_feedback(Rig):
    """In short segments the mean current of a segment is the current: against an ordinary solver."""
    model = DeviceModel(v0=0.1, rate_up=1e-3, rate_down=1e-3, charge=1e-9, series_resistance=1e9, ocp_slope=0.5, **WIDE)
    rig = Rig(model)
    for _ in range(500):
        rig.hold(1.0, 2e-3)

    def current(q):
        drive = 1.0 - 0.5 * (q - 0.5)
        return brentq(lambda i: 0.1 * math.asinh(i / 1e-12) + i * 1e9 - drive, 0.0, 1e-9, xtol=1e-22)

    found = solve_ivp(lambda _, q: [current(q[0]) / 1e-9], (0.0, 1.0), [0.5], rtol=1e-9, atol=1e-12).y[0, -1]
    assert rig.value(k.Q) == pytest.approx(found, abs=2e-6)


def test_a_constant_current_through_the_resistance_may_be_cut(Rig):
    model = DeviceModel(v0=0.3, rate_up=1e-3, series_resistance=1e9, **WIDE)
    whole, split = Rig(model), Rig(model)
    whole.hold(1.0, 1e-2)
    for part in (1e-3, 2.5e-3, 6.5e-3):
        split.hold(1.0, part)
    assert split.value(k.Q) == pytest.approx(whole.value(k.Q), abs=1e-12)


# --- gate filter ---------------------------------------------------------------------------------------------------


def test_ions_follow_the_filtered_voltage(Rig):
    """Against the integral of sinh(V (1 - exp(-t/tau))/v0), from where the rest ends."""
    rig = Rig(DeviceModel(gate_time=1e-6, v0=0.5, rate_up=1.0, rest_drive=0.05, **WIDE))
    rig.hold(1.5, 4e-6)
    leaves_rest = -1e-6 * math.log1p(-0.05 * 0.5 / 1.5)
    exact = quad(lambda t: math.sinh(1.5 * -math.expm1(-t / 1e-6) / 0.5), leaves_rest, 4e-6, epsrel=1e-13)[0]
    assert moved(rig) == pytest.approx(exact, rel=1e-12)
    assert rig.value(k.V_GATE) == pytest.approx(1.5 * -math.expm1(-4.0), rel=1e-12)


def test_the_filter_keeps_its_voltage_between_waveforms(Rig):
    """Right after a pulse that ends without a rest the ions still move, and the next pulse starts higher."""
    rig = Rig(DeviceModel(gate_time=1e-6, v0=0.5, rate_up=1.0, rate_down=1.0, **WIDE))
    rig.gate.drive = VoltageSource(0.0)
    rig.gate.start(Waveform((0.0, 1e-6), (2.0, 2.0)))
    rig.harness.advance(1e-6)
    first, kept = moved(rig), rig.value(k.V_GATE)
    assert kept == pytest.approx(2.0 * -math.expm1(-1.0))
    rig.harness.advance(3e-7)
    after = moved(rig)
    assert after > first
    assert rig.value(k.V_GATE) == pytest.approx(kept * math.exp(-0.3), rel=1e-12)
    rig.gate.start(Waveform((0.0, 1e-6), (2.0, 2.0)))
    rig.harness.advance(1e-6)
    assert moved(rig) - after > 1.5 * first


def test_pulses_much_shorter_than_the_filter_do_not_write(Rig):
    slow, fast = (Rig(DeviceModel(gate_time=tau, v0=0.2, rate_up=1.0, **WIDE)) for tau in (1e-3, 0.0))
    for rig in (slow, fast):
        rig.pulse(2.0, 1e-6, 1.0)
    assert moved(slow) < 1e-4 * moved(fast)


def test_a_filtered_train_is_calibrated(Rig, rectangular):
    """Ten pulses cross a tenth of the window of a device with filter and resistance."""
    model = DeviceModel(v0=0.5, gate_time=2e-7, series_resistance=1e3, charge=1e-10)
    rig = Rig(rectangular(model, 2.0, -2.0, 1e-6, 100), state=0.0)
    rig.pulse(2.0, 1e-6, 100.0, repeats=10)
    assert rig.y == pytest.approx(0.1, rel=1e-9)
    rig.pulse(-2.0, 1e-6, 100.0, repeats=10)
    assert rig.y == pytest.approx(0.0, abs=1e-10)


# --- double layer --------------------------------------------------------------------------------------------------

LAYER = 1e-10


def layered(Rig, **changes):
    return Rig(DeviceModel(double_layer_capacitance=LAYER, **(FROZEN | changes)))


def transient(t, tau, terms=400):
    """Charge still missing after a step of 1 V, in units of C: sum of 8/(pi n)^2 exp(-n^2 t/tau)."""
    n = np.arange(1, 2 * terms, 2)
    return float((8.0 / (math.pi * n) ** 2 * np.exp(-(n**2) * t / tau)).sum())


def test_channel_charges_through_itself(Rig):
    """-(C dV/2) sum (8/pi^2)(1/tau) exp(-n^2 t/tau) in source and drain each; from tau/10 on four modes are enough."""
    rig = layered(Rig)
    tau = LAYER / (math.pi**2 * rig.conductance)
    rig.gate.drive = VoltageSource(2.0)
    total, time = 0.0, 0.0
    for seconds in np.array([0.1, 0.2, 0.4, 0.8, 1.6]) * tau:
        gate, source, drain = rig.harness.measure_all([rig.gate, rig.source, rig.drain], seconds)
        assert source.current == pytest.approx(drain.current, rel=1e-12)
        assert gate.current == pytest.approx(-source.current - drain.current, rel=1e-12)
        total, time = total + source.current * seconds, time + seconds
        assert total == pytest.approx(-0.5 * LAYER * 2.0 * (1.0 - transient(time, tau)), rel=5e-3)
    rig.harness.advance(100.0 * tau)
    assert sum(rig.value(row) for row in (k.LAYER_1, k.LAYER_7)) == pytest.approx(4.0, rel=1e-12)


def test_the_whole_charge_arrives_however_many_modes_there_are(Rig):
    rig = layered(Rig)
    rig.gate.drive = VoltageSource(2.0)
    sample = rig.harness.measure(rig.drain, 1.0)
    assert sample.current * 1.0 == pytest.approx(-0.5 * LAYER * 2.0, rel=1e-12)


def test_a_channel_of_a_hundredth_of_the_length_is_ten_thousand_times_faster(Rig):
    """C ~ L and G ~ 1/L."""
    times = []
    for length in (1.0, 0.01):
        scaled = {"conductance_min": 1e-6 / length, "conductance_max": 1e-5 / length}
        rig = Rig(DeviceModel(double_layer_capacitance=LAYER * length, **scaled, **FROZEN))
        tau = LAYER * length / (math.pi**2 * rig.conductance)
        rig.hold(1.0, tau)
        late = [rig.value(k.LAYER_1)]
        rig.hold(1.0, tau)
        late.append(rig.value(k.LAYER_1))
        times.append(tau / math.log((1.0 - late[0]) / (1.0 - late[1])))
    assert times[1] / times[0] == pytest.approx(1e-4, rel=1e-9)


@pytest.mark.parametrize("edge", [0.0, 1e-4])
def test_a_pulse_of_the_double_layer_costs_c_v_squared(Rig, edge):
    rig = layered(Rig)
    shape = Waveform.pulse(base=0.0, level=2.0, width=1e-3, rise=edge, fall=edge, period=3e-3)
    rig.gate.drive = VoltageSource(0.0)
    rig.gate.start(shape)
    rig.harness.advance(3e-3)
    assert rig.chip.array.energy[0, 0] == pytest.approx(LAYER * 2.0**2, rel=0.05 if edge else 1e-9)


def test_the_double_layer_may_be_cut_anywhere(Rig):
    for filtered in (0.0, 3e-6):
        whole, split = (layered(Rig, gate_time=filtered) for _ in range(2))
        whole.hold(1.5, 1e-5)
        for part in (1e-7, 2.9e-6, 7e-6):
            split.hold(1.5, part)
        for row in (k.V_GATE, k.LAYER_1, k.LAYER_3, k.LAYER_5, k.LAYER_7):
            assert split.value(row) == pytest.approx(whole.value(row), abs=1e-12)


def test_filter_and_channel_in_series(Rig):
    """dm/dt = (v - m)/tau_h with v behind the filter, against an ordinary solver; also where both times are equal."""
    for ratio in (0.3, 1.0, 4.0):
        rig = layered(Rig)
        tau = LAYER / (math.pi**2 * rig.conductance)
        rig = layered(Rig, gate_time=ratio * tau)
        rig.hold(1.0, 2.0 * tau)

        def slopes(t, y, tau=tau, ratio=ratio):
            return [(-math.expm1(-t / (ratio * tau)) - y[0]) / tau]

        found = solve_ivp(slopes, (0.0, 2.0 * tau), [0.0], rtol=1e-10, atol=1e-12).y[0, -1]
        assert rig.value(k.LAYER_1) == pytest.approx(found, rel=1e-8)


def test_an_open_gate_discharges_into_the_ions_and_loses_nothing(Rig):
    rig = layered(Rig, v0=0.05, rate_up=1e-3, rate_down=1e-3, conductance_max=1e-4)
    rig.hold(1.0, 1e-5)
    before = rig.value(k.Q) * 1e-9 + LAYER * 1.0
    rig.gate.drive = Open()
    for seconds in (1e-3, 0.1, 10.0, 1e4):
        sample = rig.harness.measure(rig.gate, seconds)
        assert sample.current == 0.0
        layer = rig.value(k.LAYER_1)
        assert rig.value(k.Q) * 1e-9 + LAYER * layer == pytest.approx(before, rel=1e-9)
    assert 0.0 < layer < 0.01


def test_a_current_source_charges_the_double_layer_first(Rig):
    rig = layered(Rig, rate_up=1e-6, v0=0.1, conductance_max=1e-4)
    rig.push(1e-9, 1e-3)  # 1 pC: 10 mV on the layer
    assert rig.value(k.LAYER_1) == pytest.approx(1e-3 * 1e-9 / LAYER, rel=1e-2)
    rig.push(1e-9, 1.0)
    charge = moved(rig) * 1e-9 + LAYER * rig.value(k.LAYER_1)
    assert charge == pytest.approx(1e-9 * 1.001, rel=1e-9)


# --- leakage and reservoir -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("volts", [0.01, 1.0, -2.0])
def test_leakage_that_grows_exponentially(Rig, volts):
    rig = Rig(DeviceModel(leakage_amplitude=1e-12, leakage_voltage=0.3, gate_leakage=1e-12, **FROZEN))
    rig.gate.drive = VoltageSource(volts)
    sample = rig.harness.measure(rig.gate, 0.5)
    current = 1e-12 * math.sinh(volts / 0.3) + 1e-12 * volts
    assert sample.current == pytest.approx(current, rel=1e-9)
    assert rig.chip.array.energy[0, 0] == pytest.approx(current * volts * 0.5, rel=1e-9)


def test_a_small_reservoir_runs_dry(Rig):
    model = DeviceModel(reservoir_limit=0.7, rate_up=1.0, rate_down=1.0, v0=0.1, charge=1e-9)
    rig = Rig(model)
    rig.hold(1.0, 1e3)
    assert rig.value(k.Q) == pytest.approx(0.7, abs=1e-12)
    assert rig.harness.measure(rig.gate, 1.0).current == 0.0
    rig.hold(-0.3, 1e-3)
    assert rig.value(k.Q) < 0.7


def test_a_current_source_at_a_dry_reservoir_reaches_its_limit(Rig):
    rig = Rig(DeviceModel(reservoir_limit=0.7, rate_up=1.0, v0=0.1, charge=1e-9))
    rig.gate.drive = CurrentSource(1e-9, voltage_limit=2.0)
    rig.harness.advance(1.0)
    assert rig.value(k.Q) == pytest.approx(0.7, abs=1e-12)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert (sample.limited, sample.voltage) == (True, pytest.approx(2.0))


def test_contact_resistance_bounds_the_conductance(Rig):
    rig = Rig(
        DeviceModel(contact_resistance=1e4, ungated_resistance=2e4, conductance_max=1.0, rest_drive=1.0), state=1.0
    )
    assert 1.0 / rig.conductance == pytest.approx(1.0 + 3e4, rel=1e-12)
    rig.drain.drive, rig.source.drive = VoltageSource(0.1), Ground()
    assert rig.harness.measure(rig.drain, 1e-3).current == pytest.approx(0.1 / 30001.0, rel=1e-6)
