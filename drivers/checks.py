"""Refusals: the checks that every request passes before anything is sent. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real

from drivers.errors import Refused


def quantity(value: float, unit: str) -> str:
    """A value with its unit as error messages print it: six digits, no prefixes."""
    return f"{value:g} {unit}".rstrip()


def finite(name: str, value: object, unit: str) -> float:
    """`value` as a float; `Refused` for NaN, infinities and what is no number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise Refused(f"{name} must be a number in {unit or 'plain units'}, not {value!r}")
    number = float(value)
    if not math.isfinite(number):
        raise Refused(f"{name} is {quantity(number, unit)}: a finite number is needed")
    return number


def within(name: str, value: object, unit: str, low: float, high: float, remedy: str = "") -> float:
    """`value` if low ≤ value ≤ high, else `Refused` with value, unit, both limits and the remedy."""
    number = finite(name, value, unit)
    if not low <= number <= high:
        limits = f"{quantity(low, unit)} … {quantity(high, unit)}"
        raise Refused(f"{name} {quantity(number, unit)} is outside {limits}" + (f": {remedy}" if remedy else ""))
    return number


def one_of(name: str, value: str, allowed: Iterable[str]) -> str:
    """`value` if it is one of `allowed`, else `Refused` naming them."""
    choices = tuple(allowed)
    if value not in choices:
        raise Refused(f"{name} {value!r} is not known here: use {' or '.join(repr(choice) for choice in choices)}")
    return value
