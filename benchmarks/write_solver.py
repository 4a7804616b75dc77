"""Writing an array with resistive lines by half-bias: beside Newton's method with scipy's sparse LU.

Gate and source lines along rows, drain lines along columns, 1 Ohm a segment, 10 Ohm a driver; +2 V on an eighth of the
gates, -2 V on an eighth of the drains, sources at 0 V; hyperbolic-sine gates of 0.1 nA and 0.3 V, distributed along the
channel; channels log-uniform from 1 nS to 100 uS. Both start from lines without drops and have the same law. The sparse
method stops when no node moves by more than 1e-9 V, ours when the next step would move none by more than 1e-10 V.
"""

import argparse
from typing import Any

import numpy as np
import sparse_network

from emulator.crosspoint.gate_law import SinhGate, linearise
from emulator.crosspoint.lines import families
from emulator.crosspoint.write import WriteSolver

LAW = SinhGate(up=1e-10, down=1e-10, v0=0.3)
LARGEST_SPARSE = 256  # beyond, a factorisation takes minutes


def sparse_newton(channel: Any, gate: Any, drain: Any) -> Any:
    n = len(gate)
    parameters = LAW.parameters((n, n))
    x = np.zeros((3, n, n))
    for _ in range(20):
        network = sparse_network.Network(3, n)
        network.lines(0, along_rows=True, wire=1.0, driver=0.1, far=False, volts=gate)
        network.lines(1, along_rows=True, wire=1.0, driver=0.1, far=False, volts=0.0)
        network.lines(2, along_rows=False, wire=1.0, driver=0.1, far=False, volts=drain)
        into, g = np.empty_like(x), np.empty_like(x)
        linearise(parameters, 1, channel, x, into, g)
        for (a, b), between in zip(((0, 1), (0, 2), (1, 2)), g, strict=True):
            network.branch(network.index[a], network.index[b], between)
        gs, gd, sd = g[0] * (x[0] - x[1]), g[1] * (x[0] - x[2]), g[2] * (x[1] - x[2])
        rest = into - np.stack([gs + gd, sd - gs, -sd - gd])
        new = network.factors().solve(network.rhs - rest.ravel()).reshape(x.shape)
        moved, x = np.abs(new - x).max(), new
        if moved < 1e-9:
            return x
    raise RuntimeError("no convergence")


def compare(n: int, rounds: int) -> str:
    rng = np.random.default_rng(0)
    channel = 10 ** rng.uniform(-9, -4, (n, n))
    selected = (np.arange(n) < max(1, n // 8)) * 2.0
    solver = WriteSolver((n, n), *families("A"))
    tasks = {"ours": lambda: solver.solve(channel, LAW, selected, 0.0, -selected)}
    if n <= LARGEST_SPARSE:
        tasks["splu"] = lambda: sparse_newton(channel, selected, -selected)
    seconds, results = sparse_network.interleaved(tasks, rounds if n < LARGEST_SPARSE else 1)
    ours = results["ours"]
    line = f"{n:5d}  {seconds['ours'] * 1e3:9.2f} {ours.steps:6d} {ours.iterations:6d} {ours.left:10.1e}"
    if "splu" in results:
        error = np.abs(results["splu"] - ours.voltages).max()
        line += f" {seconds['splu'] * 1e3:10.1f} {seconds['splu'] / seconds['ours']:8.0f} {error:12.1e}"
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 64, 128, 256, 512], help="rows and columns")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sparse_network.print_machine("numpy", "scipy", "numba")
    print("    N  ours [ms]  steps iterations left [A]  sparse [ms]   sparse/ours  difference [V]")
    compare(8, 1)  # compiles
    for n in arguments.sizes:
        print(compare(n, arguments.rounds))


if __name__ == "__main__":
    main()
