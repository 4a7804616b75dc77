import math

import pytest

from emulator import VirtualClock


def test_nanoseconds_add_up_after_days() -> None:
    clock = VirtualClock()
    clock.advance(1e6)
    for _ in range(100_000):
        clock.advance(1e-9)
    assert clock.now - 1e6 == pytest.approx(1e-4, abs=1e-10)


@pytest.mark.parametrize("seconds", [-1e-9, math.inf, math.nan])
def test_time_only_goes_forward(seconds: float) -> None:
    with pytest.raises(ValueError, match="advance the clock"):
        VirtualClock().advance(seconds)
