"""A single device between three ports, as most tests of the physics need it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform
from emulator import kernels as k
from emulator.calibration import calibrated
from emulator.drives import CurrentSource, Ground, Open, VoltageSource


class Rig:
    """One device: gate, drain and source each on a port of its own; the drain and the source are grounded."""

    def __init__(self, model: DeviceModel, *, state: float = 0.5, temperature: float = 300.0, **options: Any) -> None:
        noise = {"device_spread": False, "cycle_noise": False, "seed": 1} | options
        self.chip = Chip(Array(model, 1, 1, initial_state=state, **noise), temperature=temperature, read_noise=False)
        self.harness = Harness(VirtualClock(), self.chip)
        self.gate, self.drain, self.source = (self.harness.add_port(f"unit.{t}") for t in ("g", "d", "s"))
        for port, pad in ((self.gate, "G0"), (self.drain, "D0"), (self.source, "S0")):
            self.harness.connect(port.name, f"chip.{pad}")
        self.gate.drive = self.drain.drive = self.source.drive = Ground()

    def value(self, row: int) -> float:
        return float(self.chip.array.devices[row, 0])

    @property
    def y(self) -> float:
        return self.value(k.Y)

    @property
    def conductance(self) -> float:
        return float(self.chip.conductances[0])

    def state(self) -> NDArray[np.float64]:
        """y, q, age, x, e1, e2, cycled."""
        return self.chip.array.devices[: k.REST, 0].copy()

    def hold(self, volts: float, seconds: float) -> None:
        self.gate.drive = VoltageSource(volts)
        self.harness.advance(seconds)

    def push(self, amperes: float, seconds: float) -> None:
        self.gate.drive = CurrentSource(amperes)
        self.harness.advance(seconds)

    def rest(self, seconds: float) -> None:
        self.gate.drive = Open()
        self.harness.advance(seconds)

    def pulse(self, volts: float, width: float, rest: float, repeats: int = 1) -> None:
        """Rectangular pulses from 0 V."""
        shape = Waveform.pulse(base=0, level=volts, width=width, rise=0, fall=0, period=width + rest, repeats=repeats)
        self.gate.drive = VoltageSource(0.0)
        self.gate.start(shape)
        self.harness.advance(self.gate.remaining)


def rectangular(model: DeviceModel, up: float, down: float, width: float, count: int, **options: Any) -> DeviceModel:
    """Calibrated with rectangular pulses that start from a rested device."""
    return calibrated(
        model, up_amplitude=up, down_amplitude=down, width=width, edge=0.0, period=width + 100.0, count=count, **options
    )


def oxygen(**changes: Any) -> DeviceModel:
    """A dispersive device: 1000 pulses of +-4 V and 10 ns."""
    values = {
        "conductance_min": 1.5e-6,
        "conductance_max": 16e-6,
        "v0": 0.6,
        "dispersion_onset": 5e-9,
        "dispersion_recovery": 0.05,
        "charge": 1e-9,
        "write_activation": 0.6,
    }
    return rectangular(DeviceModel(**(values | changes)), 4.0, -4.0, 10e-9, 1000)


def label(branch: NDArray[np.float64]) -> float:
    """NeuroSim label of one branch, end points included: least squares for u, then a search for the distance."""
    x = np.linspace(0.0, 1.0, len(branch))
    y = (branch - branch[0]) / (branch[-1] - branch[0])

    def curve(u: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x if abs(u) < 1e-9 else np.expm1(-u * x) / math.expm1(-u)

    u = minimize_scalar(lambda u: ((curve(u, x) - y) ** 2).sum(), bracket=(-0.5, 0.5), tol=1e-12).x
    peak = minimize_scalar(
        lambda t: -abs(curve(u, np.array([t]))[0] - t), bounds=(0, 1), method="bounded", options={"xatol": 1e-10}
    )
    return float(np.sign(u) * -peak.fun / math.sqrt(2) / 0.07)


@pytest.fixture(name="Rig", scope="session")
def rig_class() -> type[Rig]:
    return Rig


@pytest.fixture(name="oxygen", scope="session")
def oxygen_factory() -> Callable[..., DeviceModel]:
    return oxygen


@pytest.fixture(name="rectangular", scope="session")
def rectangular_factory() -> Callable[..., DeviceModel]:
    return rectangular


@pytest.fixture(name="label", scope="session")
def label_function() -> Callable[..., float]:
    return label
