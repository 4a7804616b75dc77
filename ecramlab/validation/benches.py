"""Emulated benches of checks: a shipped bench with another device, limits that fit it, and nothing random in it.

A bench file is written into a folder of its own, because the twin behind PyVISA is built from a file.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import yaml

from ecramlab import bench_file
from ecramlab.bench import Bench, open_bench
from ecramlab.bench_file import BenchFile

Gate = Literal["generator", "unit"]

_SHIPPED = {"generator": "single-device", "unit": "single-device-current"}
NOTHING_RANDOM = {
    "device_spread": False,
    "cycle_noise": False,
    "read_noise": False,
    "instrument_noise": False,
    "instrument_accuracy": False,
}
_LIMITS = {"gate_voltage": 20.0, "gate_current": 1e-3, "drain_voltage": 0.5, "drain_current": 1e-3, "pulse_width": 1e3}


@contextmanager
def bench_of(
    device: str, gate: Gate = "generator", *, shipped: str | None = None, **sections: Mapping[str, Any]
) -> Iterator[Bench]:
    """The twin of a single-device bench with `device` on it, opened; its gate is driven by a generator or a unit.

    `shipped` names another bench to start from. `sections` are keys to change in sections of the file, as in
    emulation={"cycle_noise": True}. Raises BenchFileError if the bench cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="ecramlab-validate-") as folder:
        file = write_bench(Path(folder), shipped or _SHIPPED[gate], device, sections)
        with open_bench(file, emulate=True) as bench:
            yield bench


def write_bench(folder: Path, shipped: str, device: str, sections: Mapping[str, Mapping[str, Any]]) -> BenchFile:
    """Write the bench file of `bench_of` into `folder`, and read it back."""
    document = yaml.safe_load(bench_file.find(shipped).read_text(encoding="utf-8"))
    document["emulation"] = {**NOTHING_RANDOM, "seed": 1, "device": _absolute(device)}
    document["chip"]["limits"] = {**document["chip"]["limits"], **_LIMITS}
    for section, changes in sections.items():
        document[section] = {**document.get(section, {}), **changes}
    path = folder / f"{shipped}.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return bench_file.load(path)


def _absolute(device: str) -> str:
    """A device by name as it is; one by path with its whole path, since the bench file lies elsewhere."""
    path, colon, variant = device.rpartition(":")
    for place, rest in ((device, ""), (path, colon + variant)):
        if Path(place).is_file():
            return f"{Path(place).resolve()}{rest}"
    return device
