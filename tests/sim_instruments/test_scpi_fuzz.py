"""Whatever arrives, the instrument raises nothing, reports no internal fault, and still says who it is."""

import logging
import random

import pytest

from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.generator_unit import Generator

MESSAGES = [
    b"*IDN?",
    b"*TRG;*OPC?",
    b"*ESE 32;*SRE 16;*STB?",
    b"SYST:ERR?",
    b"SOUR1:FUNC PULS;FUNC:PULS:WIDT 1E-3;PER 10 MS",
    b"SOUR2:VOLT:HIGH 4.5;LOW -1 V;:OUTP2:LOAD INF",
    b"OUTP1 ON;:OUTP:POL INV",
    b"BURS:STAT ON;NCYC 3;MODE TRIG",
    b"TRIG1:SOUR BUS",
    b"APPL:SQU 5 KHZ, 3 VPP, 0.1 V",
    b"DATA:ARB test,0,1,-1,0,.5,.25,0,0",
    b"DATA:ARB:DAC b,#216" + bytes(range(16)),
    b"FUNC:ARB test;:FUNC ARB;FUNC:ARB:SRAT 1E6",
    b"DISP:TEXT 'a;b,\"c\"'",
    b"VOLT:LIM:STAT ON;HIGH MAX;LOW MIN",
    b"PHAS 1e-3 SEC",
    b"VOLT:UNIT DBM;:VOLT 3",
    b"FUNC DC;VOLT:OFFS 5",
    b"FUNC:PULS:TRAN:LEAD 5NS;TRA 1US",
    b"STAT:QUES:ENAB 512;:STAT:OPER?",
]


def test_mutated_messages(
    fuzz_messages: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = Generator()
    monkeypatch.setattr(generator.harness, "advance", lambda seconds: generator.harness.clock.advance(seconds))
    source = random.Random(20241)
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            generator.unit.execute(mutated(source, MESSAGES))
            if k % 100 == 0:
                generator.unit.clear()
                generator.write("*RST", "*CLS")
                assert generator.ask("*IDN?").startswith("Agilent")
    assert caplog.text == ""
