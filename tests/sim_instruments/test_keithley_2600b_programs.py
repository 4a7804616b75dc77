"""Programs as the reference manual and the maker's examples write them, on known resistors: values, times, no errors.

The command sequences are those of the manual's chapters on buffers, sweeps, triggering and factory scripts.
"""

import pytest

from emulator import Array, Chip, Harness, VirtualClock, literature
from sim_instruments import Surroundings, create
from tests.sim_instruments.tsp_unit import Unit

MODELS = ("keithley_2602b", "keithley_2612b", "keithley_2634b", "keithley_2636b")


def with_resistors(model: str = "keithley_2612b", load_a: float = 1e3, load_b: float = 1e3) -> Unit:
    unit = Unit(model)
    unit.harness.add_resistor("unit.a", "ground", load_a)
    unit.harness.add_resistor("unit.b", "ground", load_b)
    return unit


def lines(unit: Unit, script: str) -> list[str]:
    """What a script answers, line by line; it must leave no error."""
    reply = unit.instrument.execute(f"loadandrunscript\n{script}\nendscript".encode())
    assert unit.errors() == []
    return reply.decode().splitlines() if reply else []


@pytest.mark.parametrize("model", MODELS)
def test_source_voltage_measure_current(model: str) -> None:
    """Quick start: 5 V with a limit of 10 mA into 1 kΩ."""
    script = """
    smua.reset()
    smua.source.func = smua.OUTPUT_DCVOLTS
    smua.source.autorangev = smua.AUTORANGE_ON
    smua.source.levelv = 5
    smua.source.limiti = 10e-3
    smua.measure.rangei = 10e-3
    smua.source.output = smua.OUTPUT_ON
    print(smua.measure.i())
    smua.source.output = smua.OUTPUT_OFF"""
    assert [float(x) for x in lines(with_resistors(model), script)] == [pytest.approx(5e-3, rel=1e-3)]


@pytest.mark.parametrize("model", MODELS)
def test_source_current_measure_voltage_four_wire(model: str) -> None:
    script = """
    smua.reset()
    smua.source.func = smua.OUTPUT_DCAMPS
    smua.source.rangei = 10e-3
    smua.source.leveli = 10e-3
    smua.source.limitv = 15
    smua.sense = smua.SENSE_REMOTE
    smua.measure.autorangev = smua.AUTORANGE_ON
    smua.source.output = smua.OUTPUT_ON
    print(smua.measure.v(), smua.measure.r(), smua.measure.p())
    smua.source.output = smua.OUTPUT_OFF"""
    (line,) = lines(with_resistors(model), script)
    assert [float(x) for x in line.split("\t")] == pytest.approx([10, 1e3, 0.1], rel=1e-3)


def test_store_and_recall_with_source_values_and_time_stamps() -> None:
    """A hundred readings in a dedicated buffer, of which ten are recalled with their sources and times."""
    unit = with_resistors()
    script = """
    smua.reset()
    smua.source.levelv = 1
    smua.measure.nplc = 1
    smua.measure.autozero = smua.AUTOZERO_OFF
    smua.measure.rangei = 1e-3
    smua.measure.count = 100
    smua.nvbuffer1.clear()
    smua.nvbuffer1.appendmode = 0
    smua.nvbuffer1.collectsourcevalues = 1
    smua.nvbuffer1.collecttimestamps = 1
    smua.source.output = smua.OUTPUT_ON
    smua.measure.overlappedi(smua.nvbuffer1)
    waitcomplete()
    smua.source.output = smua.OUTPUT_OFF
    printbuffer(91, 100, smua.nvbuffer1, smua.nvbuffer1.sourcevalues, smua.nvbuffer1.timestamps)
    print(smua.nvbuffer1.n, smua.nvbuffer1.measurefunctions[1])"""
    block, summary = lines(unit, script)
    values = [float(x) for x in block.split(",")]
    assert values[0::3] == pytest.approx([1e-3] * 10, rel=1e-3)
    assert values[1::3] == [1] * 10
    assert values[2::3] == pytest.approx([0.02 * k for k in range(90, 100)], rel=1e-3)
    assert summary == "1.00000e+02\tCurrent"


def test_a_dynamic_buffer_for_each_quantity() -> None:
    script = """
    ibuf = smua.makebuffer(20)
    vbuf = smua.makebuffer(20)
    ibuf.appendmode, vbuf.appendmode = 1, 1
    smua.source.output = smua.OUTPUT_ON
    for v = 1, 5 do
      smua.source.levelv = v
      smua.measure.iv(ibuf, vbuf)
    end
    smua.source.output = smua.OUTPUT_OFF
    printbuffer(1, ibuf.n, ibuf, vbuf)
    ibuf, vbuf = nil, nil"""
    (block,) = lines(with_resistors(), script)
    values = [float(x) for x in block.split(",")]
    assert values[1::2] == pytest.approx([1, 2, 3, 4, 5], rel=1e-3)
    assert values[0::2] == pytest.approx([v / 1e3 for v in values[1::2]], rel=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_linear_staircase_of_the_trigger_model(model: str) -> None:
    """Autoranged DC sweep; the level returns to the bias."""
    script = """
    smua.reset()
    smua.source.limiti = 0.1
    smua.measure.delay = smua.DELAY_AUTO
    smua.trigger.source.linearv(0, 5, 6)
    smua.trigger.source.limiti = 0.1
    smua.trigger.measure.action = smua.ENABLE
    smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2)
    smua.trigger.endpulse.action = smua.SOURCE_HOLD
    smua.trigger.endsweep.action = smua.SOURCE_IDLE
    smua.trigger.count = 6
    smua.trigger.source.action = smua.ENABLE
    smua.source.output = smua.OUTPUT_ON
    smua.trigger.initiate()
    waitcomplete()
    print(smua.measure.v())
    smua.source.output = smua.OUTPUT_OFF
    for x = 1, smua.nvbuffer1.n do print(smua.nvbuffer2[x], smua.nvbuffer1[x]) end"""
    bias, *rows = lines(with_resistors(model), script)
    assert float(bias) == pytest.approx(0, abs=1e-9)
    table = [tuple(map(float, row.split("\t"))) for row in rows]
    assert [v for v, _ in table] == pytest.approx([0, 1, 2, 3, 4, 5], rel=1e-3)
    assert [i for _, i in table] == pytest.approx([0, 1e-3, 2e-3, 3e-3, 4e-3, 5e-3], rel=1e-3)


PULSED_SWEEP = """
smua.reset()
smua.source.rangev = 10
smua.source.limiti = 0.1
smua.measure.autozero = smua.AUTOZERO_ONCE
smua.measure.rangei = 0.1
smua.measure.nplc = 0.001
smua.measure.delay = 0
trigger.timer[1].count = 10
trigger.timer[1].delay = 5e-3
trigger.timer[1].passthrough = true
trigger.timer[1].stimulus = display.trigger.EVENT_ID
trigger.timer[2].delay = 1e-3 - 0.001 / localnode.linefreq - 60e-6
trigger.timer[2].stimulus = trigger.timer[1].EVENT_ID
trigger.timer[3].delay = 1e-3
trigger.timer[3].stimulus = trigger.timer[1].EVENT_ID
smua.trigger.source.linearv(0, 10, 11)
smua.trigger.source.limiti = 0.1
smua.trigger.measure.action = smua.ENABLE
smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2)
smua.trigger.endpulse.action = smua.SOURCE_IDLE
smua.trigger.endsweep.action = smua.SOURCE_IDLE
smua.trigger.count = 11
smua.trigger.source.stimulus = trigger.timer[1].EVENT_ID
smua.trigger.measure.stimulus = trigger.timer[2].EVENT_ID
smua.trigger.endpulse.stimulus = trigger.timer[3].EVENT_ID
smua.trigger.source.action = smua.ENABLE
smua.source.output = smua.OUTPUT_ON
smua.trigger.initiate()
"""


@pytest.mark.parametrize("model", MODELS)
def test_pulsed_sweep_started_by_the_key(model: str) -> None:
    """Timers for period, measurement and width: pulses of 1 ms every 5 ms."""
    unit = with_resistors(model)
    assert lines(unit, PULSED_SWEEP) == []
    assert unit.value("smua.nvbuffer1.n") == 0
    unit.instrument.press_trigger_key()
    level_within, level_after = [], []
    for _ in range(11):
        unit.tell("delay(0.25e-3)")  # and half a millisecond for the message
        level_within.append(unit.port("a").level)
        unit.tell("delay(3.25e-3)")
        level_after.append(unit.port("a").level)
        unit.tell("delay(0)")
    unit.tell("waitcomplete()")
    assert level_within == pytest.approx(list(range(11)), abs=1e-6)
    assert level_after == [0] * 11
    assert unit.values("printbuffer(1, 11, smua.nvbuffer1)") == pytest.approx([k * 1e-3 for k in range(11)], rel=5e-3)
    times = unit.values("printbuffer(1, 11, smua.nvbuffer1.timestamps)")
    assert times == pytest.approx([5e-3 * k for k in range(11)], abs=1e-6)
    assert unit.value("status.operation.instrument.smua.trigger_overrun.condition") == 0


def test_two_pulse_trains_at_once_by_the_factory_scripts() -> None:
    """ConfigPulse... for both channels under two tags, then both together."""
    unit = with_resistors("keithley_2602b", 1e3, 2e3)
    script = """
    smua.reset() smub.reset()
    smua.measure.nplc = 0.01 smub.measure.nplc = 0.01
    smua.source.output = smua.OUTPUT_ON smub.source.output = smub.OUTPUT_ON
    f1, msg1 = ConfigPulseVMeasureI(smua, 0, 5, 0.1, 2e-3, 50e-3, 10, smua.nvbuffer1, 1)
    f2, msg2 = ConfigPulseVMeasureI(smub, 0, 4, 0.1, 2e-3, 50e-3, 10, smub.nvbuffer1, 2)
    if f1 and f2 then f3, msg3 = InitiatePulseTestDual(1, 2) end
    print(f1, f2, f3)
    printbuffer(1, 10, smua.nvbuffer1, smub.nvbuffer1)"""
    flags, block = lines(unit, script)
    assert flags == "true\ttrue\ttrue"
    values = [float(x) for x in block.split(",")]
    assert values[0::2] == pytest.approx([5e-3] * 10, rel=2e-3)
    assert values[1::2] == pytest.approx([2e-3] * 10, rel=2e-3)


def test_pulses_without_configuration() -> None:
    unit = with_resistors()
    assert lines(unit, "PulseVMeasureI(smua, 0.5, 2, 20e-3, 40e-3, 5)") == []
    assert unit.values("printbuffer(1, 5, smua.nvbuffer1)") == pytest.approx([2e-3] * 5, rel=1e-3)
    assert unit.values("printbuffer(1, 5, smua.nvbuffer1.sourcevalues)") == [2] * 5
    start = unit.clock.now
    assert lines(unit, "smua.source.limitv = 10 PulseIMeasureV(smua, 0, 1e-3, 20e-3, 40e-3, 5)") == []
    assert unit.values("printbuffer(1, 5, smua.nvbuffer1)") == pytest.approx([1] * 5, rel=1e-3)
    assert unit.clock.now - start > 5 * 60e-3
    assert unit.value("smua.source.output") == 0


def test_leakage_of_a_capacitor_in_high_capacitance_mode() -> None:
    """A leakage of 5 V over 10 MΩ, measured under a limit of 10 µA after charging under 100 mA."""
    unit = with_resistors(load_a=1e7)
    script = """
    smua.source.highc = smua.ENABLE
    smua.source.levelv = 5
    smua.source.output = smua.OUTPUT_ON
    delay(1)
    print(i_leakage_measure(smua, 5, 0.1, 300e-3, 10e-6, 1))
    print(i_leakage_threshold(smua, 5, 0.1, 300e-3, 10e-6, 1, 1e-6, 1))
    print(i_leakage_threshold(smua, 5, 0.1, 300e-3, 10e-6, 1, 1e-7, 0.1))"""
    current, below, not_below = lines(unit, script)
    assert float(current) == pytest.approx(5e-7, rel=1e-2)
    assert (below, not_below) == ("true", "false")


def test_one_channel_steps_while_the_other_sweeps() -> None:
    """A family of curves by nested loops, with aliases for the fast commands."""
    script = """
    setgate = makesetter(smub.source, "levelv")
    getcount = makegetter(smua.nvbuffer1, "n")
    smua.source.output, smub.source.output = 1, 1
    smua.nvbuffer1.clear() smua.nvbuffer1.appendmode = 1
    for gate = 1, 3 do
      setgate(gate)
      for drain = 0, 2 do
        smua.source.levelv = drain
        smua.measure.i(smua.nvbuffer1)
      end
    end
    print(getcount(), smub.source.levelv)
    printbuffer(1, getcount(), smua.nvbuffer1)"""
    summary, block = lines(with_resistors(), script)
    assert summary == "9.00000e+00\t3.00000e+00"
    assert [float(x) for x in block.split(",")] == pytest.approx([0, 1e-3, 2e-3] * 3, rel=2e-3, abs=1e-8)


def test_a_source_memory_table() -> None:
    """Source function, level and measurement from a table, one entry a step; readings follow each step at once."""
    script = """
    steps = { { f = "v", level = 10, m = "i" }, { f = "i", level = 0.01, m = "v" }, { f = "i", level = 1e-3, m = "i" } }
    readings = {}
    for j = 1, table.getn(steps) do
      local step = steps[j]
      smua.source.func = step.f == "v" and smua.OUTPUT_DCVOLTS or smua.OUTPUT_DCAMPS
      smua.source["level" .. step.f] = step.level
      smua.source.output = smua.OUTPUT_ON
      readings[j] = smua.measure[step.m]()
      smua.source.output = smua.OUTPUT_OFF
    end
    printnumber(unpack(readings))"""
    (block,) = lines(with_resistors(), script)
    assert [float(x) for x in block.split(",")] == pytest.approx([10e-3, 10, 1e-3], rel=1e-2)


def test_a_pulse_train_that_times_itself() -> None:
    """Each pulse's end starts the timer of the next pause; the script starts the first one by `source.set()`."""
    unit = with_resistors(load_a=1e4)
    script = """
    ton, toff, points, level = 0.01, 0.05, 4, 1
    smua.source.rangev = 2 smua.measure.rangei = 1e-3
    smua.measure.autozero = smua.AUTOZERO_OFF smua.measure.nplc = 0.1
    smua.nvbuffer1.clear() smua.nvbuffer1.appendmode = 1
    trigger.timer[1].reset() trigger.timer[1].delay = ton - smua.measure.nplc / localnode.linefreq - 250e-6
    trigger.timer[1].stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID
    smua.trigger.measure.stimulus = trigger.timer[1].EVENT_ID
    trigger.timer[2].reset() trigger.timer[2].delay = ton
    trigger.timer[2].stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID
    smua.trigger.endpulse.stimulus = trigger.timer[2].EVENT_ID
    trigger.timer[3].reset() trigger.timer[3].delay = toff
    trigger.timer[3].stimulus = smua.trigger.PULSE_COMPLETE_EVENT_ID
    smua.trigger.source.stimulus = trigger.timer[3].EVENT_ID
    smua.trigger.source.linearv(level, level, 1) smua.trigger.source.action = smua.ENABLE
    smua.trigger.measure.i(smua.nvbuffer1) smua.trigger.measure.action = smua.ENABLE
    smua.trigger.endpulse.action = smua.SOURCE_IDLE smua.trigger.count = points
    smua.source.output = smua.OUTPUT_ON
    smua.trigger.initiate()
    delay(toff)
    smua.trigger.source.set()
    waitcomplete()
    smua.source.output = smua.OUTPUT_OFF
    printbuffer(1, points, smua.nvbuffer1, smua.nvbuffer1.timestamps)"""
    (block,) = lines(unit, script)
    values = [float(x) for x in block.split(",")]
    assert values[0::2] == pytest.approx([1e-4] * 4, rel=1e-3)
    assert values[1::2] == pytest.approx([0, 0.06, 0.12, 0.18], abs=1e-3)


def test_a_long_sweep_of_the_factory_script_into_a_prepared_buffer() -> None:
    """A laboratory's I-V curve of a solar cell: reset, buffer, beeper and display, then one call."""
    unit = with_resistors("keithley_2636b", load_a=1e6)
    script = """
    reset()
    display.clear()
    beeper.beep(1, 600)
    smua.nvbuffer1.clear()
    smua.nvbuffer1.collectsourcevalues = 1
    format.data = format.ASCII
    smua.nvbuffer1.appendmode = 1
    smua.measure.count = 1
    SweepVLinMeasureI(smua, -1.4, 1, 1E-3, 241)"""
    assert lines(unit, script) == []
    values = unit.values("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1.readings, smua.nvbuffer1.sourcevalues)")
    assert values[1::2] == pytest.approx([-1.4 + 0.01 * k for k in range(241)], abs=1e-6)
    assert values[0::2] == pytest.approx([v / 1e6 for v in values[1::2]], abs=2e-9)


def test_write_and_read_a_device() -> None:
    """Pulses on the gate by one script, each followed by a reading of the channel: the conductance only rises."""
    array = Array(literature.load("kim2019").model, 1, 1, seed=1, device_spread=False, cycle_noise=False)
    harness = Harness(VirtualClock(), Chip(array, read_noise=False))
    sim = create("keithley_2636b", Surroundings("unit", harness, noise=False, accuracy=False))
    for terminal, pad in (("a", "G0"), ("b", "D0")):
        harness.connect(f"unit.{terminal}", f"chip.{pad}")
    harness.connect("chip.S0", "ground")
    script = b"""loadandrunscript
    reset()
    smua.source.rangev = 20 smub.source.levelv = 0.1 smub.source.limiti = 1e-5
    smub.measure.rangei = 1e-6 smub.measure.autozero = smub.AUTOZERO_ONCE
    smub.nvbuffer1.clear() smub.nvbuffer1.appendmode = 1
    smua.source.output = 1 smub.source.output = 1
    for pulse = 1, 10 do
      smua.source.levelv = 4 delay(1e-3) smua.source.levelv = 0
      smub.measure.i(smub.nvbuffer1)
    end
    smua.source.output = 0 smub.source.output = 0
    printbuffer(1, 10, smub.nvbuffer1)
    endscript"""
    reply = sim.execute(script)
    assert reply is not None
    currents = [float(x) for x in reply.split(b",")]
    assert currents == sorted(currents)
    assert currents[-1] > 1.02 * currents[0] > 1.02 * 0.1 * 1.5e-6
