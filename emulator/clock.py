"""The one time axis of an emulated bench."""

import math


class VirtualClock:
    """Seconds since the bench was built; only the harness lets them pass.

    Waiting costs nothing: fourteen hours pass in one addition. The sum is compensated (Neumaier), so that many
    nanosecond steps add up even after days.
    """

    def __init__(self, seconds: float = 0.0, compensation: float = 0.0) -> None:
        self._sum = seconds
        self._compensation = compensation

    @property
    def parts(self) -> tuple[float, float]:
        """Sum and compensation [s]: ``VirtualClock(*parts)`` goes on from the same moment, bit for bit."""
        return self._sum, self._compensation

    @property
    def now(self) -> float:
        """Virtual time [s]."""
        return self._sum + self._compensation

    def advance(self, seconds: float) -> None:
        """Let `seconds` [s] pass; ValueError unless finite and not negative."""
        if not 0.0 <= seconds < math.inf:
            raise ValueError(f"cannot advance the clock by {seconds!r} s: give a finite time of at least 0 s")
        total = self._sum + seconds
        if self._sum >= seconds:
            self._compensation += (self._sum - total) + seconds
        else:
            self._compensation += (seconds - total) + self._sum
        self._sum = total
