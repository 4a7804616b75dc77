"""One pulse to every cell of an array with everything on, beside scipy.integrate stepping one cell, for any width.

Mechanisms: dispersion, open-circuit potential, curved window, double layer of two modes, diffusion from the surface,
drift, wear, ionic and electronic gate current. Ours adds cycle-to-cycle noise and spread, and takes the closed form of
a segment; scipy's LSODA, with derivatives in Python, steps charge, state, age and double layer of one cell, and its
time is multiplied by the number of cells. CPU time of both. Without noise both end in the same state: see "differ".
"""

import argparse
import platform
import statistics
import time
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from emulator import Array, Chip, DeviceModel
from emulator import kernels as k
from emulator.chip import GateNets

Floats = NDArray[np.float64]

VOLTS, START = 2.0, 0.3
WIDTHS = tuple(10.0**n for n in range(-9, 4))
MODEL = DeviceModel(
    charge=1e-9,
    v0=0.3,
    rate_up=0.05,
    rate_down=0.05,
    ocp_slope=4.0,
    dispersion_onset=1e-6,
    dispersion_recovery=0.05,
    curvature_up=1.5,
    curvature_down=1.0,
    surface_fraction=0.5,
    surface_time=5e-3,
    surface_weight=0.1,
    double_layer_gain_1=0.02,
    double_layer_gain_2=0.01,
    drift_exponent=0.005,
    endurance_cycles=1e6,
    gate_leakage=1e-12,
    cycle_noise=0.01,
    spread_rate=0.1,
    y_low=-0.5,
    y_high=2.0,
)


def pulse(chip: Chip, width: float) -> float:
    """CPU time [s] of one call: a pulse of the width to all cells."""
    gates = GateNets(np.zeros(chip.array.rows * chip.array.columns, dtype=np.int64))
    drive = np.zeros((1, 1, k.N_DRIVE))
    drive[0, 0, [k.NET_KIND, k.NET_VOLTAGE, k.NET_LOW, k.NET_HIGH]] = k.DRIVEN, VOLTS, -np.inf, np.inf
    volts = np.array([[0.0, VOLTS]])
    chip.array.devices[[k.Y, k.Q]] = START
    chip.array.devices[[k.AGE, k.X, k.E1, k.E2]] = 0.0
    started = time.process_time()
    chip.run(gates, np.array([width]), volts, drive)
    return time.process_time() - started


def derivatives(_: float, state: Floats) -> list[float]:
    """Of charge, conductance state, age, and both modes of the double layer, under a positive gate."""
    q, y, age, e1, e2 = state
    m = MODEL
    over = VOLTS - m.ocp_offset - m.ocp_slope * (q - m.ocp_center)
    flow = m.rate_up * np.sinh(over / m.v0) * m.dispersion_onset / (m.dispersion_onset + age)
    window = m.curvature_up / -np.expm1(-m.curvature_up) - m.curvature_up * y
    return [
        flow,
        window * flow,
        1.0 - age / m.dispersion_recovery,
        (m.double_layer_gain_1 * VOLTS - e1) / m.double_layer_time_1,
        (m.double_layer_gain_2 * VOLTS - e2) / m.double_layer_time_2,
    ]


def stepped(width: float) -> tuple[float, Floats]:
    """CPU time [s] that scipy takes for one cell, and the state at the end."""
    started = time.process_time()
    solution = solve_ivp(
        derivatives, (0.0, width), [START, START, 0.0, 0.0, 0.0], method="LSODA", rtol=1e-8, atol=1e-12
    )
    return time.process_time() - started, solution.y[:, -1]


def difference(width: float, theirs: Floats) -> float:
    """Largest difference between the states of one cell without noise."""
    chip = Chip(Array(MODEL, 1, 1, seed=1, device_spread=False, cycle_noise=False), read_noise=False)
    pulse(chip, width)
    ours = chip.array.devices[[k.Q, k.Y, k.AGE, k.E1, k.E2], 0]
    scale = np.array([1.0, 1.0, MODEL.dispersion_recovery, 1.0, 1.0])
    return float((np.abs(ours - theirs) / scale).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of the array (default 1024)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; medians count (default 3)")
    options = parser.parse_args()
    cells = options.side**2
    chip = Chip(Array(MODEL, options.side, options.side, seed=1), read_noise=False)
    pulse(chip, WIDTHS[0])  # compiles
    ours: dict[float, list[float]] = {width: [] for width in WIDTHS}
    theirs: dict[float, list[float]] = {width: [] for width in WIDTHS}
    differ = dict.fromkeys(WIDTHS, 0.0)
    for _ in range(options.rounds):
        for width in WIDTHS:
            ours[width].append(pulse(chip, width))
            seconds, state = stepped(width)
            theirs[width].append(seconds)
            differ[width] = difference(width, state)
            assert differ[width] < 1e-5, f"after {width:g} s the states differ by {differ[width]:g}"
    print(
        f"{platform.machine()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
        + ", one thread each"
    )
    print(f"{options.side} x {options.side} cells, one pulse a call, medians of {options.rounds} interleaved rounds")
    print(f"{'width [s]':>10}{'a call [s]':>12}{'cells/s':>10}{'scipy, scaled [s]':>20}{'ratio':>10}{'differ':>10}")
    for width in WIDTHS:
        call, scaled = statistics.median(ours[width]), cells * statistics.median(theirs[width])
        print(f"{width:10.0e}{call:12.3f}{cells / call:10.2g}{scaled:20.0f}{scaled / call:10.0f}{differ[width]:10.1g}")
    medians = [statistics.median(times) for times in ours.values()]
    print(f"slowest width / fastest width: {max(medians) / min(medians):.2f}")


if __name__ == "__main__":
    main()
