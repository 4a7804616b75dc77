"""Pictures are made, show something, and say where the numbers come from."""

import math
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from ecramlab.columns import STATUS, TIME, Column, choice_column
from ecramlab.plots import plot_run
from ecramlab.plots.potentiation_depression import draw
from ecramlab.plots.style import BLUE, ORANGE, VERMILION, si_scale
from ecramlab.runs import Provenance, RunWriter, SampleRecord, open_run

COLUMNS = (
    TIME,
    choice_column("phase", "part of the sequence", ("start", "potentiation", "depression")),
    Column("cycle", "1", "cycle", "i4"),
    Column("pulse", "1", "pulse", "i4"),
    Column("conductance", "S", "channel conductance"),
    STATUS,
)
PROVENANCE = Provenance(SampleRecord("W07-C3"), [], {"up": 20, "down": 20}, emulation={})


def triangle(cycles: int = 2, pulses: int = 20) -> list[dict[str, float]]:
    rows = [{"phase": 0, "cycle": 0, "pulse": 0, "conductance": 1e-7}]
    for cycle in range(cycles):
        for phase, level in ((1, lambda n: n), (2, lambda n: pulses - n)):
            rows += [
                {"phase": phase, "cycle": cycle, "pulse": n, "conductance": 1e-7 + 1e-8 * math.sqrt(level(n))}
                for n in range(1, pulses + 1)
            ]
    return [{"time": 0.01 * k, "status": 0, **row} for k, row in enumerate(rows)]


@pytest.fixture
def store(tmp_path):
    def make(rows, provenance=PROVENANCE, experiment="potentiation-depression", status="complete", reason=""):
        writer = RunWriter.create(
            tmp_path, experiment=experiment, title="Potentiation and depression", columns=COLUMNS, provenance=provenance
        )
        writer.append(rows)
        return writer.seal(status, reason)

    return make


def picture(path: Path) -> np.ndarray:
    return np.asarray(matplotlib.image.imread(path))[:, :, :3]


def count(image: np.ndarray, colour: str) -> int:
    return int((np.abs(image - np.array(to_rgb(colour))).max(axis=2) < 0.02).sum())


def texts(path: Path) -> str:
    with open_run(path) as run:
        figure = draw(run)
    return "\n".join(item.get_text() for item in figure.findobj(lambda item: hasattr(item, "get_text")))


def test_a_picture_shows_both_branches(store, tmp_path):
    with open_run(store(triangle())) as run:
        plot_run(run, tmp_path / "a.png")
    image = picture(tmp_path / "a.png")
    assert image.shape == (1140, 1650, 3)  # 11 x 7.6 inches at 150 dots
    for colour in (BLUE, VERMILION, ORANGE):
        assert count(image, colour) > 500, colour
    upper = image[150:500]
    assert count(upper[:, : upper.shape[1] // 3], BLUE) > 100  # the first branch goes up on the left


def test_a_picture_says_what_it_shows(store):
    path = store(triangle(), status="aborted", reason="Ctrl-C\nand more")
    text = texts(path)
    with open_run(path) as run:
        assert run.run_id[:8] in text
    for words in ("Potentiation and depression", "sample W07-C3", "aborted (Ctrl-C)", "EMULATED CHIP", "On/off ratio"):
        assert words in text
    assert "Conductance (nS)" in text
    assert "potentiation, 2 cycles" in text
    assert "REAL BENCH" not in text


def test_a_real_bench_is_marked(store):
    text = texts(store(triangle(), replace(PROVENANCE, emulation=None)))
    assert "REAL BENCH" in text
    assert "EMULATED" not in text


@pytest.mark.parametrize("rows", [1, 2, 15, 21, 30])
def test_runs_that_ended_early_can_be_drawn(store, tmp_path, rows):
    with open_run(store(triangle()[:rows], status="aborted")) as run:
        plot_run(run, tmp_path / "a.png")
    assert picture(tmp_path / "a.png").std() > 0.01


def test_many_cycles_and_gaps_can_be_drawn(store, tmp_path):
    rows = triangle(cycles=60)
    rows[25]["conductance"] = math.nan
    with open_run(store(rows)) as run:
        plot_run(run, tmp_path / "a.png")
    assert count(picture(tmp_path / "a.png"), BLUE) > 500


@pytest.mark.parametrize(("suffix", "beginning"), [(".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_other_formats(store, tmp_path, suffix, beginning):
    path = tmp_path / f"a{suffix}"
    with open_run(store(triangle())) as run:
        plot_run(run, path)
    assert path.read_bytes().startswith(beginning)


def test_what_cannot_be_drawn_is_one_sentence(store, tmp_path):
    with open_run(store([])) as run, pytest.raises(ValueError, match="no conductance was measured"):
        plot_run(run, tmp_path / "a.png")
    with (
        open_run(store(triangle(), experiment="other")) as run,
        pytest.raises(ValueError, match=r"no plot for.*'other'"),
    ):
        plot_run(run, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.4e-8, math.nan], (1e9, "nS")),
        ([-2e-6, 1e-7], (1e6, "µS")),
        ([0.5], (1e3, "mS")),
        ([1.0, 999.0], (1.0, "S")),
        ([], (1.0, "S")),
        ([0.0], (1.0, "S")),
        ([1e-20], (1e15, "fS")),
    ],
)
def test_prefixes(values, expected):
    scale, unit = si_scale(values, "S")
    assert (scale, unit) == (pytest.approx(expected[0]), expected[1])
