"""What an instrument does with a value outside its limits: clip it and say so, or refuse it."""

from collections.abc import Callable
from typing import Protocol

from sim_instruments.scpi import ScpiError

Report = Callable[[int, str], None]

CLIPPED_HIGH, CLIPPED_LOW = "value clipped to upper limit", "value clipped to lower limit"
_ROUNDING = 1e-9


class Bounds(Protocol):
    """The two ways in which a setting can fail."""

    def within(self, value: float, low: float, high: float, code: int = -222) -> float:
        """The value to be used instead of `value`; `code` is the error for a value outside low … high."""
        ...

    def conflict(self, detail: str) -> None:
        """A value would change another setting: called before anything has changed."""
        ...


class Clipping:
    """Keysight: the nearest possible value is taken and an error queued; settings in the way are changed."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def within(self, value: float, low: float, high: float, code: int = -222) -> float:
        """`value`, or the limit beyond which it lies; then `code` is queued."""
        if value > high + _slack(low, high):
            self._report(code, CLIPPED_HIGH)
        elif value < low - _slack(low, high):
            self._report(code, CLIPPED_LOW)
        return max(low, min(high, value))

    def conflict(self, detail: str) -> None:
        """-221 is queued, and the other setting changes."""
        self._report(-221, detail)


class Refusing:
    """SCPI-99: the setting keeps its old value."""

    def within(self, value: float, low: float, high: float, code: int = -222) -> float:
        """`value`; ScpiError `code` if it lies outside by more than rounding."""
        if not low - _slack(low, high) <= value <= high + _slack(low, high):
            raise ScpiError(code, f"{value:g} is not within {low:g} and {high:g}")
        return max(low, min(high, value))

    def conflict(self, detail: str) -> None:
        """ScpiError -221."""
        raise ScpiError(-221, detail)


def _slack(low: float, high: float) -> float:
    """Rounding: relative to the nearer limit, so that a range from ns to days keeps its lower end."""
    return _ROUNDING * min(abs(low) or abs(high), abs(high) or abs(low))
