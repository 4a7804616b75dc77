"""Crosspoint networks assembled for scipy's sparse LU, as one would do without a solver of one's own."""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import SuperLU, splu

SHORTEST_TURN = 0.05  # s


class Network:
    """Conductances between the nodes of families of lines; nodes are numbered (family, row, column)."""

    def __init__(self, families: int, n: int) -> None:
        self.index = np.arange(families * n * n).reshape(families, n, n)
        self.rhs = np.zeros(self.index.size)
        self._i: list[Any] = []
        self._j: list[Any] = []
        self._v: list[Any] = []

    def branch(self, a: Any, b: Any, g: Any) -> None:
        a, b = a.ravel(), b.ravel()
        g = np.broadcast_to(np.ravel(g), a.shape)
        self._i += [a, b, a, b]
        self._j += [a, b, b, a]
        self._v += [g, g, -g, -g]

    def lines(self, family: int, *, along_rows: bool, wire: float, driver: float, far: bool, volts: Any) -> None:
        """Chains of segments [S] with a driver [S] at one end."""
        chain = self.index[family] if along_rows else self.index[family].T
        self.branch(chain[:, :-1], chain[:, 1:], wire)
        end = chain[:, -1 if far else 0]
        self._i.append(end)
        self._j.append(end)
        self._v.append(np.full(len(end), driver))
        self.rhs[end] += driver * volts

    def factors(self) -> SuperLU:
        where = (np.concatenate(self._i), np.concatenate(self._j))
        matrix = sparse.csc_matrix((np.concatenate(self._v), where))
        return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def interleaved(tasks: dict[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Median seconds and last result of each task, run in turn; short ones several times within a turn."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    results: dict[str, Any] = {}
    for _ in range(rounds):
        for name, task in tasks.items():
            repeats, begin = 0, time.perf_counter()
            while repeats == 0 or time.perf_counter() - begin < SHORTEST_TURN:
                results[name] = task()
                repeats += 1
            times[name].append((time.perf_counter() - begin) / repeats)
    return {name: statistics.median(values) for name, values in times.items()}, results


def print_machine(*packages: str) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, {versions}")
    print("one thread: ours, splu and badcrossbar use no more; figures are medians of interleaved rounds")
