"""707B mainframe: closing rules, lists, delays, forbidden channels, patterns (Series 700 reference manual)."""

from __future__ import annotations

import pytest

from emulator import VoltageSource
from tests.sim_instruments.tsp_unit import Unit

RELAY = 3e-3


@pytest.fixture
def unit() -> Unit:
    return Unit("keithley_707b", cards={1: "7072", 2: "7174A"})


def closed(unit: Unit) -> str:
    return unit.ask("print(channel.getclose('allslots'))")


class TestIdentity:
    def test_mainframe(self, unit: Unit) -> None:
        assert unit.ask("*IDN?") == "KEITHLEY INSTRUMENTS INC.,MODEL 707B,00000170,01.10h"

    def test_cards(self, unit: Unit) -> None:
        assert unit.ask("print(slot[1].idn)").startswith("7072,8x12 Semiconductor")
        assert unit.ask("print(slot[2].idn)").startswith("7174A,8x12")
        assert unit.ask("print(slot[3].idn)") == "Empty Slot"
        assert unit.values("print(slot[1].rows.matrix, slot[1].columns.matrix)") == [8, 12]

    @pytest.mark.parametrize("cards", [{7: "7072"}, {1: "7075"}])
    def test_wrong_plugging(self, cards: dict[int, str]) -> None:
        with pytest.raises(ValueError, match=r"slots 1 to 6|use one of"):
            Unit("keithley_707b", cards=cards)

    def test_slots_as_a_file_writes_them(self) -> None:
        assert Unit("keithley_707b", cards={"4": "7072"}).ask("print(slot[4].idn)").startswith("7072,")


class TestClosing:
    def test_close_adds(self, unit: Unit) -> None:
        unit.tell("channel.close('1C03')")
        unit.tell("channel.close('1A01, 2H12')")
        assert closed(unit) == "1A01;1C03;2H12"

    def test_nothing_closed_is_nil(self, unit: Unit) -> None:
        assert closed(unit) == "nil"

    def test_range(self, unit: Unit) -> None:
        unit.tell("channel.close('1A11:1B02')")
        assert closed(unit) == "1A11;1A12;1B01;1B02"

    def test_open(self, unit: Unit) -> None:
        unit.tell("channel.close('1A01,1A02,2A01')")
        unit.tell("channel.open('1A01')")
        assert closed(unit) == "1A02;2A01"
        unit.tell("channel.open('slot1')")
        assert closed(unit) == "2A01"
        unit.tell("channel.open('allslots')")
        assert closed(unit) == "nil"

    def test_exclusive_close(self, unit: Unit) -> None:
        unit.tell("channel.close('1A01,2A01') channel.exclusiveclose('1B02,1C03')")
        assert closed(unit) == "1B02;1C03"
        unit.tell("channel.exclusiveclose('')")
        assert closed(unit) == "nil"

    def test_exclusive_slot_close_leaves_other_slots(self, unit: Unit) -> None:
        unit.tell("channel.close('1A01,2A01') channel.exclusiveslotclose('1B02')")
        assert closed(unit) == "1B02;2A01"

    @pytest.mark.parametrize(
        "command", ["close('1A01,1J01')", "close('1A13')", "close('3A01')", "close('slot1')", "close('allslots')",
                    "exclusiveclose('1B02,nowhere')", "exclusiveclose('slot2')", "close('')", "close('1B05:1A01')",
                    "close(5)", "close()", "getclose('')", "open('slot3')", "getstate('1A00')"],
    )  # fmt: skip
    def test_an_error_changes_nothing(self, unit: Unit, command: str) -> None:
        unit.tell("channel.close('1H12')")
        unit.tell("channel." + command)
        assert len(unit.errors()) == 1
        assert closed(unit) == "1H12"

    def test_states(self, unit: Unit) -> None:
        unit.tell("channel.close('1A05')")
        assert unit.ask("print(channel.getstate('1A04:1A06'))") == "0,1,0"

    def test_counts(self, unit: Unit) -> None:
        unit.tell(
            "for k = 1, 3 do channel.close('1A05') channel.open('1A05') end channel.close('1A06') channel.close('1A06')"
        )
        assert unit.ask("print(channel.getcount('1A05,1A06,1A07'))") == "3,1,0"

    def test_specifier(self, unit: Unit) -> None:
        assert unit.ask("print(channel.createspecifier(1, 1, 1), channel.createspecifier(2, 'C', 12))") == "1A01\t2C12"

    def test_state_outlives_a_device_clear_and_ends_with_a_reset(self, unit: Unit) -> None:
        unit.tell("channel.close('1A05')")
        unit.instrument.clear()
        assert closed(unit) == "1A05"
        unit.tell("*RST")
        assert closed(unit) == "nil"


class TestTime:
    def test_relay_times_and_user_delay(self, unit: Unit) -> None:
        assert unit.seconds("channel.close('1A01,1A02')") == pytest.approx(RELAY)
        assert unit.seconds("channel.open('1A01')") == pytest.approx(RELAY)
        unit.tell("channel.setdelay('1A03', 0.1)")
        assert unit.seconds("channel.close('1A01,1A03')") == pytest.approx(RELAY + 0.1)
        assert unit.seconds("channel.open('1A03')") == pytest.approx(RELAY)
        assert [float(x) for x in unit.ask("print(channel.getdelay('1A02,1A03'))").split(",")] == [
            0,
            pytest.approx(0.1),
        ]

    @pytest.mark.parametrize(
        ("rule", "seconds"), [("OFF", RELAY), ("BREAK_BEFORE_MAKE", 2 * RELAY), ("MAKE_BEFORE_BREAK", 2 * RELAY)]
    )
    def test_connect_rule_in_exclusive_closes(self, unit: Unit, rule: str, seconds: float) -> None:
        unit.tell(f"channel.connectrule = channel.{rule} channel.close('1A01')")
        assert unit.seconds("channel.exclusiveclose('1A02')") == pytest.approx(seconds)

    def test_default_rule(self, unit: Unit) -> None:
        assert unit.value("channel.connectrule") == 1

    def test_sequential_closing(self, unit: Unit) -> None:
        unit.tell("channel.connectsequential = channel.ON")
        assert unit.seconds("channel.close('1A01:1A05')") == pytest.approx(5 * RELAY)


class TestLines:
    """Relays join the harness's lines: rows are common to all cards."""

    def current(self, unit: Unit) -> float:
        port = unit.port("source")
        port.drive = VoltageSource(1.0, 0.0, 1.0)
        return unit.harness.measure(port, 1e-3).current

    def wire(self, unit: Unit) -> None:
        unit.port("source")
        unit.harness.connect("unit.source", "unit.105")
        unit.harness.add_resistor("unit.203", "ground", 1e3)

    def test_a_row_joins_columns_of_two_cards(self, unit: Unit) -> None:
        self.wire(unit)
        unit.tell("channel.close('1A05,2B03')")
        assert self.current(unit) == pytest.approx(0, abs=1e-12)
        unit.tell("channel.close('2A03')")
        assert self.current(unit) == pytest.approx(1e-3)
        unit.tell("channel.open('1A05')")
        assert self.current(unit) == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize(("rule", "joined"), [("BREAK_BEFORE_MAKE", False), ("MAKE_BEFORE_BREAK", True)])
    def test_moving_a_source_joins_two_columns_only_when_making_first(
        self, unit: Unit, rule: str, joined: bool
    ) -> None:
        seen: list[tuple[str, str]] = []
        harness = unit.harness
        close, opened = harness.close_relay, harness.open_relay
        harness.close_relay = lambda a, b: (seen.append(("close", b)), close(a, b))[1]  # type: ignore[method-assign]
        harness.open_relay = lambda a, b: (seen.append(("open", b)), opened(a, b))[1]  # type: ignore[method-assign]
        unit.tell(f"channel.connectrule = channel.{rule} channel.close('1A01') channel.exclusiveclose('1A02')")
        order = [("close", "unit.102"), ("open", "unit.101")]
        assert seen == [("close", "unit.101"), *(order if joined else order[::-1])]


class TestForbidden:
    def test_alone_it_is_an_error_in_a_range_it_is_skipped(self, unit: Unit) -> None:
        unit.tell("channel.setforbidden('1A02')")
        assert unit.ask("print(channel.getforbidden('slot1'))") == "1A02"
        unit.tell("channel.close('1A01,1A02')")
        assert len(unit.errors()) == 1
        assert closed(unit) == "nil"
        unit.tell("channel.close('1A01:1A03')")
        assert unit.errors() == []
        assert closed(unit) == "1A01;1A03"
        unit.tell("channel.clearforbidden('allslots') channel.close('1A02')")
        assert closed(unit) == "1A01;1A02;1A03"

    def test_it_deletes_patterns_that_hold_the_channel(self, unit: Unit) -> None:
        unit.tell("channel.pattern.setimage('1A01,1B02', 'both') channel.setforbidden('1B02') channel.close('both')")
        assert len(unit.errors()) == 1


class TestPatterns:
    def test_image_snapshot_catalog(self, unit: Unit) -> None:
        unit.tell("channel.pattern.setimage('1B02,1A01', 'read') channel.close('2C03') channel.pattern.snapshot('now')")
        assert unit.ask("print(channel.pattern.getimage('read'))") == "1A01,1B02"
        assert unit.instrument.execute(b"for name in channel.pattern.catalog() do print(name) end") == b"now\nread\n"
        unit.tell("channel.exclusiveclose('read')")
        assert closed(unit) == "1A01;1B02"
        unit.tell("channel.exclusiveclose('now') channel.pattern.delete('read') channel.close('read')")
        assert closed(unit) == "2C03"
        assert len(unit.errors()) == 1

    @pytest.mark.parametrize("name", ["two words", "a" * 20, ""])
    def test_names(self, unit: Unit, name: str) -> None:
        unit.tell(f"channel.pattern.setimage('1A01', '{name}')")
        assert len(unit.errors()) == 1

    def test_the_example_of_the_manual(self, unit: Unit) -> None:
        """Reference manual, 7-37."""
        unit.tell("channel.pattern.setimage('1A01:1A05', 'myPattern')")
        unit.tell("channel.pattern.setimage('1B01,1B03,1B05', 'myRoute')")
        assert unit.ask("print(channel.pattern.getimage('myPattern'))") == "1A01,1A02,1A03,1A04,1A05"
        both = unit.ask("print(channel.pattern.getimage('myRoute, myPattern'))")
        assert both == "1B01,1B03,1B05;1A01,1A02,1A03,1A04,1A05"


class TestScan:
    def test_the_list_of_the_manual(self, unit: Unit) -> None:
        """Reference manual, 3-9: column 5 on rows 1 to 3."""
        unit.tell("scan.create('1A05, 1B05, 1C05')")
        reply = unit.instrument.execute(b"print(scan.list())").decode()
        assert reply.splitlines() == [
            "Init) OPEN...",
            "1) STEP: 1A05", "CLOSE: 1A05",
            "2) STEP: 1B05", "OPEN: 1A05", "CLOSE: 1B05",
            "3) STEP: 1C05", "OPEN: 1B05", "CLOSE: 1C05",
        ]  # fmt: skip

    @pytest.mark.parametrize("scans", [1, 2, 3])
    def test_each_step_is_closed_once_in_each_scan(self, unit: Unit, scans: int) -> None:
        unit.tell(f"channel.close('2H12') scan.create('1A05, 1B05, 1C05') scan.scancount = {scans} scan.execute()")
        assert unit.ask("print(channel.getcount('1A05,1B05,1C05'))") == ",".join([str(scans)] * 3)
        assert closed(unit) == "1C05"
        assert unit.values("print(scan.state())") == [6, scans, 3]

    def test_lists_are_built_step_by_step(self, unit: Unit) -> None:
        """The examples of 7-142."""
        unit.tell("scan.create() for column = 1,5 do scan.add(channel.createspecifier(1,1,column)) end")
        assert unit.value("scan.stepcount") == 5
        unit.tell("scan.create('1A01:1A08') scan.add('1A10') scan.add('1A09')")
        steps = [
            line for line in unit.instrument.execute(b"print(scan.list())").decode().splitlines() if "STEP" in line
        ]
        assert steps[7:] == ["8) STEP: 1A08", "9) STEP: 1A10", "10) STEP: 1A09"]

    def test_a_pattern_is_one_step(self, unit: Unit) -> None:
        unit.tell("channel.pattern.setimage('1A01;1B02', 'read') scan.create('2A01,read') scan.execute()")
        assert unit.value("scan.stepcount") == 2
        assert closed(unit) == "1A01;1B02"

    def test_selective_opening_leaves_other_channels_closed(self, unit: Unit) -> None:
        unit.tell("channel.close('1A01,2H12') scan.create('1A01,1A02') scan.mode = scan.MODE_OPEN_SELECTIVE")
        unit.tell("scan.execute()")
        assert closed(unit) == "1A02;2H12"

    def test_time_of_a_scan(self, unit: Unit) -> None:
        unit.tell("scan.create('1A01,1A02')")
        assert unit.seconds("scan.execute()") == pytest.approx((2 + 2 * 2) * RELAY)  # open, then break and make twice

    def test_a_scan_without_end_is_stopped(self, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sim_instruments.timeline.STEP_BUDGET", 1000)
        unit.tell("scan.create('1A01,1A02') scan.scancount = 1000000 scan.execute()")
        assert unit.errors() == [-286]
        assert unit.values("print(scan.state())")[0] == 3
        unit.tell("scan.scancount = 2 scan.execute()")
        assert unit.values("print(scan.state())") == [6, 2, 2]

    def test_a_loop_of_scans_is_stopped(self, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sim_instruments.timeline.STEP_BUDGET", 1000)
        unit.tell("scan.create('1A01,1A02') scan.scancount = 1000000 while true do pcall(scan.execute) end")
        assert unit.errors()[-1] == -286
        assert unit.ask("*IDN?").startswith("KEITHLEY")

    def test_mistakes(self, unit: Unit) -> None:
        unit.tell("scan.execute()")
        unit.tell("channel.setforbidden('1A02') scan.create('1A01,1A02,1A03')")
        unit.tell("scan.scancount = 0")
        unit.tell("scan.add('nowhere')")
        assert len(unit.errors()) == 4
        assert unit.value("scan.stepcount") == 1

    def test_steps_of_channels_that_are_lost_go(self, unit: Unit) -> None:
        unit.tell("slot[3].pseudocard = 7072 scan.create('1A01,3A01,1A03') channel.setforbidden('1A03')")
        unit.tell("slot[3].pseudocard = 0")
        assert unit.value("scan.stepcount") == 1
        unit.tell("scan.execute() reset()")
        assert unit.errors() == []
        assert unit.values("print(scan.stepcount, scan.state())") == [0, 0, 0, 0]


class TestLeakage:
    """The isolation of a card is seen only where the unit is not ideal."""

    @pytest.mark.parametrize(("card", "ohms"), [("7072", 1e13), ("7072-HV", 1e13), ("7173-50", 1e9), ("7174A", 1e14)])
    def test_current_into_an_open_column(self, card: str, ohms: float) -> None:
        for accuracy in (False, True):
            unit = Unit("keithley_708b", cards={1: card}, accuracy=accuracy)
            port = unit.port("source")
            port.drive = VoltageSource(10.0, 0.0, 1.0)
            unit.harness.connect("unit.source", "unit.A")
            unit.tell("channel.close('1A01,1A02')")
            current = unit.harness.probe(port).current
            assert current == pytest.approx(10.0 / ohms if accuracy else 0.0, rel=1e-3, abs=1e-15)


class TestOneSlot:
    def test_identity(self) -> None:
        unit = Unit("keithley_708b")
        assert unit.ask("*IDN?") == "KEITHLEY INSTRUMENTS INC.,MODEL 708B,00000170,01.10h"
        assert unit.ask("print(slot[1].idn, slot[2])").endswith("\tnil")

    def test_only_slot_1(self) -> None:
        with pytest.raises(ValueError, match="708B has slots 1 to 1"):
            Unit("keithley_708b", cards={2: "7072"})
        unit = Unit("keithley_708b")
        unit.tell("channel.close('2A01')")
        assert len(unit.errors()) == 1


class TestPseudocards:
    def test_only_in_an_empty_slot(self, unit: Unit) -> None:
        unit.tell("slot[1].pseudocard = 7072")
        assert len(unit.errors()) == 1
        unit.tell("slot[3].pseudocard = 7072")
        assert unit.ask("print(slot[3].idn)") == "7072,Pseudo 8x12 SemiMatrix,00.00a,????????"
        assert unit.value("slot[3].pseudocard") == 7072

    def test_it_closes_nothing_real_and_can_be_taken_out(self, unit: Unit) -> None:
        unit.tell("slot[3].pseudocard = 7174 channel.close('3A01') channel.setdelay('3A01', 1)")
        assert closed(unit) == "3A01"
        assert float(unit.ask("print(channel.getdelay('3A01'))")) == 0
        unit.tell("slot[3].pseudocard = 0")
        assert unit.ask("print(slot[3].idn)") == "Empty Slot"
        assert closed(unit) == "nil"


def test_reset_of_channels(unit: Unit) -> None:
    unit.tell(
        "channel.setforbidden('1A01') channel.setdelay('1A02', 0.1) channel.close('1A02') channel.reset('allslots')"
    )
    assert closed(unit) == "nil"
    assert unit.ask("print(channel.getforbidden('allslots'))") == "nil"
    assert float(unit.ask("print(channel.getdelay('1A02'))")) == 0


def test_a_source_command_is_a_run_time_error(unit: Unit) -> None:
    unit.tell("smua.source.levelv = 1")
    assert unit.errors() == [-286]
