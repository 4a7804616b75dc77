"""Fourteen hours of rest with a thousand reads of a whole array: the wall time of a night.

In each of the reads, spread evenly over the night, all source lines are at 0.1 V and the currents of all drain lines
are taken at once over 20 ms, with the thermal and 1/f noise of every channel; the gates are shorted. "lines" solves the
array with 1 Ohm segments and 10 Ohm drivers anew for every read, for conductances drift and fluctuate. "harness" does
the same through the instruments' ports, on ideal lines, for fewer reads: see its time per read. CPU time stands beside
wall time for machines that do other work meanwhile. The loss of kim2019 is the published one, 5.4 % in 14 h.
"""

import argparse
import platform
import statistics
import time
from importlib.metadata import version

import numpy as np

from emulator import Array, Chip, Harness, VirtualClock, literature
from emulator import kernels as k
from emulator.chip import GateNets
from emulator.crosspoint.lines import families
from emulator.crosspoint.read import ReadSolver
from emulator.drives import Ground, VoltageSource

NIGHT, APERTURE, VOLTS = 14.0 * 3600.0, 0.02, 0.1


def chip(side: int) -> Chip:
    """An array of fresh devices at the top of their window."""
    return Chip(Array(literature.load("kim2019").model, side, side, seed=1, initial_state=1.0))


def on_lines(side: int, reads: int) -> tuple[float, float, float]:
    """Wall and CPU time [s] of a night, and the loss of the current of all drain lines together."""
    subject = chip(side)
    gates = GateNets(np.zeros(side * side, dtype=np.int64))
    drive = np.zeros((1, 1, k.N_DRIVE))
    drive[..., k.NET_KIND], drive[..., k.NET_LOW], drive[..., k.NET_HIGH] = k.DRIVEN, -np.inf, np.inf
    rest, potential = np.array([NIGHT / reads]), np.zeros((1, 1))
    _, source, drain = families("A")
    shape, volts = (side, side), np.full(side * side, VOLTS)
    first = ReadSolver(subject.conductances.reshape(shape), source, drain).solve(VOLTS).bit_currents.sum()
    solver = ReadSolver(np.ones(shape), source, drain)
    started = time.perf_counter(), time.process_time()
    for read in range(reads):
        subject.run(gates, rest, potential, drive)
        noise = subject.noise_currents(subject.conductances, volts, (read + 1) * NIGHT / reads, APERTURE)
        solver.set_conductance((subject.conductances + noise / VOLTS).reshape(shape))
        current = solver.solve(VOLTS).bit_currents.sum()
    return time.perf_counter() - started[0], time.process_time() - started[1], float(1.0 - current / first)


def through_the_harness(side: int, reads: int) -> tuple[float, float, float]:
    """The same by ports on all pads."""
    subject = chip(side)
    harness = Harness(VirtualClock(), subject)
    for pad in subject.pads:
        port = harness.add_port(f"unit.{pad}")
        harness.connect(port.name, f"chip.{pad}")
        port.drive = VoltageSource(VOLTS) if pad.startswith("S") else Ground()
    drains = [port for name, port in harness.ports.items() if name.startswith("unit.D")]
    first = sum(sample.current for sample in harness.measure_all(drains, APERTURE))
    started = time.perf_counter(), time.process_time()
    for _ in range(reads):
        harness.advance(NIGHT / reads - APERTURE)
        current = sum(sample.current for sample in harness.measure_all(drains, APERTURE))
    return time.perf_counter() - started[0], time.process_time() - started[1], 1.0 - current / first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=32, help="rows and columns of the array (default 32)")
    parser.add_argument("--reads", type=int, default=1000, help="reads of the whole array on lines (default 1000)")
    parser.add_argument("--harness-reads", type=int, default=50, help="reads through the harness (default 50)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved nights; medians count (default 5)")
    options = parser.parse_args()
    ways = {"lines": (on_lines, options.reads), "harness": (through_the_harness, options.harness_reads)}
    for way, _ in ways.values():
        way(options.side, 2)  # compiles
    nights = [[way(options.side, reads) for way, reads in ways.values()] for _ in range(options.rounds)]
    print(
        f"{platform.machine()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
        + "; kernels and line solver use one thread, the harness those of NumPy's BLAS"
    )
    print(f"14 h of {options.side} x {options.side} devices, medians of {options.rounds} interleaved rounds")
    print(f"{'':10}{'reads':>8}{'night [s]':>12}{'a read [ms]':>14}{'CPU, a read [ms]':>18}{'loss':>9}")
    for (label, (_, reads)), results in zip(ways.items(), zip(*nights, strict=True), strict=True):
        wall, cpu = (statistics.median(result[n] for result in results) for n in (0, 1))
        each = f"{1e3 * wall / reads:14.3f}{1e3 * cpu / reads:18.3f}"
        print(f"{label:10}{reads:8d}{wall:12.3f}{each}{100.0 * results[0][2]:8.2f} %")


if __name__ == "__main__":
    main()
