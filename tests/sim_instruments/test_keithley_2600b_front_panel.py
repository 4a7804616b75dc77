"""Display, keys, queues and interfaces of a SourceMeter: taken, remembered, and harmless (Series 2600B manual)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.tsp_unit import Unit, smu


@pytest.fixture
def unit() -> Unit:
    return Unit("keithley_2636b")


class TestDisplay:
    def test_text_with_character_codes(self, unit: Unit) -> None:
        """The examples of page 3-74."""
        unit.tell('display.clear() display.settext("Test in Process $N$BDo Not Disturb")')
        assert unit.ask("print(display.gettext(false, 1))") == "Test in Process     "
        assert unit.ask("print(display.gettext(false, 2))") == "Do Not Disturb".ljust(32)
        unit.tell('display.clear() display.setcursor(1, 1) display.settext("You owe me $$8")')
        assert unit.ask("print(display.gettext(false, 1, 1, 13))") == "You owe me $8"
        assert unit.ask("print(display.gettext())") == "You owe me $8".ljust(20) + "$N" + " " * 32

    def test_text_goes_on_at_the_cursor_and_ends_with_the_line(self, unit: Unit) -> None:
        unit.tell('display.clear() display.setcursor(2, 5) display.settext("abc")')
        assert unit.values("print(display.getcursor())") == [2, 8, 0]
        unit.tell('display.setcursor(1, 19) display.settext("12345")')
        assert unit.ask("print(display.gettext(false, 1, 18, 20))") == " 12"
        assert unit.ask("print(display.gettext(false, 2, 4, 8))") == " abc "

    def test_a_cursor_outside_is_refused(self, unit: Unit) -> None:
        unit.tell("display.setcursor(3, 1) display.setcursor(1, 21) display.setcursor(2, 0)")
        assert unit.errors() == [1101, 1101, 1102]

    def test_text_brings_up_the_user_screen(self, unit: Unit) -> None:
        unit.tell("display.screen = display.SMUA_SMUB")
        assert unit.value("display.screen") == 2
        unit.tell('display.settext("x")')
        assert unit.value("display.screen") == unit.value("display.USER")

    def test_the_operator_takes_what_is_offered(self, unit: Unit) -> None:
        assert unit.value('display.inputvalue("+0.00", 0.5, -1, 1)') == 0.5
        assert unit.value('display.prompt("0.00", "V", "level", 0.2, 0, 1)') == 0.2
        assert unit.ask('print(display.menu("Sample", "Red Green Blue"))') == "Red"
        assert unit.value("display.waitkey()") == unit.value("display.KEY_ENTER")

    def test_keys_that_a_script_presses(self, unit: Unit) -> None:
        assert unit.value("display.getlastkey()") == unit.value("display.KEY_NONE")
        unit.tell("display.sendkey(display.KEY_RUN)")
        assert unit.value("display.getlastkey()") == unit.value("display.KEY_RUN")
        unit.tell("display.sendkey(display.KEY_TRIG)")
        assert unit.ask("print(display.trigger.wait(0))") == "true"

    def test_the_user_menu(self, unit: Unit) -> None:
        unit.tell('display.loadmenu.add("Test 1", "test()") display.loadmenu.add("Test 2", "more()", display.SAVE)')
        listed = (
            "seen = '' for name, code in display.loadmenu.catalog() do seen = seen .. name .. '=' .. code .. ';' end"
        )
        unit.tell(listed)
        assert unit.ask("print(seen)") == "Test 1=test();Test 2=more();"
        unit.tell('display.loadmenu.delete("Test 1")')
        unit.tell('display.loadmenu.delete("Test 1")')
        assert unit.errors() == [-292]

    def test_settings_are_remembered_until_a_reset(self, unit: Unit) -> None:
        unit.tell("display.locallockout = display.LOCK display.smua.limit.func = display.LIMIT_P")
        unit.tell("display.smub.digits = display.DIGITS_6_5")
        assert unit.values("print(display.locallockout, display.smua.limit.func, display.smub.digits)") == [1, 1, 6]
        unit.tell("reset()")
        assert unit.values("print(display.locallockout, display.smua.limit.func, display.smub.digits)") == [0, 0, 5]


def test_a_queue_hands_values_from_script_to_script(unit: Unit) -> None:
    unit.tell("dataqueue.clear() dataqueue.add(10) dataqueue.add('text')")
    assert unit.value("dataqueue.count") == 2
    assert unit.ask("print(dataqueue.next(), dataqueue.next(), dataqueue.next())") == "1.00000e+01\ttext\tnil"
    unit.tell("for i = 1, dataqueue.CAPACITY do dataqueue.add(i) end")
    assert unit.ask("print(dataqueue.add(0), dataqueue.count == dataqueue.CAPACITY)") == "false\ttrue"


def test_interfaces_with_nothing_at_their_other_end(unit: Unit) -> None:
    unit.tell("lan.trigger[1].mode = lan.TRIG_FALLING lan.trigger[1].assert() lan.config.method = lan.MANUAL")
    unit.tell("tsplink.trigger[3].stimulus = smua.trigger.SOURCE_COMPLETE_EVENT_ID tsplink.writebit(2, 0)")
    assert unit.ask("print(lan.trigger[1].wait(0), tsplink.state, tsplink.readport(), tsplink.reset())") == (
        "false\toffline\t5.00000e+00\t1.00000e+00"
    )
    assert unit.ask("print(eventlog.next(), eventlog.count)") == "nil\t0.00000e+00"
    assert unit.errors() == []
    unit.tell("tspnet.connect('192.0.2.1')")
    assert unit.errors() == [1100]


def test_the_clock_is_set_and_runs_on(unit: Unit) -> None:
    unit.tell('localnode.settime(1234567890) settimezone("8")')
    unit.tell("delay(10)")
    assert unit.value("localnode.gettime() - 1234567890") == pytest.approx(10, abs=0.01)
    assert unit.ask("print(gettimezone())") == "8"


def test_bit_fields(unit: Unit) -> None:
    """A field of `width` bits from bit `index` on, bits counted from 1."""
    assert unit.values("print(bit.get(12, 3), bit.getfield(12, 3, 2), bit.setfield(15, 2, 2, 1))") == [4, 3, 11]


def test_user_strings_are_listed(unit: Unit) -> None:
    unit.tell('userstring.add("assetnumber", "236") userstring.add("product", "Widgets") names = ""')
    unit.tell("for name in userstring.catalog() do names = names .. name .. ' ' end")
    assert unit.ask("print(names)") == "assetnumber product "


def test_scripts_that_clean_up_go_on(unit: Unit) -> None:
    unit.tell("collectgarbage() x, y = gcinfo()")
    assert unit.ask("print(x < y)") == "true"


def test_a_limit_of_the_sweep_back_to_the_normal_one() -> None:
    unit = smu(1e6)
    unit.tell("smua.trigger.source.limiti = 1e-6 smua.trigger.source.limiti = smua.LIMIT_AUTO")
    assert unit.value("smua.trigger.source.limiti") == 0
    assert unit.errors() == []


def test_the_twin_is_not_adjusted(unit: Unit) -> None:
    assert unit.ask("print(smua.cal.state == smua.CALSTATE_LOCKED)") == "true"
    unit.tell('smua.cal.unlock("KI0026XX")')
    unit.tell("smua.cal.lock()")
    assert unit.errors() == [1100]


def test_what_is_enabled_and_has_happened_requests_service(unit: Unit) -> None:
    unit.tell("*CLS")
    unit.tell("status.request_enable = status.EVENT_SUMMARY_BIT status.standard.enable = status.standard.EXE")
    assert unit.value("status.request_event") == 0
    unit.tell("smua.source.levelv = 1e3")
    assert unit.values("print(status.standard.event, status.standard.condition)")[1] == 0
