"""The only time an experiment knows: wall time on a real bench, virtual time on the emulated twin."""

import time
from typing import TYPE_CHECKING, Protocol

from ecramlab.stop import StopRequest

if TYPE_CHECKING:
    from sim_instruments.visa import EmulatedBench


class Clock(Protocol):
    """Seconds since an arbitrary zero, and waiting."""

    def now(self) -> float:
        """Present time [s]."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass [s]; raises Aborted when the run is asked to end meanwhile."""
        ...


class WallClock:
    """Time of a real bench."""

    def __init__(self, stop: StopRequest) -> None:
        self._stop = stop

    def now(self) -> float:
        """Monotonic time of the computer [s]."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, interruptibly."""
        self._stop.wait(max(0.0, seconds))


class TwinClock:
    """Time of the emulated bench: waiting costs nothing, and the chip ages meanwhile."""

    def __init__(self, bench: "EmulatedBench", stop: StopRequest) -> None:
        self._bench, self._stop = bench, stop

    def now(self) -> float:
        """Virtual time [s]."""
        return self._bench.clock.now

    def sleep(self, seconds: float) -> None:
        """Advance the virtual time of chip and instruments."""
        self._stop.check()
        self._bench.advance(max(0.0, seconds))
