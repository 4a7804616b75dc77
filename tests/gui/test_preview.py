"""The gate waveform before a run."""

import pytest

from ecramlab import experiments
from ecramlab.limits import Limits
from gui.panels.waveform_panel import WaveformPanel
from gui.preview import gate_preview


def preview(limits: Limits | None = None, **assignments: str):
    experiment = experiments.get("potentiation-depression").from_assignments(assignments)
    return gate_preview(experiment, limits or Limits())


def test_both_branches_with_number_amplitude_and_width() -> None:
    shown = preview(**{"up": "64", "down": "2", "pulse.amplitude": "3 V", "pulse.width": "10 ms"})
    up, down = shown.branches
    assert (up.text, down.text) == ("64 × +3 V, 10 ms", "2 × -3 V, 10 ms")
    assert (up.slots, down.slots) == (3, 2)  # not 64 rectangles
    x, y = up.corners()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 3, 0)
    assert sorted(set(y)) == [0, 3]
    assert down.corners()[0][0] == 3


def test_current_pulses_stand_against_the_limit_of_the_current() -> None:
    shown = preview(Limits(gate_current=1e-9), **{"pulse.amplitude": "100 pA"})
    assert (shown.unit, shown.limit) == ("A", 1e-9)
    assert shown.within_limits


@pytest.mark.parametrize(("amplitude", "within"), [("5 V", True), ("5.1 V", False), ("-5.1 V", False)])
def test_beyond_the_limit(amplitude: str, within: bool) -> None:
    assert preview(Limits(gate_voltage=5.0), **{"pulse.amplitude": amplitude}).within_limits is within


def test_the_panel_says_when_there_is_nothing_to_draw(qtbot) -> None:
    panel = WaveformPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert panel.note.isVisible()
    panel.show_preview(preview())
    assert not panel.note.isVisible()
    assert panel.detail.text() == "one cycle of 3, widths not to scale"
