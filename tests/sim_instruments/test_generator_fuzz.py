"""Whatever arrives, the generators raise nothing, report no internal fault, and still say who they are."""

import logging
import random

import pytest

from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.generator_unit import Generator

MESSAGES = {
    "keysight_33512b": [
        "FUNC PULS;FUNC:PULS:WIDT 16NS;TRAN 8.4NS;PER 40NS", "FUNC NOIS;FUNC:NOIS:BAND 1E6;:OUTP ON",
        "FUNC PRBS;FUNC:PRBS:BRAT 1E6", "BURS:MODE GAT;STAT ON;:OUTP ON", "TRIG:SOUR EXT;SLOP NEG;DEL 1E-3",
        "VOLT:HIGH 5;LOW -5", "OUTP:LOAD INF", "FREQ 20 MHZ", "*TRG;*OPC?",
    ],
    "keysight_81160a": [
        "FUNC1 PULS;:PULS:PER1 1E-6;WIDT1 1E-7", "FUNC1:PULS:TRAN 1E-9;:PULS:TRAN1:TRA 2E-9", "VOLT2:HIGH 4.5;LOW -0.5",
        "ARM:SOUR1 MAN;:TRIG1:COUN 3;:OUTP1 ON", "*TRG;*OPC?", "DATA1:DAC VOLATILE,#18AbCdEfGh",
        "FUNC1 USER;USER VOLATILE", "DATA2:COPY name,VOLATILE", "APPL1:SQU 5 KHZ, 3 VPP, 0.1 V",
        "ARM:SOUR1 EXT;SENS1 LEV", "BURS1:STAT ON;NCYC INF", "PULS:HOLD1 DCYC;DCYC1 30;DEL1 1E-3",
    ],
    "tektronix_afg3252c": [
        "SOUR1:FUNC PULS;PULS:PER 1E-6;WIDT 1E-7;TRAN:LEAD 5E-9;TRA 5E-9", "SOUR1:PULS:HOLD DUTY;DCYC 20",
        "SOUR2:VOLT:HIGH 2;LOW -0.5", "SOUR1:VOLT:AMPL 1VPP;UNIT DBM", "TRIG:SOUR EXT;:SOUR1:BURS:STAT ON;NCYC 3",
        "*TRG;*OPC?", "DATA:DATA EMEM,#14Ab>f", "DATA:DEF EMEM,100;:DATA:COPY USER1,EMEM", "SOUR1:FUNC USER1;FREQ 1E3",
        "SOUR1:BURS:MODE GAT;TDEL 1E-3", "OUTP1:IMP INF;:OUTP1 ON;:OUTP1:POL INV", "DATA:DATA? EMEM", "SOUR1:FUNC LOR",
        "SOUR1:PHAS 1.5RAD", "SOUR1:VOLT:LIM:HIGH 1;LOW -1",
    ],
}  # fmt: skip


@pytest.mark.parametrize("model", MESSAGES)
def test_mutated_messages(
    fuzz_messages: int, model: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = Generator(model=model, noise=True)
    monkeypatch.setattr(generator.harness, "advance", lambda seconds: generator.harness.clock.advance(seconds))
    source, messages = random.Random(20252), [message.encode() for message in MESSAGES[model]]
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            generator.unit.execute(mutated(source, messages, joint=b";:"))
            if k % 7 == 0:
                generator.unit.trigger_input(high=bool(source.randrange(2)))
            if k % 100 == 0:
                generator.unit.clear()
                generator.write("*RST", "*CLS")
                assert generator.ask("*IDN?").count(",") == 3
    assert caplog.text == ""
