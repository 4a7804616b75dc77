"""Bench files for tests: shipped ones with some keys changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecramlab import bench_file
from ecramlab.bench_file import BenchFile

BenchMaker = Callable[..., BenchFile]


@pytest.fixture
def make_bench(tmp_path: Path) -> BenchMaker:
    """make_bench("single-device", emulation={"seed": 2}) -> that shipped bench with keys of sections replaced."""

    def make(name: str, **sections: dict[str, Any]) -> BenchFile:
        document = yaml.safe_load(bench_file.shipped()[name].read_text(encoding="utf-8"))
        for section, changes in sections.items():
            document[section] = {**document.get(section, {}), **changes}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return bench_file.load(path)

    return make


QUIET = {
    "device_spread": False,
    "cycle_noise": False,
    "read_noise": False,
    "instrument_noise": False,
    "instrument_accuracy": False,
}
"""Emulation without anything random."""
