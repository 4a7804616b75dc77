"""INITiate, ABORt, TRIGger: the commands of the trigger model (reference manual 2450-901-01, TRIGger subsystem)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.keithley_2450 import blocks
from sim_instruments.keithley_2450.calculations import LIMIT_TESTS
from sim_instruments.keithley_2450.digital_lines import PORT
from sim_instruments.keithley_2450.events import ERROR, INFORMATION, WARNING
from sim_instruments.keithley_2450.settings import bound
from sim_instruments.keithley_2450.source import USER_DELAYS
from sim_instruments.keithley_2450.trigger import EVENTS, LAST_BLOCK, Block, Instruments, TriggerModel
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, integer, keyword, number, string, text_of

_DEFAULT: Final = b'"defbuffer1"'
_SECONDS: Final = ("S", "SEC")
_LONGEST_DELAY: Final = 10e3
_MOST_LOOPS: Final = 268_435_455
_SHORTEST_DURATION, _LONGEST_DURATION = 0.5e-6, 100e3
_NOTIFICATIONS: Final = 8


class TriggerCommands:
    """Handlers of the trigger model's commands."""

    def __init__(self, around: Instruments, model: TriggerModel) -> None:
        self._around, self._model = around, model
        self._continuous = "AUTO"

    @command(":INITiate[:IMMediate]")
    def _initiate(self) -> None:
        self._model.start()
        self._model.catch_up()

    @command(":ABORt")
    def _abort(self) -> None:
        self._model.abort()

    @command(":TRIGger:STATe?")
    def _state(self) -> Reply:
        state = "WAITING" if self._model.waiting else self._model.state
        return f"{state};{state};{self._model.position}"

    @command(":TRIGger:CONTinuous")
    def _set_continuous(self, how: bytes) -> None:
        """Readings without a trigger model are taken in local control only, which the twin does not have."""
        self._continuous = keyword(how, "AUTO", "RESTart", "OFF")

    @command(":TRIGger:CONTinuous?")
    def _get_continuous(self) -> Reply:
        return self._continuous

    @command(":TRIGger:PAUSe")
    def _pause(self) -> None:
        self._model.pause()

    @command(":TRIGger:RESume")
    def _resume(self) -> None:
        self._model.resume()
        self._model.catch_up()

    # -- templates -----------------------------------------------------------------------------------------------

    @command(":TRIGger:LOAD")
    def _load(self, name: bytes, *arguments: bytes) -> None:
        templates: dict[str, Callable[..., list[Block]]] = {
            "EMPTY": list,
            "SIMPLELOOP": self._simple_loop,
            "DURATIONLOOP": self._duration_loop,
            "CONFIGLIST": self._configuration_loop,
        }
        template = templates.get(string(name).upper())
        if template is None:
            raise ScpiError(-224, f"{text_of(name)} is not simulated")
        self._model.load(template(*arguments))

    def _simple_loop(
        self, count: bytes = b"1", seconds: bytes = b"0", buffer: bytes = _DEFAULT, *_rest: bytes
    ) -> list[Block]:
        return blocks.simple_loop(integer(count, 1, _MOST_LOOPS), _delay(seconds), self._buffer(buffer))

    def _duration_loop(
        self, duration: bytes = b"1", seconds: bytes = b"0", buffer: bytes = _DEFAULT, *_rest: bytes
    ) -> list[Block]:
        length = bound(number(duration, _SECONDS), _SHORTEST_DURATION, _LONGEST_DURATION)
        return blocks.duration_loop(length, _delay(seconds), self._buffer(buffer))

    def _configuration_loop(
        self, measured: bytes = b'""', sourced: bytes = b'""', seconds: bytes = b"0", buffer: bytes = _DEFAULT
    ) -> list[Block]:
        names = [string(name) for name in (measured, sourced) if string(name)]
        if not names:
            raise ScpiError(-109)
        points = max(len(self._around.configuration_list(name).entries) for name in names)
        return blocks.configuration_loop(names, points, _delay(seconds), self._buffer(buffer))

    # -- blocks --------------------------------------------------------------------------------------------------

    def _buffer(self, name: bytes) -> str:
        text = string(name)
        self._around.buffer(text)
        return text

    def _define(self, block: bytes, what: Block) -> None:
        if self._model.running:
            raise ScpiError(-221, "the trigger model is running")
        self._model.set_block(integer(block, 1, LAST_BLOCK), what)

    @command(":TRIGger:BLOCk:BUFFer:CLEar")
    def _clear_buffer(self, block: bytes, name: bytes = _DEFAULT) -> None:
        self._define(block, blocks.clear_buffer(self._buffer(name)))

    @command(":TRIGger:BLOCk:CONFig:RECall")
    def _recall(self, block: bytes, name: bytes, index: bytes = b"1", second: bytes = b"", _other: bytes = b"") -> None:
        self._define(block, blocks.recall(self._lists(name, second), integer(index, 1, 300_000)))

    @command(":TRIGger:BLOCk:CONFig:NEXT")
    def _next(self, block: bytes, name: bytes, second: bytes = b"") -> None:
        self._define(block, blocks.next_entry(self._lists(name, second)))

    @command(":TRIGger:BLOCk:CONFig:PREVious")
    def _previous(self, block: bytes, name: bytes, second: bytes = b"") -> None:
        self._define(block, blocks.next_entry(self._lists(name, second), -1))

    def _lists(self, *names: bytes) -> list[str]:
        """Names of configuration lists that there are."""
        chosen = [string(name) for name in names if name]
        for name in chosen:
            self._around.configuration_list(name)
        return chosen

    @command(":TRIGger:BLOCk:SOURce[:OUTPut]:STATe", ":TRIGger:BLOCk:SOURce:STATe")
    def _output(self, block: bytes, state: bytes) -> None:
        self._define(block, blocks.output(boolean(state)))

    @command(":TRIGger:BLOCk:DELay:CONStant")
    def _delay(self, block: bytes, seconds: bytes) -> None:
        wait = _delay(seconds)
        self._define(block, blocks.delay(lambda _: wait))

    @command(":TRIGger:BLOCk:DELay:DYNamic")
    def _user_delay(self, block: bytes, which: bytes) -> None:
        form = keyword(which, *(f"SOURce{n}" for n in range(1, USER_DELAYS + 1)),
                       *(f"MEASure{n}" for n in range(1, USER_DELAYS + 1)))  # fmt: skip
        place = int(form[-1]) - 1

        def seconds(model: TriggerModel) -> float:
            around = model.instruments
            delays = around.source.own.now.user_delays if form.startswith("S") else around.measure.own.user_delays
            return delays[place]

        self._define(block, blocks.delay(seconds))

    @command(":TRIGger:BLOCk:MEASure", ":TRIGger:BLOCk:MDIGitize")
    def _measure(self, block: bytes, name: bytes = _DEFAULT, count: bytes = b"1") -> None:
        self._define(block, blocks.measure(self._buffer(name), integer(count, 1, _MOST_LOOPS)))

    @command(":TRIGger:BLOCk:BRANch:COUNter")
    def _branch_counter(self, block: bytes, count: bytes, target: bytes) -> None:
        place = integer(block, 1, LAST_BLOCK)
        loops = integer(count, 1, _MOST_LOOPS)
        self._define(block, blocks.branch_counter(place, loops, integer(target, 0, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:BRANch:ALWays")
    def _branch_always(self, block: bytes, target: bytes) -> None:
        self._define(block, blocks.branch_always(integer(target, 0, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:BRANch:COUNter:RESet")
    def _reset_counter(self, block: bytes, counter: bytes) -> None:
        self._define(block, blocks.reset_counter(integer(counter, 1, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:BRANch:COUNter:COUNt?")
    def _counted(self, block: bytes) -> Reply:
        return str(self._model.counters.get(integer(block, 1, LAST_BLOCK), 0))

    @command(":TRIGger:BLOCk:BRANch:ONCE")
    def _branch_once(self, block: bytes, target: bytes) -> None:
        place = integer(block, 1, LAST_BLOCK)
        self._define(block, blocks.branch_once(place, integer(target, 0, LAST_BLOCK), excluded=False))

    @command(":TRIGger:BLOCk:BRANch:ONCE:EXCLuded")
    def _branch_but_once(self, block: bytes, target: bytes) -> None:
        place = integer(block, 1, LAST_BLOCK)
        self._define(block, blocks.branch_once(place, integer(target, 0, LAST_BLOCK), excluded=True))

    @command(":TRIGger:BLOCk:BRANch:DELTa")
    def _branch_delta(self, block: bytes, difference: bytes, target: bytes, measured: bytes = b"0") -> None:
        goal, of = integer(target, 0, LAST_BLOCK), integer(measured, 0, LAST_BLOCK)
        self._define(block, blocks.branch_on_delta(number(difference), goal, of))

    @command(":TRIGger:BLOCk:BRANch:LIMit:CONStant")
    def _branch_limits(
        self, block: bytes, kind: bytes, low: bytes, high: bytes, target: bytes, measured: bytes = b"0"
    ) -> None:
        limits = number(low), number(high)
        goal, of = integer(target, 0, LAST_BLOCK), integer(measured, 0, LAST_BLOCK)
        self._define(block, blocks.branch_on_limit(_condition(kind), lambda _: limits, goal, of))

    @command(":TRIGger:BLOCk:BRANch:LIMit:DYNamic")
    def _branch_limit_test(self, block: bytes, kind: bytes, test: bytes, target: bytes, measured: bytes = b"0") -> None:
        which = integer(test, 1, LIMIT_TESTS) - 1

        def limits(model: TriggerModel) -> tuple[float, float]:
            chosen = model.instruments.measure.own.calculations.limits[which]
            return chosen.lower, chosen.upper

        goal, of = integer(target, 0, LAST_BLOCK), integer(measured, 0, LAST_BLOCK)
        self._define(block, blocks.branch_on_limit(_condition(kind), limits, goal, of))

    @command(":TRIGger:BLOCk:BRANch:EVENt")
    def _branch_event(self, block: bytes, event: bytes, target: bytes) -> None:
        goal = integer(target, 0, LAST_BLOCK)
        self._define(block, blocks.branch_on_event(keyword(event, *EVENTS), goal))

    @command(":TRIGger:BLOCk:WAIT")
    def _wait(self, block: bytes, event: bytes, clear: bytes = b"NEVer", logic: bytes = b"OR", *others: bytes) -> None:
        cleared = keyword(clear, "ENTer", "NEVer") == "ENT"
        every = keyword(logic, "OR", "AND") == "AND"
        events = frozenset(keyword(one, *EVENTS) for one in (event, *others)) - {"NONE"}
        self._define(block, blocks.wait_for(events, every=every, cleared=cleared))

    @command(":TRIGger:BLOCk:DIGital:IO")
    def _digital_io(self, block: bytes, pattern: bytes, mask: bytes = b"63") -> None:
        self._define(block, blocks.digital_io(integer(pattern, 0, PORT), integer(mask, 0, PORT)))

    @command(":TRIGger:BLOCk:LOG:EVENt")
    def _log_event(self, block: bytes, event: bytes, text: bytes) -> None:
        kinds = {"INF": INFORMATION, "WARN": WARNING, "ERR": ERROR}
        forms = [f"{form}{n}" for form in ("INFo", "WARNing", "ERRor") for n in range(1, 5)]
        chosen = keyword(event, *forms).rstrip("1234")
        self._define(block, blocks.log_event(kinds[chosen], string(text)))

    @command(":TRIGger:BLOCk:NOP")
    def _nothing(self, block: bytes) -> None:
        self._define(block, blocks.nothing())

    @command(":TRIGger:BLOCk:NOTify")
    def _notify(self, block: bytes, number_of_event: bytes) -> None:
        which = integer(number_of_event, 0, LAST_BLOCK)
        if not 1 <= which <= _NOTIFICATIONS:
            raise ScpiError(-222, text_of(number_of_event))
        self._define(block, blocks.notify(which))


def _delay(argument: bytes) -> float:
    return bound(number(argument, _SECONDS), 0.0, _LONGEST_DELAY)


def _condition(argument: bytes) -> str:
    return keyword(argument, "ABOVe", "BELow", "INside", "OUTside")
