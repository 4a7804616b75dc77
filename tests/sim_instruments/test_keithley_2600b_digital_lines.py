"""Digital I/O of a SourceMeter: levels, trigger modes, pulses, and the registers of overruns (reference manual)."""

import pytest

from sim_instruments.keithley_2600b.digital_lines import DigitalLine
from tests.sim_instruments.tsp_unit import Unit, prompt_smu, smu


@pytest.fixture
def unit() -> Unit:
    return smu()


def line(unit: Unit, number: int) -> DigitalLine:
    found: DigitalLine = unit.instrument.digital_port.lines[number - 1]
    return found


def high(unit: Unit, number: int) -> bool:
    return unit.value(f"digio.readbit({number})") == 1


def events(unit: Unit, number: int) -> bool:
    """Whether the line has detected an edge since the last time."""
    return unit.ask(f"print(digio.trigger[{number}].wait(0))") == "true"


class TestLevels:
    def test_open_lines_are_high(self, unit: Unit) -> None:
        assert unit.value("digio.readport()") == 0x3FFF

    def test_bits_and_port(self, unit: Unit) -> None:
        unit.tell("digio.writebit(3, 0)")
        assert unit.value("digio.readport()") == 0x3FFF - 4
        unit.tell("digio.writeport(5)")
        assert [high(unit, n) for n in (1, 2, 3)] == [True, False, True]

    def test_whoever_pulls_wins(self, unit: Unit) -> None:
        line(unit, 4).pull(True)
        assert not high(unit, 4)
        unit.tell("digio.writebit(4, 1)")
        assert not high(unit, 4)
        line(unit, 4).pull(False)
        assert high(unit, 4)

    def test_protected_lines_keep_their_state(self, unit: Unit) -> None:
        unit.tell("digio.writeprotect = 2 digio.writeport(0) digio.writebit(2, 0)")
        assert unit.value("digio.readport()") == 2
        unit.tell("reset()")
        assert unit.value("digio.readport()") == 0x3FFF

    @pytest.mark.parametrize(
        ("statement", "code"),
        [("digio.writebit(15, 0)", 1101), ("digio.readbit(0)", 1102), ("digio.writeport(16384)", 1101),
         ("digio.trigger[1].mode = 9", 1101), ("digio.trigger[1].pulsewidth = 29", 1101)],
    )  # fmt: skip
    def test_refusals(self, unit: Unit, statement: str, code: int) -> None:
        unit.tell(statement)
        assert unit.errors() == [code]


class TestInput:
    @pytest.mark.parametrize(
        ("mode", "falling", "rising"),
        [("BYPASS", False, False), ("FALLING", True, False), ("EITHER", True, True), ("RISINGA", False, True),
         ("RISING", False, True), ("SYNCHRONOUSM", False, True)],
    )  # fmt: skip
    def test_edges_that_a_mode_detects(self, unit: Unit, mode: str, falling: bool, rising: bool) -> None:
        unit.tell(f"digio.trigger[1].mode = digio.TRIG_{mode}")
        line(unit, 1).pull(True)
        assert events(unit, 1) is falling
        line(unit, 1).pull(False)
        assert events(unit, 1) is rising

    @pytest.mark.parametrize("mode", ["SYNCHRONOUS", "SYNCHRONOUSA"])
    def test_synchronous_modes_hold_the_line_until_they_answer(self, unit: Unit, mode: str) -> None:
        unit.tell(f"digio.trigger[1].mode = digio.TRIG_{mode}")
        line(unit, 1).pull(True)
        line(unit, 1).pull(False)
        assert not high(unit, 1)
        assert events(unit, 1)
        unit.tell("digio.trigger[1].assert() delay(1e-3)")
        assert high(unit, 1)

    def test_a_second_edge_before_the_first_was_used_is_an_overrun(self, unit: Unit) -> None:
        unit.tell("digio.trigger[1].mode = digio.TRIG_FALLING")
        for low in (True, False, True):
            line(unit, 1).pull(low)
        assert unit.ask("print(digio.trigger[1].overrun)") == "true"
        unit.tell("digio.trigger[1].clear()")
        assert unit.ask("print(digio.trigger[1].overrun)") == "false"

    def test_a_line_starts_the_points_of_a_sweep(self) -> None:
        unit = prompt_smu()
        unit.tell(
            "digio.trigger[5].mode = digio.TRIG_FALLING smua.trigger.source.listv({0.1, 0.2, 0.3}) "
            "smua.trigger.source.action = 1 smua.trigger.measure.action = 1 smua.trigger.measure.v(smua.nvbuffer1) "
            "smua.trigger.source.stimulus = digio.trigger[5].EVENT_ID smua.trigger.count = 3 smua.source.output = 1 "
            "smua.trigger.initiate()"
        )
        taken = []
        for _ in range(3):
            line(unit, 5).pull(True)
            line(unit, 5).pull(False)
            unit.tell("delay(0.1)")
            taken.append(unit.value("smua.nvbuffer1.n"))
        assert taken == [1, 2, 3]
        assert unit.values("printbuffer(1, 3, smua.nvbuffer1)") == pytest.approx([0.1, 0.2, 0.3])


class TestOutput:
    @pytest.mark.parametrize(
        ("mode", "rest", "asserted"),
        [("FALLING", True, False), ("EITHER", True, False), ("RISINGA", True, False), ("RISINGM", False, True)],
    )
    def test_pulse(self, unit: Unit, mode: str, rest: bool, asserted: bool) -> None:
        unit.tell(f"digio.trigger[2].mode = digio.TRIG_{mode} digio.trigger[2].pulsewidth = 0.5")
        assert high(unit, 2) is rest
        unit.tell("digio.trigger[2].assert()")
        assert high(unit, 2) is asserted
        unit.tell("delay(0.4)")
        assert high(unit, 2) is asserted
        unit.tell("delay(0.1)")
        assert high(unit, 2) is rest

    def test_rising_is_one_of_two_modes_by_the_programmed_state(self, unit: Unit) -> None:
        unit.tell("digio.writebit(2, 0) digio.trigger[2].mode = digio.TRIG_RISING")
        assert not high(unit, 2)
        unit.tell("digio.trigger[2].pulsewidth = 0 digio.trigger[2].assert()")
        assert high(unit, 2)

    def test_without_a_width_it_lasts_until_release(self, unit: Unit) -> None:
        unit.tell("digio.trigger[2].mode = digio.TRIG_FALLING digio.trigger[2].pulsewidth = 0")
        unit.tell("digio.trigger[2].assert() delay(100)")
        assert not high(unit, 2)
        unit.tell("digio.trigger[2].release()")
        assert high(unit, 2)

    def test_in_bypass_nothing_is_asserted(self, unit: Unit) -> None:
        unit.tell("digio.trigger[2].pulsewidth = 1 digio.trigger[2].assert()")
        assert high(unit, 2)

    def test_an_event_asserts_the_line(self, unit: Unit) -> None:
        unit.tell(
            "digio.trigger[2].mode = digio.TRIG_FALLING digio.trigger[2].pulsewidth = 0.1 "
            "digio.trigger[2].stimulus = trigger.generator[1].EVENT_ID trigger.generator[1].assert()"
        )
        assert not high(unit, 2)

    def test_a_trigger_within_a_pulse_is_an_overrun_in_the_status_model(self, unit: Unit) -> None:
        register = "status.operation.instrument.digio.trigger_overrun.condition"
        unit.tell("digio.trigger[2].mode = digio.TRIG_FALLING digio.trigger[2].pulsewidth = 1")
        unit.tell("digio.trigger[2].assert()")
        assert unit.value(register) == 0
        unit.tell("digio.trigger[2].assert()")
        assert unit.value(register) == 4


class TestOverrunRegisters:
    def test_a_timer_that_is_started_while_it_runs(self, unit: Unit) -> None:
        unit.tell("trigger.timer[3].delay = 1 trigger.timer[3].stimulus = trigger.generator[1].EVENT_ID")
        unit.tell("trigger.generator[1].assert()")
        register = "status.operation.instrument.trigger_timer.trigger_overrun.condition"
        assert unit.value(register) == 0
        unit.tell("trigger.generator[1].assert()")
        assert unit.value(register) == 8
        unit.tell("trigger.timer[3].reset()")
        assert unit.value(register) == 0

    def test_a_source_event_that_comes_too_early(self, unit: Unit) -> None:
        unit.tell(
            "smua.trigger.source.stimulus = trigger.generator[1].EVENT_ID "
            "smua.trigger.measure.stimulus = trigger.generator[2].EVENT_ID smua.trigger.count = 2 "
            "smua.trigger.initiate() trigger.generator[1].assert() delay(0.1)"
        )
        register = "status.operation.instrument.smua.trigger_overrun.condition"
        assert unit.value(register) == 0
        unit.tell("trigger.generator[1].assert() trigger.generator[1].assert()")
        assert unit.value(register) == 4
        unit.tell("smua.abort() smua.trigger.initiate()")  # which clears the detectors
        assert unit.value(register) == 0

    def test_a_script_can_go_through_all_of_them(self, unit: Unit) -> None:
        """As the maker's check for overruns does, on any node."""
        names = ("smua", "smub", "trigger_timer", "trigger_blender", "tsplink", "digio", "lan")
        registers = ", ".join(f"localnode.status.operation.instrument.{n}.trigger_overrun.condition" for n in names)
        assert unit.values(f"print({registers})") == [0] * 7

    def test_a_blender(self, unit: Unit) -> None:
        unit.tell("trigger.blender[2].stimulus[1] = trigger.generator[1].EVENT_ID")
        unit.tell("trigger.generator[1].assert() trigger.generator[1].assert()")
        assert unit.value("status.operation.instrument.trigger_blender.trigger_overrun.condition") == 4


def test_the_key_on_the_front_panel_is_an_event(unit: Unit) -> None:
    assert unit.ask("print(display.trigger.wait(0.1))") == "false"
    unit.instrument.press_trigger_key()
    assert unit.ask("print(display.trigger.wait(0.1))") == "true"


def test_a_delay_list_is_gone_through_and_can_be_read(unit: Unit) -> None:
    unit.tell("trigger.timer[1].delaylist = {0.1, 0.3} trigger.timer[1].count = 2")
    assert unit.values("print(trigger.timer[1].delaylist[1], trigger.timer[1].delaylist[2])") == [0.1, 0.3]
    unit.tell("trigger.timer[1].stimulus = trigger.generator[1].EVENT_ID trigger.generator[1].assert()")
    assert unit.seconds("trigger.timer[1].wait(1)") == pytest.approx(0.1, abs=1e-3)
    assert unit.seconds("trigger.timer[1].wait(1)") == pytest.approx(0.3, abs=1e-3)
