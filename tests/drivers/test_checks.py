import math

import pytest

from drivers.checks import finite, one_of, within
from drivers.errors import InstrumentError, Refused
from drivers.records import Flag, number_or_nan


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", None, True, 1j])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="level"):
        finite("level", value, "V")


def test_limits_belong_to_the_allowed_values() -> None:
    assert within("level", 1, "V", -1.0, 1.0) == 1.0
    assert isinstance(within("level", 1, "V", -1.0, 1.0), float)


def test_a_refusal_names_value_unit_limits_and_remedy() -> None:
    with pytest.raises(Refused) as refusal:
        within("level", 2.5, "V", -1.0, 1.0, "choose a higher range")
    assert str(refusal.value) == "level 2.5 V is outside -1 V … 1 V: choose a higher range"


def test_unknown_words_are_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match="'off' or 'on'"):
        one_of("state", "of", ("off", "on"))


def test_errors_are_the_builtins_people_catch() -> None:
    assert issubclass(Refused, ValueError)
    error = InstrumentError("no reply", instrument="drain", sent="*IDN?", reply="", remedy="switch it on")
    assert isinstance(error, OSError)
    assert str(error) == "drain: no reply; sent '*IDN?'; switch it on"
    assert (error.instrument, error.sent, error.remedy) == ("drain", "*IDN?", "switch it on")


@pytest.mark.parametrize("sentinel", [9.9e37, 9.91e37, -9.9e37, 199.999e99, math.nan, math.inf])
def test_sentinels_become_nan_with_a_flag(sentinel: float) -> None:
    value, flag = number_or_nan(sentinel)
    assert math.isnan(value)
    assert flag is Flag.OVERFLOW


def test_numbers_stay_numbers() -> None:
    assert number_or_nan(-1.5e-12) == (-1.5e-12, Flag(0))
