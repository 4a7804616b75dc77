"""Whatever arrives, a switch matrix raises nothing, reports no internal fault, and still says who it is."""

from __future__ import annotations

import logging
import random

import pytest

from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.unit_scpi import UnitScpi

B2200A = [
    b"*IDN?",
    b"*RST;*CLS;*OPC?",
    b":ROUT:CLOS (@00101,00202:00204)",
    b":OPEN (@00101);:CLOS:CARD? 0",
    b":OPEN:CARD ALL;:CLOS? (@01448)",
    b":ROUT:CONN:RULE ALL,FREE;SEQ ALL,BBM",
    b":BIAS:PORT 0,9;:BIAS 0,ON;:BIAS:CHAN:DIS (@00101)",
    b":AGND 0,1;:AGND:UNUSED 0,'1,2';:AGND:CHAN:ENAB:CARD 0",
    b":COUP:PORT 0,'1,3';:COUP 0,ON;:CLOS (@00105)",
    b":ROUT:FUNC NCON;:CLOS (@10101)",
    b":SYST:CPON 1;:SYST:CTYP? 0;CDES? 0;:SYST:ERR?",
]
K34980A = [
    b"*IDN?;*RST",
    b"ROUT:CLOS (@1101,1202:1204)",
    b"ROUTe:CLOSe:EXCLusive (@1101)",
    b"ROUT:CLOS:PAIR (@1101);PAIR? (@1101,1133);:ROUT:OPEN:PAIR (@1101)",
    b"ROUT:OPEN (@1101);:ROUT:OPEN? (@1101,1864)",
    b"ROUT:OPEN:ALL 1;:ROUT:OPEN:ALL",
    b"SYST:CTYP? 1;CDES? 1;CPON ALL;:SYST:ERR?",
    b"SYSTem:MODule:TERMinal:TYPE? 1",
    b"SYST:MOD:ROW:PROT 1, AUTO0;PROT? 1",
    b"SYST:MOD:ROW:PROT DEF,FIX;:SYST:PRES",
    b"DIAG:REL:CYCL? (@1101);CYCL:CLE (@1101)",
]


@pytest.mark.parametrize(("model", "messages"), [("keysight_b2200a", B2200A), ("keysight_34980a", K34980A)])
def test_mutated_messages(
    model: str, messages: list[bytes], fuzz_messages: int, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    unit = UnitScpi(model)
    monkeypatch.setattr(unit.harness, "advance", lambda seconds: unit.harness.clock.advance(seconds))
    source = random.Random(20241)
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            unit.unit.execute(mutated(source, messages))
            if k % 100 == 0:
                unit.unit.clear()
                unit.tell("*RST", "*CLS")
                assert unit.ask("*IDN?").startswith("A")
    assert caplog.text == ""
