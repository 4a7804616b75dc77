"""The micro-heater: temperature in time, write hot and read cold, what it takes from its source."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform
from emulator.drives import Ground, Open, VoltageSource
from emulator.heater import Heater

K_EV = 8.617333262e-5
HOT = DeviceModel(
    v0=0.6,
    rate_up=1e-3,
    rate_down=1e-3,
    write_activation=0.6,
    rest_drive=0.0,
    y_high=1e9,
    heater_resistance=1e3,
    heater_thermal_resistance=1e5,
    heater_time=1e-4,
)


class HotRig:
    """One device with a heater: gate, drain and heater on ports, the source and the heater's other end grounded."""

    def __init__(self, model=HOT, *, temperature=300.0):
        self.chip = Chip(Array(model, 1, 1, seed=1), temperature=temperature, read_noise=False, heater=True)
        self.harness = Harness(VirtualClock(), self.chip)
        self.gate, self.drain, self.heater = (self.harness.add_port(f"unit.{name}") for name in "gdh")
        for node, pad in (("unit.g", "G0"), ("unit.d", "D0"), ("ground", "S0"), ("unit.h", "H+"), ("ground", "H-")):
            self.harness.connect(node, f"chip.{pad}")
        self.gate.drive, self.drain.drive, self.heater.drive = Ground(), Ground(), VoltageSource(0.0)

    @property
    def y(self):
        return float(self.chip.array.y[0, 0])


def rate(kelvin, volts, model=HOT):
    """rate sinh(V/v0) at a temperature, written out independently."""
    v0 = model.v0 * kelvin / 300.0
    return 1e-3 * math.exp(-model.write_activation / K_EV * (1 / kelvin - 1 / 300.0)) * math.sinh(volts / v0)


def excess(seconds, volts):
    """R_th V^2/R (1 - exp(-t/tau))."""
    return 1e5 * volts**2 / 1e3 * -math.expm1(-seconds / 1e-4)


@pytest.mark.parametrize("pieces", [1, 9])
def test_temperature_follows_the_power_in_time(pieces):
    rig = HotRig()
    rig.heater.drive = VoltageSource(1.0)
    for _ in range(pieces):
        rig.harness.advance(1.5e-4 / pieces)
    assert rig.chip.device_temperature == pytest.approx(300.0 + excess(1.5e-4, 1.0), rel=1e-12)
    assert rig.chip.temperature == 300.0
    rig.heater.drive = VoltageSource(0.0)
    rig.harness.advance(2e-4)
    assert rig.chip.device_temperature == pytest.approx(300.0 + excess(1.5e-4, 1.0) * math.exp(-2), rel=1e-12)


def test_the_heater_takes_its_current_from_its_source():
    rig = HotRig()
    rig.heater.drive = VoltageSource(1.0)
    assert rig.harness.measure(rig.heater, 1e-3).current == pytest.approx(1e-3)
    rig.heater.drive = VoltageSource(1.0, current_limit=1e-4)
    sample = rig.harness.measure(rig.heater, 1.0)
    assert (sample.current, sample.limited) == (pytest.approx(1e-4), True)
    assert rig.chip.device_temperature == pytest.approx(301.0, abs=1e-9)  # 10 uW


def test_an_open_heater_stays_cold():
    rig = HotRig()
    rig.heater.drive = Open()
    rig.harness.advance(1.0)
    assert rig.chip.device_temperature == 300.0


def test_writing_while_the_temperature_rises():
    """Charge moved in two time constants of heating by 133 K, against the integral of the rate."""
    rig = HotRig()
    rig.gate.drive, rig.heater.drive = VoltageSource(1.5), VoltageSource(math.sqrt(1.33))
    rig.harness.advance(2e-4)
    expected = quad(lambda t: rate(300.0 + excess(t, math.sqrt(1.33)), 1.5), 0.0, 2e-4, epsrel=1e-10)[0]
    assert rig.y == pytest.approx(expected, rel=1e-3)
    assert expected > 5 * 2e-4 * rate(300.0, 1.5)  # heat matters here


def test_write_hot_read_cold():
    """Steps of gate pulses under a waveform on the heater follow Arrhenius; the same pulses cold are smaller."""
    moved = {}
    for volts in (0.0, 1.0):
        rig = HotRig()
        rig.heater.start(Waveform((0, 0, 3e-3, 3e-3, 1e-2), (0, volts, volts, 0, 0), repeats=20))
        rig.gate.drive = VoltageSource(0.0)
        rig.gate.start(Waveform((0, 2e-3, 2e-3, 2.01e-3, 2.01e-3, 1e-2), (0, 0, 1.5, 1.5, 0, 0), repeats=20))
        rig.harness.advance(0.2)
        assert rig.chip.device_temperature == pytest.approx(300.0, abs=1e-6)
        moved[volts] = rig.y
    kelvin = 300.0 + excess(2.005e-3, 1.0)
    assert moved[0.0] == pytest.approx(20 * 1e-5 * rate(300.0, 1.5), rel=1e-9)
    assert moved[1.0] / moved[0.0] == pytest.approx(rate(kelvin, 1.5) / rate(300.0, 1.5), rel=1e-4)


def test_fast_ripple_on_the_heater_counts_by_its_mean_power():
    """A 10 ns square wave on a heater of 100 us: 0.5 V^2 in the mean, in one call of 1e5 periods."""
    rig = HotRig()
    rig.heater.start(Waveform((0, 5e-9, 5e-9, 1e-8), (1.0, 1.0, 0, 0), repeats=100_000))
    rig.harness.advance(1e-3)
    assert rig.chip.device_temperature == pytest.approx(300.0 + excess(1e-3, math.sqrt(0.5)), abs=0.01)


@pytest.mark.parametrize("period", [3e-6, 7e-5, 5e-4])
def test_gate_pulses_in_a_train_meet_the_temperature_of_their_moment(period):
    """100 gate pulses during one heating, against the sum of the rates at the pulses."""
    rig = HotRig()
    rig.heater.drive, rig.gate.drive = VoltageSource(1.0), VoltageSource(0.0)
    width = period / 100
    rig.gate.start(Waveform((0, width, width, period), (1.5, 1.5, 0, 0), repeats=100))
    rig.harness.advance(100 * period)
    expected = sum(width * rate(300.0 + excess((n + 0.005) * period, 1.0), 1.5) for n in range(100))
    assert rig.y == pytest.approx(expected, rel=2e-3)


def test_probing_and_waiting_hours():
    rig = HotRig(DeviceModel(heater_time=1e-4, read_activation=0.1, conductance_min=1e-6, rest_drive=1.0))
    rig.heater.drive, rig.drain.drive = VoltageSource(1.0), VoltageSource(0.1)
    rig.harness.advance(1e-4)
    hot = rig.chip.device_temperature
    assert rig.harness.probe(rig.drain).current == pytest.approx(
        1e-7 * math.exp(-0.1 / K_EV * (1 / hot - 1 / 300.0)), rel=1e-9
    )
    assert rig.chip.device_temperature == hot
    rig.heater.drive = VoltageSource(0.0)
    rig.harness.advance(50_000.0)
    assert rig.chip.device_temperature == 300.0
    assert rig.harness.measure(rig.drain, 0.1).current == pytest.approx(1e-7, rel=1e-12)


def test_the_current_is_averaged_while_the_temperature_rises():
    rig = HotRig(DeviceModel(heater_time=1e-4, read_activation=0.1, conductance_min=1e-6, rest_drive=1.0))
    rig.heater.drive, rig.drain.drive = VoltageSource(1.0), VoltageSource(0.1)
    current = rig.harness.measure(rig.drain, 3e-4).current
    mean = quad(lambda t: math.exp(-0.1 / K_EV * (1 / (300 + excess(t, 1.0)) - 1 / 300)), 0.0, 3e-4)[0] / 3e-4
    assert current == pytest.approx(1e-7 * mean, rel=1e-4)


def test_hotter_than_the_devices_bear():
    rig = HotRig(DeviceModel(rest_drive=0.0, max_temperature=363.0))
    with pytest.raises(ValueError, match=r"temperature = 373.0 K.*bear 363.0 K"):
        rig.chip.temperature = 373.0
    rig.gate.drive = VoltageSource(1.0)
    rig.harness.advance(1e-3)
    written = rig.y
    assert written > 0.0
    rig.heater.drive = VoltageSource(1.0)
    rig.harness.advance(1e-2)
    dried = rig.y
    rig.heater.drive = VoltageSource(0.0)
    rig.harness.advance(1.0)
    assert rig.y == dried


def test_a_chip_without_a_heater_has_no_pads_for_one():
    chip = Chip(Array(HOT, 1, 1, seed=1))
    assert chip.pads == ("G0", "S0", "D0")
    assert chip.heater is None
    with pytest.raises(ValueError, match=r"chip\.H\+"):
        Harness(VirtualClock(), chip).connect("ground", "chip.H+")


def test_pieces_of_constant_power_add_up():
    """Ends follow the exponential, and the means weigh up to the exact mean, however sensitive the devices are."""
    for sensitivity in (1e-3, 0.05, 0.5):
        heater = Heater(1e3, 1e5, 1e-4)
        seconds = area = 0.0
        for piece in heater.pieces(4e-4, 100.0, sensitivity):
            seconds, area = seconds + piece.seconds, area + piece.seconds * piece.mean
            heater.settle(piece.end, 100.0)
        assert seconds == pytest.approx(4e-4, rel=1e-12)
        assert heater.excess == pytest.approx(-100.0 * math.expm1(-4), rel=1e-12)
        assert area == pytest.approx(100.0 * (4e-4 + 1e-4 * math.expm1(-4)), rel=1e-12)


def test_whole_periods_add_up():
    """Many short periods taken at once end where the same periods end one by one."""
    durations, targets = np.array([1e-9, 4e-9]), np.array([200.0, 10.0])
    heater, stepped = Heater(1e3, 1e5, 1e-4), Heater(1e3, 1e5, 1e-4)
    left, area = 5000, 0.0
    while left:
        periods = heater.periods(durations, targets, left, 0.05)
        assert periods is not None
        left -= periods.repeats
        area += periods.seconds * periods.mean
        heater.settle(periods.end, 10.0)
    x = expected = 0.0
    for _ in range(5000):
        for seconds, target in zip(durations, targets, strict=True):
            expected += target * seconds + (x - target) * 1e-4 * -math.expm1(-seconds / 1e-4)
            x = target + (x - target) * math.exp(-seconds / 1e-4)
    stepped.settle(x, 10.0)
    assert heater.excess == pytest.approx(stepped.excess, rel=1e-9)
    assert area == pytest.approx(expected, rel=1e-9)
