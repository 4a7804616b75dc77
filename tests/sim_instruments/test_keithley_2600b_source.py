"""Source side of the 2636B: defaults, ranges, limits and their errors, off states (Series 2600B reference manual)."""

import pytest

from emulator import CurrentSource, Open, VoltageSource
from tests.sim_instruments.tsp_unit import Unit, smu


@pytest.fixture
def unit() -> Unit:
    return smu()


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("func", 1), ("levelv", 0), ("leveli", 0), ("limiti", 0.1), ("limitv", 20), ("limitp", 0), ("rangev", 0.2),
     ("rangei", 1e-9), ("autorangev", 1), ("autorangei", 1), ("output", 0), ("offmode", 0), ("offfunc", 1),
     ("offlimiti", 1e-3), ("offlimitv", 40), ("settling", 0), ("delay", 0), ("highc", 0), ("outputenableaction", 0)],
)  # fmt: skip
def test_defaults(unit: Unit, attribute: str, value: float) -> None:
    unit.tell(
        "smua.source.levelv = 1 smua.source.limiti = 1e-3 smua.source.offmode = 2 smua.source.func = 0 smua.reset()"
    )
    assert unit.value(f"smua.source.{attribute}") == pytest.approx(value)


@pytest.mark.parametrize(
    ("asked", "range_in_use"), [(0.1, 0.2), (0.2, 0.2), (0.201, 2), (-1, 2), (2.5, 20), (20.1, 200), (200, 200)]
)
def test_range_is_the_smallest_that_holds_the_value(unit: Unit, asked: float, range_in_use: float) -> None:
    unit.tell(f"smua.source.rangev = {asked}")
    assert unit.value("smua.source.rangev") == range_in_use
    assert unit.value("smua.source.autorangev") == 0


@pytest.mark.parametrize(("asked", "range_in_use"), [(5e-10, 1e-9), (2e-9, 1e-8), (1.2e-3, 1e-2), (1.2, 1.5)])
def test_current_ranges(unit: Unit, asked: float, range_in_use: float) -> None:
    unit.tell(f"smua.source.rangei = {asked}")
    assert unit.value("smua.source.rangei") == pytest.approx(range_in_use)


@pytest.mark.parametrize(
    ("setup", "statement", "attribute", "code"),
    [
        ("", "levelv = 203", "levelv", 1101),
        ("", "leveli = -1.6", "leveli", 1101),
        ("", "rangev = 201", "rangev", 1101),
        ("rangev = 2", "levelv = 2.03", "levelv", 5005),
        ("rangei = 1e-6", "leveli = 1.02e-6", "leveli", 5005),
        ("levelv = 1.5", "rangev = 0.2", "rangev", 5005),
        ("", "limiti = 0", "limiti", 1102),
        ("", "limiti = 99e-12", "limiti", 1102),
        ("", "limiti = 1.6", "limiti", 1101),
        ("", "limitv = 0", "limitv", 1102),
        ("", "limitv = 0.019", "limitv", 1102),
        ("", "limitv = 201", "limitv", 1101),
        ("rangev = 200", "limiti = 0.2", "limiti", 5007),
        ("limiti = 1", "levelv = 100", "levelv", 5007),
        ("rangei = 1", "limitv = 40", "limitv", 5007),
        ("", "func = 2", "func", 1101),
        ("", "offmode = 3", "offmode", 1101),
        ("", "delay = -0.5", "delay", 1102),
    ],
)
def test_refused_values_keep_the_old_one(unit: Unit, setup: str, statement: str, attribute: str, code: int) -> None:
    if setup:
        unit.tell("smua.source." + setup)
    before = unit.value(f"smua.source.{attribute}")
    unit.tell("smua.source." + statement)
    assert unit.errors() == [code]
    assert unit.value(f"smua.source.{attribute}") == before


def test_a_fixed_range_takes_101_percent(unit: Unit) -> None:
    unit.tell("smua.source.rangev = 2 smua.source.levelv = 2.02")
    assert unit.errors() == []


def test_automatic_delay_is_minus_one(unit: Unit) -> None:
    unit.tell("smua.source.delay = smua.DELAY_AUTO")
    assert unit.value("smua.source.delay") == -1


def test_the_low_range_is_the_floor_of_autorange(unit: Unit) -> None:
    unit.tell("smua.source.lowrangev = 2 smua.source.levelv = 0.1")
    assert unit.value("smua.source.rangev") == 2


def test_a_level_acts_at_once(unit: Unit) -> None:
    unit.tell("smua.source.output = 1 smua.source.levelv = 0.5")
    assert unit.port("a").drive == VoltageSource(0.5, 0.0, 0.1)
    unit.tell("smub.source.func = smub.OUTPUT_DCAMPS smub.source.leveli = 1e-6 smub.source.output = smub.OUTPUT_ON")
    assert unit.port("b").drive == CurrentSource(1e-6, 20.0)


@pytest.mark.parametrize(
    ("settings", "drive"),
    [
        ("offmode = 0", VoltageSource(0.0, 0.0, 1e-3)),
        ("offmode = 0 smua.source.offlimiti = 1e-6", VoltageSource(0.0, 0.0, 1e-6)),
        ("offfunc = 0", CurrentSource(0.0, 40.0)),
        ("offmode = 1 smua.source.limiti = 2e-6", VoltageSource(0.0, 0.0, 2e-6)),
        (
            "offmode = 1 smua.source.func = 0 smua.source.rangei = 1e-3 smua.source.leveli = 2e-5",
            VoltageSource(0.0, 0.0, 1e-4),
        ),
        ("offmode = smua.OUTPUT_HIGH_Z", Open()),
    ],
)
def test_off_states(unit: Unit, settings: str, drive: object) -> None:
    """NORMAL: 0 V with 1 mA (or 0 A with 40 V); ZERO: 0 V, limit unchanged; HIGH_Z: the relay opens."""
    unit.tell(f"smua.source.{settings} smua.source.output = 1 smua.source.output = 0")
    assert unit.port("a").drive == drive


def test_output_2_opens_the_relay_and_reads_0(unit: Unit) -> None:
    unit.tell("smua.source.output = 1 smua.source.output = 2")
    assert unit.port("a").drive == Open()
    assert unit.value("smua.source.output") == 0


def test_a_misspelt_constant_leaves_the_mode(unit: Unit) -> None:
    unit.tell("smua.source.offmode = smua.OUTPUT_HIGHZ")
    assert unit.value("smua.source.offmode") == 0
    assert unit.errors() == [-109]


def test_reset_switches_off(unit: Unit) -> None:
    unit.tell("smua.source.levelv = 1 smua.source.output = 1 smub.source.output = 1")
    unit.tell("smua.reset()")
    assert unit.values("print(smua.source.output, smub.source.output)") == [0, 1]
    unit.tell("reset()")
    assert unit.value("smub.source.output") == 0


class TestInterlock:
    def test_blocks_the_200_v_range(self) -> None:
        unit = smu(interlock_closed=False)
        unit.tell("smua.source.rangev = 200 smua.source.output = 1")
        assert unit.errors() == [802]
        assert unit.value("smua.source.output") == 0

    def test_20_v_range_does_not_need_it(self) -> None:
        unit = smu(interlock_closed=False)
        unit.tell("smua.source.rangev = 20 smua.source.output = 1")
        assert unit.errors() == []
        assert unit.value("smua.source.output") == 1

    def test_enable_action_1_needs_it_always(self) -> None:
        unit = smu(interlock_closed=False)
        unit.tell("smua.source.outputenableaction = smua.OE_OUTPUT_OFF smua.source.output = 1")
        assert unit.errors() == [802]

    def test_current_source_with_a_high_limit(self) -> None:
        unit = smu(interlock_closed=False)
        unit.tell("smua.source.func = 0 smua.source.limitv = 40 smua.source.output = 1")
        assert unit.errors() == [802]

    def test_opening_it_switches_off(self) -> None:
        unit = smu()
        unit.tell("smua.source.rangev = 200 smua.source.output = 1 smub.source.output = 1")
        unit.instrument.interlock_closed = False
        assert unit.values("print(smua.source.output, smub.source.output)") == [0, 1]
        assert unit.value("status.measurement.instrument.smua.condition") == 2048


class TestLimits:
    def test_compliance_is_a_clamp_not_an_error(self) -> None:
        unit = smu(load_a=1e3)
        unit.tell("smua.source.limiti = 1e-4 smua.source.levelv = 1 smua.source.output = 1")
        current, voltage = unit.values("print(smua.measure.iv())")
        assert current == pytest.approx(1e-4)
        assert voltage == pytest.approx(0.1)
        assert unit.errors() == []

    def test_voltage_limit_of_a_current_source(self) -> None:
        unit = smu(load_a=1e6)
        unit.tell("smua.source.func = 0 smua.source.limitv = 2 smua.source.leveli = 1e-5 smua.source.output = 1")
        current, voltage = unit.values("print(smua.measure.iv())")
        assert (current, voltage) == (pytest.approx(2e-6), pytest.approx(2))
        assert unit.value("status.measurement.instrument.smua.condition") == 1 | 256 * 0

    def test_bits_follow_readings_and_compliance_only(self) -> None:
        unit = smu(load_a=1e3)
        unit.tell("smua.source.limiti = 1e-4 smua.source.levelv = 1 smua.source.output = 1")
        condition = "status.measurement.instrument.smua.condition"
        assert unit.value(condition) == 0
        assert unit.ask("print(smua.source.compliance)") == "true"
        assert unit.value(condition) == 2
        unit.tell("smua.source.levelv = 0.01")
        assert unit.value(condition) == 2
        unit.tell("smua.measure.v()")
        assert unit.value(condition) == 0

    def test_no_compliance_with_the_output_off(self, unit: Unit) -> None:
        assert unit.ask("print(smua.source.compliance)") == "false"

    def test_power_limit(self) -> None:
        unit = smu(load_a=1e3)
        unit.tell("smua.source.limitp = 1e-4 smua.source.levelv = 1 smua.source.output = 1")
        assert unit.value("smua.measure.i()") == pytest.approx(1e-4)


class TestHighCapacitance:
    def test_raises_the_low_ranges_and_the_limit(self, unit: Unit) -> None:
        unit.tell("smua.source.limiti = 1e-9 smua.source.highc = 1")
        assert unit.value("smua.source.limiti") == pytest.approx(1e-6)
        assert unit.value("smua.source.rangei") == pytest.approx(1e-6)
        assert unit.value("smua.measure.lowrangei") == pytest.approx(1e-6)
        assert unit.value("smua.measure.autorangei") == 2

    def test_locks_the_current_autorange(self, unit: Unit) -> None:
        unit.tell("smua.source.highc = 1 smua.measure.autorangei = 1")
        assert unit.errors() == [5069]
