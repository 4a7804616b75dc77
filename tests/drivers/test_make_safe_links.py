"""make_safe of every driver on a link that fails at each of its operations, once or for good."""

from __future__ import annotations

import math
from typing import Any

import pytest

from drivers import PulseGenerator, SourceMeasureUnit, SwitchMatrix
from drivers.registry import DRIVERS
from drivers.visa_instrument import VisaInstrument
from tests.drivers.fake_resource import LOST, TIMEOUT
from tests.drivers.twins import Twin

MODELS = sorted({DRIVERS[name].module: name for name in DRIVERS}.values())  # one of each family


def energised(model: str) -> tuple[Twin, VisaInstrument, list[Any]]:
    """Every kind of channel of a unit with its output on, or one relay closed."""
    twin = Twin(model)
    driver = twin.open()
    channels = getattr(driver, "_channels", None) or {"1": getattr(driver, "_channel", driver)}
    for channel in channels.values():
        if isinstance(channel, SourceMeasureUnit):
            channel.source_voltage(0.5, current_limit=1e-6, voltage_range=2.0)
            channel.output(True)
        elif isinstance(channel, PulseGenerator):
            channel.load(math.inf)
            channel.pulse(base=0.0, level=1.0, width=1e-3)
            channel.output(True)
        else:
            assert isinstance(channel, SwitchMatrix)
            channel.connect([(channel.abilities.rows[0], channel.abilities.columns[0])])
    assert driver.outputs()
    return twin, driver, list(channels.values())


class Failing:
    """Counts what is done on the link and fails from one operation on, for as many as told."""

    def __init__(self, twin: Twin, first: int, count: float, error: BaseException) -> None:
        self.resource, self.first, self.last, self.error = twin.resource, first, first + count, error
        self.done = 0
        self._plain = self.resource._operation
        self.resource._operation = self._operation  # type: ignore[method-assign]

    def _operation(self, name: str) -> None:
        self._plain(name)
        self.done += 1
        if self.first < self.done <= self.last:
            raise self.error

    def restore(self) -> None:
        self.resource._operation = self._plain  # type: ignore[method-assign]


def operations(model: str) -> int:
    twin, driver, _ = energised(model)
    counter = Failing(twin, 0, 0, LOST)
    assert driver.make_safe() == []
    counter.restore()
    assert driver.outputs() == {}
    return counter.done


@pytest.mark.parametrize("error", [TIMEOUT, LOST], ids=["timeout", "lost"])
@pytest.mark.parametrize("model", MODELS)
def test_one_failure_at_any_operation_is_recovered(model: str, error: BaseException) -> None:
    for first in range(operations(model)):
        twin, driver, _ = energised(model)
        Failing(twin, first, 1, error)
        assert driver.make_safe() == [], f"operation {first}"
        assert driver.outputs() == {}, f"operation {first}"


@pytest.mark.parametrize("error", [TIMEOUT, LOST, RuntimeError()], ids=["timeout", "lost", "error of a VISA library"])
@pytest.mark.parametrize("model", MODELS)
def test_a_link_that_dies_is_reported_and_never_raised(model: str, error: BaseException) -> None:
    twin, driver, channels = energised(model)
    for first in range(operations(model)):
        link = Failing(twin, first, math.inf, error)
        problems = driver.make_safe()
        assert problems
        assert all("switch it off on the instrument's front panel" in problem for problem in problems)
        link.restore()
    Failing(twin, 0, math.inf, error)
    assert all(channel.make_safe() for channel in channels)
