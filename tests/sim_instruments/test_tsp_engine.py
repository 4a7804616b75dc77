"""TSP interpreter: what is answered, in which form, and what happens to mistakes (Series 2600B reference manual)."""

import struct

import pytest

from tests.sim_instruments.tsp_unit import Unit, smu


@pytest.fixture
def unit() -> Unit:
    return smu()


class TestReplies:
    def test_an_expression_alone_is_not_answered(self, unit: Unit) -> None:
        unit.tell("x = 5")

    def test_print_joins_by_tabs_with_six_digits(self, unit: Unit) -> None:
        assert (
            unit.ask("print(1, 1.234567, -2e-9, 'a', true, nil)")
            == "1.00000e+00\t1.23457e+00\t-2.00000e-09\ta\ttrue\tnil"
        )

    def test_print_without_arguments_is_an_empty_line(self, unit: Unit) -> None:
        assert unit.ask("print()") == ""

    def test_several_prints_are_several_lines(self, unit: Unit) -> None:
        assert unit.instrument.execute(b"print(1) print(2)") == b"1.00000e+00\n2.00000e+00\n"

    @pytest.mark.parametrize(("precision", "reply"), [(1, "1e+00"), (16, "1.234567000000000e+00"), (0, "1.234567")])
    def test_ascii_precision(self, unit: Unit, precision: int, reply: str) -> None:
        assert unit.ask(f"format.asciiprecision = {precision} print(1.234567)") == reply

    def test_printnumber_joins_by_comma_and_blank(self, unit: Unit) -> None:
        assert unit.ask("printnumber(1, 2.5)") == "1.00000e+00, 2.50000e+00"

    @pytest.mark.parametrize(
        ("data", "order", "layout"),
        [("REAL32", 1, "<3f"), ("REAL32", 0, ">3f"), ("REAL64", 1, "<3d"), ("DREAL", 0, ">3d")],
    )
    def test_binary_blocks(self, unit: Unit, data: str, order: int, layout: str) -> None:
        unit.tell(f"format.data = format.{data} format.byteorder = {order}")
        assert (
            unit.instrument.execute(b"printbuffer(1, 3, {1, 0.5, -3})")
            == b"#0" + struct.pack(layout, 1, 0.5, -3) + b"\n"
        )

    def test_replies_come_in_the_order_of_their_commands(self, unit: Unit) -> None:
        reply = unit.instrument.execute(
            b"print('a') print('b') printnumber(1) print('c') printbuffer(1, 1, {2}) print()"
        )
        assert reply == b"a\nb\n1.00000e+00\nc\n2.00000e+00\n\n"

    def test_a_reset_in_the_middle_of_a_message_brings_the_number_format_back(self, unit: Unit) -> None:
        reply = unit.instrument.execute(b"format.asciiprecision = 2 print(1) reset() print(1)")
        assert reply == b"1.0e+00\n1.00000e+00\n"

    @pytest.mark.parametrize(("mistake", "code"), [("nonsense()", -286), ("x = string.rep('a', 1e9)", -225)])
    def test_what_a_message_printed_before_its_mistake_is_answered(self, unit: Unit, mistake: str, code: int) -> None:
        assert unit.instrument.execute(f"print('before') {mistake} print('after')".encode()) == b"before\n"
        assert unit.errors() == [code]
        assert unit.ask("print('next')") == "next"

    def test_the_number_format_outlives_a_message_that_used_up_the_memory(self, unit: Unit) -> None:
        unit.tell("format.asciiprecision = 2")
        unit.tell("x = string.rep('a', 1e9)")
        assert unit.ask("print(1)") == "1.0e+00"
        unit.tell("format.asciiprecision = 6")
        assert unit.errors() == [-225]

    def test_printbuffer_interleaves_buffers(self, unit: Unit) -> None:
        assert unit.values("printbuffer(1, 2, {1, 2}, {10, 20})") == [1, 10, 2, 20]

    @pytest.mark.parametrize(
        ("attribute", "value", "code"), [("data", 4, 1406), ("byteorder", 7, 1404), ("asciiprecision", 17, 1405)]
    )
    def test_wrong_format_is_refused_and_keeps_the_old(self, unit: Unit, attribute: str, value: int, code: int) -> None:
        before = unit.ask(f"print(format.{attribute})")
        unit.tell(f"format.{attribute} = {value}")
        assert unit.errors() == [code]
        assert unit.ask(f"print(format.{attribute})") == before


class TestErrors:
    def test_empty_queue(self, unit: Unit) -> None:
        assert unit.ask("print(errorqueue.next())") == "0.00000e+00\tQueue Is Empty\t0.00000e+00\t1.00000e+00"

    def test_syntax_error_runs_nothing(self, unit: Unit) -> None:
        unit.tell("x = 1 y = = 2")
        code, text, severity, _ = unit.ask("print(errorqueue.next())").split("\t")
        assert (float(code), float(severity)) == (-285, 20)
        assert "at line 1" in text
        assert unit.ask("print(x)") == "nil"

    def test_run_time_error_stops_at_its_line(self, unit: Unit) -> None:
        unit.tell("x = 1 channel.close('1A01') x = 2")
        code, text, *_ = unit.ask("print(errorqueue.next())").split("\t")
        assert code == "-2.86000e+02"
        assert "attempt to index global 'channel' (a nil value)" in text
        assert unit.value("x") == 1

    def test_other_errors_only_queue(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 1e6 x = 3")
        assert unit.value("x") == 3
        assert unit.errors() == [1101]

    def test_count_and_clear(self, unit: Unit) -> None:
        unit.tell("smua.source.levelv = 1e6 smua.source.levelv = 1e6")
        assert unit.value("errorqueue.count") == 2
        unit.tell("errorqueue.clear()")
        assert unit.value("errorqueue.count") == 0

    def test_a_full_queue_ends_in_an_overflow(self, unit: Unit) -> None:
        unit.tell("for k = 1, 150 do smua.source.levelv = 1e6 end")
        assert unit.errors() == [1101] * 99 + [-350]

    def test_unknown_attribute_reads_nil(self, unit: Unit) -> None:
        assert unit.ask("print(smua.source.levelw)") == "nil"
        assert unit.errors() == []

    @pytest.mark.parametrize("statement", ["smua.source.levelw = 1", "smua.source.compliance = true", "smua.reset = 1"])
    def test_assignment_to_what_cannot_be_assigned(self, unit: Unit, statement: str) -> None:
        unit.tell(statement)
        assert unit.errors() == [-286]

    @pytest.mark.parametrize(
        ("value", "code"), [("nil", -109), ("'high'", -104), ("true", -104), ("{}", -104), ("0/0", -104)]
    )
    def test_wrong_type_keeps_the_old_value(self, unit: Unit, value: str, code: int) -> None:
        unit.tell("smua.source.levelv = 0.5")
        unit.tell(f"smua.source.levelv = {value}")
        assert unit.errors() == [code]
        assert unit.value("smua.source.levelv") == 0.5

    def test_wrong_number_of_arguments(self, unit: Unit) -> None:
        unit.tell("delay()")
        unit.tell("delay(0, 1)")
        assert unit.errors() == [-109, -108]

    def test_show_errors_sends_them_unasked(self, unit: Unit) -> None:
        unit.tell("localnode.showerrors = 1")
        assert unit.ask("smua.source.levelv = 1e6").startswith("1101, Parameter too big")
        assert unit.value("errorqueue.count") == 0

    def test_prompts(self, unit: Unit) -> None:
        assert unit.ask("localnode.prompts = 1") == "TSP>"
        assert unit.ask("smua.source.levelv = 1e6") == "TSP?"
        assert unit.ask("loadscript") == ">>>>"
        assert unit.ask("x = 1") == ">>>>"


class TestScripts:
    def test_lines_arrive_one_by_one(self, unit: Unit) -> None:
        for line in ("loadscript greet", "for k = 1, 2 do", "  print(k)", "end"):
            unit.tell(line)
        unit.tell("endscript")
        assert unit.instrument.execute(b"greet()") == b"1.00000e+00\n2.00000e+00\n"
        assert unit.instrument.execute(b"greet.run()") == b"1.00000e+00\n2.00000e+00\n"

    def test_load_and_run_in_one_message_with_carriage_returns(self, unit: Unit) -> None:
        assert (
            unit.ask(
                "loadandrunscript\r\nlocal sum = 0\r\nfor k = 1, 10 do\r\nsum = sum + k\r\nend\r\n"
                "print(sum)\r\nendscript"
            )
            == "5.50000e+01"
        )

    def test_the_unnamed_script_runs_again(self, unit: Unit) -> None:
        unit.tell("loadscript\nprint('once more')\nendscript")
        assert unit.ask("run()") == "once more"
        assert unit.ask("script.anonymous.run()") == "once more"

    def test_script_new_and_delete(self, unit: Unit) -> None:
        unit.tell("script.new('y = (y or 0) + 1', 'count')")
        unit.tell("count() count()")
        assert unit.value("y") == 2
        unit.tell("script.delete('count')")
        assert unit.ask("print(count)") == "nil"

    def test_a_failing_inner_script_ends_the_outer_one(self, unit: Unit) -> None:
        unit.tell("script.new('nothing.at.all()', 'broken')")
        unit.tell("z = 1 broken() z = 2")
        assert unit.errors() == [-286]
        assert unit.value("z") == 1

    def test_device_clear_drops_the_script_being_loaded(self, unit: Unit) -> None:
        unit.tell("loadscript lost")
        unit.instrument.clear()
        assert unit.value("1") == 1

    def test_variables_and_scripts_survive_a_reset(self, unit: Unit) -> None:
        unit.tell("script.new('print(7)', 'seven') x = 4")
        unit.tell("*RST")
        assert unit.ask("seven()") == "7.00000e+00"
        assert unit.value("x") == 4

    def test_lua_50_names(self, unit: Unit) -> None:
        assert unit.value("table.getn({1, 2, 3})") == 3

    def test_the_collector_may_be_asked_to_run(self, unit: Unit) -> None:
        """Keithley's example scripts and tm_devices do so; a script cannot stop it."""
        assert unit.value("collectgarbage() or 7") == 7
        unit.tell("collectgarbage('stop') x = {} for i = 1, 100 do x = string.rep('a', 1e6) .. i end")
        assert unit.errors() == []


class TestCommonCommands:
    def test_identity(self, unit: Unit) -> None:
        maker, model, serial, firmware = unit.ask("*IDN?").split(", ")
        assert maker.startswith("Keithley Instruments")
        assert model == "Model 2636B"
        assert serial
        assert firmware

    def test_case_does_not_matter(self, unit: Unit) -> None:
        assert unit.ask("*idn?") == unit.ask("*IDN?")

    def test_serial_option(self) -> None:
        assert ", 42, " in smu(serial="42").ask("*IDN?")

    def test_operation_complete(self, unit: Unit) -> None:
        assert unit.ask("*OPC?") == "1"
        unit.tell("*OPC")
        assert unit.ask("*ESR?") == "1"
        assert unit.ask("*ESR?") == "0"

    def test_unknown_one(self, unit: Unit) -> None:
        unit.tell("*FOO?")
        assert unit.errors() == [-113]

    def test_it_must_stand_alone(self, unit: Unit) -> None:
        unit.tell("x = 1; *CLS")
        assert unit.errors() == [-285]

    @pytest.mark.parametrize(
        ("message", "code"), [("*ESE", -109), ("*ESE many", -104), ("*ESE 70000", 1101), ("*CLS 1", -108)]
    )
    def test_wrong_arguments(self, unit: Unit, message: str, code: int) -> None:
        unit.tell(message)
        assert unit.errors() == [code]

    @pytest.mark.parametrize(("message", "bit"), [("x = = 1", 16), ("*FOO", 32), ("smua.source.levelv = 1e6", 8)])
    def test_error_classes_in_the_event_register(self, unit: Unit, message: str, bit: int) -> None:
        unit.tell(message)
        assert unit.ask("*ESR?") == str(bit)

    def test_clear_status_empties_the_queue_but_reset_does_not(self, unit: Unit) -> None:
        unit.tell("x = = 1")
        unit.tell("*RST")
        assert unit.value("errorqueue.count") == 1
        unit.tell("*CLS")
        assert unit.value("errorqueue.count") == 0
        assert unit.ask("*ESR?") == "0"


class TestStatusByte:
    def test_error_and_message_available(self, unit: Unit) -> None:
        assert unit.instrument.status_byte() == 0
        unit.tell("x = = 1")
        assert unit.instrument.status_byte(message_available=True) == 4 | 16

    def test_event_summary_and_request(self, unit: Unit) -> None:
        unit.tell("*ESE 1")
        unit.tell("*SRE 32")
        unit.tell("*OPC")
        assert unit.ask("*STB?") == str(32 | 64)
        assert unit.instrument.status_byte(serial_poll=True) == 32 | 64
        assert unit.instrument.status_byte(serial_poll=True) == 32  # the poll has served the request
        assert unit.ask("*STB?") == str(32 | 64)  # but the summary is still true

    def test_enable_and_event_registers_in_the_tree(self, unit: Unit) -> None:
        unit.tell("status.standard.enable = status.standard.enable + 4")
        assert unit.ask("*ESE?") == "4"
        unit.tell("*OPC")
        assert unit.value("status.standard.event") == 1
        assert unit.value("status.standard.event") == 0


class TestSandbox:
    @pytest.mark.parametrize(
        "name", ["io", "package", "require", "dofile", "loadfile", "debug", "python", "newproxy", "coroutine",
                 "getfenv",
                 "setfenv", "string.dump", "load", "os.execute", "os.exit", "os.getenv"]
    )  # fmt: skip
    def test_ways_to_the_host_are_gone(self, unit: Unit, name: str) -> None:
        assert unit.ask(f"print({name})") == "nil"

    def test_endless_loop_ends_even_inside_pcall(self, unit: Unit) -> None:
        unit.tell("while true do pcall(function() while true do end end) end")
        assert unit.errors() == [-286]
        assert unit.value("1") == 1

    def test_endless_loop_of_commands_ends(self, unit: Unit) -> None:
        unit.tell("while true do x = smua.source.levelv end")
        assert unit.errors() == [-286]

    def test_endless_memory_ends_and_the_instrument_lives_on(self, unit: Unit) -> None:
        unit.tell("script.new('print(1)', 'kept') smua.source.levelv = 0.25")
        unit.tell("x = string.rep('a', 1e9)")
        assert unit.errors() == [-225]
        assert unit.value("smua.source.levelv") == 0.25
        assert unit.ask("kept()") == "1.00000e+00"

    def test_a_message_that_never_stops_printing_ends(self, unit: Unit) -> None:
        unit.instrument.execute(b"local s = string.rep('a', 1e6) while true do print(s) end")
        assert set(unit.errors()) <= {-286, -225}
        assert unit.value("1 + 1") == 2

    @pytest.mark.parametrize(
        "script",
        [
            "local t = {} while true do t[#t + 1] = {#t} end",
            "local s = 'ab' while true do s = s .. s end",
        ],
    )
    def test_memory_has_a_limit_however_it_is_used_up(self, unit: Unit, script: str) -> None:
        unit.tell("smua.source.levelv = 0.25")
        unit.tell(script)
        assert unit.errors() in ([-225], [-286])  # tables may run out of instructions first
        assert unit.value("smua.source.levelv") == 0.25

    def test_memory_is_free_again_after_a_script_that_used_it_up(self, unit: Unit) -> None:
        for _ in range(3):
            unit.tell("x = string.rep('a', 1e9)")
        assert unit.errors() == [-225] * 3
        assert unit.value("string.len(string.rep('a', 1e6))") == 1e6

    @pytest.mark.parametrize(
        "script",
        [
            "function f() return 1 + f() end f()",
            "function f() pcall(f) f() end f()",
            "function f() xpcall(f, print) f() end f()",
            "t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) x = t[1]",
            "for line in string.gfind(string.rep('a ', 1e5), 'a') do while true do end end",
            "repeat until false",
            "while true do delay(0) end",
            "loadstring('while true do end')()",
            "script.new('again()', 'again') again()",
        ],
    )
    def test_what_does_not_end_is_ended_and_the_unit_answers(self, unit: Unit, script: str) -> None:
        unit.instrument.execute(script.encode())
        assert set(unit.errors()) <= {-286, -225}
        assert unit.value("1 + 1") == 2
        unit.tell("smua.source.output = 1 smua.source.output = 0")
        assert unit.errors() == []

    def test_one_script_that_ran_too_long_does_not_shorten_the_next(self, unit: Unit) -> None:
        unit.tell("while true do end")
        assert unit.errors() == [-286]
        assert unit.value("(function() local n = 0 for k = 1, 1e6 do n = n + 1 end return n end)()") == 1e6

    def test_byte_code_is_refused(self, unit: Unit) -> None:
        unit.tell("\x1bLuaQ")
        assert unit.errors() == [-285]
        assert unit.ask("print(loadstring('\\27Lua'))").startswith("nil")

    def test_no_host_object_can_be_reached(self, unit: Unit) -> None:
        unit.tell("mt = getmetatable(smua.source)")
        assert (
            unit.ask("print(type(mt.Getters.levelv), type(smua.reset), type(delay))") == "function\tfunction\tfunction"
        )
        assert unit.ask("print(pcall(smua.measure.i, 5))") == "true\tnil"  # the error is queued, never thrown
        assert unit.errors() == [-104]


class TestCommandTree:
    def test_tables_describe_themselves_as_the_instrument_does(self, unit: Unit) -> None:
        """Clients walk the tree: attributes are in Getters and Setters of the metatable, the rest in Objects."""
        unit.tell("mt = getmetatable(smua.source)")
        assert unit.ask("print(type(mt.Getters.levelv), type(mt.Setters.levelv))") == "function\tfunction"
        assert unit.ask("print(mt.Setters.compliance)") == "nil"
        assert unit.ask("print(type(getmetatable(smua).Objects.measure))") == "table"
        assert unit.ask("print(getmetatable(smua.nvbuffer1).luatype)") == "reading_buffer"
        assert unit.ask("print(smua)").startswith("table: ")
        assert unit.ask("print(next(smua, nil))") == "nil"

    def test_the_node_holds_the_tree_too(self, unit: Unit) -> None:
        unit.tell("node[1].smua.source.levelv = 0.75")
        assert unit.value("localnode.smua.source.levelv") == 0.75
        assert unit.ask("print(node[2])") == "nil"

    def test_identity_of_the_node(self, unit: Unit) -> None:
        assert unit.ask("print(localnode.model, localnode.linefreq)") == "2636B\t5.00000e+01"
        assert smu(line_frequency=60).value("localnode.linefreq") == 60

    @pytest.mark.parametrize(
        "message",
        ["display.settext('hi')", "display.clear()", "display.screen = display.SMUA_SMUB", "display.sendkey(75)",
         "display.smua.measure.func = display.MEASURE_DCAMPS", "beeper.beep(0.1, 2400)", "beeper.enable = 0",
         "digio.writebit(1, 0)", "digio.trigger[1].mode = digio.TRIG_FALLING", "serial.baud = 9600",
         "gpib.address = 20",
         "smua.nvbuffer1.clearcache()", "tsplink.reset()", "localnode.description = 'left'"],
    )  # fmt: skip
    def test_what_only_has_to_be_there(self, unit: Unit, message: str) -> None:
        unit.tell(message)
        assert unit.errors() == []

    def test_delay_is_virtual_time(self, unit: Unit) -> None:
        assert unit.seconds("delay(3600)") == pytest.approx(3600)
        assert unit.seconds("timer.reset() delay(2.5)") == pytest.approx(2.5)
        assert unit.value("timer.measure.t()") == pytest.approx(2.5, abs=2e-3)

    def test_a_message_takes_its_overhead(self, unit: Unit) -> None:
        start = unit.clock.now
        unit.tell("x = 1")
        assert unit.clock.now - start == pytest.approx(0.5e-3)
