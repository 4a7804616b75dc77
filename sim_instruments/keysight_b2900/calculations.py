"""Math, offset and limit tests of a channel (B2900 SCPI command reference ed. 2, CALCulate subsystem).

Composite limit tests and the bit patterns of the digital lines are remembered, and move nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from sim_instruments.keysight_b2900.expressions import PREDEFINED, Expression
from sim_instruments.keysight_b2900.measure import STATUS_COMPLIANCE, Reading
from sim_instruments.scpi import ScpiError

LIMIT_TESTS: Final = 12
MOST_EXPRESSIONS: Final = 32
FEEDS: Final = ("MATH", "RES", "CURR", "VOLT")


@dataclass
class LimitTest:
    """One limit test: of the value against limits, or of the compliance status."""

    on: bool = False
    kind: str = "LIM"
    lower: float = -1.0
    upper: float = 1.0
    lower_on: bool = True
    upper_on: bool = True
    fails_when: str = "OUT"
    failed: bool = False
    patterns: dict[str, int] = field(default_factory=dict)

    def check(self, value: float, reading: Reading) -> None:
        """Test a reading, if the test is on."""
        if not self.on:
            return
        if self.kind == "COMP":
            limited = bool(reading.status & STATUS_COMPLIANCE)
            self.failed = limited == (self.fails_when == "IN")
        else:
            self.failed = (self.lower_on and value < self.lower) or (self.upper_on and value > self.upper)


@dataclass
class Composite:
    """The composite limit test."""

    on: bool = False
    mode: str = "GRAD"
    update: str = "IMM"
    clear_auto: bool = True
    clear_delay: float = 100e-6


class Calculations:
    """CALCulate subsystem of one channel."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """*RST: everything off; only the predefined expression is left."""
        self.math_on, self.unit = False, ""
        self.expressions = {name: Expression(text) for name, text in PREDEFINED.items()}
        self.name = next(iter(PREDEFINED))
        self.feed, self.offset, self.offset_on = "VOLT", 0.0, False
        self.limits = [LimitTest() for _ in range(LIMIT_TESTS)]
        self.composite = Composite()

    def define(self, text: str) -> None:
        """Give the selected name an expression; ScpiError -223 for too many, -221 for a predefined one."""
        if self.name in PREDEFINED:
            raise ScpiError(-221, f"{self.name} is predefined")
        if self.name not in self.expressions and len(self.expressions) >= MOST_EXPRESSIONS:
            raise ScpiError(-223, f"at most {MOST_EXPRESSIONS} expressions")
        self.expressions[self.name] = Expression(text)

    def delete(self, names: list[str]) -> None:
        """Forget expressions; ScpiError -224 for one that there is not, -221 for a predefined one."""
        for name in names:
            if name in PREDEFINED:
                raise ScpiError(-221, f"{name} is predefined")
            if self.expressions.pop(name, None) is None:
                raise ScpiError(-224, name)
        if self.name not in self.expressions:
            self.name = next(iter(PREDEFINED))

    def math(self, reading: Reading) -> float:
        """The selected expression for a reading; NaN where math is off or the expression is not defined."""
        expression = self.expressions.get(self.name)
        return expression.of(reading.elements) if self.math_on and expression is not None else math.nan

    def tested(self, reading: Reading) -> float:
        """What limit tests are about: the chosen quantity less the offset."""
        value = self.math(reading) if self.feed == "MATH" else reading.elements[self.feed]
        return value - self.offset if self.offset_on else value

    def check(self, reading: Reading) -> None:
        """Carry out the limit tests on a new reading."""
        for test in self.limits:
            test.check(self.tested(reading), reading)

    def clear(self) -> None:
        """Forget the results of the limit tests."""
        for test in self.limits:
            test.failed = False
