"""docs/arrays.md: its programs run and print what the page says, and its bench keys are known."""

import re

import pytest
import yaml

from ecramlab.bench_file import Emulation
from ecramlab.limits import Chip
from emulator import lines
from tests import docs_blocks

PAGE = docs_blocks.page("arrays.md")


def printed(word: str, capsys: pytest.CaptureFixture[str]) -> str:
    (program,) = [block for block in docs_blocks.blocks(PAGE, "python") if word in block]
    exec(program, {})  # code of our own documentation
    return capsys.readouterr().out


def test_a_half_bias_write_behind_wires(capsys: pytest.CaptureFixture[str]) -> None:
    seen, taken = map(float, re.findall(r"[\d.]+(?= V of| %)", printed("Crosspoint", capsys)))
    assert 2.9 < seen < 3.0  # 3/4 of 4 V, less what the wires take
    assert 0.0 < taken < 10.0


def test_signed_pulses_in_the_fast_tier(capsys: pytest.CaptureFixture[str]) -> None:
    keeps_out, states = printed("fast.Pulses", capsys).splitlines()
    assert "gate_time" in keeps_out
    low, high = map(float, re.findall(r"-?[\d.]+", states))
    assert low < 0.5 < high


def test_the_bench_keys() -> None:
    (text,) = docs_blocks.blocks(PAGE, "yaml")
    document = yaml.safe_load(text)
    chip = Chip.model_validate(document["chip"])
    assert "Dfar7" in chip.pads()
    assert Emulation.model_validate(document["emulation"]).defects["stuck"] == 0.01


def test_the_table_of_layouts() -> None:
    rows = re.findall(r"^\| `([A-D])` \| (\w+) \| (\w+) \| (\w+) \|", PAGE, flags=re.MULTILINE)
    assert {layout: tuple(along) for layout, *along in rows} == lines.LAYOUTS
