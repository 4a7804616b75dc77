"""Trigger model, factory sweeps and pulses of the 2636B (Series 2600B reference manual)."""

import pytest

from tests.sim_instruments.tsp_unit import Unit, prompt_smu, smu

SWEEP = (
    "smua.trigger.source.action = 1 smua.trigger.measure.action = 1 "
    "smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2) smua.source.output = 1 "
)


@pytest.fixture
def unit() -> Unit:
    unit = prompt_smu()
    unit.tell("smua.measure.rangei = 1e-5 smua.measure.nplc = 0.1 smua.measure.delay = smua.DELAY_AUTO")
    return unit


def buffers(unit: Unit, points: int) -> tuple[list[float], list[float]]:
    values = unit.values(f"printbuffer(1, {points}, smua.nvbuffer1, smua.nvbuffer2)")
    return values[::2], values[1::2]


def test_linear_sweep(unit: Unit) -> None:
    unit.tell(SWEEP + "smua.trigger.source.linearv(0, 1, 5) smua.trigger.count = 5")
    unit.tell("smua.trigger.initiate() waitcomplete()")
    currents, voltages = buffers(unit, 5)
    assert voltages == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert currents == pytest.approx([0, 0.25e-6, 0.5e-6, 0.75e-6, 1e-6], abs=1e-9)
    assert unit.errors() == []


def test_list_sweep_restarts_when_the_count_is_longer(unit: Unit) -> None:
    unit.tell(SWEEP + "smua.trigger.source.listv({0.1, 0.2, 0.3}) smua.trigger.count = 5")
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert buffers(unit, 5)[1] == pytest.approx([0.1, 0.2, 0.3, 0.1, 0.2])


def test_logarithmic_sweep_of_current() -> None:
    unit = smu()
    unit.tell(SWEEP + "smua.trigger.source.logi(1e-8, 1e-6, 3, 0) smua.trigger.count = 3 smua.source.limitv = 5")
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert buffers(unit, 3)[1] == pytest.approx([0.01, 0.1, 1], rel=1e-4)


def test_arm_count_repeats_the_sweep(unit: Unit) -> None:
    unit.tell(SWEEP + "smua.trigger.source.listv({0.1, 0.2}) smua.trigger.count = 2 smua.trigger.arm.count = 3")
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert buffers(unit, 6)[1] == pytest.approx([0.1, 0.2] * 3)


@pytest.mark.parametrize(("action", "level_after"), [("SOURCE_IDLE", 0.05), ("SOURCE_HOLD", 0.3)])
def test_end_of_sweep(unit: Unit, action: str, level_after: float) -> None:
    unit.tell(SWEEP + f"smua.trigger.source.listv({{0.1, 0.3}}) smua.trigger.count = 2 smua.source.levelv = 0.05 "
              f"smua.trigger.endsweep.action = smua.{action}")  # fmt: skip
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert unit.value("smua.measure.v()") == pytest.approx(level_after)


def test_end_of_pulse_returns_to_the_idle_level(unit: Unit) -> None:
    """With SOURCE_IDLE the level is the programmed one between the points: a timer shows it."""
    unit.tell(SWEEP + "smua.trigger.source.listv({0.5}) smua.trigger.count = 2 smua.source.levelv = 0.1 "
              "smua.trigger.endpulse.action = smua.SOURCE_IDLE trigger.timer[1].delay = 0.1 trigger.timer[1].count = 2 "
              "trigger.timer[1].stimulus = smua.trigger.ARMED_EVENT_ID "
              "smua.trigger.source.stimulus = trigger.timer[1].EVENT_ID smua.trigger.initiate()")  # fmt: skip
    levels = []
    for _ in range(3):  # before the first pulse, within it, after it
        unit.tell("delay(0.05)")
        levels.append(unit.port("a").level)
    assert levels == pytest.approx([0.1, 0.5, 0.1])
    unit.tell("waitcomplete()")
    assert buffers(unit, 2)[1] == pytest.approx([0.5, 0.5])


def test_a_timer_that_passes_its_stimulus_on_paces_the_points(unit: Unit) -> None:
    unit.tell(SWEEP + "smua.trigger.source.listv({0.1, 0.2, 0.3}) smua.trigger.count = 3 smua.measure.autozero = 0 "
              "trigger.timer[1].delay = 0.15 trigger.timer[1].count = 2 trigger.timer[1].passthrough = true "
              "trigger.timer[1].stimulus = smua.trigger.ARMED_EVENT_ID "
              "smua.trigger.source.stimulus = trigger.timer[1].EVENT_ID")  # fmt: skip
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert unit.values("printbuffer(1, 3, smua.nvbuffer1.timestamps)") == pytest.approx([0, 0.15, 0.3], abs=1e-4)
    assert buffers(unit, 3)[1] == pytest.approx([0.1, 0.2, 0.3])


def test_measuring_beside_the_pulse(unit: Unit) -> None:
    """ASYNC: a second timer ends the pulse after 1 ms while the reading of 2 ms goes on."""
    unit.tell(SWEEP + "smua.trigger.source.listv({0.8}) smua.trigger.count = 2 smua.measure.delay = 0 "
              "smua.trigger.measure.action = smua.ASYNC smua.trigger.measure.stimulus = trigger.timer[1].EVENT_ID "
              "trigger.timer[1].delay = 0.05 trigger.timer[1].count = 2 "
              "trigger.timer[1].stimulus = smua.trigger.ARMED_EVENT_ID "
              "trigger.timer[2].delay = 1e-3 trigger.timer[2].stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID "
              "smua.trigger.source.stimulus = trigger.timer[1].EVENT_ID smua.trigger.endpulse.action = 0 "
              "smua.trigger.endpulse.stimulus = trigger.timer[2].EVENT_ID")  # fmt: skip
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert unit.errors() == []
    assert buffers(unit, 2)[1] == pytest.approx([0.4, 0.4], rel=0.05)  # 0.8 V for half of the aperture


def test_a_timer_sets_the_pulse_width(unit: Unit) -> None:
    unit.tell(SWEEP + "smua.trigger.source.listv({0.5, 0.6}) smua.trigger.count = 2 "
              "trigger.timer[1].delay = 0.2 trigger.timer[1].stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID "
              "smua.trigger.endpulse.stimulus = trigger.timer[1].EVENT_ID "
              "smua.trigger.endpulse.action = 0")  # fmt: skip
    assert unit.seconds("smua.trigger.initiate() waitcomplete()") == pytest.approx(0.4, abs=1e-3)


def test_initiate_returns_at_once_and_the_trigger_command_starts(unit: Unit) -> None:
    unit.tell(
        SWEEP
        + "smua.trigger.source.listv({0.1, 0.2}) smua.trigger.count = 2 smua.trigger.arm.stimulus = trigger.EVENT_ID"
    )
    assert unit.seconds("smua.trigger.initiate()") == pytest.approx(0, abs=1e-9)
    assert unit.value("status.operation.sweeping.condition") == 2
    assert unit.value("smua.nvbuffer1.n") == 0
    unit.tell("*trg")
    assert unit.ask("*OPC?") == "1"
    assert unit.value("status.operation.sweeping.condition") == 0
    assert unit.value("smua.nvbuffer1.n") == 2


def test_whoever_polls_sees_the_end_within_few_polls(unit: Unit) -> None:
    unit.tell(
        SWEEP + "smua.trigger.source.linearv(0, 1, 1000) smua.trigger.count = 1000 smua.measure.nplc = 1 "
        "smua.trigger.initiate()"
    )
    polls = 1
    while unit.value("status.operation.sweeping.condition"):
        polls += 1
    assert 2 < polls < 60  # 20 s of sweep


def test_a_sweep_goes_on_while_a_script_waits(unit: Unit) -> None:
    unit.tell(
        SWEEP + "smua.trigger.source.linearv(0, 1, 100) smua.trigger.count = 100 smua.measure.nplc = 1 "
        "smua.trigger.initiate()"
    )
    unit.tell("delay(1)")
    assert 40 <= unit.value("smua.nvbuffer1.n") <= 51
    unit.tell("smua.abort()")
    before = unit.value("smua.nvbuffer1.n")
    unit.tell("delay(1)")
    assert unit.value("smua.nvbuffer1.n") == before


def test_two_channels_in_step(unit: Unit) -> None:
    """Channel b measures whenever channel a has stepped; a goes on when both have measured."""
    unit.tell(SWEEP + "smub.trigger.measure.action = 1 smub.trigger.measure.i(smub.nvbuffer1) smub.source.output = 1 "
              "smua.measure.delay = 0 smub.measure.delay = 0 smub.measure.autozero = 0 "
              "smub.measure.rangei = 1e-3 smub.source.levelv = 0.2 "
              "smua.trigger.source.listv({0.1, 0.2, 0.3}) smua.trigger.count = 3 smub.trigger.count = 3 "
              "smub.trigger.measure.stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID "
              "trigger.blender[1].stimulus[1] = smua.trigger.MEASURE_COMPLETE_EVENT_ID "
              "trigger.blender[1].stimulus[2] = smub.trigger.MEASURE_COMPLETE_EVENT_ID "
              "smua.trigger.endpulse.stimulus = trigger.blender[1].EVENT_ID")  # fmt: skip
    unit.tell("smub.trigger.initiate() smua.trigger.initiate() waitcomplete()")
    assert unit.errors() == []
    assert unit.values("printbuffer(1, 3, smub.nvbuffer1)") == pytest.approx([2e-4] * 3, rel=1e-4)
    assert buffers(unit, 3)[1] == pytest.approx([0.1, 0.2, 0.3])
    times = unit.values("printbuffer(1, 3, smua.nvbuffer1.timestamps, smub.nvbuffer1.timestamps)")
    assert times[::2] == pytest.approx(times[1::2], abs=1e-9)


class TestRefusals:
    def test_an_action_without_configuration(self) -> None:
        unit = smu()
        unit.tell("smua.trigger.source.action = 1 smua.trigger.initiate()")
        unit.tell("smua.trigger.source.action = 0 smua.trigger.measure.action = 1 smua.trigger.initiate()")
        assert unit.errors() == [5059, 5060]

    def test_a_second_initiate(self, unit: Unit) -> None:
        unit.tell("smua.trigger.arm.stimulus = trigger.EVENT_ID smua.trigger.initiate() smua.trigger.initiate()")
        assert unit.errors() == [5042]

    def test_a_level_above_the_fixed_range(self, unit: Unit) -> None:
        unit.tell(SWEEP + "smua.trigger.source.listv({0.1, 3}) smua.trigger.initiate()")
        assert unit.errors() == [5005]

    def test_asynchronous_measurement_needs_fixed_settings(self) -> None:
        unit = smu()
        unit.tell("smua.trigger.measure.action = smua.ASYNC smua.trigger.measure.i(smua.nvbuffer1)")
        unit.tell("smua.trigger.initiate()")
        unit.tell("smua.measure.autorangei = 0 smua.trigger.initiate()")
        assert unit.errors() == [5044, 5063]

    def test_waiting_for_a_trigger_that_cannot_come_ends_the_script(self, unit: Unit) -> None:
        unit.tell("smua.trigger.arm.stimulus = trigger.EVENT_ID smua.trigger.initiate() waitcomplete() x = 1")
        assert unit.errors() == [-286]
        assert unit.ask("print(x)") == "nil"
        assert unit.instrument.execute(b"*OPC?") is None  # the reply does not come

    def test_an_endless_sweep_never_completes_but_can_be_aborted(self, unit: Unit) -> None:
        unit.tell(SWEEP + "smua.trigger.source.listv({0.1}) smua.trigger.count = 0 smua.trigger.initiate()")
        assert unit.instrument.execute(b"*OPC?") is None
        unit.tell("smua.abort()")
        assert unit.ask("*OPC?") == "1"


def test_sweep_limit_has_a_floor_of_a_tenth_of_its_range() -> None:
    """A sweep limit of 1 µA beside a normal limit of 100 mA acts as 10 mA."""
    unit = smu(load_a=10)
    unit.tell(SWEEP + "smua.trigger.source.limiti = 1e-6 smua.trigger.source.listv({0.5, 0.5}) smua.trigger.count = 2")
    unit.tell("smua.trigger.initiate() waitcomplete()")
    assert buffers(unit, 2)[0] == pytest.approx([0.01, 0.01], rel=1e-3)


class TestEvents:
    def test_a_timer_and_a_wait(self, unit: Unit) -> None:
        unit.tell("trigger.timer[2].delay = 0.3 trigger.timer[2].stimulus = trigger.generator[1].EVENT_ID")
        unit.tell("trigger.generator[1].assert()")
        assert unit.ask("print(trigger.timer[2].wait(1))") == "true"
        assert unit.ask("print(trigger.timer[2].wait(0.1))") == "false"

    def test_the_trigger_command_is_latched(self, unit: Unit) -> None:
        unit.tell("*TRG")
        assert unit.seconds("x = trigger.wait(5)") == pytest.approx(0, abs=1e-9)
        assert unit.ask("print(x)") == "true"
        assert unit.seconds("x = trigger.wait(5)") == pytest.approx(5)
        assert unit.ask("print(x)") == "false"

    def test_a_blender_needs_all_its_inputs(self, unit: Unit) -> None:
        unit.tell("for k = 1, 2 do trigger.blender[1].stimulus[k] = trigger.generator[k].EVENT_ID end")
        unit.tell("trigger.generator[1].assert()")
        assert unit.ask("print(trigger.blender[1].wait(0))") == "false"
        unit.tell("trigger.generator[2].assert()")
        assert unit.ask("print(trigger.blender[1].wait(0))") == "true"
        unit.tell("trigger.blender[1].orenable = true trigger.generator[2].assert()")
        assert unit.ask("print(trigger.blender[1].wait(0))") == "true"

    def test_unknown_input(self, unit: Unit) -> None:
        unit.tell("trigger.blender[1].stimulus[5] = 1")
        assert unit.errors() == [1101]


class TestFactoryScripts:
    def test_linear_list_and_logarithmic(self, unit: Unit) -> None:
        unit.tell("SweepVLinMeasureI(smua, 0, 1, 0.01, 3)")
        assert unit.values("printbuffer(1, 3, smua.nvbuffer1)") == pytest.approx([0, 0.5e-6, 1e-6], abs=1e-9)
        assert unit.values("printbuffer(1, 3, smua.nvbuffer1.sourcevalues)") == [0, 0.5, 1]
        unit.tell("SweepVListMeasureI(smua, {1, 0.2}, 0.01, 2)")
        assert unit.values("printbuffer(1, 2, smua.nvbuffer1.sourcevalues)") == [1, 0.2]
        unit.tell("SweepVLogMeasureI(smua, 0.01, 1, 0.01, 3)")
        assert unit.values("printbuffer(1, 3, smua.nvbuffer1.sourcevalues)") == pytest.approx([0.01, 0.1, 1])
        assert unit.errors() == []

    def test_current_sweep(self) -> None:
        unit = smu()
        unit.tell("smua.source.limitv = 5 SweepILinMeasureV(smua, 1e-7, 1e-6, 0.01, 2)")
        assert unit.values("printbuffer(1, 2, smua.nvbuffer1)") == pytest.approx([0.1, 1], rel=1e-4)

    def test_pulses_have_their_width_and_measure_at_their_end(self, unit: Unit) -> None:
        unit.tell("smua.source.output = 1 smua.measure.nplc = 0.1")
        assert unit.ask(
            "print(ConfigPulseVMeasureISweepLin(smua, 0, 0.5, 1.5, 1e-5, 0.05, 0.1, 3, smua.nvbuffer1, 1))"
        ).startswith("true")
        start = unit.clock.now
        assert unit.ask("print(InitiatePulseTest(1))").startswith("true")
        assert unit.clock.now - start == pytest.approx(3 * 0.15, abs=0.02)
        assert unit.values("printbuffer(1, 3, smua.nvbuffer1)") == pytest.approx([0.5e-6, 1e-6, 1.5e-6], rel=1e-3)
        assert unit.value("smua.source.levelv") == 0

    def test_a_pulse_test_that_cannot_be(self, unit: Unit) -> None:
        assert unit.ask("print(InitiatePulseTest(9))").startswith("false\t")
        unit.tell("smua.measure.nplc = 10")
        assert unit.ask("print(ConfigPulseVMeasureI(smua, 0, 1, 1e-3, 0.05, 0.1, 3, smua.nvbuffer1, 1))").startswith(
            "false\t"
        )
