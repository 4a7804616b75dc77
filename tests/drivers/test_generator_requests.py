"""What every pulse generator refuses, whatever its make: nothing is sent, and the channel is as it was."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from drivers import InstrumentError, Refused
from drivers.pulse_channel import PulseChannel
from tests.drivers.fake_resource import TIMEOUT
from tests.drivers.twins import Twin

TERMINALS = {"keysight_33622a": "1", "keysight_81160a": "1", "keysight_b1500a": "501", "tektronix_afg3252c": "1"}
NAN_AND_INFINITIES = (math.nan, math.inf, -math.inf)
Request = Callable[[PulseChannel], object]


def opened(model: str) -> tuple[Twin, PulseChannel]:
    twin = Twin(model)
    channel = twin.open().channel(TERMINALS[model])
    assert isinstance(channel, PulseChannel)
    return twin, channel


def set_up(model: str) -> tuple[Twin, PulseChannel]:
    twin, generator = opened(model)
    generator.load(math.inf)
    generator.pulse(base=0.0, level=1.0, width=1e-3)
    return twin, generator


def pulse(**changed: float) -> Request:
    return lambda generator: generator.pulse(**{"base": 0.0, "level": 1.0, "width": 1e-3, **changed})


NUMBERS = ("base", "level", "width", "period", "rise", "fall", "delay")
LOADS = (math.nan, -math.inf, 0.0, -1.0)
COUNTS = (None, 0, -1, 1.5, 1e10, math.nan)
WITH_A_PULSE: dict[str, Request] = {
    **{f"{name} {bad}": pulse(**{name: bad}) for name in NUMBERS for bad in (*NAN_AND_INFINITIES, -41.0)},
    **{f"{name} 0": pulse(**{name: 0.0}) for name in ("level", "width", "period", "rise", "fall")},
    "a level above the terminals": pulse(level=41.0),
    "a period below the width": pulse(period=0.9e-3),
    "edges that do not fit the width": pulse(rise=3e-3, fall=3e-3),
    **{f"a load of {bad} ohm": lambda generator, bad=bad: generator.load(bad) for bad in LOADS},
    **{f"a count of {bad}": lambda generator, bad=bad: generator.count(bad) for bad in COUNTS},
    "an unknown trigger": lambda generator: generator.trigger("moon"),
    "a polarity of 0": lambda generator: generator.polarity(0),
    "a train with the output off": lambda generator: generator.fire(),
    "a timeout that is no number": lambda generator: generator.wait(math.nan),
}  # fmt: skip
WITHOUT: dict[str, Request] = {
    "a pulse without a load": pulse(),
    "an output without a pulse": lambda generator: generator.output(True),
    "a train without a pulse": lambda generator: generator.fire(),
    "a polarity without a pulse": lambda generator: generator.polarity(1),
    "a waveform without a load": lambda generator: generator.waveform([0.0, 1.0] * 8 + [0.0], 1e-6),
}


def refused(twin: Twin, generator: PulseChannel, requests: dict[str, Request]) -> None:
    sent, known = len(twin.resource.sent), dict(vars(generator))
    for what, request in requests.items():
        try:
            request(generator)
        except Refused:
            pass
        else:
            pytest.fail(f"{what} was not refused")
        assert twin.resource.sent[sent:] == [], what
        assert vars(generator) == known, what


@pytest.mark.parametrize("model", TERMINALS)
def test_refused_requests_send_and_change_nothing(model: str) -> None:
    refused(*opened(model), WITHOUT)
    twin, generator = set_up(model)
    refused(twin, generator, WITH_A_PULSE)


@pytest.mark.parametrize("model", TERMINALS)
def test_the_load_is_kept_while_the_output_is_on(model: str) -> None:
    twin, generator = set_up(model)
    generator.output(True)
    refused(twin, generator, {"another load": lambda generator: generator.load(50.0)})


@pytest.mark.parametrize("model", TERMINALS)
def test_an_output_that_was_not_confirmed_counts_as_on(model: str) -> None:
    twin, generator = set_up(model)
    twin.resource.fail["read"] = TIMEOUT
    with pytest.raises(InstrumentError):
        generator.output(True)
    twin.resource.fail.clear()
    refused(twin, generator, {"another load": lambda generator: generator.load(50.0)})
    assert generator.output(False) is False
    assert generator.load(50.0) == 50.0


@pytest.mark.parametrize("model", TERMINALS)
def test_a_load_that_was_not_confirmed_is_to_be_stated_again(model: str) -> None:
    twin, generator = set_up(model)
    twin.resource.fail["read"] = TIMEOUT
    with pytest.raises(InstrumentError):
        generator.load(50.0)
    twin.resource.fail.clear()
    refused(twin, generator, {"a pulse": pulse()})
