"""Trigger cables between simulated instruments: who fires whom, at which virtual time."""

import math

import pytest

from emulator import Harness, VirtualClock
from sim_instruments.instrument import Instrument, Surroundings
from sim_instruments.registry import create
from sim_instruments.trigger_wiring import DEEPEST, TriggerWiring

OHMS = 1e6


class Bench:
    """A generator at channel "1" and unit a of a SourceMeter on one 1 MΩ resistor, with trigger cables."""

    def __init__(self, generator: str, *cables: tuple[str, str]) -> None:
        self.harness, self.triggers = Harness(VirtualClock()), TriggerWiring()
        self.pulser = self._made(generator, "pulser")
        self.smu = self._made("keithley_2636b", "smu")
        for output, to in cables:
            self.triggers.connect(output, to)
        self.harness.connect("pulser.1", "smu.a")
        self.harness.add_resistor("smu.a", "ground", OHMS)

    def _made(self, model: str, name: str) -> Instrument:
        around = Surroundings(name, self.harness, noise=False, accuracy=False, triggers=self.triggers)
        return create(model, around)

    def ask(self, unit: Instrument, *messages: str) -> str:
        replies = [unit.execute(message.encode()) for message in messages]
        return (replies[-1] or b"").decode().strip()

    def ready_pulser(self, source: str, slope: str) -> None:
        self.ask(
            self.pulser,
            ":OUTP1:LOAD INF;:SOUR1:FUNC PULS;:SOUR1:FUNC:PULS:PER 20E-3;:SOUR1:FUNC:PULS:WIDT 10E-3;"
            ":SOUR1:VOLT:HIGH 4;LOW 0;:SOUR1:BURS:NCYC 1;"
            f":TRIG1:SOUR {source};:TRIG1:SLOP {slope};:SOUR1:BURS:STAT ON;:OUTP1 ON",
        )
        assert self.ask(self.pulser, "SYST:ERR?") == '+0,"No error"'

    def voltmeter(self) -> None:
        """Unit a as a voltmeter: 0 A, range 20 V, aperture 2 ms."""
        self.ask(
            self.smu,
            "smua.source.func = smua.OUTPUT_DCAMPS smua.source.rangei = 1e-9 smua.source.leveli = 0 "
            "smua.source.limitv = 20 smua.measure.rangev = 20 smua.measure.nplc = 0.1 "
            "smua.measure.autozero = smua.AUTOZERO_OFF smua.source.output = 1 format.asciiprecision = 10",
        )


@pytest.mark.parametrize(("mode", "slope"), [("TRIG_FALLING", "NEG"), ("TRIG_RISINGM", "POS")])
def test_a_script_that_asserts_a_line_fires_the_generator_and_measures_the_pulse(mode: str, slope: str) -> None:
    bench = Bench("keysight_33622a", ("smu.digio1", "pulser.ext"))
    bench.ask(bench.smu, f"digio.trigger[1].mode = digio.{mode}")
    bench.ready_pulser("EXT", slope)
    bench.voltmeter()
    voltages = bench.ask(
        bench.smu,
        "digio.trigger[1].clear() digio.trigger[1].assert() delay(2e-3) print(smua.measure.v()) "
        "delay(10e-3) print(smua.measure.v())",
    )
    during, after = map(float, voltages.split("\n"))
    assert during == pytest.approx(4.0, abs=5e-3)
    assert after == pytest.approx(0.0, abs=5e-3)
    assert float(bench.ask(bench.smu, "print(errorqueue.count)")) == 0.0


@pytest.mark.parametrize("output", ["sync", "trigout"])
def test_the_generator_starts_the_measurement_of_its_pulse(output: str) -> None:
    bench = Bench("keysight_33622a", (f"pulser.{output}", "smu.digio2"))
    bench.ready_pulser("BUS", "POS")
    bench.ask(bench.pulser, f":OUTP:TRIG {'ON' if output == 'trigout' else 'OFF'}")
    bench.voltmeter()
    bench.ask(
        bench.smu,
        "smua.nvbuffer1.clear() smua.nvbuffer1.collecttimestamps = 1 digio.trigger[2].mode = digio.TRIG_FALLING "
        "smua.trigger.measure.v(smua.nvbuffer1) smua.trigger.measure.action = 1 "
        "smua.trigger.measure.stimulus = digio.trigger[2].EVENT_ID smua.trigger.count = 3 smua.trigger.initiate()",
    )
    bench.harness.advance(0.5)
    started = bench.harness.clock.now
    assert bench.ask(bench.pulser, "*TRG;*OPC?") == "1"
    assert bench.harness.clock.now - started == pytest.approx(20e-3, abs=2e-3), "the measurement lies inside the burst"
    bench.ask(bench.pulser, "*TRG;*OPC?")
    bench.ask(bench.pulser, "*TRG;*OPC?")
    readings = bench.ask(bench.smu, "waitcomplete() printbuffer(1, 3, smua.nvbuffer1.readings)")
    assert [float(one) for one in readings.split(",")] == pytest.approx([4.0, 4.0, 4.0], abs=5e-3)
    times = [float(t) for t in bench.ask(bench.smu, "printbuffer(1, 3, smua.nvbuffer1.timestamps)").split(",")]
    assert times[1] - times[0] == pytest.approx(20e-3, abs=2e-3)


def test_the_tektronix_gives_a_pulse_when_channel_1_begins() -> None:
    bench = Bench("tektronix_afg3252c")
    edges: list[bool] = []
    bench.triggers.add_input("watch", edges.append)
    bench.triggers.connect("pulser.trigout", "watch")
    bench.ask(bench.pulser, ":SOUR1:BURS:STAT ON;:TRIG:SOUR EXT;*TRG")
    assert edges == [False, True, False], "low at rest, then one pulse"


def test_an_output_that_is_off_stays_silent() -> None:
    bench = Bench("keysight_33622a")
    edges: list[bool] = []
    bench.triggers.add_input("watch", edges.append)
    bench.triggers.connect("pulser.trigout", "watch")
    bench.ready_pulser("BUS", "POS")
    bench.ask(bench.pulser, "*TRG")
    assert edges == [False]


def test_cables_in_a_circle_end() -> None:
    wiring, heard = TriggerWiring(), []

    def relay(high: bool) -> None:
        heard.append(high)
        wiring.drive("a", high=not high)

    wiring.add_output("a", high=True)
    wiring.add_input("b", relay)
    wiring.connect("a", "b")
    assert 1 < len(heard) <= 2 * DEEPEST


def test_a_cable_needs_an_output_and_an_input() -> None:
    wiring = TriggerWiring()
    wiring.add_output("pulser.sync", high=False)
    with pytest.raises(ValueError, match=r"smu\.a is no trigger input; known are none"):
        wiring.connect("pulser.sync", "smu.a")
    with pytest.raises(ValueError, match=r"smu\.a is no trigger output; known are pulser\.sync"):
        wiring.connect("smu.a", "pulser.sync")


def test_a_line_that_fires_a_generator_that_pulls_the_line_comes_to_an_end() -> None:
    bench = Bench("keysight_33622a", ("smu.digio1", "pulser.ext"), ("pulser.sync", "smu.digio1"))
    bench.ready_pulser("EXT", "NEG")
    bench.ask(bench.smu, "digio.trigger[1].mode = digio.TRIG_RISINGM digio.trigger[1].assert() delay(0.1)")
    assert math.isfinite(bench.harness.clock.now)
    assert bench.ask(bench.smu, "print(localnode.model)") == "2636B"


def test_what_an_edge_sets_going_without_end_is_an_error_of_the_one_that_does_it() -> None:
    bench = Bench("keysight_33622a", ("pulser.sync", "smu.digio2"))
    bench.ready_pulser("BUS", "POS")
    bench.voltmeter()
    bench.ask(
        bench.smu,
        "digio.trigger[2].mode = digio.TRIG_FALLING smua.trigger.arm.stimulus = digio.trigger[2].EVENT_ID "
        "smua.trigger.count = 0 smua.trigger.initiate()",
    )
    assert bench.ask(bench.pulser, "*TRG;*OPC?") == "1"
    assert bench.ask(bench.pulser, "SYST:ERR?") == '+0,"No error"'
    assert bench.ask(bench.smu, "abort", "print(errorqueue.next())").startswith("-2.86")
