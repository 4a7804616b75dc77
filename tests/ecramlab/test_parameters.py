"""Quantities with units, and sentences for what does not fit."""

from typing import Literal

import pytest
from pydantic import Field, ValidationError

from ecramlab.parameters import Parameters, describe, explain, format_quantity, nest, parse_quantity, quantity


class Inner(Parameters):
    width: float = quantity("s", 1e-3, minimum=1e-9, maximum=10, help="pulse width")
    level: float | None = quantity("V|A", None, help="level")


class Outer(Parameters):
    inner: Inner = Inner()
    count: int = Field(3, ge=1, description="how many")
    kind: Literal["slow", "fast"] = "slow"


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10 ms", "s", 0.01),
        ("4V", "V", 4.0),
        ("-3.75 V", "V", -3.75),
        ("100pA", "V|A", 1e-10),
        ("10 µs", "s", 1e-5),
        ("1e-3", "s", 1e-3),
        (0.5, "V", 0.5),
        (2, "V", 2.0),
    ],
)
def test_quantities_are_read_in_si(text: object, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "words"), [("4 V", "is in V, but s"), ("long", "not a number"), (True, "not a quantity")]
)
def test_wrong_quantities_are_refused_with_a_sentence(text: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_quantity(text, "s")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.01, "s", "10 ms"), (24e-12, "S", "24 pS"), (1.5e-6, "S", "1.5 µS"), (float("nan"), "S", "not measured")],
)
def test_quantities_are_written_with_prefixes(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"inner": {"width": "4 V"}}, "inner.width: '4 V' is in V, but s is needed; give for example '10 ms'"),
        ({"inner": {"width": "1 fs"}}, "inner.width: 1 fs given, allowed is greater than or equal to 1 ns"),
        ({"count": 0}, "count: 0 given, allowed is greater than or equal to 1"),
        ({"kind": "medium"}, "kind: 'medium' given, allowed is 'slow' or 'fast'"),
        ({"inner": {"wdith": 1}}, "inner.wdith: unknown; known are inner.width, inner.level, count, kind"),
    ],
)
def test_errors_name_key_value_and_what_is_allowed(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    assert explain(caught.value, Outer) == [sentence]


@pytest.mark.parametrize("value", ["nan", "inf", float("nan"), float("inf")])
def test_numbers_must_be_finite(value: object) -> None:
    with pytest.raises(ValidationError):
        Inner.model_validate({"width": value})


def test_description_for_forms() -> None:
    width, level, count, kind = describe(Outer)
    assert (width.path, width.unit, width.default, width.minimum, width.maximum) == ("inner.width", "s", 1e-3, 1e-9, 10)
    assert (width.group, width.kind, width.help) == ("inner", "quantity", "pulse width")
    assert (level.kind, level.default) == ("quantity", None)
    assert (count.kind, count.group) == ("integer", "sequence")
    assert (kind.kind, kind.choices) == ("choice", ("slow", "fast"))


def test_dotted_names_become_a_tree() -> None:
    assert nest({"a.b": 1, "a.c": 2, "d": 3}) == {"a": {"b": 1, "c": 2}, "d": 3}
