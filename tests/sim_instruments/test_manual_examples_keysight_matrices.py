"""Examples of the B2200 user's guide (ed. 2 and 4) and of the 34980A programmer's reference, with what they join."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_scpi import UnitScpi


class TestB2200A:
    def test_rule_and_sequence_in_one_message(self) -> None:
        """Page 4-3: the second command goes on where the first one was in the tree."""
        unit = UnitScpi("keysight_b2200a")
        unit.tell(":ROUT:FUNC NCON", ":ROUT:CONN:RULE ALL,SROU", ":ROUT:CONN:RULE ALL,FREE;SEQ ALL,BBM")
        assert unit.ask(":ROUT:CONN:RULE? 3;SEQ? 3") == "FREE;BBM"
        assert unit.errors() == []

    def test_bias_of_all_cards(self) -> None:
        """Page 5-33: the bias of input 10 reaches an output of every card that nothing else is joined to."""
        unit = UnitScpi("keysight_b2200a")
        port = unit.source("10")
        unit.tell(":ROUT:FUNC NCON")
        unit.resistor("412", 1e3)
        unit.tell(":ROUT:BIAS:STAT ALL,ON")
        assert unit.ask(":ROUT:BIAS:STAT? 4") == "1"
        assert unit.current(port) == pytest.approx(1e-3, rel=1e-3)
        unit.tell(":ROUT:CLOS (@40112)")
        assert unit.current(port) == pytest.approx(0.0, abs=1e-9)
        assert unit.errors() == []


class Test34980A:
    def test_a_pair_is_the_high_channel_and_its_low_one(self) -> None:
        """ROUTe:CLOSe:PAIR and ROUTe:OPEN:PAIR: both channels move whatever they were."""
        unit = UnitScpi("keysight_34980a", modules={1: "4x64"})
        high, low = unit.source("R101"), unit.source("R105", 2.0)
        unit.resistor("C1003", 900.0)
        unit.resistor("C1067", 1900.0)
        unit.tell("ROUTe:CLOSe (@1103)")
        assert unit.ask("ROUTe:CLOSe:PAIR? (@1103)") == "0"
        unit.tell("ROUTe:CLOSe:PAIR (@1103)")
        assert unit.ask("ROUTe:CLOSe:PAIR? (@1103,1104)") == "1,0"
        assert unit.ask("ROUTe:CLOSe? (@1103,1167)") == "1,1"
        assert unit.current(high) == pytest.approx(1e-3)
        assert unit.current(low) == pytest.approx(1e-3)
        unit.tell("ROUTe:OPEN (@1103)")
        assert unit.ask("ROUTe:OPEN:PAIR? (@1103,1104)") == "0,1"
        unit.tell("ROUTe:OPEN:PAIR (@1103)")
        assert unit.ask("ROUTe:OPEN:PAIR? (@1103)") == "1"
        assert unit.errors() == []

    @pytest.mark.parametrize(("layout", "channel"), [("8x64", 1101), ("4x128", 1101), ("16x32", 1101), ("4x64", 1165)])
    def test_there_is_no_pair_without_low_terminals_or_from_a_low_one(self, layout: str, channel: int) -> None:
        unit = UnitScpi("keysight_34980a", modules={1: layout})
        unit.tell(f"ROUTe:CLOSe:PAIR (@{channel})")
        assert len(unit.errors()) == 1
        assert unit.ask(f"ROUTe:CLOSe? (@{channel})") == "0"

    def test_row_protection_of_a_slot_and_by_default(self) -> None:
        """SYSTem:MODule:ROW:PROTection: the default acts after the next reset."""
        unit = UnitScpi("keysight_34980a", modules={1: "8x64"})
        unit.tell("SYSTem:MODule:ROW:PROTection 1, AUTO0", "SYSTem:MODule:ROW:PROTection DEFault, FIXed")
        assert unit.ask("SYSTem:MODule:ROW:PROTection? 1;PROTection? DEFault") == "AUTO0;FIX"
        unit.tell("*RST")
        assert unit.ask("SYSTem:MODule:ROW:PROTection? 1") == "FIX"
        assert unit.errors() == []
