"""Random and mutated messages: no exception, no hang, and the instrument still answers."""

import logging
import random
import time

import pytest

from tests.sim_instruments.tsp_unit import Unit

SOURCEMETER = [
    "smua.source.levelv = 1", "print(smua.measure.iv())", "smua.source.output = 1", "smub.reset()", "*IDN?",
    "*OPC?",
    "smua.measure.rangei = 1e-6", "printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1)", "format.data = format.REAL64",
    "smua.measure.nplc = 0.01 smua.measure.i(smua.nvbuffer1)", "for k = 1, 3 do smua.source.levelv = k / 10 end",
    "smua.trigger.source.linearv(0, 1, 5)", "smua.trigger.measure.iv(smua.nvbuffer1, smua.nvbuffer2)", "*TRG",
    "smua.trigger.count = 3 smua.trigger.source.action = 1 smua.trigger.initiate() waitcomplete()", "*ESE 255",
    "trigger.blender[1].stimulus[1] = smua.trigger.ARMED_EVENT_ID", "trigger.timer[1].delay = 0.1", "*STB?",
    "print(errorqueue.next())", "print(status.measurement.instrument.smua.condition)",
    "SweepVLinMeasureI(smua, 0, 1, 0.1, 3)",
    "digio.trigger[1].mode = 5 digio.trigger[1].assert()", "digio.writeport(5) print(digio.readbit(1))",
    "PulseVMeasureI(smua, 0, 1, 0.01, 0.01, 2)", "set = makesetter(smua.source, 'levelv') set(0.5)",
    "print(status.operation.instrument.smua.trigger_overrun.condition)", "printbuffer(1, 2, smua.nvbuffer1.statuses)",
    "loadscript name", "endscript", "name.run()", "smua.source.func = smua.OUTPUT_DCAMPS", "smua.source.highc = 1",
    "smua.source.limiti = 1e-3", "display.settext('hi')", "print(next(_G, nil))", "smua.measure.count = 3",
    "x = {1, 2}",
    "display.prompt('0.00', 'V', 'x', 1, 0, 2)", "dataqueue.add(1, 1) print(dataqueue.next())", "collectgarbage()",
    "print(getmetatable(smua).luatype)", "smua.measure.filter.enable = 1", "localnode.prompts = 1", "abort",
]  # fmt: skip
SEEDS = {
    "keithley_2602b": SOURCEMETER,
    "keithley_2634b": SOURCEMETER,
    "keithley_2636b": SOURCEMETER,
    "keithley_707b": [
        "channel.close('1A01')", "channel.open('allslots')", "print(channel.getclose('slot1'))", "*RST",
        "channel.exclusiveclose('1A01:1C03,2B02')", "channel.connectrule = 2", "channel.setdelay('1A01', 0.05)",
        "channel.pattern.snapshot('p')", "channel.setforbidden('1A02')", "slot[3].pseudocard = 7072",
        "print(slot[1].idn)", "scan.create('1A01,p')", "scan.add('1B02;1C03')", "scan.execute()", "print(scan.list())",
        "print(scan.state())", "scan.mode = 1", "scan.scancount = 3", "scan.scancount = 1e6 scan.execute()",
    ],
}  # fmt: skip
NOISE = "()[]{}'\",.;:=*?\\\n\r\t\x00\x1b\xff#%&~-+/0159eAaz_ "


def mutate(message: str, source: random.Random) -> str:
    letters = list(message)
    for _ in range(source.randint(0, 4)):
        place = source.randint(0, len(letters))
        what = source.random()
        if what < 0.4 and place < len(letters):
            del letters[place]
        elif what < 0.8:
            letters.insert(place, source.choice(NOISE))
        else:
            letters[place:place] = source.choice(
                ["-1", "1e99", "nil", "{}", "0/0", "2^53", "''", "smua", "function() end"]
            )
    return "".join(letters)


VALUES = [
    "",
    "nil",
    "true",
    "{}",
    "''",
    "'1A01'",
    "-1",
    "0.5",
    "1",
    "2^53",
    "1/0",
    "0/0",
    "print",
    "errorqueue",
    "{1, 'x'}",
]


def system_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("model", SEEDS)
def test_every_attribute_and_function_takes_any_value(model: str, caplog: pytest.LogCaptureFixture) -> None:
    unit = Unit(model)
    tables = [one for value in unit.instrument.tree.values() if hasattr(value, "walk") for one in value.walk()]
    assert len(tables) > 30
    unit.tell("t = nil")
    scope = unit.instrument._lua
    for table in {id(one): one for one in tables}.values():
        scope.publish({"t": table})
        for name in table.setters:
            for value in VALUES[1:]:
                unit.instrument.execute(f"t.{name} = {value}".encode())
        for name in table.functions:
            for arguments in (*VALUES, "1, nil", "{}, 2, {}", "'1A01', -1", "1, 1/0, 3", "0, 1, 5", "1, 2, 3, 4"):
                unit.instrument.execute(f"x = t['{name}']({arguments})".encode())
        unit.instrument.execute(b"localnode.prompts = 0 localnode.showerrors = 0")
    for value in VALUES:
        for name in ("delay", "reset", "waitcomplete", "opc", "printbuffer", "printnumber", "run"):
            unit.instrument.execute(f"{name}({value})".encode())
    assert system_errors(caplog) == []
    assert "MODEL" in unit.ask("*IDN?").upper()


@pytest.mark.parametrize("model", SEEDS)
def test_mutated_messages(
    fuzz_messages: int, model: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim_instruments.timeline.STEP_BUDGET", 500)  # what takes long is stopped soon
    source = random.Random(model)
    left, slowest = fuzz_messages, 0.0
    while left > 0:  # messages overwrite the instrument's names: after some hundred of them hardly any does anything
        unit = Unit(model)
        slowest = max(slowest, bombard(unit, SEEDS[model], source, min(left, 500)))
        left -= 500
        unit.instrument.clear()
        unit.instrument.execute(b"localnode.prompts = 0 localnode.showerrors = 0")
        assert "MODEL" in unit.ask("*IDN?").upper()
    assert slowest < 5.0
    assert system_errors(caplog) == []


def bombard(unit: Unit, seeds: list[str], source: random.Random, messages: int) -> float:
    """Send wrong messages; how long the slowest of them took, in s of the processor."""
    slowest = 0.0
    for count in range(messages):
        message = mutate(source.choice(seeds), source)
        if source.random() < 0.05:
            message = "".join(source.choice(NOISE) for _ in range(source.randint(0, 30)))
        if count % 20 == 19:  # ends a script that is being loaded
            unit.instrument.clear()
        start = time.process_time()
        reply = unit.instrument.execute(message.encode("latin-1"))
        slowest = max(slowest, time.process_time() - start)
        assert reply is None or reply.endswith(b"\n"), message
    return slowest
