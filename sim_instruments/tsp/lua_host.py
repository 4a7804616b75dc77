"""A sandboxed Lua 5.1 state that runs a client's chunks under limits and holds the command tree.

TSP is based on Lua 5.0; 5.1 with a few old names added back runs its programs. The limits catch accidents, not
attackers: time inside one C function of Lua (a pathological `string.find` pattern) is not counted, so untrusted scripts
belong in a process of their own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from types import FunctionType, MethodType
from typing import Any, Final, NoReturn

import lupa.lua51 as lupa

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject

MAX_INSTRUCTIONS: Final = 20_000_000  # a message; an endless loop becomes an error instead of a hang
MAX_CALLS: Final = 200_000  # into the instrument, a message
MAX_MEMORY: Final = 64 * 2**20  # bytes
_MAX_DEPTH: Final = 16
_CACHED_CHUNKS: Final = 256
_CACHED_LENGTH: Final = 500  # characters; longer chunks are scripts that run once

_WHERE = re.compile(r'\[string "[^"]*"\]:(\d+): ')
_log = logging.getLogger(__name__)


class ScriptError(Exception):
    """A chunk failed: `code` -285 (did not compile), -286 (stopped while running) or -225 (out of memory)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


@cache
def lua_source(package: str, name: str) -> str:
    """The text of a Lua file shipped in `package`."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


class LuaHost:
    """One Lua state. `report` queues an error, `clock` gives seconds."""

    def __init__(self, report: Callable[[int, str], None], clock: Callable[[], float]) -> None:
        self._report = report
        self._chunks: dict[str, Any] = {}
        self._tables: dict[TspObject, Any] = {}
        self._lua = lupa.LuaRuntime(
            encoding="latin-1",
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_filter=_refuse,
            max_memory=MAX_MEMORY,
        )
        self._run, self._set_hook, self._quit, self._wrap, self._spend, hosts = self._load(
            "sandbox.lua", MAX_INSTRUCTIONS, MAX_CALLS, clock
        )
        self._depth = 0
        self._abandoned = False
        self._build = self._load("objects.lua", self._wrap, hosts)

    def _load(self, name: str, *arguments: object) -> Any:
        return self._lua.execute(lua_source("sim_instruments.tsp", name), *arguments)

    def load_replies(self, pattern: str, emit: Callable[[str], None], *functions: Callable[..., LuaValue]) -> None:
        """Define print, printnumber and printbuffer over the host's functions (see replies.lua).

        pattern: see `use_number_format`; emit: takes lines that were printed, without their last line end.
        """
        self._emit = emit
        self._take_printed, self.use_number_format = self._load(
            "replies.lua", self._wrap, self._spend, pattern, emit, *functions
        )

    def load_library(self, source: str) -> None:
        """Run Lua text that ships with an instrument, such as its factory scripts."""
        self._lua.execute(source)

    def publish(self, names: Mapping[str, TspObject | Callable[..., LuaValue] | LuaValue]) -> None:
        """Make tables, functions and constants global."""
        scope = self._lua.globals()
        for name, value in names.items():
            if isinstance(value, TspObject):
                scope[name] = self.table(value)
            elif callable(value):
                scope[name] = self._wrap(self._guarded(value))
            else:
                scope[name] = value

    def withdraw(self, name: str) -> None:
        """Take a global name away."""
        self._lua.globals()[name] = None

    def table(self, described: TspObject) -> Any:
        """The Lua table of `described`, built at first use with everything below it, and kept."""
        known = self._tables.get(described)
        if known is None:
            known = self._tables[described] = self._make(described)
        return known

    def _make(self, described: TspObject) -> Any:
        lua, guarded = self._lua, self._guarded
        return self._build(
            described,
            described.lua_type,
            lua.table_from({name: guarded(f) for name, f in described.getters.items()}),
            lua.table_from({name: guarded(f) for name, f in described.setters.items()}),
            lua.table_from({name: guarded(f) for name, f in described.functions.items()}),
            lua.table_from(described.constants),
            lua.table_from(described.synonyms),
            lua.table_from({name: self.table(below) for name, below in described.children.items()}),
            described.item and guarded(described.item),
            described.set_item and guarded(described.set_item),
        )

    def _guarded(self, f: Callable[..., LuaValue]) -> Callable[..., LuaValue]:
        """`f` with its errors queued: no Python exception ever travels through Lua, where a pcall would hold it."""
        report, guarded = self._report, self._guarded

        def call(*arguments: LuaValue) -> LuaValue:
            try:
                result = f(*arguments)
            except TspError as error:
                return report(error.code, error.detail)
            except ScriptError as failure:  # a script called by a script: both end
                self.abandon()
                return report(failure.code, failure.text)
            except TypeError as error:
                return report(*_type_error(error, f))
            except Exception:  # a bug in a model must not take the bench down
                _log.exception("%s failed", f)
                return report(-310, "")
            if isinstance(result, TspObject):  # made by a script: lives as long as the script holds it
                return self._tables.get(result) or self._make(result)
            if isinstance(result, FunctionType | MethodType):  # an iterator, as the catalogs return
                return self._wrap(guarded(result))
            return result

        return call

    def abandon(self) -> None:
        """End the chunk that is running, silently: its next instruction is its last."""
        if self._depth:
            self._abandoned = True
            self._set_hook(self._quit, "", 1)

    def run(self, source: str) -> None:
        """Run one chunk; inside a running one it shares that one's limits.

        Raises:
            ScriptError: it did not compile, failed or was stopped. After -225 the state is spent.
        """
        if self._depth >= _MAX_DEPTH:
            raise ScriptError(-286, "scripts call each other too deeply")
        chunk = self._chunks.get(source)
        if chunk is None:
            chunk = self._compiled(source)
        self._depth += 1
        try:
            if self._depth > 1:
                chunk()
            elif (printed := self._run(chunk, self._take_printed)) is not None:
                self._emit(printed)
        except BaseException as error:
            self._chunk_failed(error)
        finally:
            self._depth -= 1

    def _compiled(self, source: str) -> Any:
        if source.startswith("\x1b"):
            raise ScriptError(-285, "text expected, not byte code")
        try:
            chunk = self._lua.compile(source)
        except (lupa.LuaError, UnicodeError) as error:
            raise _translated(error) from error
        if len(source) <= _CACHED_LENGTH:
            if len(self._chunks) >= _CACHED_CHUNKS:
                self._chunks.clear()
            self._chunks[source] = chunk
        return chunk

    def _chunk_failed(self, error: BaseException) -> None:
        """A chunk did not come to its end: take off its limits, keep what it printed; raises unless it was told to."""
        abandoned = self._abandoned
        if self._depth == 1:
            self._abandoned = False
            self._set_hook()
            try:
                printed = self._take_printed()
            except lupa.LuaMemoryError as full:
                raise _translated(full) from error
            if printed is not None:
                self._emit(printed)
        if not isinstance(error, lupa.LuaError | UnicodeError):
            raise error
        if not abandoned or isinstance(error, lupa.LuaMemoryError):
            raise _translated(error) from error


def _refuse(_obj: object, _name: object, _setting: bool) -> NoReturn:
    raise AttributeError("not available")


def _type_error(error: TypeError, f: Callable[..., LuaValue]) -> tuple[int, str]:
    """Tell a wrong number of arguments (the client's mistake) from a bug in `f`."""
    if error.__traceback__ is not None and error.__traceback__.tb_next is None:
        return (-109, "") if "missing" in str(error) else (-108, "")
    _log.error("%s failed", f, exc_info=error)
    return -310, ""


def _translated(error: Exception) -> ScriptError:
    if isinstance(error, lupa.LuaMemoryError):
        return ScriptError(-225, "")
    return ScriptError(-285 if isinstance(error, lupa.LuaSyntaxError) else -286, _located(str(error)))


def _located(message: str) -> str:
    """Lua's message with its place written as the instruments do: `at line 1: …`."""
    return _WHERE.sub(lambda m: f"at line {m[1]}: ", message, count=1)[:200]
