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
        "FREQ:STAR 100;STOP 1E3;:SWE:TIME 1;SPAC LOG;STAT ON", "AM:INT:FREQ 10;:AM:DEPT 80;STAT ON;:OUTP ON",
        "FM:DEV 1E3;STAT ON", "PWM:DEV 1E-5;:FUNC PULS;:PWM:STAT ON", "FSK:FREQ 5E3;RATE 100;STAT ON", "BPSK:STAT ON",
        "LIST:FREQ 1E3,2E3,3E3;:FREQ:MODE LIST", "DATA:ARB a,0,1,-1,0,.5,.25,0,0;:FUNC:ARB a;:FUNC ARB",
        "*SAV 1;*RCL 1",
    ],
    "keysight_33622a": [
        "FREQ:COUP ON;COUP:MODE RAT;RAT 2", "VOLT:COUP ON;:VOLT 2", "SOUR1:TRAC ON;:SOUR2:FREQ 5", "PHAS:SYNC;*OPC?",
        "SOUR2:SUM:AMPL 10;STAT ON", "DATA:ARB2 b,AABB,0,1,-1,0", 'DATA:SEQ #229"q","b",0,repeat,maintain,4',
        "FUNC:ARB q",
        "SOUR1:FUNC SIN;:OUTP1 ON;:OUTP2 ON", "SOUR2:BURS:STAT ON;:SOUR2:PHAS 90", "MMEM:STOR:DATA 'int:\\b.arb'",
    ],
    "keysight_81160a": [
        "FUNC1 PULS;:PULS:PER1 1E-6;WIDT1 1E-7", "FUNC1:PULS:TRAN 1E-9;:PULS:TRAN1:TRA 2E-9", "VOLT2:HIGH 4.5;LOW -0.5",
        "ARM:SOUR1 MAN;:TRIG1:COUN 3;:OUTP1 ON", "*TRG;*OPC?", "DATA1:DAC VOLATILE,#18AbCdEfGh",
        "FUNC1 USER;USER VOLATILE", "DATA2:COPY name,VOLATILE", "APPL1:SQU 5 KHZ, 3 VPP, 0.1 V",
        "ARM:SOUR1 EXT;SENS1 LEV", "BURS1:STAT ON;NCYC INF", "PULS:HOLD1 DCYC;DCYC1 30;DEL1 1E-3",
        "FREQ1:STAR 10;STOP 1E3;:SWE1:TIME 1;STAT ON", "AM1:INT:FREQ 10;:AM1:STAT ON;:OUTP1 ON", "FM1:STAT ON",
        "OUTP1:COMP ON;POL INV", "TRAC:CHAN1 ON;:SOUR2:FREQ 7", "*SAV 1;*RCL 1", "FSK1:FREQ 9E3;STAT ON",
    ],
    "tektronix_afg3252c": [
        "SOUR1:FUNC PULS;PULS:PER 1E-6;WIDT 1E-7;TRAN:LEAD 5E-9;TRA 5E-9", "SOUR1:PULS:HOLD DUTY;DCYC 20",
        "SOUR2:VOLT:HIGH 2;LOW -0.5", "SOUR1:VOLT:AMPL 1VPP;UNIT DBM", "TRIG:SOUR EXT;:SOUR1:BURS:STAT ON;NCYC 3",
        "*TRG;*OPC?", "DATA:DATA EMEM,#14Ab>f", "DATA:DEF EMEM,100;:DATA:COPY USER1,EMEM", "SOUR1:FUNC USER1;FREQ 1E3",
        "SOUR1:BURS:MODE GAT;TDEL 1E-3", "OUTP1:IMP INF;:OUTP1 ON;:OUTP1:POL INV", "DATA:DATA? EMEM", "SOUR1:FUNC LOR",
        "SOUR1:PHAS 1.5RAD", "SOUR1:VOLT:LIM:HIGH 1;LOW -1",
        "SOUR1:FREQ:MODE SWE;STAR 10;STOP 1E3;:SOUR1:SWE:TIME 1", "SOUR1:AM:STAT ON;INT:FREQ 10;:OUTP1 ON",
        "SOUR1:FM:STAT ON;DEV 100", "SOUR1:PWM:STAT ON", "SOUR1:FREQ:CONC ON", "SOUR1:VOLT:CONC:STAT ON",
        "*SAV 1;*RCL 1",
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
