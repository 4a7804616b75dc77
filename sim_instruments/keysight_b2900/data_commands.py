"""FETCh, READ, MEASure, SENSe:DATA, SENSe:FUNCtion, TRACe, FORMat (B2900 SCPI command reference ed. 2, chapter 4)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sim_instruments.keysight_b2900.channel import Channel
from sim_instruments.keysight_b2900.data import ELEMENTS, MOST_READINGS, DataFormat, channel_list, part
from sim_instruments.keysight_b2900.levels import CURRENT, VOLTAGE
from sim_instruments.keysight_b2900.measure import RESISTANCE, Reading
from sim_instruments.scpi import CommandTable, Reply, ScpiError, command
from sim_instruments.scpi.parameters import integer, keyword, string, text_of
from sim_instruments.timeline import Timeline

_FIRST: Final = b"(@1)"
_WORDS: Final = {
    "VOLT": "VOLTage", "CURR": "CURRent", "RES": "RESistance", "TIME": "TIME", "STAT": "STATus", "SOUR": "SOURce",
}  # fmt: skip
_FUNCTIONS: Final = ("VOLTage", "CURRent", "RESistance")


class DataCommands:
    """Handlers that take readings or give them out.

    initiate: starts both actions of some channels. finish: lets time pass until they are over.
    """

    def __init__(
        self,
        commands: CommandTable,
        find: Callable[[int], Channel],
        timeline: Timeline,
        data_format: DataFormat,
        initiate: Callable[[Sequence[Channel]], None],
        finish: Callable[[], None],
    ) -> None:
        self._find, self._timeline, self._format = find, timeline, data_format
        self._initiate, self._finish = initiate, finish
        commands.add_methods(self)
        for element in ("", *ELEMENTS):
            node = f":{_WORDS[element]}" if element else ""
            for word, take in ((":FETCh", self._fetch), (":READ", self._read)):
                commands.add(f"{word}:ARRay{node}?", partial(take, self._all, element))
                commands.add(f"{word}[:SCALar]{node}?", partial(take, self._latest, element))
            direct = "[:DC]" if element in (VOLTAGE, CURRENT) else ""
            commands.add(f":MEASure{node}{direct}?", partial(self._measure, element))

    def _channels(self, argument: bytes) -> list[Channel]:
        return [self._find(number) for number in channel_list(argument)]

    # -- readings of an initiation -----------------------------------------------------------------------------

    def _fetch(
        self, collect: Callable[[Sequence[Channel], str], list[float]], element: str, channels: bytes = _FIRST
    ) -> Reply:
        chosen = self._channels(channels)
        if not all(channel.trigger.idle(action) for channel in chosen for action in ("TRAN", "ACQ")):
            self._finish()
        return self._format.response(collect(chosen, element))

    def _read(
        self, collect: Callable[[Sequence[Channel], str], list[float]], element: str, channels: bytes = _FIRST
    ) -> Reply:
        chosen = self._channels(channels)
        self._initiate(chosen)
        self._finish()
        for channel in chosen:
            channel.finish()
        return self._format.response(collect(chosen, element))

    def _latest(self, channels: Sequence[Channel], element: str) -> list[float]:
        latest = [channel.readings[-1] if channel.readings else None for channel in channels]
        return [value for reading in latest for value in self._format.values(reading, element)]

    def _all(self, channels: Sequence[Channel], element: str) -> list[float]:
        """Readings of the channels in turn, channels with fewer of them filled up with NaN."""
        rows = itertools.zip_longest(*(channel.readings for channel in channels))
        values = [value for row in rows for reading in row for value in self._format.values(reading, element)]
        return values or [value for _ in channels for value in self._format.values(None, element)]

    def _measure(self, element: str, channels: bytes = _FIRST) -> Reply:
        """A spot measurement of some channels at once."""
        chosen = self._channels(channels)
        self._spot(chosen)
        return self._format.response(self._latest(chosen, element))

    def _spot(self, channels: Sequence[Channel]) -> None:
        if not all(channel.trigger.idle("ACQ") for channel in channels):
            raise ScpiError(-213)
        for channel in channels:
            channel.prepare()
        readings = self._timeline.run_all([channel.measure.reading() for channel in channels])
        for channel, reading in zip(channels, readings, strict=True):
            channel.readings[:] = [reading]
            channel.calculations.check(reading)
            channel.finish()

    @command(":SENSe#:DATA:ACQuire")
    def _acquire(self, channel: int) -> None:
        self._spot([self._find(channel)])

    @command(":SENSe#:DATA:CLEar")
    def _clear(self, channel: int) -> None:
        self._find(channel).readings.clear()

    @command(":SENSe#:DATA?")
    def _data(self, channel: int, offset: bytes = b"STARt", size: bytes = b"") -> Reply:
        return self._slice(self._find(channel).readings, offset, size)

    @command(":SENSe#:DATA:LATest?")
    def _latest_data(self, channel: int) -> Reply:
        return self._format.response(self._latest([self._find(channel)], ""))

    def _slice(self, readings: Sequence[Reading], offset: bytes, size: bytes) -> Reply:
        chosen = self._part(readings, offset, size)
        values = [value for reading in chosen for value in self._format.values(reading)]
        return self._format.response(values or self._format.values(None))

    @staticmethod
    def _part(readings: Sequence[Reading], offset: bytes, size: bytes) -> list[Reading]:
        words = {"STAR": 0, "START": 0, "CURR": max(len(readings) - 1, 0), "CURRENT": max(len(readings) - 1, 0)}
        first = words.get(text_of(offset))
        if first is None:
            first = integer(offset, 0, MOST_READINGS)
        return part(readings, first, integer(size, 1, MOST_READINGS) if size else None)

    # -- functions ---------------------------------------------------------------------------------------------

    @command(":SENSe#:FUNCtion[:ON]")
    def _enable(self, channel: int, first: bytes, *others: bytes) -> None:
        measure = self._find(channel).measure
        wanted = [_function(name) for name in (first, *others)]
        measure.enabled = [name for name in (VOLTAGE, CURRENT, RESISTANCE) if name in (*measure.enabled, *wanted)]

    @command(":SENSe#:FUNCtion[:ON]?")
    def _enabled(self, channel: int) -> Reply:
        return ",".join(f'"{name}"' for name in self._find(channel).measure.enabled) or '""'

    @command(":SENSe#:FUNCtion[:ON]:ALL")
    def _enable_all(self, channel: int) -> None:
        self._find(channel).measure.enabled = [VOLTAGE, CURRENT, RESISTANCE]

    @command(":SENSe#:FUNCtion[:ON]:COUNt?")
    def _count_enabled(self, channel: int) -> Reply:
        return str(len(self._find(channel).measure.enabled))

    @command(":SENSe#:FUNCtion:OFF")
    def _disable(self, channel: int, first: bytes, *others: bytes) -> None:
        measure = self._find(channel).measure
        unwanted = {_function(name) for name in (first, *others)}
        measure.enabled = [name for name in measure.enabled if name not in unwanted]

    @command(":SENSe#:FUNCtion:OFF:ALL")
    def _disable_all(self, channel: int) -> None:
        self._find(channel).measure.enabled = []

    @command(":SENSe#:FUNCtion:OFF?")
    def _disabled(self, channel: int) -> Reply:
        return ",".join(f'"{name}"' for name in self._others(channel)) or '""'

    @command(":SENSe#:FUNCtion:OFF:COUNt?")
    def _count_disabled(self, channel: int) -> Reply:
        return str(len(self._others(channel)))

    def _others(self, channel: int) -> list[str]:
        enabled = self._find(channel).measure.enabled
        return [name for name in (VOLTAGE, CURRENT, RESISTANCE) if name not in enabled]

    @command(":SENSe#:FUNCtion:STATe?")
    def _is_enabled(self, channel: int, name: bytes) -> Reply:
        return f"{_function(name) in self._find(channel).measure.enabled:d}"

    # -- format ------------------------------------------------------------------------------------------------

    @command(":FORMat:ELEMents:SENSe")
    def _choose_elements(self, first: bytes, *others: bytes) -> None:
        self._format.choose([keyword(word, *_WORDS.values()) for word in (first, *others)])

    @command(":FORMat:ELEMents:SENSe?")
    def _chosen_elements(self) -> Reply:
        return ",".join(self._format.elements)

    @command(":FORMat[:DATA]")
    def _set_format(self, kind: bytes, width: bytes = b"") -> None:
        text = text_of(kind) + ("," + text_of(width) if width else "")
        forms = {"ASC": "ASC", "ASCII": "ASC", "REAL,32": "REAL,32", "REAL32": "REAL,32", "REAL,64": "REAL,64",
                 "REAL64": "REAL,64"}  # fmt: skip
        if text not in forms:
            raise ScpiError(-224, text)
        self._format.kind = forms[text]

    @command(":FORMat[:DATA]?")
    def _get_format(self) -> Reply:
        return self._format.kind

    @command(":FORMat:BORDer")
    def _set_order(self, order: bytes) -> None:
        self._format.order = keyword(order, "NORMal", "SWAPped")

    @command(":FORMat:BORDer?")
    def _get_order(self) -> Reply:
        return self._format.order

    # -- trace buffers -----------------------------------------------------------------------------------------

    @command(":TRACe#:POINts")
    def _set_size(self, channel: int, size: bytes) -> None:
        self._find(channel).trace.size = integer(size, 1, MOST_READINGS)

    @command(":TRACe#:POINts?")
    def _get_size(self, channel: int) -> Reply:
        return f"{self._find(channel).trace.size:.0f}"

    @command(":TRACe#:POINts:ACTual?")
    def _filled(self, channel: int) -> Reply:
        return str(len(self._find(channel).trace.readings))

    @command(":TRACe#:FEED")
    def _set_feed(self, channel: int, what: bytes) -> None:
        """What a reply shows of the readings in the buffer; it is set while the buffer is not being filled."""
        trace, feed = self._find(channel).trace, keyword(what, "SENSe", "MATH", "LIMit")
        if trace.control == "NEXT":
            raise ScpiError(-221, "the trace buffer is being filled")
        trace.feed = feed

    @command(":TRACe#:FEED?")
    def _get_feed(self, channel: int) -> Reply:
        return self._find(channel).trace.feed

    @command(":TRACe#:FEED:CONTrol")
    def _set_control(self, channel: int, when: bytes) -> None:
        self._find(channel).trace.control = keyword(when, "NEXT", "NEVer")

    @command(":TRACe#:FEED:CONTrol?")
    def _get_control(self, channel: int) -> Reply:
        return self._find(channel).trace.control

    @command(":TRACe#:CLEar")
    def _clear_trace(self, channel: int) -> None:
        trace = self._find(channel).trace
        if trace.control == "NEXT":
            raise ScpiError(-221, "the trace buffer is being filled")
        trace.readings.clear()

    @command(":TRACe#:DATA?")
    def _trace_data(self, channel: int, offset: bytes = b"STARt", size: bytes = b"") -> Reply:
        chosen = self._find(channel)
        if chosen.trace.feed == "SENS":
            return self._slice(chosen.trace.readings, offset, size)
        calculate = chosen.calculations.math if chosen.trace.feed == "MATH" else chosen.calculations.tested
        return self._format.calculated(self._part(chosen.trace.readings, offset, size), calculate)

    @command(":TRACe#:STATistic:FORMat")
    def _set_statistic(self, channel: int, which: bytes) -> None:
        self._find(channel).trace.statistic = keyword(which, "MEAN", "SDEViation", "PKPK", "MINimum", "MAXimum")

    @command(":TRACe#:STATistic:FORMat?")
    def _get_statistic(self, channel: int) -> Reply:
        return self._find(channel).trace.statistic

    @command(":TRACe#:STATistic:DATA?")
    def _statistic(self, channel: int) -> Reply:
        trace = self._find(channel).trace
        columns = zip(*(self._format.values(reading) for reading in trace.readings), strict=True)
        values = [trace.summary(column) for column in columns]
        return self._format.response(values or self._format.values(None))


def _function(name: bytes) -> str:
    text = string(name).upper().removesuffix(":DC")
    return keyword(text.encode("latin-1", "replace"), *_FUNCTIONS)
