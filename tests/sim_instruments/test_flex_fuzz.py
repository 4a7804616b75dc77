"""Whatever arrives, a FLEX instrument raises nothing, reports no internal fault, and still says who it is."""

import logging
import random

import pytest

from emulator import Sample
from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.unit_b1500a import Analyser

MESSAGES = [
    b"*IDN?", b"UNT? 0", b"CN 1,2", b"CL", b"DV 1,20,0.5,1E-6,0,14", b"DI 2,14,1E-7,2", b"DZ;RZ", b"TI 1,0", b"TTV 2",
    b"TDV 1,0,1,1E-5", b"FMT 21,1", b"FMT 13", b"FMT 4,2", b"AIT 0,2,1", b"AIT 1,1,3;AZ 1", b"AV -2", b"AAD 1,1",
    b"MM 2,1,2", b"WV 1,3,0,0,1,7,1E-5", b"WSV 2,0,0,-1,1E-5", b"WI 1,1,14,0,1E-6,5,1", b"WT 0.01,0.001,0.001",
    b"WM 2,1", b"XE", b"MM 3,1", b"PV 1,20,0,1,1E-5", b"PT 0,1E-2,0.02", b"MM 10,1,2", b"MV 1,20,0,0.5,1E-5",
    b"MT 0,2E-3,4", b"MSC 2,2", b"MCC", b"MM 16,1", b"TSC 1;TSR;TSQ", b"RI 1,-14;RV 2,20;RM 1,2,60", b"CMM 1,4",
    b"WAT 1,0.5,0.001", b"*LRN? 33", b"*LRN? 0;*LRN? 1;*LRN? 56", b"ERRX?", b"ERR? 1", b"EMG? 305", b"NUB?", b"BC",
    b"CM 0", b"PA 0.01", b"SIM 0", b"SPRM 1,5", b"SPPER 1E-4", b"CN 501,502", b"SER 501,1E6", b"SPM 501,3",
    b"SPT 501,1,0,1E-5,2E-8;SPT 501,2,2E-5,1E-5,2E-8,3E-8", b"SPV 501,1,0,2;SPV 501,2,0,-2", b"SPUPD 501,502", b"SRP",
    b"SPP;SPST?", b"SPV? 501,1;SPT? 501,2;SER? 501", b"*CAL?", b"FL 1,1;SSR 1,1", b"PAD 1;TM 1;AB;*OPC?",
]  # fmt: skip


def test_mutated_messages(
    fuzz_messages: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyser = Analyser()
    harness = analyser.harness
    monkeypatch.setattr(harness, "advance", lambda seconds: harness.clock.advance(seconds))
    monkeypatch.setattr(harness, "probe", lambda _: Sample(0.1, 1e-7, False))
    monkeypatch.setattr(
        harness, "measure", lambda _, aperture: harness.clock.advance(aperture) or Sample(0.1, 1e-7, True)
    )
    source = random.Random(1500)
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            analyser.unit.execute(mutated(source, MESSAGES))
            if k % 100 == 0:
                analyser.unit.clear()
                analyser.write("*RST")
                assert analyser.ask("*IDN?").startswith("Agilent Technologies,B1500A")
    assert caplog.text == ""
