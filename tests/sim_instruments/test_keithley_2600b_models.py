"""What distinguishes the models 2602B, 2612B, 2634B, 2636B: ranges, limits, defaults, equipment (reference manual)."""

import pytest

from sim_instruments.keithley_2600b.interlock import STABILISING
from tests.sim_instruments.tsp_unit import Unit

LOW = (1e-9, 1e-8)
DECADES = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
SOURCE_V = {
    "2602b": (0.1, 1, 6, 40), "2612b": (0.2, 2, 20, 200), "2634b": (0.2, 2, 20, 200), "2636b": (0.2, 2, 20, 200),
}  # fmt: skip
SOURCE_I = {
    "2602b": (*DECADES, 3), "2612b": (*DECADES, 1.5), "2634b": (*LOW, *DECADES, 1.5), "2636b": (*LOW, *DECADES, 1.5),
}  # fmt: skip
MEASURE_I = {**SOURCE_I, "2636b": (1e-10, *SOURCE_I["2636b"])}
MODELS = tuple(SOURCE_V)
RESISTOR = 1e3  # Ω from each channel to ground


def unit_of(model: str, load: float = RESISTOR, **options: object) -> Unit:
    unit = Unit(f"keithley_{model}", **options)  # type: ignore[arg-type]
    for terminal in "ab":
        unit.harness.add_resistor(f"unit.{terminal}", "ground", load)
    return unit


def ranges_met(unit: Unit, attribute: str, candidates: tuple[float, ...]) -> list[float]:
    """What the attribute reads after each candidate was asked for."""
    return [
        unit.value(f"(function() smua.{attribute} = {value} return smua.{attribute} end)()") for value in candidates
    ]


@pytest.mark.parametrize("model", MODELS)
class TestRanges:
    def test_voltage(self, model: str) -> None:
        unit = unit_of(model)
        unit.tell("smua.source.limiti = 0.01")  # the highest range does not allow the full current
        assert ranges_met(unit, "source.rangev", SOURCE_V[model]) == pytest.approx(list(SOURCE_V[model]))
        unit.tell(f"smua.source.rangev = {1.1 * SOURCE_V[model][-1]}")
        assert unit.errors() == [1101]

    def test_source_current(self, model: str) -> None:
        unit = unit_of(model)
        unit.tell("smua.source.limitv = 5")
        assert ranges_met(unit, "source.rangei", SOURCE_I[model]) == pytest.approx(list(SOURCE_I[model]))
        unit.tell("smua.source.rangei = 1e-12")
        assert unit.value("smua.source.rangei") == pytest.approx(SOURCE_I[model][0])
        unit.tell(f"smua.source.rangei = {1.1 * SOURCE_I[model][-1]}")
        assert unit.errors() == [1101]

    def test_measured_current(self, model: str) -> None:
        unit = unit_of(model)
        assert ranges_met(unit, "measure.rangei", MEASURE_I[model]) == pytest.approx(list(MEASURE_I[model]))
        unit.tell("smua.measure.rangei = 1e-12")
        assert unit.value("smua.measure.rangei") == pytest.approx(MEASURE_I[model][0])

    def test_a_level_takes_101_percent_of_its_range(self, model: str) -> None:
        unit = unit_of(model)
        lowest = SOURCE_V[model][0]
        unit.tell(f"smua.source.rangev = {lowest} smua.source.levelv = {1.01 * lowest}")
        assert unit.errors() == []
        unit.tell(f"smua.source.levelv = {1.012 * lowest}")
        assert unit.errors() == [5005]


DEFAULTS = {  # after a reset: limiti, limitv, source.rangev, source.rangei, measure.delay
    "2602b": (1.0, 40.0, 0.1, 1e-7, 0), "2612b": (0.1, 20.0, 0.2, 1e-7, 0),
    "2634b": (0.1, 20.0, 0.2, 1e-9, -1), "2636b": (0.1, 20.0, 0.2, 1e-9, -1),
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_defaults(model: str) -> None:
    unit = unit_of(model)
    unit.tell("smua.source.limiti = 1e-3 smua.source.limitv = 1 smua.measure.delay = 0.1 smua.reset()")
    names = ("source.limiti", "source.limitv", "source.rangev", "source.rangei", "measure.delay")
    found = unit.values("print(" + ", ".join(f"smua.{name}" for name in names) + ")")
    assert found == pytest.approx(list(DEFAULTS[model]))


@pytest.mark.parametrize(
    ("model", "attribute", "smallest", "largest"),
    [("2602b", "limiti", 10e-9, 3.0), ("2602b", "limitv", 10e-3, 40.0), ("2612b", "limiti", 10e-9, 1.5),
     ("2612b", "limitv", 20e-3, 200.0), ("2634b", "limiti", 100e-12, 1.5), ("2634b", "limitv", 20e-3, 200.0)],
)  # fmt: skip
def test_limits_of_limits(model: str, attribute: str, smallest: float, largest: float) -> None:
    unit = unit_of(model)
    for value in (smallest, largest):
        unit.tell(f"smua.source.{attribute} = {value}")
        assert unit.errors() == []
    for value, code in ((0.9 * smallest, 1102), (1.01 * largest, 1101), (0, 1102)):
        unit.tell(f"smua.source.{attribute} = {value}")
        assert unit.errors() == [code]


@pytest.mark.parametrize(
    ("model", "statements"),
    [
        ("2602b", "smua.source.limiti = 1.1 smua.source.rangev = 40"),
        ("2602b", "smua.source.limitv = 7 smua.source.rangei = 3"),
        ("2612b", "smua.source.limiti = 0.2 smua.source.rangev = 200"),
        ("2634b", "smua.source.limitv = 21 smua.source.rangei = 1"),
    ],
)
def test_the_safe_operating_area(model: str, statements: str) -> None:
    """40 V at 1 A and 6 V at 3 A; 200 V at 0.1 A and 20 V at 1.5 A."""
    unit = unit_of(model)
    unit.tell(statements)
    assert unit.errors() == [5007]


@pytest.mark.parametrize(
    ("model", "used", "window"),
    [("2602b", 1e-3, 0.9e-3 * 0.0002 + 200e-9), ("2612b", 1e-7, 0.9e-7 * 0.0006 + 100e-12),
     ("2634b", 1e-6, 0.9e-6 * 0.00025 + 400e-12)],
)  # fmt: skip
def test_every_unit_measures_within_its_window(model: str, used: float, window: float) -> None:
    """One-year accuracy of a measured current; the true one is that of the port."""
    seen = set()
    for seed in range(6):
        unit = unit_of(model, accuracy=True, seed=seed)
        unit.tell(f"smua.source.func = 0 smua.source.leveli = {0.9 * used} smua.source.output = 1 delay(5)")
        unit.tell("format.asciiprecision = 12")
        reading, true = unit.value("smua.measure.i()"), unit.harness.probe(unit.port("a")).current
        assert abs(reading - true) <= window
        seen.add(reading)
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("model", "used", "settle"),
    [("2602b", 1, 80e-6), ("2612b", 1, 120e-6), ("2612b", 1e-7, 15e-3), ("2634b", 1e-9, 0.36)],
)
def test_automatic_delay_is_the_settling_of_the_range(model: str, used: float, settle: float) -> None:
    unit = unit_of(model)
    unit.tell(f"smua.measure.rangei = {used} smua.measure.autozero = 0 smua.measure.delay = smua.DELAY_AUTO")
    assert unit.seconds("smua.measure.i()") == pytest.approx(settle + 0.02)


@pytest.mark.parametrize(("model", "volts", "settle"), [("2602b", 30, 7e-3), ("2612b", 1.5, 0.6e-3)])
def test_high_capacitance_slows_the_source(model: str, volts: float, settle: float) -> None:
    """A live source that changes its range in high-capacitance mode: 40 V 7 ms, 2 V 0.6 ms; ranges between count."""
    unit = unit_of(model, load=1e6)
    unit.tell("smua.source.highc = 1 smua.source.output = 1")
    between = {"2602b": 0.2e-3 + 0.2e-3, "2612b": 0.0}[model]  # 1 V and 6 V on the way to 40 V
    assert unit.seconds(f"smua.source.levelv = {volts}") == pytest.approx(settle + between)


class TestEquipment:
    @pytest.mark.parametrize(("model", "there"), [("2602b", False), ("2612b", False), ("2634b", True), ("2636b", True)])
    def test_analog_filter(self, model: str, there: bool) -> None:
        unit = unit_of(model)
        assert unit.ask("print(smua.measure.analogfilter)") == ("1.00000e+00" if there else "nil")
        unit.tell("smua.measure.analogfilter = 0")
        assert unit.errors() == ([] if there else [-286])

    @pytest.mark.parametrize("name", ["digio", "tsplink", "smua.contact"])
    def test_the_2634b_has_neither_digital_lines_nor_link_nor_contact_check(self, name: str) -> None:
        assert unit_of("2634b").ask(f"print({name})") == "nil"
        assert unit_of("2612b").ask(f"print({name})").startswith("table")

    def test_the_2634b_has_all_other_triggers(self) -> None:
        unit = unit_of("2634b")
        unit.tell("trigger.timer[8].delay = 1 trigger.blender[6].orenable = true trigger.generator[2].assert()")
        assert unit.errors() == []


class TestOutputEnable:
    """The 2602B has an output-enable line where the others have an interlock."""

    def test_it_is_ignored_unless_asked_for(self) -> None:
        unit = unit_of("2602b", load=1e6, interlock_closed=False)
        unit.tell("smua.source.limiti = 0.1 smua.source.levelv = 40 smua.source.output = 1")
        assert unit.errors() == []

    def test_the_enable_action_heeds_it(self) -> None:
        unit = unit_of("2602b", interlock_closed=False)
        unit.tell("smua.source.outputenableaction = smua.OE_OUTPUT_OFF smua.source.output = 1")
        assert unit.ask("print(errorqueue.next())").split("\t")[:3:2] == ["5.04100e+03", "3.00000e+01"]
        unit.instrument.interlock_closed = True
        unit.tell("smua.source.output = 1 smub.source.output = 1")
        unit.instrument.interlock_closed = False
        assert unit.errors() == [5041]
        assert unit.values("print(smua.source.output, smub.source.output)") == [0, 1]
        assert unit.value("status.measurement.condition") == unit.value("status.measurement.OE") == 2048


class TestInterlock:
    def test_the_high_voltage_supply_needs_a_moment(self) -> None:
        unit = unit_of("2612b", load=1e6, interlock_closed=False)
        assert unit.value("status.questionable.condition") == unit.value("status.questionable.HIGHV_NOT_READY")
        unit.instrument.interlock_closed = True
        unit.tell("smua.source.rangev = 200 smua.source.output = 1 smub.source.output = 1")
        assert unit.errors() == [5052]
        assert unit.values("print(smua.source.output, smub.source.output)") == [0, 1]
        unit.tell(f"delay({STABILISING}) smua.source.output = 1")
        assert unit.errors() == []
        assert unit.value("status.questionable.condition") == 0


class TestStatusRegisters:
    def test_limits_by_kind_and_by_channel(self) -> None:
        unit = unit_of("2612b")
        unit.tell("smub.source.limiti = 1e-5 smub.source.levelv = 1 smub.source.output = 1 smub.measure.i()")
        assert unit.value("status.measurement.instrument.smub.condition") == 2
        assert unit.value("status.measurement.current_limit.condition") == 4
        unit.tell("status.measurement.current_limit.enable = 4")
        assert unit.value("status.measurement.condition") == unit.value("status.measurement.ILMT")
        unit.tell("smub.source.levelv = 0 smub.measure.i()")
        assert unit.value("status.measurement.current_limit.condition") == 0

    def test_a_sweep_shows_in_the_registers_of_its_channel(self) -> None:
        unit = unit_of("2612b")
        unit.tell("smua.trigger.arm.stimulus = trigger.EVENT_ID smua.trigger.initiate()")
        assert unit.value("status.operation.instrument.smua.condition") == 8
        assert unit.value("status.operation.sweeping.condition") == 2
        unit.tell("smua.abort()")
        assert unit.value("status.operation.instrument.smua.condition") == 0

    def test_the_user_register_can_be_written_and_asks_for_service(self) -> None:
        unit = unit_of("2602b")
        unit.tell("status.operation.user.enable = 5 status.operation.enable = status.operation.USER")
        unit.tell("status.request_enable = status.OSB status.operation.user.condition = 4")
        assert unit.value("status.operation.condition") == 4096
        assert unit.instrument.status_byte(serial_poll=True) == 128 | 64
        unit.tell("status.operation.user.condition = 0x8000")
        assert unit.errors() == [1101]

    def test_service_is_asked_for_when_an_overlapped_measurement_ends(self) -> None:
        """The negative transition of `measuring` is the event, as in the manual's service request."""
        unit = unit_of("2612b")
        unit.tell("status.operation.measuring.ptr = 0 status.operation.measuring.ntr = 2")
        unit.tell("status.operation.measuring.enable = 2 status.operation.enable = status.operation.MEAS")
        unit.tell("status.request_enable = status.OSB smua.measure.overlappedi(smua.nvbuffer1)")
        assert unit.instrument.status_byte() == 0
        unit.tell("waitcomplete()")
        assert unit.instrument.status_byte() == 128 | 64
