""":SOURce:CONFiguration:LIST and :SENSe:CONFiguration:LIST (reference manual 2450-901-01, chapter 6)."""

from __future__ import annotations

from typing import Any

from sim_instruments.keithley_2450 import sweeps
from sim_instruments.keithley_2450.configuration_lists import MEASURE, measure_list, source_list
from sim_instruments.keithley_2450.settings import first_only
from sim_instruments.keithley_2450.trigger import Instruments
from sim_instruments.scpi import CommandTable, Reply, ScpiError, command
from sim_instruments.scpi.parameters import integer, string


class ListCommands:
    """Handlers of the configuration lists of both sides."""

    def __init__(self, commands: CommandTable, around: Instruments) -> None:
        self._around = around
        self._told = {False: 0, True: 0}  # how many names CATalog? has given, of source and measure lists
        commands.add_methods(self)

    @command(":SOURce#:CONFiguration:LIST:CREate")
    def _create_source(self, suffix: int, name: bytes) -> None:
        first_only(suffix)
        self._around.lists[string(name)] = source_list(self._around.source, self._around.source.function, [])

    @command("[:SENSe#]:CONFiguration:LIST:CREate")
    def _create_measure(self, suffix: int, name: bytes) -> None:
        first_only(suffix)
        self._around.lists[string(name)] = measure_list(self._around.measure)

    @command(":SOURce#:CONFiguration:LIST:STORe")
    def _store_source(self, suffix: int, name: bytes, index: bytes = b"") -> None:
        first_only(suffix)
        around, text, own = self._around, string(name), self._around.source.own
        stored = around.source_list(text)
        if not stored.entries:
            stored = around.lists[text] = source_list(around.source, own.name, [])
        if own.name != stored.holds:
            raise ScpiError(-221, "the list holds settings of the other function")
        stored.store(own.now, _index(index))

    @command("[:SENSe#]:CONFiguration:LIST:STORe")
    def _store_measure(self, suffix: int, name: bytes, index: bytes = b"") -> None:
        first_only(suffix)
        self._around.measure_list(string(name)).store(self._around.measure.own.copied(), _index(index))

    @command(":SOURce#:CONFiguration:LIST:RECall")
    def _recall_source(self, suffix: int, name: bytes, index: bytes = b"1") -> None:
        first_only(suffix)
        self._around.source_list(string(name)).recall(integer(index, 1, sweeps.MOST_POINTS))

    @command("[:SENSe#]:CONFiguration:LIST:RECall")
    def _recall_measure(self, suffix: int, name: bytes, index: bytes = b"1") -> None:
        first_only(suffix)
        self._around.measure_list(string(name)).recall(integer(index, 1, sweeps.MOST_POINTS))

    @command(":SOURce#:CONFiguration:LIST:DELete")
    def _delete_source(self, suffix: int, name: bytes, index: bytes = b"") -> None:
        first_only(suffix)
        self._delete(name, index, self._around.source_list(string(name)).entries)

    @command("[:SENSe#]:CONFiguration:LIST:DELete")
    def _delete_measure(self, suffix: int, name: bytes, index: bytes = b"") -> None:
        first_only(suffix)
        self._delete(name, index, self._around.measure_list(string(name)).entries)

    def _delete(self, name: bytes, index: bytes, entries: list[Any]) -> None:
        """Delete one entry, or the list."""
        if index:
            del entries[integer(index, 1, len(entries)) - 1]
        else:
            del self._around.lists[string(name)]

    @command(":SOURce#:CONFiguration:LIST:SIZE?")
    def _source_size(self, suffix: int, name: bytes) -> Reply:
        first_only(suffix)
        return str(len(self._around.source_list(string(name)).entries))

    @command("[:SENSe#]:CONFiguration:LIST:SIZE?")
    def _measure_size(self, suffix: int, name: bytes) -> Reply:
        first_only(suffix)
        return str(len(self._around.measure_list(string(name)).entries))

    @command(":SOURce#:CONFiguration:LIST:CATalog?")
    def _source_names(self, suffix: int) -> Reply:
        return self._names(suffix, measured=False)

    @command("[:SENSe#]:CONFiguration:LIST:CATalog?")
    def _measure_names(self, suffix: int) -> Reply:
        return self._names(suffix, measured=True)

    def _names(self, suffix: int, *, measured: bool) -> str:
        """One name with each query, in alphabetical order; an empty one at the end."""
        first_only(suffix)
        names = sorted(name for name, one in self._around.lists.items() if (one.holds == MEASURE) == measured)
        told = self._told[measured]
        self._told[measured] = told + 1 if told < len(names) else 0
        return names[told] if told < len(names) else '""'


def _index(argument: bytes) -> int | None:
    return integer(argument, 1, sweeps.MOST_POINTS) if argument else None
