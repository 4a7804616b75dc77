"""Drivers of a generator and a SourceMeter joined by trigger cables: who starts whom, on the virtual clock."""

import math

import pytest

from drivers.errors import Refused
from drivers.generator import GeneratorChannel, PulseGeneratorBox
from drivers.keithley_2600b import Keithley2600B
from drivers.registry import open_driver
from emulator import Harness, VirtualClock
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create
from sim_instruments.trigger_wiring import TriggerWiring
from tests.drivers.fake_resource import FakeResource

MODELS = ("keysight_33522b", "keysight_33622a", "keysight_81160a", "tektronix_afg3252c")
WITH_OUTPUT = {"keysight_33522b": "sync", "keysight_33622a": "sync", "tektronix_afg3252c": "trigout"}
VOLTMETER = (
    "smua.source.func = smua.OUTPUT_DCAMPS smua.source.rangei = 1e-9 smua.source.leveli = 0 smua.source.limitv = 20 "
    "smua.measure.rangev = 20 smua.measure.nplc = 0.1 smua.measure.autozero = smua.AUTOZERO_OFF smua.source.output = 1"
)


class Pair:
    """Channel "1" of a generator on unit a of a 2636B and a resistor of 1 MΩ; both through their drivers."""

    def __init__(self, model: str, output: str, to: str) -> None:
        self.clock = VirtualClock()
        self.harness, self.triggers = Harness(self.clock), TriggerWiring()
        pulser, smu = self._opened(model, "pulser"), self._opened("keithley_2636b", "smu")
        assert isinstance(pulser, PulseGeneratorBox)
        assert isinstance(smu, Keithley2600B)
        self.pulser, self.smu = pulser, smu
        self.triggers.connect(output, to)
        self.harness.connect("pulser.1", "smu.a")
        self.harness.add_resistor("smu.a", "ground", 1e6)

    def _opened(self, model: str, name: str) -> object:
        unit = create(model, Surroundings(name, self.harness, noise=False, accuracy=False, triggers=self.triggers))
        resource = FakeResource(lambda message: unit.execute(message.encode("latin-1")))
        return open_driver(model, resource.as_visa, label=name)

    def pulsing(self) -> GeneratorChannel:
        """4 V for 10 ms, three pulses 20 ms apart."""
        generator = self.pulser.channel("1")
        generator.load(math.inf)
        generator.pulse(base=0.0, level=4.0, width=10e-3, period=20e-3)
        generator.count(3)
        return generator


@pytest.mark.parametrize("model", MODELS)
def test_the_source_meter_fires_the_generator_and_measures_its_pulses(model: str) -> None:
    pair = Pair(model, "smu.digio1", "pulser.ext")
    generator = pair.pulsing()
    assert generator.trigger("external", edge="falling") == "external"
    generator.output(True)
    pair.smu.write("digio.trigger[1].mode = digio.TRIG_FALLING " + VOLTMETER)
    reply = pair.smu.exchange(
        "digio.trigger[1].assert() delay(2e-3) a = smua.measure.v() delay(10e-3) b = smua.measure.v() "
        "delay(8e-3) print(a, b, smua.measure.v())"
    )
    assert [float(one) for one in reply.split("\t")] == pytest.approx([4.0, 0.0, 4.0], abs=5e-3)
    before = pair.clock.now
    generator.wait(1.0)
    assert pair.clock.now - before < 40e-3
    assert pair.harness.ports["pulser.1"].remaining == 0.0
    pair.pulser.check_errors()


@pytest.mark.parametrize("model", WITH_OUTPUT)
def test_the_generator_starts_the_measurement_of_its_own_pulse(model: str) -> None:
    pair = Pair(model, f"pulser.{WITH_OUTPUT[model]}", "smu.digio2")
    generator = pair.pulsing()
    generator.output(True)
    pair.smu.write(VOLTMETER)
    pair.smu.write(
        "smua.nvbuffer1.clear() digio.trigger[2].mode = digio.TRIG_FALLING smua.measure.delay = 1e-3 "
        "smua.trigger.measure.v(smua.nvbuffer1) smua.trigger.measure.action = 1 "
        "smua.trigger.measure.stimulus = digio.trigger[2].EVENT_ID smua.trigger.count = 1 smua.trigger.initiate()"
    )
    before = pair.clock.now
    generator.fire()
    assert pair.clock.now - before == pytest.approx(60e-3, abs=3e-3), "the reading lies inside the train"
    reply = pair.smu.exchange("waitcomplete() print(smua.nvbuffer1.n, smua.nvbuffer1[1])")
    assert [float(one) for one in reply.split("\t")] == pytest.approx([1.0, 4.0], abs=5e-3)


@pytest.mark.parametrize("model", MODELS)
def test_what_waits_for_the_cable_is_not_fired_from_the_bus(model: str) -> None:
    pair = Pair(model, "smu.digio1", "pulser.ext")
    generator = pair.pulsing()
    generator.trigger("external")
    generator.output(True)
    with pytest.raises(Refused, match="waits for the external trigger"):
        generator.fire()
    with pytest.raises(Refused, match="cannot be asked"):
        generator.running()
    assert generator.trigger("bus") == "bus"
    generator.fire()
    assert not generator.running()


@pytest.mark.parametrize("model", MODELS)
def test_a_new_pulse_keeps_the_trigger_and_make_safe_returns_to_the_bus(model: str) -> None:
    pair = Pair(model, "smu.digio1", "pulser.ext")
    generator = pair.pulsing()
    generator.trigger("external", edge="falling")
    generator.load(math.inf)
    generator.pulse(base=0.0, level=2.0, width=10e-3, period=20e-3)
    generator.output(True)
    pair.smu.exchange("digio.trigger[1].mode = digio.TRIG_FALLING digio.trigger[1].assert() print(1)")
    assert pair.harness.ports["pulser.1"].remaining == pytest.approx(60e-3, abs=1e-3)
    assert generator.make_safe() == []
    generator.load(math.inf)
    generator.pulse(base=0.0, level=2.0, width=10e-3)
    generator.output(True)
    generator.fire()
