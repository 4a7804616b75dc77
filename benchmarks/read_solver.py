"""Reading an array with resistive lines: beside badcrossbar and scipy's sparse LU, same circuit, same answers.

Word lines driven at the left, bit lines grounded at the bottom, each through one segment of 1 Ohm; conductances
log-uniform from 1 nS to 100 uS. "new" is one product with conductances not seen before, from the matrix to the
currents, everything included; "next" is another product with the same conductances; "matrix" the same by the port
matrix, of many. The second table asks for the products of 64 vectors of voltages at once with conductances not seen
before, as inference does; badcrossbar takes them as 64 columns and factorises once. Needs badcrossbar (pip install
badcrossbar, which draws pictures and therefore wants cairo).
"""

import argparse
import logging
import math
import warnings
from typing import Any

import numpy as np
import sparse_network

from emulator.crosspoint.lines import LineFamily
from emulator.crosspoint.read import ReadSolver

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # badcrossbar warns of pictures that it cannot draw
    import badcrossbar

VECTORS = 64


def sparse_lu(conductance: Any, volts: Any) -> Any:
    n = len(volts)
    network = sparse_network.Network(2, n)
    network.lines(0, along_rows=True, wire=1.0, driver=1.0, far=False, volts=volts)
    network.lines(1, along_rows=False, wire=1.0, driver=1.0, far=True, volts=0.0)
    network.branch(network.index[0], network.index[1], conductance)
    return network.factors().solve(network.rhs)[network.index[1, -1]]


def compare(n: int, rounds: int, tolerance: float) -> str:
    rng = np.random.default_rng(0)
    conductance, volts = 10 ** rng.uniform(-9, -4, (n, n)), rng.uniform(0.0, 0.5, n)
    word = LineFamily(along="rows", segment_resistance=1.0, near_resistance=1.0)
    bit = LineFamily(along="columns", segment_resistance=1.0, near_resistance=math.inf, far_resistance=1.0)
    solver, ready = ReadSolver(conductance, word, bit), ReadSolver(conductance, word, bit)
    matrix = ReadSolver(conductance, word, bit)
    if n <= 128:
        _ = matrix.port_matrix

    def new() -> Any:
        solver.set_conductance(conductance)
        return -solver.solve(volts, tolerance=tolerance).bit_currents[1]

    tasks = {
        "new": new,
        "next": lambda: -ready.solve(volts, tolerance=tolerance).bit_currents[1],
        "splu": lambda: sparse_lu(conductance, volts),
        "badcrossbar": lambda: badcrossbar.compute(volts[:, np.newaxis], 1.0 / conductance, 1.0).currents.output[0],
    }
    if n <= 128:
        tasks["matrix"] = lambda: matrix.currents(volts)
    seconds, currents = sparse_network.interleaved(tasks, rounds)
    error = np.max(np.abs(currents["new"] / currents["splu"] - 1.0))
    theirs = np.max(np.abs(currents["badcrossbar"] / currents["splu"] - 1.0))
    return (
        f"{n:5d}  {seconds['new'] * 1e3:9.3f} {seconds['next'] * 1e3:9.3f} {seconds.get('matrix', math.nan) * 1e3:9.4f}"
        f" {seconds['badcrossbar'] * 1e3:9.1f} {seconds['splu'] * 1e3:9.1f}"
        f" {seconds['badcrossbar'] / seconds['new']:9.0f} {seconds['badcrossbar'] / seconds['next']:9.0f}"
        f" {seconds['splu'] / seconds['new']:9.0f} {error:9.1e} {theirs:9.1e}"
    )


def compare_many(n: int, rounds: int, tolerance: float) -> str:
    rng = np.random.default_rng(0)
    conductance, volts = 10 ** rng.uniform(-9, -4, (n, n)), rng.uniform(0.0, 0.5, (VECTORS, n))
    word = LineFamily(along="rows", segment_resistance=1.0, near_resistance=1.0)
    bit = LineFamily(along="columns", segment_resistance=1.0, near_resistance=math.inf, far_resistance=1.0)
    solver, matrix = ReadSolver(conductance, word, bit), ReadSolver(conductance, word, bit)

    def one_by_one() -> Any:
        solver.set_conductance(conductance)
        return np.array([-solver.solve(one, tolerance=tolerance).bit_currents[1] for one in volts])

    def by_matrix() -> Any:
        matrix.set_conductance(conductance)
        return matrix.currents(volts)

    tasks = {
        "one by one": one_by_one,
        "currents": by_matrix,
        "badcrossbar": lambda: badcrossbar.compute(volts.T, 1.0 / conductance, 1.0).currents.output,
    }
    seconds, currents = sparse_network.interleaved(tasks, rounds)
    exact = np.array([sparse_lu(conductance, one) for one in volts])
    error = max(np.max(np.abs(currents[name] / exact - 1.0)) for name in ("one by one", "currents"))
    theirs = seconds["badcrossbar"]
    return (
        f"{n:5d}  {seconds['one by one'] * 1e3:11.3f} {seconds['currents'] * 1e3:11.3f} {theirs * 1e3:11.1f}"
        f" {theirs / seconds['one by one']:11.1f} {theirs / seconds['currents']:11.1f} {error:9.1e}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 128, 256], help="rows and columns")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tolerance", type=float, default=3e-10, help="of ours; 3e-10 keeps errors below 1e-9")
    arguments = parser.parse_args()
    logging.disable()
    sparse_network.print_machine("numpy", "scipy", "numba")
    print(
        "    N    new [ms] next [ms] matrix [ms] badcrossbar splu [ms] | badcrossbar/new .../next  splu/new"
        "  error against splu: ours, badcrossbar"
    )
    compare(8, 1, arguments.tolerance)  # compiles
    for n in arguments.sizes:
        print(compare(n, arguments.rounds, arguments.tolerance))
    print(
        f"{VECTORS} vectors at once, times in ms\n"
        "    N  one by one    currents badcrossbar | badcrossbar/one by one, /currents   error"
    )
    for n in arguments.sizes:
        print(compare_many(n, arguments.rounds, arguments.tolerance))


if __name__ == "__main__":
    main()
