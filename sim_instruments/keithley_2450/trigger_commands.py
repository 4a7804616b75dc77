"""INITiate, ABORt, TRIGger: the commands of the trigger model (reference manual 2450-901-01, TRIGger subsystem)."""

from __future__ import annotations

from typing import Final

from sim_instruments.keithley_2450 import trigger
from sim_instruments.keithley_2450.settings import bound
from sim_instruments.keithley_2450.source import USER_DELAYS
from sim_instruments.keithley_2450.trigger import LAST_BLOCK, Block, Instruments, TriggerModel
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, integer, keyword, number, string, text_of

_DEFAULT: Final = b'"defbuffer1"'
_SECONDS: Final = ("S", "SEC")
_LONGEST_DELAY: Final = 10e3
_MOST_LOOPS: Final = 268_435_455


class TriggerCommands:
    """Handlers of the trigger model's commands."""

    def __init__(self, around: Instruments, model: TriggerModel) -> None:
        self._around, self._model = around, model

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

    @command(":TRIGger:LOAD")
    def _load(self, name: bytes, *arguments: bytes) -> None:
        match string(name).upper():
            case "EMPTY":
                self._model.load([])
            case "SIMPLELOOP":
                self._model.load(self._simple_loop(*arguments))
            case other:
                raise ScpiError(-224, f"{other} is not simulated")

    def _simple_loop(
        self, count: bytes = b"1", seconds: bytes = b"0", buffer: bytes = _DEFAULT, *_rest: bytes
    ) -> list[Block]:
        wait = bound(number(seconds, _SECONDS), 0.0, _LONGEST_DELAY)
        return trigger.simple_loop(integer(count, 1, _MOST_LOOPS), wait, self._buffer(buffer))

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
        self._define(block, trigger.clear_buffer(self._buffer(name)))

    @command(":TRIGger:BLOCk:CONFig:RECall")
    def _recall(self, block: bytes, name: bytes, index: bytes = b"1") -> None:
        self._around.configuration_list(string(name))
        self._define(block, trigger.recall(string(name), integer(index, 1, 300_000)))

    @command(":TRIGger:BLOCk:CONFig:NEXT")
    def _next(self, block: bytes, name: bytes) -> None:
        self._around.configuration_list(string(name))
        self._define(block, trigger.next_entry(string(name)))

    @command(":TRIGger:BLOCk:CONFig:PREVious")
    def _previous(self, block: bytes, name: bytes) -> None:
        self._around.configuration_list(string(name))
        self._define(block, trigger.next_entry(string(name), -1))

    @command(":TRIGger:BLOCk:SOURce[:OUTPut]:STATe", ":TRIGger:BLOCk:SOURce:STATe")
    def _output(self, block: bytes, state: bytes) -> None:
        self._define(block, trigger.output(boolean(state)))

    @command(":TRIGger:BLOCk:DELay:CONStant")
    def _delay(self, block: bytes, seconds: bytes) -> None:
        wait = bound(number(seconds, _SECONDS), 0.0, _LONGEST_DELAY)
        self._define(block, trigger.delay(lambda _: wait))

    @command(":TRIGger:BLOCk:DELay:DYNamic")
    def _user_delay(self, block: bytes, which: bytes) -> None:
        form = keyword(which, *(f"SOURce{n}" for n in range(1, USER_DELAYS + 1)),
                       *(f"MEASure{n}" for n in range(1, USER_DELAYS + 1)))  # fmt: skip
        place = int(form[-1]) - 1

        def seconds(model: TriggerModel) -> float:
            around = model.instruments
            delays = around.source.own.now.user_delays if form.startswith("S") else around.measure.own.user_delays
            return delays[place]

        self._define(block, trigger.delay(seconds))

    @command(":TRIGger:BLOCk:MEASure", ":TRIGger:BLOCk:MDIGitize")
    def _measure(self, block: bytes, name: bytes = _DEFAULT, count: bytes = b"1") -> None:
        self._define(block, trigger.measure(self._buffer(name), integer(count, 1, _MOST_LOOPS)))

    @command(":TRIGger:BLOCk:BRANch:COUNter")
    def _branch_counter(self, block: bytes, count: bytes, target: bytes) -> None:
        place = integer(block, 1, LAST_BLOCK)
        loops = integer(count, 1, _MOST_LOOPS)
        self._define(block, trigger.branch_counter(place, loops, integer(target, 0, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:BRANch:ALWays")
    def _branch_always(self, block: bytes, target: bytes) -> None:
        self._define(block, trigger.branch_always(integer(target, 0, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:BRANch:EVENt")
    def _branch_event(self, block: bytes, event: bytes, target: bytes) -> None:
        keyword(event, "SLIMit")  # the only event here that can branch
        self._define(block, trigger.branch_on_limit(integer(target, 0, LAST_BLOCK)))

    @command(":TRIGger:BLOCk:WAIT")
    def _wait(self, block: bytes, event: bytes, *_others: bytes) -> None:
        keyword(event, "COMMand")  # no other event reaches this instrument
        self._define(block, trigger.wait_for_command())

    @command(":TRIGger:BLOCk:NOP")
    def _nothing(self, block: bytes) -> None:
        self._define(block, trigger.nothing())

    @command(":TRIGger:BLOCk:NOTify")
    def _notify(self, block: bytes, number_of_event: bytes) -> None:
        if not 1 <= integer(number_of_event, 0, LAST_BLOCK) <= 8:
            raise ScpiError(-222, text_of(number_of_event))
        self._define(block, trigger.nothing())
