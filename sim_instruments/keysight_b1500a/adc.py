"""The two converters of the SMUs and how long they integrate (programming guide, AIT, AV, AZ; table 4-21).

Not confirmed: the time of one sample outside the power line cycle mode, and the numbers the unit chooses in auto mode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sim_instruments.flex import FlexError, command
from sim_instruments.flex.errors import VALUE
from sim_instruments.flex.instrument import integer, within

HIGH_SPEED, HIGH_RESOLUTION, PULSED = 0, 1, 2
AUTO, MANUAL, PLC, TIME = 0, 1, 2, 3
SAMPLE_TIME: Final = 16e-6
"""One sample of the high-speed converter; the shortest pulse measurement of the user's guide, page 4-19."""
SLOW_SAMPLE_TIME: Final = 1e-3
SHORTEST_TIME, LONGEST_TIME = 2e-6, 20e-3
AUTOZERO_FACTOR: Final = 2.0
"""AZ 0 "roughly halves the integration time" of the high-resolution converter."""
_DEFAULTS: Final = {
    (HIGH_SPEED, AUTO): 1, (HIGH_SPEED, MANUAL): 1, (HIGH_SPEED, PLC): 1, (HIGH_SPEED, TIME): SHORTEST_TIME,
    (HIGH_RESOLUTION, AUTO): 6, (HIGH_RESOLUTION, MANUAL): 3, (HIGH_RESOLUTION, PLC): 1,
    (PULSED, AUTO): 1, (PULSED, MANUAL): 1, (PULSED, PLC): 1, (PULSED, TIME): SHORTEST_TIME,
}  # fmt: skip
_MOST: Final = {AUTO: 1023, MANUAL: 1023, PLC: 100}


@dataclass
class Converters:
    """Integration settings, shared by all SMUs of the mainframe. line_frequency: Hz."""

    line_frequency: float
    settings: dict[int, tuple[int, float]] = field(default_factory=dict)
    autozero: bool = False

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Initial settings."""
        self.settings = {HIGH_SPEED: (AUTO, 1), HIGH_RESOLUTION: (AUTO, 6), PULSED: (MANUAL, 1)}
        self.autozero = False

    def time(self, kind: int) -> float:
        """Integration time [s] of a converter, without its autozero."""
        mode, number = self.settings[kind]
        if mode == PLC:
            return number / self.line_frequency
        if mode == TIME:
            return max(number, SAMPLE_TIME)
        return number * (SLOW_SAMPLE_TIME if kind == HIGH_RESOLUTION else SAMPLE_TIME)

    def extra_time(self, kind: int) -> float:
        """Time [s] that a measurement takes beside its integration: the zero of the high-resolution converter."""
        return (AUTOZERO_FACTOR - 1.0) * self.time(kind) if kind == HIGH_RESOLUTION and self.autozero else 0.0

    @command("AIT", 2, 3)
    def _integration(self, kind: float, mode: float, number: float | None = None) -> None:
        at, how = integer(kind, 0, 2), integer(mode, 0, 3)
        if (at, how) not in _DEFAULTS:
            raise FlexError(VALUE)
        if number is None:
            number = _DEFAULTS[at, how]
        elif how == TIME:
            within(number, SHORTEST_TIME, LONGEST_TIME)
        else:
            most = 127 if (at, how) == (HIGH_RESOLUTION, AUTO) or (at, how) == (HIGH_RESOLUTION, MANUAL) else _MOST[how]
            number = integer(number, 1, most)
        self.settings[at] = (how, number)

    @command("AV", 1, 2)
    def _averaging(self, number: float, mode: float = 0.0) -> None:
        """The same setting as AIT 0; a negative number counts power line cycles."""
        if number < 0:
            self.settings[HIGH_SPEED] = (PLC, integer(-number, 1, 100))
        else:
            self.settings[HIGH_SPEED] = (integer(mode, 0, 1), integer(number, 1, 1023))

    @command("AZ", 1)
    def _autozero(self, on: float) -> None:
        self.autozero = bool(integer(on, 0, 1))

    def learn_averaging(self) -> str:
        """AV as *LRN? tells it."""
        mode, number = self.settings[HIGH_SPEED]
        return f"AV{-number:.0f}" if mode == PLC else f"AV{number:.0f},{min(mode, MANUAL)}"

    def learn(self) -> str:
        """*LRN? 56."""
        lines = [f"AIT{kind},{mode},{number:g}" for kind, (mode, number) in self.settings.items()]
        return ";".join([*lines, f"AZ{self.autozero:d}"])
