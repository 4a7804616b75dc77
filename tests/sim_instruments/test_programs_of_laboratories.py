"""What programs of laboratories send to these models, message by message: it is understood and gives right values.

The sequences are those of public programs that are not installed here, each named where it is tested.
"""

from __future__ import annotations

import pytest

from sim_instruments.bus import BusPort
from tests.sim_instruments.generator_unit import Generator
from tests.sim_instruments.tsp_unit import Unit
from tests.sim_instruments.unit_b1500a import Analyser
from tests.sim_instruments.unit_b2900 import UnitB2900
from tests.sim_instruments.unit_scpi import UnitScpi


def test_transfer_curves_of_a_transistor_on_a_b1500a() -> None:
    """A controller of probe stations: the replies to its queries are read while the data of the sweep wait."""
    analyser = Analyser({"1": 1e6, "2": 1e6, "3": 1e6, "4": 1e6}, slots=dict.fromkeys((1, 2, 3, 4), "B1517A"))
    port = BusPort(analyser.unit, analyser.harness)
    port.virtual_timeouts = True
    port.attach(1)

    def write(*messages: str) -> None:
        for message in messages:
            port.write(1, message.encode("ascii") + b"\r\n", end=True, stream=False)

    def ask(message: str) -> str:
        write(message)
        return port.read(1, 10_000, 60.0, stop_at=b"\n").data.decode("ascii").strip()

    at_rest = [f"DV {probe},0,0,0.1" for probe in (2, 4, 3, 1)]
    preparation = [
        "*RST", "CN 4,2,3,1", "FMT 1,1", "TSC 1", "FL 0", "AAD 3,0", "AAD 1,0", "AAD 2,0", "AAD 4,0", "AIT 0,0,30",
        *at_rest, "MM 16,3,1,2", "CMM 3,1", "CMM 1,1", "CMM 2,1", "RI 1,11", "RI 3,11", "RI 2,11", "WT 0.01,0.01,0",
        "WM 1,2", "TSR", "WV 2,1,0,-1.2,1.2,5,0.1,0.12", "DV 3,0,0.05,0.1", "DV 4,0,0.0,0.1",
    ]  # fmt: skip
    for message in preparation:
        write(message)
        assert ask("ERRX?").startswith("+0"), message
    write("XE")
    assert ask("*OPC?") == "1"
    write(*at_rest)
    assert ask("ERRX?").startswith("+0")
    assert int(ask("NUB?")) == 5 * 7
    words = port.read(1, 10_000, 60.0, stop_at=b"\n").data.decode("ascii").strip().split(",")
    rows = list(zip(*[iter(words)] * 7, strict=True))
    assert [[word[:3] for word in row] for row in rows[:-1]] == [["NCT", "NCI", "NAT", "NAI", "NBT", "NBI", "WBV"]] * 4
    assert rows[-1][-1][:3] == "EBV"
    gate = [float(row[6][3:]) for row in rows]
    assert gate == pytest.approx([-1.2, -0.6, 0.0, 0.6, 1.2])
    assert [float(row[5][3:]) for row in rows] == pytest.approx([volts * 1e-6 for volts in gate], abs=1e-9)
    assert [float(row[1][3:]) for row in rows] == pytest.approx([0.05e-6] * 5, rel=1e-3)
    write("DZ")
    assert ask("ERRX?").startswith("+0")


def test_a_timed_ramp_on_a_b2900() -> None:
    """labtronyx: its word for a measuring function without quotes and its TIME for TIMer are mistakes that show."""
    unit = UnitB2900()
    assert unit.ask(":SOUR1:FUNC:MODE?") == "VOLT"
    unit.write(
        ":SOUR1:FUNC:MODE VOLT", ":SOUR1:VOLT 0.5", ":SOUR1:VOLT:TRIG 0.5", ":SENS1:CURR:APER 0.001",
        ":SENS1:CURR:APER:AUTO 0", ":TRIG:SOUR TIMER", ":TRIG:COUN 11", ":TRIG:TIM 0.050000", ":TRIG:DEL 0",
        ":SENS:CURR:PROT 0.001000", ":OUTP ON", ":SOUR:VOLT:MODE SWE", ":SOUR:VOLT:START 0.000000",
        ":SOUR:VOLT:STOP 1.000000", ":SOUR:SWE:POIN 11", ":SOUR:SWE:DIR UP", ":SOUR:FUNC:TRIG:CONT ON", ":INIT (@1)",
    )  # fmt: skip
    assert unit.numbers(":FETC:ARR:CURR? (@1)") == pytest.approx([k * 1e-7 for k in range(11)], abs=1e-9)
    assert unit.voltage() == 1.0
    assert unit.errors() == []
    unit.write(":SENS1:FUNC CURR", ":TRIG:TIME 0.010000")
    assert unit.errors() == [-104, -113]
    unit.write(":OUTP:OFF:MODE ZERO", ":OUTP OFF", ":OUTP:OFF:MODE HIZ", ":OUTP OFF")
    assert unit.errors() == []


def test_eight_devices_between_bus_and_ground_on_a_b2201a() -> None:
    """PyNE: every second device to the shared bus (input 10), the others to an input each, the rest to input 9."""
    unit = UnitScpi("keysight_b2201a")
    port = unit.source("1")
    unit.resistor("101", 1e6)
    unit.resistor("102", 1e6)
    unit.tell(":ROUT:FUNC NCON", ":ROUT:CONN:RULE 1,FREE", ":ROUT:CONN:SEQ 1,BBM", ":ROUT:OPEN:CARD 1")
    odd = "10101,11002,10203,11004,10305,11006,10407,11008,10909,10910,10911,10912"
    even = "11001,10102,11003,10204,11005,10306,11007,10408,10909,10910,10911,10912"
    unit.tell(f":ROUT:CLOS (@{odd})")
    assert sorted(unit.ask(":ROUT:CLOS:CARD? 1").strip("(@)").split(",")) == sorted(odd.split(","))
    assert unit.current(port) == pytest.approx(1e-6, rel=1e-3)
    unit.resistor("101", 1e6)  # seen only by who is joined to the first device
    assert unit.current(port) == pytest.approx(2e-6, rel=1e-3)
    unit.tell(":ROUT:OPEN:CARD 1", f":ROUT:CLOS (@{even})")
    assert unit.current(port) == pytest.approx(1e-6, rel=1e-3)
    unit.tell(":ROUT:OPEN:CARD 1")
    assert unit.current(port) == pytest.approx(0.0, abs=1e-12)
    assert unit.errors() == []


def test_channels_polled_until_they_have_moved_on_a_34980a() -> None:
    """A driver that repeats a command until the query says so; ``OPEN:ABUS`` needs modules that this twin lacks."""
    unit = UnitScpi("keysight_34980a", modules={1: "8x64"})
    port = unit.source("R102")
    unit.resistor("C1005", 900.0)
    unit.tell(":ROUTe:OPEN:ALL 1", ":ROUTe:CLOSe (@1205)")
    assert float(unit.ask(":ROUTe:CLOSe? (@1205)")) == 1
    assert unit.current(port) == pytest.approx(1e-3)
    unit.tell(":ROUTe:OPEN (@1205)")
    assert float(unit.ask(":ROUTe:OPEN? (@1205)")) == 1
    unit.tell(":ROUTe:OPEN:ALL ALL")
    assert unit.errors() == []
    unit.tell(":ROUTe:OPEN:ABUS ALL")
    assert unit.errors() == [-113]


def test_sensors_selected_by_a_707b() -> None:
    """comet: close, wait by ``*OPC?``, ask for everything that is closed, open."""
    unit = Unit("keithley_707b")
    assert unit.ask('print(channel.getclose("allslots"))') == "nil"
    unit.tell('channel.close("1A01,1B02")')
    assert unit.ask("*OPC?") == "1"
    assert unit.ask('print(channel.getclose("allslots"))').split(";") == ["1A01", "1B02"]
    unit.tell('channel.open("1A01")')
    assert unit.ask("*OPC?") == "1"
    unit.tell('channel.open("allslots")')
    assert unit.ask("*OPC?") == "1"
    assert unit.ask('print(channel.getclose("allslots"))') == "nil"
    assert unit.errors() == []


def test_a_delayed_burst_on_an_afg3252c() -> None:
    """A driver for QCoDeS outside its own collection: long headers, words in full, units behind numbers."""
    unit = Generator(load=50.0, model="tektronix_afg3252c")
    replies = {"OUTPut1:IMPedance?": "50", "OUTPut1:POLarity?": "NORM", "OUTPut1:STATe?": "0",
               "SOURce1:FREQuency:MODE?": "CW", "SOURce1:AM:STATe?": "0", "SOURce1:FM:STATe?": "0"}  # fmt: skip
    assert {message: unit.ask(message) for message in replies} == replies
    unit.write(
        "SOURce1:FUNCtion:SHAPe PULSe", "SOURce1:FREQuency:FIXed 1000", "SOURce1:PULSe:WIDTh 500us",
        "SOURce1:VOLTage:HIGH 1V", "SOURce1:VOLTage:LOW 0V", "SOURce1:BURSt:MODE TRIGgered", "SOURce1:BURSt:NCYCles 5",
        "SOURce1:BURSt:TDELay 2ms", "SOURce1:BURSt:STATe ON", "TRIGger:SEQuence:SOURce EXTernal", "OUTPut1:STATe ON",
    )  # fmt: skip
    assert unit.number("SOURce1:BURSt:TDELay?") == pytest.approx(2e-3)
    unit.write("*TRG")
    assert unit.mean(1e-3) == pytest.approx(0.0, abs=1e-3)  # the delay, of which the message took a part
    assert unit.mean(10e-3) == pytest.approx(5 * 0.5e-3 / 10e-3, rel=0.01)
    unit.write("ABORt")
    assert unit.errors() == []
