"""docs/triggers.md: its connectors are those of the drivers, and its example writes a device and reads it."""

import re
from pathlib import Path

import pytest

from drivers.registry import DRIVERS
from sim_instruments import visa
from tests import docs_blocks

PAGE = docs_blocks.page("triggers.md")


def test_the_example_writes_the_device_between_its_readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "triggered.yaml").write_text(docs_blocks.files(PAGE)["triggered.yaml"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (example,) = docs_blocks.blocks(PAGE, "python")
    found: dict[str, float] = {}
    exec(compile(example, "triggers.md", "exec"), found)
    visa.reset(tmp_path / "triggered.yaml")
    assert found["before"] > 1e-9
    assert found["after"] > 1.1 * found["before"], "the pulse raised the conductance"


def test_without_the_cable_the_device_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = docs_blocks.files(PAGE)["triggered.yaml"].replace("triggers: { smu.digio1: pulser.ext }\n", "")
    (tmp_path / "triggered.yaml").write_text(bench, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found: dict[str, float] = {}
    exec(compile(docs_blocks.blocks(PAGE, "python")[0], "triggers.md", "exec"), found)
    visa.reset(tmp_path / "triggered.yaml")
    assert found["after"] == pytest.approx(found["before"], rel=2e-3)


@pytest.mark.parametrize("model", [name for name, info in DRIVERS.items() if info.trigger_inputs])
def test_the_table_lists_the_connectors(model: str) -> None:
    digits = re.sub(r"\D*(\d+[ab]).*|\D*(\d+c)$", r"\1\2", model).upper()
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and digits in line]
    cells = row.split("|")
    for cell, pattern in ((cells[2], DRIVERS[model].trigger_outputs), (cells[3], DRIVERS[model].trigger_inputs)):
        named = re.findall(r"`([a-z]+\d*)`", cell)
        assert bool(named) == bool(pattern)
        assert all(re.fullmatch(pattern, name) for name in named)
