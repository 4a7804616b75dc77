"""A TSP instrument without its hardware: messages in, replies out, scripts, error queue, status, node table.

A model subclasses `TspInstrument`, adds its own tables to the command tree and its own reset.
"""

from __future__ import annotations

import logging
from typing import ClassVar, Final

from sim_instruments.instrument import Surroundings
from sim_instruments.timeline import Timeline
from sim_instruments.tsp.common_commands import CommonCommands
from sim_instruments.tsp.errors import ErrorQueue
from sim_instruments.tsp.lua_host import LuaHost, ScriptError, lua_source
from sim_instruments.tsp.node import Node
from sim_instruments.tsp.objects import LuaValue, TspObject, number, text
from sim_instruments.tsp.replies import ReplyFormat, interleaved
from sim_instruments.tsp.scripts import ScriptLoader, ScriptStore
from sim_instruments.tsp.status import EAV, MAV, StatusModel, event_of_error

COMMAND_OVERHEAD: Final = 0.5e-3
"""Seconds a message takes on its way and in the interpreter; a choice, no figure is published."""
_log = logging.getLogger(__name__)


class TspInstrument:
    """One TSP instrument: the sans-I/O side of a transport.

    `execute` takes one program message and returns the response message with its terminators, or None. It never raises
    for anything a client sends.
    """

    binary_blocks: bool = False
    maker: ClassVar[str]
    model: ClassVar[str]
    firmware: ClassVar[str]
    identity_form: ClassVar[str]  # of *IDN?, with the fields maker, model, serial, firmware
    lacks: ClassVar[frozenset[str]] = frozenset()  # names of furniture that this model does not have

    def __init__(self, surroundings: Surroundings, *, serial: str, line_frequency: float = 50) -> None:
        self.surroundings = surroundings
        self.harness = surroundings.harness
        self.timeline = Timeline(surroundings.harness, _too_long)
        self.serial = serial
        self.errors = ErrorQueue()
        self.status = StatusModel()
        self.format = ReplyFormat(lambda pattern: self._lua.use_number_format(pattern))
        self.node = Node(self.model, serial, self.firmware, line_frequency, self.lacks)
        self.scripts = ScriptStore(self._run_nested, self._publish_script, lambda name: self._lua.withdraw(name))
        self._common = CommonCommands(self)
        self._loader = ScriptLoader()
        self._replies: list[bytes] = []
        self._clock_shift, self._time_zone = 0.0, "0"
        self.tree: dict[str, TspObject | LuaValue] = {}
        self._grow_tree()
        self.build_tree()
        for name, value in self.tree.items():  # localnode.smua is smua
            if isinstance(value, TspObject) and name not in ("node", "localnode"):
                self.node.table.child(name, value)
        self._lua = self._boot()

    # What a model adds or changes.

    def build_tree(self) -> None:
        """Add the model's own names to `self.tree`."""

    def libraries(self) -> tuple[str, ...]:
        """Lua text that ships with the model and is loaded after the tree."""
        return ()

    def reset(self) -> None:
        """`reset()`: settings to their defaults, outputs off; scripts and variables stay."""
        self.node.reset()
        self.format.table.reset()

    def wait_complete(self) -> bool:
        """Let all overlapped operations finish; whether they did (False: they wait for a trigger that cannot come)."""
        return True

    def trigger(self) -> None:
        """Group execute trigger or `*TRG`."""

    def abort(self) -> None:
        """End overlapped operations."""

    def pass_time(self, seconds: float) -> None:
        """Let virtual time pass for this instrument, its overlapped operations and everything else on the bench."""
        self.timeline.wait(seconds)

    # The command tree.

    def _grow_tree(self) -> None:
        errorqueue = TspObject("errorqueue")
        errorqueue.attribute("count", lambda: len(self.errors))
        errorqueue.function("next", lambda: tuple(self.errors.next()))
        errorqueue.function("clear", self.errors.clear)
        node_list = TspObject("node")
        node_list.child(1, self.node.table)
        self.node.table.function("reset", self.reset)
        self.node.table.function("gettime", lambda: self._clock_shift + self.timeline.now)
        self.node.table.function("settime", self._set_time)
        self.tree.update(
            errorqueue=errorqueue,
            status=self.status.table,
            format=self.format.table,
            script=self.scripts.table,
            localnode=self.node.table,
            node=node_list,
            delay=self._delay,
            reset=lambda _system=True: self.reset(),
            waitcomplete=self._wait_complete,
            opc=lambda: self._common.complete(),
            run=self.scripts.run_anonymous,
            exit=lambda: self._lua.abandon(),
            gettimezone=lambda: self._time_zone,
            settimezone=self._set_time_zone,
            **self.node.furniture,
        )

    def _boot(self) -> LuaHost:
        lua = LuaHost(self.report, lambda: self.harness.clock.now)
        lua.load_replies(self.format.number_format(), self.emit, self._emit_numbers, self._emit_blocks, self._bad_index)
        lua.publish(self.tree)
        for source in (lua_source("sim_instruments.tsp", "library.lua"), *self.libraries()):
            lua.load_library(source)
        return lua

    def _publish_script(self, name: str, made: TspObject) -> None:
        self._lua.publish({name: made})

    def _set_time(self, seconds: float) -> None:
        self._clock_shift = number()(seconds) - self.timeline.now

    def _set_time_zone(self, offset: LuaValue, *_daylight_saving: LuaValue) -> None:
        self._time_zone = text(offset)

    def _delay(self, seconds: float) -> None:
        self.pass_time(number(0.0, 100e3)(seconds))

    def _wait_complete(self, _group: int = 0) -> None:
        if not self.wait_complete():
            self.report(-286, ": waitcomplete() would never return, a trigger is missing")
            self._lua.abandon()

    # Replies.

    def emit(self, line: str) -> None:
        """Add a line, or lines, to the reply."""
        self._replies.append(line.encode("latin-1", "replace") + b"\n")

    def _emit_numbers(self, values: LuaValue, count: int) -> None:
        self._replies.append(self.format.block([values[i] for i in range(1, int(count) + 1)]) + b"\n")

    def _emit_blocks(self, first: float, last: float, *tables: LuaValue) -> bool:
        """`printbuffer` of the instrument's own tables, in one step; False where it has to be done item by item."""
        blocks = [table.block for table in tables if isinstance(table, TspObject) and table.block is not None]
        if len(blocks) < len(tables) or not (float(first).is_integer() and float(last).is_integer()):
            return False
        start, wanted = int(first), max(0, int(last) - int(first) + 1)
        columns = [block(start, int(last)) for block in blocks]
        shortest = min(map(len, columns))
        if wanted > shortest:
            self._bad_index(start + shortest)
        else:
            self._replies.append(self.format.block(interleaved(columns)) + b"\n")
        return True

    def _bad_index(self, index: float) -> None:
        self.report(4900, f"{index:g}")

    # The contract with a transport.

    def execute(self, message: bytes) -> bytes | None:
        """Run a program message, a line at a time; the reply with its terminators.

        Overlapped operations behind it first catch up with the clock.
        """
        with self.timeline.message():
            return self._execute(message)

    def _execute(self, message: bytes) -> bytes | None:
        self._replies = []
        for raw in message.decode("latin-1").split("\n"):
            try:
                self._line(raw.rstrip("\r"))
            except ScriptError as stopped:  # a common command that never came to its end
                self.report(stopped.code, stopped.text)
            except Exception:  # a bug in a model must not take the bench down
                _log.exception("%s failed on %r", self.surroundings.name, raw)
                self.report(-310)
        replies, self._replies = self._replies, []
        return b"".join(replies) or None

    def _line(self, line: str) -> None:
        if self._loader.loading:
            done = self._loader.take(line)
            if done is not None:
                self._loaded(*done)
            return self._prompt(">>>>" if self._loader.loading else None)
        command = line.strip()
        if not command:
            return None
        self.pass_time(COMMAND_OVERHEAD)
        if command.startswith("*"):
            self._common.execute(command)
        elif self._loader.start(command):
            return self._prompt(">>>>")
        elif command == "abort":
            self.abort()
        else:
            self._run(line)
        if self.node.show_errors:
            self._show_errors()
        return self._prompt()

    def _loaded(self, name: str, source: str, run: bool) -> None:
        self.pass_time(COMMAND_OVERHEAD)
        try:
            self.scripts.new(source, name)
            if run:
                self._run(source)
        finally:
            if self.node.show_errors:
                self._show_errors()

    def _run(self, source: str) -> None:
        try:
            self._lua.run(source)
        except ScriptError as failure:
            self.report(failure.code, failure.text)
            if failure.code == -225:
                self._lua = self._boot()
                for name, made in self.scripts.named.items():
                    self._publish_script(name, made)

    def _run_nested(self, source: str) -> None:
        self._lua.run(source)

    def _prompt(self, text: str | None = None) -> None:
        if self.node.prompts:
            self.emit(text or ("TSP?" if len(self.errors) else "TSP>"))

    def _show_errors(self) -> None:
        while len(self.errors):
            error = self.errors.next()
            self.emit(f"{error.code}, {error.text}")

    def report(self, code: int, detail: str = "") -> None:
        """Queue an error and set its bit in the standard event register."""
        self.errors.add(code, detail)
        self.status.standard.latch(event_of_error(code))

    def clear(self) -> None:
        """Device clear: the reply and the script being loaded are dropped, settings stay."""
        self._replies = []
        self._loader.abandon()

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """The status byte; in a serial poll bit 6 is the request for service and is cleared by it."""
        more = (EAV if len(self.errors) else 0) | (MAV if message_available else 0)
        return self.status.poll(more) if serial_poll else self.status.byte(more)


def _too_long() -> ScriptError:
    return ScriptError(-286, "script stopped: it ran too long")
