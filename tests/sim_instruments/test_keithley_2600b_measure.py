"""Measure side of the 2636B: ranges, times, settling, errors and noise (Series 2600B reference manual)."""

import math

import pytest

from tests.sim_instruments.tsp_unit import OVERFLOW, Unit, prompt_smu, smu

APERTURE = 0.02  # s, one power line cycle at 50 Hz


@pytest.fixture
def unit() -> Unit:
    return smu()


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("nplc", 1), ("autozero", 2), ("autorangei", 1), ("autorangev", 1), ("rangei", 0.1), ("rangev", 0.2),
     ("lowrangei", 1e-10), ("delay", -1), ("delayfactor", 1), ("count", 1), ("interval", 0), ("analogfilter", 1),
     ("filter.enable", 0), ("filter.count", 1), ("rel.enablei", 0), ("rel.leveli", 0)],
)  # fmt: skip
def test_defaults(unit: Unit, attribute: str, value: float) -> None:
    assert unit.value(f"smua.measure.{attribute}") == pytest.approx(value)


@pytest.mark.parametrize(
    ("statement", "attribute", "code"),
    [
        ("nplc = 26", "nplc", 1101),
        ("nplc = 0.0009", "nplc", 1102),
        ("rangei = 1.6", "rangei", 1101),
        ("count = 0", "count", 1102),
        ("interval = 2", "interval", 1101),
        ("delay = -2", "delay", 1102),
        ("autozero = 3", "autozero", 1101),
        ("filter.count = 101", "filter.count", 1101),
    ],
)
def test_refused_values_keep_the_old_one(unit: Unit, statement: str, attribute: str, code: int) -> None:
    before = unit.value(f"smua.measure.{attribute}")
    unit.tell("smua.measure." + statement)
    assert unit.errors() == [code]
    assert unit.value(f"smua.measure.{attribute}") == before


class TestValues:
    def test_current_comes_before_voltage(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 0.5 smua.source.output = 1")
        assert unit.values("print(smua.measure.iv())") == [pytest.approx(0.5e-6), pytest.approx(0.5)]

    def test_resistance_and_power(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 0.5 smua.source.output = 1")
        assert unit.value("smua.measure.r()") == pytest.approx(1e6)
        assert unit.value("smua.measure.p()") == pytest.approx(0.25e-6)

    def test_nothing_flows_with_the_output_off(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 0.5")
        assert abs(unit.value("smua.measure.i()")) < 1e-15

    def test_over_range_on_a_fixed_range(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 1.5 smua.source.output = 1 smua.measure.rangei = 1e-6")
        assert unit.value("smua.measure.i()") == OVERFLOW
        assert unit.value("status.measurement.instrument.smua.condition") == 128

    def test_a_range_measures_to_102_percent(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 1.019 smua.source.output = 1 smua.measure.rangei = 1e-6")
        assert unit.value("smua.measure.i()") == pytest.approx(1.019e-6, rel=1e-3)

    def test_relative_offset(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 1 smua.source.output = 1")
        unit.tell("smua.measure.rel.leveli = 4e-7 smua.measure.rel.enablei = 1")
        assert unit.value("smua.measure.i()") == pytest.approx(6e-7, rel=1e-4)

    def test_the_range_of_the_sourced_quantity_is_the_source_range(self, unit: Unit) -> None:
        unit.tell("smua.source.rangev = 20 smua.measure.rangev = 0.2")
        assert unit.value("smua.measure.rangev") == 20

    def test_follow_limit(self, unit: Unit) -> None:
        unit.tell("smua.source.limiti = 2e-6 smua.measure.autorangei = smua.AUTORANGE_FOLLOW_LIMIT")
        assert unit.value("smua.measure.rangei") == pytest.approx(1e-5)


class TestTime:
    @pytest.mark.parametrize(("nplc", "frequency"), [(1, 50), (0.5, 60), (25, 50)])
    def test_a_reading_takes_its_aperture(self, nplc: float, frequency: int) -> None:
        unit = prompt_smu(line_frequency=frequency)
        unit.tell(f"smua.measure.nplc = {nplc}")
        assert unit.seconds("smua.measure.i()") == pytest.approx(nplc / frequency)

    def test_automatic_references_cost_two_apertures_when_stale(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.autozero = smua.AUTOZERO_AUTO")
        assert unit.seconds("smua.measure.i()") == pytest.approx(3 * APERTURE)
        assert unit.seconds("smua.measure.i()") == pytest.approx(APERTURE)
        unit.tell("smua.measure.nplc = 2")  # another aperture has references of its own
        assert unit.seconds("smua.measure.i()") == pytest.approx(3 * 2 * APERTURE)
        unit.tell("smua.measure.nplc = 1")
        assert unit.seconds("smua.measure.i()") == pytest.approx(APERTURE)

    def test_autozero_once_pays_at_once(self) -> None:
        unit = prompt_smu()
        assert unit.seconds("smua.measure.autozero = smua.AUTOZERO_ONCE") == pytest.approx(2 * APERTURE)
        assert unit.seconds("smua.measure.i()") == pytest.approx(APERTURE)

    @pytest.mark.parametrize(("used", "settle"), [(0.1, 80e-6), (1e-5, 500e-6), (1e-7, 15e-3), (1e-8, 90e-3)])
    def test_automatic_delay_is_the_settling_of_the_range(self, used: float, settle: float) -> None:
        unit = prompt_smu()
        unit.tell(f"smua.measure.rangei = {used} smua.measure.delay = smua.DELAY_AUTO")
        assert unit.seconds("smua.measure.i()") == pytest.approx(settle + APERTURE)
        unit.tell("smua.measure.delayfactor = 2")
        assert unit.seconds("smua.measure.i()") == pytest.approx(2 * settle + APERTURE)

    def test_autorange_settles_on_every_range_on_its_way(self) -> None:
        """From 100 mA down to 1 µA: 10 mA 80, 1 mA 100, 100 µA 150, 10 µA 500, 1 µA 2500 µs."""
        unit = prompt_smu()
        unit.tell(
            "smua.source.levelv = 0.5 smua.source.output = 1 smua.measure.rangei = 0.1 smua.measure.autorangei = 1"
        )
        assert unit.seconds("x = smua.measure.i()") == pytest.approx(
            80e-6 + 100e-6 + 150e-6 + 500e-6 + 2.5e-3 + APERTURE
        )
        assert unit.value("x") == pytest.approx(0.5e-6, rel=1e-3)
        assert unit.value("smua.measure.rangei") == pytest.approx(1e-6)
        assert unit.seconds("smua.measure.i()") == pytest.approx(APERTURE)

    def test_autorange_goes_up_above_a_full_range(self) -> None:
        unit = prompt_smu(load_a=1e5)
        unit.tell("smua.source.levelv = 0.05 smua.source.output = 1 smua.measure.autorangei = 1 smua.measure.i()")
        assert unit.value("smua.measure.rangei") == pytest.approx(1e-6)
        unit.tell("smua.source.levelv = 0.5")
        assert unit.seconds("x = smua.measure.i()") == pytest.approx(500e-6 + APERTURE)
        assert unit.value("smua.measure.rangei") == pytest.approx(1e-5)
        assert unit.value("x") == pytest.approx(5e-6, rel=1e-3)

    def test_the_low_range_stops_autorange(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.rangei = 1e-3 smua.measure.autorangei = 1 smua.measure.lowrangei = 1e-4")
        assert unit.seconds("smua.measure.i()") == pytest.approx(150e-6 + APERTURE)

    def test_count_and_interval(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.count = 4 smua.measure.interval = 0.1")
        assert unit.seconds("smua.measure.i(smua.nvbuffer1)") == pytest.approx(0.3 + APERTURE)
        assert unit.values("printbuffer(1, 4, smua.nvbuffer1.timestamps)") == pytest.approx([0, 0.1, 0.2, 0.3])

    def test_repeating_filter_takes_its_readings(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.filter.count = 5 smua.measure.filter.enable = 1")
        assert unit.seconds("smua.measure.i()") == pytest.approx(5 * APERTURE)
        unit.tell("smua.measure.count = 2")
        assert unit.errors() == [5025]

    def test_source_range_change_of_a_live_output_settles_on_each_range(self) -> None:
        """0.2 V to 20 V: 50 µs on 2 V and 110 µs on 20 V."""
        unit = prompt_smu(load_a=1e9)
        unit.tell("smua.source.autorangev = 1 smua.source.levelv = 0.1 smua.source.output = 1")
        assert unit.value("smua.source.rangev") == 0.2
        assert unit.seconds("smua.source.levelv = 10") == pytest.approx(160e-6)
        assert unit.seconds("smua.source.levelv = 11") == pytest.approx(0, abs=1e-9)


class TestSettling:
    """i(t) = i_end + (i_start - i_end) exp(-6 t / t_settle) after a level step on a fixed range."""

    @pytest.mark.parametrize(("used", "settle", "load"), [(1e-8, 0.09, 1e8), (1e-7, 0.015, 1e7), (1e-6, 2.5e-3, 1e6)])
    @pytest.mark.parametrize("wait", [0.0, 0.004])
    def test_after_a_step(self, used: float, settle: float, load: float, wait: float) -> None:
        unit = prompt_smu(load_a=load)
        unit.tell(f"smua.measure.rangei = {used} smua.measure.nplc = 0.01 smua.source.output = 1")
        unit.tell("smua.source.levelv = 0.2 delay(10)")
        aperture, end, tau = 0.01 / 50, 0.8 / load, settle / 6
        reading = unit.value(f"(function() smua.source.levelv = 0.8 delay({wait}) return smua.measure.i() end)()")
        rest = tau / aperture * (math.exp(-wait / tau) - math.exp(-(wait + aperture) / tau))
        assert reading == pytest.approx(end + (0.2 / load - end) * rest, rel=1e-5)

    @pytest.mark.parametrize(("used", "plain", "filtered"), [(1e-10, 0.36, 0.45), (1e-9, 0.36, 0.36)])
    def test_the_analog_filter_lengthens_the_settling_of_the_lowest_range(
        self, used: float, plain: float, filtered: float
    ) -> None:
        """Manual: 360 ms on 1 nA and 100 pA, 450 ms on 100 pA with its filter."""
        unit = prompt_smu(load_a=1 / used)
        for on, settle in ((0, plain), (1, filtered)):
            unit.tell(f"smua.measure.rangei = {used} smua.measure.analogfilter = {on} smua.measure.nplc = 0.01")
            unit.tell("smua.source.levelv = 0 smua.source.output = 1 delay(60)")
            reading = unit.value("(function() smua.source.levelv = 1 delay(0.2) return smua.measure.i() end)()")
            assert reading == pytest.approx(used * (1 - math.exp(-6 * 0.2 / settle)), rel=2e-3)


class TestErrorsOfTheUnit:
    """Specification at one year: 1 µA 0.025 % + 400 pA, 2 V source 0.02 % + 600 µV."""

    @staticmethod
    def reading(seed: int, **options: bool) -> tuple[float, float]:
        unit = smu(seed=seed, **options)
        unit.tell("smua.source.rangev = 2 smua.measure.rangei = 1e-6 format.asciiprecision = 16")
        unit.tell("smua.source.levelv = 0.9 smua.source.output = 1 delay(10)")
        current, voltage = unit.values("print(smua.measure.iv())")
        return current, voltage

    def test_every_unit_is_within_its_specification_but_none_is_perfect(self) -> None:
        currents = [self.reading(seed, accuracy=True)[0] for seed in range(12)]
        source = 0.9 * 0.0002 + 600e-6
        for current in currents:
            assert abs(current - 0.9e-6) < (0.9e-6 * 0.00025 + 400e-12) + source / 1e6
            assert current != 0.9e-6
        assert len(set(currents)) == 12

    def test_the_seed_fixes_the_unit(self) -> None:
        assert self.reading(5, accuracy=True) == self.reading(5, accuracy=True)

    def test_readings_repeat_without_noise(self) -> None:
        unit = smu(accuracy=True)
        unit.tell("format.asciiprecision = 16 smua.source.levelv = 0.9 smua.source.output = 1 delay(10)")
        unit.tell("smua.measure.i() delay(10)")
        assert unit.value("smua.measure.i()") == pytest.approx(unit.value("smua.measure.i()"), rel=1e-12)

    def test_noise_falls_with_the_square_root_of_the_aperture(self) -> None:
        spread = {}
        for nplc in (0.01, 1):
            unit = prompt_smu(noise=True)
            unit.tell(f"smua.measure.nplc = {nplc} smua.measure.count = 400 format.asciiprecision = 10")
            values = unit.values("smua.measure.i(smua.nvbuffer1) printbuffer(1, 400, smua.nvbuffer1)")
            spread[nplc] = math.sqrt(sum(v * v for v in values) / len(values))
        assert spread[1] == pytest.approx(400e-12 / 10, rel=0.2)  # a tenth of the offset specification at 1 PLC
        assert spread[0.01] / spread[1] == pytest.approx(10, rel=0.2)


class TestBuffers:
    def test_a_measure_command_fills_and_returns_the_last(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.source.levelv = 0.5 smua.source.output = 1 delay(1) smua.measure.count = 3")
        assert (
            unit.ask("smua.measure.i(smua.nvbuffer1) print(smua.nvbuffer1.sourcevalues[1])") == "nil"
        )  # not asked for
        unit.tell("smua.nvbuffer1.clear() smua.nvbuffer1.collectsourcevalues = 1")
        assert unit.value("smua.measure.i(smua.nvbuffer1)") == pytest.approx(5e-7, rel=1e-4)
        assert unit.value("smua.nvbuffer1.n") == 3
        assert unit.value("smua.nvbuffer1[2]") == pytest.approx(5e-7, rel=1e-4)
        assert unit.value("smua.nvbuffer1.readings[3]") == pytest.approx(5e-7, rel=1e-4)
        assert unit.value("smua.nvbuffer1.readings.getreading(1)") == pytest.approx(5e-7, rel=1e-4)
        assert unit.value("smua.nvbuffer1.sourcevalues[1]") == 0.5
        assert unit.ask("print(smua.nvbuffer1[4])") == "nil"
        assert unit.value("status.measurement.instrument.smua.condition") == 256

    def test_append_mode(self) -> None:
        unit = prompt_smu()
        unit.tell("for k = 1, 3 do smua.measure.i(smua.nvbuffer1) end")
        assert unit.value("smua.nvbuffer1.n") == 1
        unit.tell("smua.nvbuffer1.appendmode = 1 for k = 1, 3 do smua.measure.i(smua.nvbuffer1) end")
        assert unit.value("smua.nvbuffer1.n") == 4
        unit.tell("smua.nvbuffer1.clear()")
        assert unit.value("smua.nvbuffer1.n") == 0

    def test_both_quantities_go_to_their_buffers(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.source.levelv = 0.5 smua.source.output = 1 delay(1)")
        unit.tell("smua.measure.iv(smua.nvbuffer1, smua.nvbuffer2)")
        current, voltage = unit.values("printbuffer(1, 1, smua.nvbuffer1, smua.nvbuffer2)")
        assert (current, voltage) == (pytest.approx(5e-7), pytest.approx(0.5))

    def test_an_own_buffer_and_its_capacity(self) -> None:
        unit = prompt_smu()
        unit.tell("mine = smua.makebuffer(2) smua.measure.count = 5 smua.measure.i(mine)")
        assert unit.values("print(mine.n, mine.capacity)") == [2, 2]

    def test_status_of_a_reading(self) -> None:
        unit = smu(load_a=1e3)
        unit.tell(
            "smua.source.limiti = 1e-4 smua.source.levelv = 1 smua.source.output = 1 smua.measure.i(smua.nvbuffer1)"
        )
        assert unit.value("smua.nvbuffer1.statuses[1]") == 4 | 8 | 64  # both autoranges, compliance
        unit.tell("smua.sense = smua.SENSE_REMOTE smua.measure.autorangei = 0 smua.source.autorangev = 0")
        unit.tell("smua.source.levelv = 0.01 smua.measure.i(smua.nvbuffer1)")
        assert unit.value("smua.nvbuffer1.statuses[1]") == 16

    def test_what_is_kept_may_change_only_while_empty(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.nvbuffer1.collectsourcevalues = 1 smua.measure.i(smua.nvbuffer1)")
        unit.tell("smua.nvbuffer1.collectsourcevalues = 0")
        assert unit.errors() == [5032]

    def test_an_index_that_is_not_there(self, unit: Unit) -> None:
        unit.tell("printbuffer(1, 1, smua.nvbuffer1)")
        assert unit.errors() == [4900]

    def test_statistics(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.count = 3 smua.measure.i(smua.nvbuffer1) s = smua.buffer.getstats(smua.nvbuffer1)")
        assert unit.value("s.n") == 3

    def test_something_else_is_refused(self, unit: Unit) -> None:
        unit.tell("smua.measure.i({})")
        unit.tell("smua.measure.i(smua.nvbuffer1, smua.nvbuffer2)")
        assert unit.errors() == [-104, -108]


class TestCombined:
    def test_measure_then_step(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.source.levelv = 0.5 smua.source.output = 1 smua.measure.rangev = 2 delay(1)")
        assert unit.values("print(smua.measureivandstep(1))") == [pytest.approx(5e-7), pytest.approx(0.5)]
        assert unit.value("smua.source.levelv") == 1

    @pytest.mark.parametrize(
        ("statement", "code"),
        [
            ("smua.source.autorangev = 1", 5028),
            ("smua.measure.autorangei = 1", 5044),
            ("smua.measure.filter.enable = 1", 5045),
        ],
    )
    def test_it_needs_fixed_ranges(self, statement: str, code: int) -> None:
        unit = prompt_smu()
        unit.tell(statement)
        unit.tell("smua.measureivandstep(1)")
        assert unit.errors() == [code]

    def test_both_channels_read_at_once(self) -> None:
        unit = prompt_smu()
        unit.tell("smub.measure.rangei = 1e-3 smub.measure.delay = 0 smub.measure.autozero = 0 smub.measure.nplc = 2")
        unit.tell(
            "smua.source.output = 1 smub.source.output = 1 smua.source.levelv = 0.5 smub.source.levelv = 0.1 delay(1)"
        )
        both = "smua.measure.overlappedi(smua.nvbuffer1) smub.measure.overlappediv(smub.nvbuffer1, smub.nvbuffer2) "
        assert unit.seconds(both + "waitcomplete()") == pytest.approx(2 * APERTURE)  # the longer of the two
        assert unit.values("printbuffer(1, 1, smua.nvbuffer1, smub.nvbuffer1, smub.nvbuffer2)") == [
            pytest.approx(5e-7), pytest.approx(1e-4), pytest.approx(0.1),
        ]  # fmt: skip

    def test_whoever_polls_sees_the_end(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.count = 100 smua.measure.overlappedi(smua.nvbuffer1)")
        assert unit.value("status.operation.measuring.condition") == 2
        polls = 1
        while unit.value("smua.nvbuffer1.n") < 100:
            polls += 1
        assert 2 < polls < 20  # 2 s of readings
        assert unit.value("status.operation.measuring.condition") == 0

    def test_a_busy_channel_refuses(self) -> None:
        unit = prompt_smu()
        unit.tell("smua.measure.overlappedi(smua.nvbuffer1) smua.measure.i()")
        assert unit.errors() == [5042]
