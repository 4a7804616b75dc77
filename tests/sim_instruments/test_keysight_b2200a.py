"""B2200A: channel lists, rules, bias, ground and couple modes, and what they join (Agilent B2200 user's guide)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_scpi import UnitScpi

RELAY = 10e-3


@pytest.fixture
def unit() -> UnitScpi:
    return UnitScpi("keysight_b2200a")


def closed(unit: UnitScpi, card: int = 0) -> str:
    return unit.ask(f":CLOS:CARD? {card}")


class TestMainframe:
    def test_identity_is_the_example_of_the_manual(self, unit: UnitScpi) -> None:
        assert unit.ask("*IDN?") == "AGILENT,B2200A,0,A.01.00"

    def test_state_after_reset(self, unit: UnitScpi) -> None:
        unit.tell(":CLOS (@00101);:CONN:RULE 0,SROU;SEQ 0,MBBR;:BIAS:PORT 0,3;:FUNC NCON", "*RST")
        assert unit.ask(":FUNC?;:CONN:RULE? 0;SEQ? 0;:BIAS:PORT? 0;:AGND:PORT? 0;:BIAS? 0;:AGND? 0;:COUP? 0") == (
            "ACON;FREE;BBM;10;12;0;0;0"
        )
        assert closed(unit) == "(@)"

    @pytest.mark.parametrize("cards", [0, 5])
    def test_wrong_number_of_cards(self, cards: int) -> None:
        with pytest.raises(ValueError, match="1 to 4"):
            UnitScpi("keysight_b2200a", cards=cards)

    def test_state_outlives_a_device_clear(self, unit: UnitScpi) -> None:
        unit.tell(":CLOS (@00101)")
        unit.unit.clear()
        assert closed(unit) == "(@00101)"

    def test_the_panel_can_be_switched_off(self, unit: UnitScpi) -> None:
        unit.tell(":SYST:BEEP OFF;DISP:LCD 0;LED ON")
        assert unit.errors() == []


class TestRelays:
    def test_the_example_of_the_manual(self, unit: UnitScpi) -> None:
        unit.tell(":ROUT:FUNC NCON", ":ROUT:OPEN:CARD ALL", ":ROUT:CLOS (@10101,10202)")
        assert unit.ask(":ROUT:OPEN? (@10101,10102,10201,10202)") == "0,1,1,0"
        assert unit.ask(":ROUT:CLOS? (@10101,10102,10201,10202)") == "1,0,0,1"
        assert closed(unit, 1) == "(@10101,10202)"

    def test_close_adds_and_open_removes(self, unit: UnitScpi) -> None:
        unit.tell(":CLOS (@00248)", ":CLOS (@00345,01109)", ":OPEN (@00345)")
        assert closed(unit) == "(@00248,01109)"

    def test_range(self, unit: UnitScpi) -> None:
        unit.tell(":CLOS (@00147:00202)")
        assert closed(unit) == "(@00147,00148,00201,00202)"

    @pytest.mark.parametrize(
        ("command", "code"),
        [(":CLOS (@00101,01501)", -222), (":CLOS (@00149)", -222), (":CLOS (@10101)", -222), (":CLOS 101", -104),
         (":CLOS (@00101,)", -102), (":CLOS (@00102:00101)", -222), (":OPEN:CARD 1", -222), (":CLOS:CARD? 5", -222),
         (":CLOS:CARD? ALL", -104), (":OPEN", -109), (":CONN:RULE 0,NONE", -224), (":NOTHING", -113)],
    )  # fmt: skip
    def test_an_error_changes_nothing(self, unit: UnitScpi, command: str, code: int) -> None:
        unit.tell(":CLOS (@01412)", command)
        assert unit.errors() == [code]
        assert closed(unit) == "(@01412)"

    def test_fewer_cards_have_fewer_outputs(self) -> None:
        unit = UnitScpi("keysight_b2201a", cards=2)
        unit.tell(":CLOS (@00124)", ":CLOS (@00125)")
        assert unit.errors() == [-222]
        unit.tell(":FUNC NCON")
        assert unit.ask(":CLOS:CARD? 2") == "(@)"
        unit.tell(":CLOS (@30101)")
        assert unit.errors() == [-222]

    def test_single_route_releases_what_input_and_output_were_joined_to(self, unit: UnitScpi) -> None:
        unit.tell(":CONN:RULE 0,SROU", ":CLOS (@00101,00202)", ":CLOS (@00102)")
        assert closed(unit) == "(@00102)"

    @pytest.mark.parametrize(("sequence", "relays"), [("NSEQ", 1), ("BBM", 2), ("MBBR", 2)])
    def test_sequence_takes_its_time(self, unit: UnitScpi, sequence: str, relays: int) -> None:
        unit.tell(f":CONN:RULE 0,SROU;SEQ 0,{sequence}", ":CLOS (@00101)")
        assert unit.seconds(":CLOS (@00102)") == pytest.approx(relays * RELAY)
        assert unit.seconds(":CLOS (@00102)") == pytest.approx(0.0)


class TestLines:
    def test_a_closed_relay_joins_input_and_output(self, unit: UnitScpi) -> None:
        port = unit.source("2")
        unit.resistor("015", 1e3)
        unit.tell(":CLOS (@00214)")
        assert unit.current(port) == pytest.approx(0.0, abs=1e-12)
        unit.tell(":CLOS (@00215)")
        assert unit.current(port) == pytest.approx(1e-3)
        unit.tell(":OPEN (@00215)")
        assert unit.current(port) == pytest.approx(0.0, abs=1e-12)

    def test_an_output_is_one_line_under_both_of_its_numbers(self, unit: UnitScpi) -> None:
        port = unit.source("2")
        unit.resistor("203", 1e3)
        unit.tell(":CLOS (@00215)")
        assert unit.current(port) == pytest.approx(1e-3)
        unit.tell(":FUNC NCON")
        assert unit.current(port) == pytest.approx(0.0, abs=1e-12)
        unit.tell(":CLOS (@20203)")
        assert unit.current(port) == pytest.approx(1e-3)

    def test_bias_mode_biases_unused_outputs(self, unit: UnitScpi) -> None:
        bias, smu = unit.source("10", 0.5), unit.source("1", 1.0)
        unit.resistor("001", 1e3)
        unit.resistor("002", 1e3)
        unit.tell(":CLOS (@00101)", ":BIAS 0,ON")
        assert unit.current(smu) == pytest.approx(1e-3)
        assert unit.current(bias) == pytest.approx(0.5e-3)
        unit.tell(":OPEN (@00101)")
        assert unit.current(bias) == pytest.approx(1e-3)
        unit.tell(":BIAS:CHAN:DIS (@00102)")
        assert unit.current(bias) == pytest.approx(0.5e-3)
        unit.tell(":BIAS 0,OFF")
        assert unit.current(bias) == pytest.approx(0.0, abs=1e-12)

    def test_ground_mode_grounds_unused_outputs_and_inputs(self, unit: UnitScpi) -> None:
        unit.harness.connect("unit.12", "ground")
        smu = unit.source("3")
        unit.harness.add_resistor("unit.3", "unit.005", 1e3)
        unit.tell(":AGND 0,ON")
        assert unit.current(smu) == pytest.approx(1e-3)
        unit.tell(":CLOS (@00405)")
        assert unit.current(smu) == pytest.approx(0.0, abs=1e-12)
        unit.tell(":AGND:UNUSED 0,'4'")  # input 4 is in use
        assert unit.current(smu) == pytest.approx(0.0, abs=1e-12)
        unit.harness.add_resistor("unit.3", "unit.6", 1e3)
        unit.tell(":AGND:UNUSED 0,'4, 6'")
        assert unit.ask(":AGND:UNUSED? 0") == "'4,6'"
        assert unit.current(smu) == pytest.approx(1e-3)


class TestModes:
    def test_bias_and_ground_mode_exclude_each_other(self, unit: UnitScpi) -> None:
        unit.tell(":BIAS 0,ON", ":AGND 0,ON")
        assert unit.errors() == [-220]
        assert unit.ask(":AGND? 0") == "0"

    def test_the_bias_port_cannot_be_routed_while_the_mode_is_on(self, unit: UnitScpi) -> None:
        unit.tell(":BIAS:CHAN:DIS:CARD 0;:BIAS 0,ON", ":CLOS (@01001)")
        assert unit.errors() == [-220]
        assert closed(unit) == "(@)"
        unit.tell(":BIAS 0,OFF", ":CLOS (@01001)")
        assert closed(unit) == "(@01001)"

    def test_enabled_outputs(self, unit: UnitScpi) -> None:
        unit.tell(":BIAS:CHAN:DIS:CARD ALL", ":BIAS:CHAN:ENAB (@00107)")
        assert unit.ask(":BIAS:CHAN:ENAB? (@00106,00107)") == "0,1"
        assert unit.ask(":BIAS:CHAN:DIS? (@00106,00107)") == "1,0"
        unit.tell(":BIAS 0,ON")
        assert closed(unit) == "(@01007)"
        unit.tell(":BIAS:PORT 0,9")
        assert closed(unit) == "(@00907)"
        unit.tell(":BIAS:PORT 0,-1")
        assert closed(unit) == "(@)"

    def test_coupled_pairs_move_together(self, unit: UnitScpi) -> None:
        unit.tell(":COUP:PORT 0,'1, 5'", ":COUP 0,ON", ":CLOS (@00103,00901)")
        assert unit.ask(":COUP:PORT? 0") == "'1,5'"
        assert closed(unit) == "(@00103,00204,00901)"
        unit.tell(":OPEN (@00204)")
        assert closed(unit) == "(@00901)"
        unit.tell(":COUP:PORT:DET")
        assert unit.ask(":COUP:PORT? 0") == "''"

    @pytest.mark.parametrize("ports", ["'2'", "'15'", "'x'", "'-1'"])
    def test_wrong_couple_ports(self, unit: UnitScpi, ports: str) -> None:
        unit.tell(f":COUP:PORT 0,{ports}")
        assert unit.errors() == [-222]

    def test_a_couple_port_is_no_bias_port(self, unit: UnitScpi) -> None:
        unit.tell(":COUP:PORT 0,'9';:COUP 0,ON", ":BIAS 0,ON", ":BIAS:PORT 0,9")
        assert unit.errors() == [-220, -220]

    def test_power_on_state_of_one_card(self, unit: UnitScpi) -> None:
        unit.tell(":FUNC NCON", ":CLOS (@10101,20101)", ":SYST:CPON 1")
        assert (closed(unit, 1), closed(unit, 2)) == ("(@)", "(@20101)")


@pytest.mark.parametrize("column", ["015", "203"])
def test_a_stuck_relay_stays_as_it_is_and_is_not_noticed(unit: UnitScpi, column: str) -> None:
    port = unit.source("1")
    unit.resistor("015", 1e3)
    unit.unit.stuck_relays.add(("1", column))
    unit.tell(":CLOS (@00115)")
    assert closed(unit) == "(@00115)"
    assert unit.current(port) == pytest.approx(0.0, abs=1e-9)
    unit.unit.stuck_relays.clear()
    unit.tell(":CLOS (@00116)")  # the mainframe moves every relay that is not where it should be
    assert unit.current(port) == pytest.approx(1e-3)
    unit.unit.stuck_relays.add(("1", column))
    unit.tell(":OPEN:CARD 0")
    assert closed(unit) == "(@)"
    assert unit.current(port) == pytest.approx(1e-3)
    assert unit.seconds(":OPEN:CARD 0") == pytest.approx(0.0)
