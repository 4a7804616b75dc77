import math

import numpy as np
import pytest

from emulator import DeviceModel


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"v0": 0.0}, r"v0 = 0\.0 V is not allowed.*from 0\.001 to 1e\+09 V"),
        ({"polarity": 0}, "polarity = 0 is not allowed.*1 or -1"),
        ({"charge": -1e-9}, "charge = -1e-09 C"),
        ({"tau": 1}, "tau"),
        ({"conductance_min": 2e-5}, "conductance_max = 1e-05 S .*exceed"),
        ({"conductance_map": "cubic"}, "cubic.*linear, exponential, capacitive"),
        ({"conductance_map": "exponential", "conductance_min": 0.0}, "conductance_min"),
        ({"y_low": 0.2}, "y_low = 0.2"),
        ({"retention_time": math.nan}, "retention_time = nan s"),
        ({"charge": math.inf}, "charge = inf"),
        ({"v0": "big"}, "v0 = 'big'"),
        ({"v0": True}, "v0 = True"),
    ],
)
def test_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        DeviceModel(**values)  # type: ignore[arg-type]


def test_endless_retention_is_allowed() -> None:
    assert DeviceModel(retention_time=math.inf).retention_time == math.inf


def test_every_parameter_is_documented() -> None:
    for name in DeviceModel.__dataclass_fields__:
        stem = name.removesuffix("_1").removesuffix("_2")
        assert stem in (DeviceModel.__doc__ or ""), name


def test_arrhenius() -> None:
    """exp(-0.5 eV / k (1/350 K - 1/300 K)), k = 8.617333e-5 eV/K."""
    assert DeviceModel().arrhenius(0.5, 350.0) == pytest.approx(math.exp(0.5 / 8.617333262e-5 / 2100), rel=1e-12)


@pytest.mark.parametrize(
    "values",
    [{"ocp_center": -1e300}, {"lifetime_shape": 1e-9}, {"reference_temperature": 1.0}, {"conductance_max": 1e300}],
)
def test_refuses_what_no_double_can_follow(values):
    with pytest.raises(ValueError, match=f"{next(iter(values))} = .* is not allowed: give a number (from|above)"):
        DeviceModel(**values)


def test_numbers_of_numpy_are_numbers():
    model = DeviceModel(polarity=np.int64(-1), v0=np.float32(0.25), spread_rate=np.int64(1))
    assert (type(model.polarity), model.polarity) == (int, -1)
    assert (type(model.v0), model.v0) == (float, 0.25)
    assert (type(model.spread_rate), model.spread_rate) == (float, 1.0)
