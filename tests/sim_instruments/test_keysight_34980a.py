"""34980A with 34934A modules: channel numbers, row protection and interlock (34980A and 34934A manuals)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_scpi import UnitScpi

CLOSE, OPEN = 0.35e-3, 0.10e-3


@pytest.fixture
def unit() -> UnitScpi:
    return UnitScpi("keysight_34980a", modules={1: "8x64", 2: "4x32", "8": "16x32"}, without_terminal_block=[8])


class TestMainframe:
    def test_modules(self, unit: UnitScpi) -> None:
        assert unit.ask("SYST:CTYP? 1").startswith('"Agilent Technologies,34934A-8x64,')
        assert unit.ask("SYST:CTYP? 3") == '"Agilent Technologies,0,0,0"'
        assert unit.ask("SYSTEM:MODule:TERMinal:TYPE? 1;TYPE? 8") == "R8_R64;NONE"
        assert "4x32" in unit.ask("SYST:CDES? 2")

    @pytest.mark.parametrize("modules", [{9: "8x64"}, {1: "8x8"}])
    def test_wrong_plugging(self, modules: dict[int, str]) -> None:
        with pytest.raises(ValueError, match=r"slots 1 to 8|use one of 4x32"):
            UnitScpi("keysight_34980a", modules=modules)

    def test_queue_of_twenty(self, unit: UnitScpi) -> None:
        unit.tell(*["ROUT:CLOS (@3101)"] * 25)
        assert unit.errors() == [-222] * 19 + [-350]


class TestChannels:
    @pytest.mark.parametrize(
        ("layout", "channels"),
        [  # first and last of each matrix, by the equations on page 228 of the guide
            ("4x32", [101, 732, 133, 764, 165, 796, 197, 828]),
            ("4x64", [101, 764, 165, 828]),
            ("4x128", [101, 828]),
            ("8x32", [101, 832, 133, 864]),
            ("8x64", [101, 864]),
            ("16x32", [101, 882]),
        ],
    )
    def test_numbers(self, layout: str, channels: list[int]) -> None:
        unit = UnitScpi("keysight_34980a", modules={1: layout})
        listed = ",".join(f"1{channel}" for channel in channels)
        unit.tell(f"ROUT:CLOS (@{listed})")
        assert unit.ask(f"ROUT:CLOS? (@{listed})") == ",".join("1" * len(channels))
        assert unit.errors() == []

    def test_a_range_skips_what_does_not_exist_between_its_ends(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:CLOS (@1163:1202)")
        assert unit.ask("ROUT:CLOS? (@1162,1163,1164,1201,1202,1203)") == "0,1,1,1,1,0"
        unit.tell("ROUT:CLOS (@1165:1202)")
        assert unit.errors() == [-222]

    @pytest.mark.parametrize(
        ("command", "code"),
        [("ROUT:CLOS (@1101,1165)", -222), ("ROUT:OPEN (@5101)", -222), ("ROUT:CLOS 1101", -104), ("ROUT:CLOS", -109),
         ("ROUT:CLOS (@1202:1201)", -222), ("SYST:CTYP? 9", -222), ("SYST:MOD:TERM:TYPE? 4", -241),
         ("ROUT:OPEN:ALL 4", -241), ("SYST:MOD:ROW:PROT 1,AUTO50", -224), ("CLOS (@1101)", -113)],
    )  # fmt: skip
    def test_an_error_changes_nothing(self, unit: UnitScpi, command: str, code: int) -> None:
        unit.tell("ROUT:CLOS (@1308)")
        unit.unit.execute(command.encode())
        assert unit.errors() == [code]
        assert unit.ask("ROUT:CLOS? (@1101,1308)") == "0,1"

    def test_exclusive_close_opens_the_rest_of_its_module_only(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:CLOS (@1101,1102,2101)", "ROUT:CLOS:EXCL (@1102,1203)")
        assert unit.ask("ROUT:CLOS? (@1101,1102,1203,2101)") == "0,1,1,1"

    def test_open_all(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:CLOS (@1101,2101)", "ROUT:OPEN:ALL 1")
        assert unit.ask("ROUT:OPEN? (@1101,2101)") == "1,0"
        unit.tell("ROUT:OPEN:ALL")
        assert unit.ask("ROUT:OPEN? (@2101)") == "1"

    def test_without_terminal_block_relays_stay_open(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:CLOS (@1101,8101)")
        assert unit.errors() == [-221]
        assert unit.ask("ROUT:CLOS? (@1101,8101)") == "0,0"

    def test_cycles(self, unit: UnitScpi) -> None:
        unit.tell(*["ROUT:CLOS (@1101)", "ROUT:CLOS (@1101)", "ROUT:OPEN (@1101)"] * 2)
        assert unit.ask("DIAG:REL:CYCL? (@1101,1102)") == "+2,+0"
        unit.tell("DIAG:REL:CYCL:CLE (@1101)")
        assert unit.ask("DIAG:REL:CYCL? (@1101)") == "+0"

    def test_relay_times(self, unit: UnitScpi) -> None:
        assert unit.seconds("ROUT:CLOS (@1101,1202)") == pytest.approx(CLOSE)
        assert unit.seconds("ROUT:OPEN (@1101)") == pytest.approx(OPEN)
        assert unit.seconds("ROUT:OPEN (@1101)") == pytest.approx(0.0)
        unit.tell("SYST:MOD:ROW:PROT 1,AUTO0")
        assert unit.seconds("ROUT:CLOS (@1101)") == pytest.approx(2 * CLOSE)

    def test_reset_opens_everything_and_protects_by_the_default(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:CLOS (@1101)", "SYST:MOD:ROW:PROT DEF,FIX", "*RST")
        assert unit.ask("ROUT:CLOS? (@1101);:SYST:MOD:ROW:PROT? 1;PROT? DEF") == "0;FIX;FIX"


class TestProtection:
    """1 V on row 2; 900 Ω and 800 Ω from columns 5 and 40 to ground."""

    @pytest.fixture
    def bench(self, unit: UnitScpi) -> UnitScpi:
        unit.resistor("C1005", 900.0)
        return unit

    @pytest.mark.parametrize(("mode", "ohms"), [("AUTO100", 1000.0), ("FIX", 1000.0), ("AUTO0", 900.0)])
    def test_from_row_to_column(self, bench: UnitScpi, mode: str, ohms: float) -> None:
        port = bench.source("R102")
        bench.tell(f"SYST:MOD:ROW:PROT 1,{mode}", "ROUT:CLOS (@1205)")
        assert bench.ask("SYST:MOD:ROW:PROT? 1") == mode
        assert bench.current(port) == pytest.approx(1.0 / ohms)
        bench.tell("ROUT:OPEN (@1205)")
        assert bench.current(port) == pytest.approx(0.0, abs=1e-12)

    def test_between_columns_of_one_bank_there_is_none(self, bench: UnitScpi) -> None:
        port = bench.source("C1032")
        bench.tell("ROUT:CLOS (@1205,1232)")
        assert bench.current(port) == pytest.approx(1.0 / 900.0)

    def test_between_columns_of_two_banks_there_are_two(self, bench: UnitScpi) -> None:
        port = bench.source("C1033")
        bench.tell("ROUT:CLOS (@1205,1233)")
        assert bench.current(port) == pytest.approx(1.0 / 1100.0)

    def test_isolated_banks_only_where_a_bank_is_a_matrix(self, unit: UnitScpi) -> None:
        unit.tell("SYST:MOD:ROW:PROT 1,ISO")
        assert unit.errors() == [-221]
        row, column = unit.source("R201"), unit.source("C2001", 0.5)
        unit.resistor("C2002", 1e3)
        unit.tell("SYST:MOD:ROW:PROT 2,ISO", "ROUT:CLOS (@2101,2102)")
        assert unit.current(column) == pytest.approx(0.5e-3)
        assert unit.current(row) == pytest.approx(0.0, abs=1e-12)

    def test_matrices_of_one_module_are_apart(self, unit: UnitScpi) -> None:
        port = unit.source("C2032")
        unit.resistor("C2033", 1e3)
        unit.tell("SYST:MOD:ROW:PROT 2,AUTO0", "ROUT:CLOS (@2132,2133)")  # row 1 of M1H and of M2H
        assert unit.current(port) == pytest.approx(0.0, abs=1e-12)
        unit.harness.connect("unit.R201", "unit.R205")
        assert unit.current(port) == pytest.approx(1e-3)


class TestLimitOfClosedRelays:
    """Only so many relays of a module can be closed at once."""

    @pytest.fixture
    def limited(self) -> UnitScpi:
        return UnitScpi("keysight_34980a", modules={1: "8x64", 2: "4x32"}, most_closed=3)

    def test_the_last_one_that_fits(self, limited: UnitScpi) -> None:
        limited.tell("ROUT:CLOS (@1101:1102)", "ROUT:CLOS (@1103)", "ROUT:CLOS (@1103)")
        assert limited.errors() == []
        limited.tell("ROUT:CLOS (@1201,2101)")
        assert limited.errors() == [-221]
        assert limited.ask("ROUT:CLOS? (@1103,1201,2101)") == "1,0,0"
        limited.tell("ROUT:CLOS:PAIR (@2101,2102)")
        assert limited.errors() == [-221]

    def test_those_that_an_exclusive_close_opens_do_not_count(self, limited: UnitScpi) -> None:
        limited.tell("ROUT:CLOS (@1101:1103)", "ROUT:CLOS:EXCL (@1201:1203)")
        assert limited.errors() == []
        assert limited.ask("ROUT:CLOS? (@1101,1201)") == "0,1"
        limited.tell("ROUT:CLOS:EXCL (@1101:1104)")
        assert limited.errors() == [-221]


class TestScansAndSequences:
    def test_channels_of_a_matrix_cannot_be_scanned(self, unit: UnitScpi) -> None:
        unit.tell("ROUT:SCAN (@)")
        assert unit.ask("ROUT:SCAN?;SCAN:SIZE?") == "#13(@);+0"
        unit.tell("ROUT:SCAN (@1101)", "ROUT:SCAN (@5101)", "INIT", "ABOR")
        assert unit.errors() == [-221, -222, -221]

    def test_a_sequence_moves_relays(self, unit: UnitScpi) -> None:
        unit.tell('ROUT:SEQ:DEF first,"ROUT:CLOS (@1101,1202);OPEN (@1303)"', "ROUT:CLOS (@1303)")
        assert unit.ask("ROUT:SEQ:CAT?") == '"FIRST"'
        assert unit.ask("ROUT:SEQ:DEF? FIRST") == '"ROUT:CLOS (@1101,1202);OPEN (@1303)"'
        unit.tell("ROUT:SEQ:TRIG first")
        assert unit.ask("ROUT:CLOS? (@1101,1202,1303);:ROUT:SEQ:BUSY?") == "1,1,0;0"
        unit.tell("*RST", "ROUT:SEQ:TRIG FIRST")
        assert unit.ask("ROUT:CLOS? (@1101)") == "1"
        unit.tell("ROUT:SEQ:DEL first", "ROUT:SEQ:TRIG first", 'ROUT:SEQ:DEF 1st,"*RST"')
        assert unit.errors() == [-224, -224]

    def test_sequences_that_trigger_each_other_end(self, unit: UnitScpi) -> None:
        unit.tell('ROUT:SEQ:DEF one,"ROUT:SEQ:TRIG two"', 'ROUT:SEQ:DEF two,"ROUT:SEQ:TRIG one"', "ROUT:SEQ:TRIG one")
        assert unit.errors() == [-221]


def test_a_stored_state_holds_relays_and_protection(unit: UnitScpi) -> None:
    unit.tell("ROUT:CLOS (@1101,2203)", "SYST:MOD:ROW:PROT 2,FIX", "*SAV 3", "*RST", "ROUT:CLOS (@1505)", "*RCL 3")
    assert unit.ask("ROUT:CLOS? (@1101,2203,1505);:SYST:MOD:ROW:PROT? 2") == "1,1,0;FIX"
    unit.tell("*RCL 4", "*SAV 6")
    assert unit.errors() == [291, -222]


def test_the_display_is_remembered(unit: UnitScpi) -> None:
    unit.tell("DISP:TEXT 'WAIT'", "DISP OFF", "SYST:BEEP")
    assert unit.ask("DISP:TEXT?;:DISP?;:ROUT:MOD:BUSY? 1;:ROUT:MOD:WAIT?") == '"WAIT";0;0;1'
    assert unit.errors() == []


def test_there_is_no_multimeter(unit: UnitScpi) -> None:
    assert unit.ask("INST:DMM?;DMM:INST?") == "0;0"
