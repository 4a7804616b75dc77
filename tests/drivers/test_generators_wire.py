"""The drivers of the 33500B, 81160A and AFG3252C byte by byte, against a resource that records them."""

import math

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.generator import GeneratorChannel, PulseGeneratorBox
from drivers.registry import open_driver
from tests.drivers.fake_resource import FakeResource

IDENTITIES = {
    "keysight_33512b": "Agilent Technologies,33512B,MY1,4.00",
    "keysight_33522b": "Keysight Technologies,33522B,MY1,4.00",
    "keysight_81160a": "Agilent Technologies,81160A,MY1,1.0",
    "tektronix_afg3252c": "TEKTRONIX,AFG3252C,C1,SCPI:99.0 FV:3.2.3",
}
NOTHING_WRONG = {"tektronix_afg3252c": '0,"No error"'}
STATES = {
    "keysight_81160a": "PULS;+1E-03;+4E-03;+8E-09;+8E-09;+4E+00;+0E+00;NORM;+1E+06;TRIG;+1;MAN;+0E+00;0",
    "tektronix_afg3252c": "PULS;1.0000E-03;4.0000E-03;8.0000E-09;1.6000E-08;4.0000E+00;0.0000E+00;NORM;9.9E+37;1;TRIG;"
    "1;EXT;0.0000E+00;0",
}
PULSES = {
    "keysight_81160a": (
        ":OUTP1 OFF;:SWE1:STAT OFF;:AM1:STAT OFF;:FM1:STAT OFF;:PM1:STAT OFF;"
        ":PWM1:STAT OFF;:FSK1:STAT OFF;:PHAS1 0;:BURS1:PHAS 0;"
        ":FUNC1 PULS;*CLS;:BURS1:MODE TRIG;:ARM:SOUR1 MAN;:TRIG1:COUN 1;:PULS:HOLD1 WIDT;"
        ":FUNC1:PULS:TRAN 1e-09;:PULS:WIDT1 1.6e-09;:PULS:PER1 0.004;:PULS:WIDT1 0.001;:FUNC1:PULS:TRAN 8e-09;"
        ":PULS:DEL1 0;:VOLT1:UNIT VPP;:VOLT1 0.09999500025;:VOLT1:OFFS 2;:VOLT1 4;:OUTP1:POL NORM"
    ),
    "tektronix_afg3252c": (
        ":OUTP1:STAT OFF;:SOUR1:FREQ:CONC OFF;:SOUR1:FREQ:MODE CW;:SOUR1:AM:STAT OFF;"
        ":SOUR1:FM:STAT OFF;:SOUR1:PM:STAT OFF;:SOUR1:PWM:STAT OFF;:SOUR1:FSK:STAT OFF;:SOUR1:PHAS 0;"
        ":SOUR1:FUNC:SHAP PULS;*CLS;:TRIG:SOUR EXT;:SOUR1:BURS:MODE TRIG;:SOUR1:BURS:NCYC 1;"
        ":SOUR1:BURS:STAT ON;:SOUR1:PULS:HOLD WIDT;:SOUR1:PULS:TRAN:LEAD 2.5e-09;:SOUR1:PULS:TRAN:TRA 2.5e-09;"
        ":SOUR1:PULS:WIDT 4e-09;:SOUR1:PULS:PER 0.004;:SOUR1:PULS:WIDT 0.001;:SOUR1:PULS:TRAN:LEAD 8e-09;"
        ":SOUR1:PULS:TRAN:TRA 1.6e-08;:SOUR1:BURS:TDEL 0;:SOUR1:VOLT:UNIT VPP;:SOUR1:VOLT:AMPL 0.1VPP;"
        ":SOUR1:VOLT:OFFS 2;:SOUR1:VOLT:AMPL 4VPP;:OUTP1:POL NORM"
    ),
}
LOADS = {
    "keysight_81160a": ":TRAC:CHAN1 OFF;:TRAC:CHAN2 OFF;:OUTP1:LOAD 1000000;",
    "tektronix_afg3252c": ":SOUR1:VOLT:CONC OFF;:OUTP1:IMP INF;",
}


def opened(model: str, state: str = "") -> tuple[PulseGeneratorBox, FakeResource]:
    """A driver whose instrument answers state queries with `state`, whatever was set."""

    def answer(message: str) -> str | None:
        if message == "*IDN?":
            return IDENTITIES[model]
        if message.endswith(":SYST:ERR?"):
            error = NOTHING_WRONG.get(model, '+0,"No error"')
            if "FUNC" in message:
                return f"{state};{error}"
            return f"1;{error}" if "?" in message.removesuffix(":SYST:ERR?") else error
        return "0;0" if ";" in message else "0"

    resource = FakeResource(answer)
    driver = open_driver(model, resource.as_visa, label="pulser")
    assert isinstance(driver, PulseGeneratorBox)
    return driver, resource


def ready(model: str) -> tuple[GeneratorChannel, FakeResource]:
    driver, resource = opened(model, STATES[model])
    channel = driver.channel("1")
    channel.load(math.inf)
    resource.sent.clear()
    return channel, resource


@pytest.mark.parametrize("model", IDENTITIES)
def test_opening_changes_nothing(model: str) -> None:
    driver, resource = opened(model)
    off, on = (driver.state_query("output", terminal) for terminal in "12")
    assert resource.sent == ["*IDN?", f"{off};{on}"]


@pytest.mark.parametrize("model", LOADS)
def test_an_open_end_is_told_in_the_words_of_the_model(model: str) -> None:
    driver, resource = opened(model, STATES[model])
    driver.channel("1").load(math.inf)
    assert resource.sent[-1].startswith(LOADS[model])


@pytest.mark.parametrize("model", PULSES)
def test_a_pulse_is_one_exchange_with_everything_read_back(model: str) -> None:
    channel, resource = ready(model)
    fall = 10e-9 if model == "keysight_81160a" else 20e-9
    shape = channel.pulse(base=0.0, level=4.0, width=1e-3, period=4e-3, rise=10e-9, fall=fall)
    (message,) = resource.sent
    commands = [unit for unit in message.split(";") if not unit.endswith("?")]
    assert ";".join(commands) == PULSES[model]
    assert (shape.width, shape.period, shape.rise, shape.fall) == pytest.approx((1e-3, 4e-3, 10e-9, fall))


@pytest.mark.parametrize("model", PULSES)
def test_firing_is_one_exchange(model: str) -> None:
    channel, resource = ready(model)
    channel.pulse(base=0.0, level=4.0, width=1e-3, period=4e-3, rise=10e-9, fall=None if "81160" in model else 20e-9)
    channel._on = True
    resource.sent.clear()
    channel.fire()
    assert resource.sent == ["*TRG;*OPC?;:SYST:ERR?"]


@pytest.mark.parametrize("model", PULSES)
def test_a_setting_that_reads_back_changed_is_an_error(model: str) -> None:
    channel, _ = ready(model)
    with pytest.raises(InstrumentError, match=r"asked for width 0\.002, in force is 0\.001"):
        channel.pulse(
            base=0.0, level=4.0, width=2e-3, period=4e-3, rise=10e-9, fall=None if "81160" in model else 20e-9
        )


IMPOSSIBLE = [
    ("keysight_33512b", {"width": 15e-9}),
    ("keysight_33512b", {"width": 19e-9, "rise": 12e-9}),  # slower edges than the fastest need 20 ns
    ("keysight_33512b", {"width": 20e-9, "period": 49e-9}),
    ("keysight_33522b", {"rise": 10.4e-9}),  # 8.3 ns between 10 and 90 %
    ("keysight_33522b", {"level": 10.1}),
    ("keysight_81160a", {"width": 1.5e-9}),
    ("keysight_81160a", {"rise": 1.2e-9}),
    ("keysight_81160a", {"width": 10e-9, "period": 11e-9}),
    ("keysight_81160a", {"level": 0.09}),
    ("keysight_81160a", {"base": -5.0, "level": 5.5}),
    ("tektronix_afg3252c", {"width": 3.9e-9}),
    ("tektronix_afg3252c", {"rise": 3e-9}),
    ("tektronix_afg3252c", {"level": 5.1}),
    ("tektronix_afg3252c", {"delay": 86.0}),
    ("tektronix_afg3252c", {"level": 0.09}),
]


@pytest.mark.parametrize(("model", "change"), IMPOSSIBLE)
def test_what_the_model_cannot_do_sends_nothing(model: str, change: dict[str, float]) -> None:
    driver, resource = opened(model, STATES.get(model, ""))
    channel = driver.channel("1")
    channel._load = math.inf
    resource.sent.clear()
    with pytest.raises(Refused):
        channel.pulse(**{"base": 0.0, "level": 4.0, "width": 1e-3, **change})
    assert resource.sent == []


@pytest.mark.parametrize(("model", "most"), [("keysight_81160a", 2147483647), ("tektronix_afg3252c", 10**6)])
def test_counts_beyond_the_model_send_nothing(model: str, most: int) -> None:
    channel, resource = ready(model)
    with pytest.raises(Refused):
        channel.count(most + 1)
    assert resource.sent == []


def test_the_identity_of_a_sister_model_is_refused() -> None:
    resource = FakeResource(lambda _: IDENTITIES["keysight_33522b"])
    with pytest.raises(InstrumentError, match="33512B was expected"):
        open_driver("keysight_33512b", resource.as_visa, label="pulser")


EXTERNAL = {
    "keysight_33522b": ":TRIG1:SLOP NEG;:TRIG1:SOUR EXT",
    "keysight_81160a": ":ARM:SLOP1 NEG;:ARM:SOUR1 EXT",
    "tektronix_afg3252c": ":TRIG:SLOP NEG;:TRIG:SOUR EXT",
}


@pytest.mark.parametrize("model", EXTERNAL)
def test_the_external_trigger_is_set_in_the_words_of_the_model(model: str) -> None:
    state = STATES.get(model, "PULS;1;4;1;1;4;0;NORM;9.9E+37;1;TRIG;1;EXT;0;0").replace("MAN", "EXT")
    driver, resource = opened(model, state)
    resource.sent.clear()
    with pytest.raises(InstrumentError, match="asked for trigger edge NEG, in force is 1"):
        driver.channel("1").trigger("external", edge="falling")
    assert resource.sent[1].startswith(EXTERNAL[model])
