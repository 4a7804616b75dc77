"""TRACe, READ?, MEASure?, FETCh?: readings and the buffers that keep them (reference manual 2450-901-01, chapter 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.keithley_2450.buffers import (
    DEFAULT_BUFFERS,
    LARGEST,
    SMALLEST,
    DataFormat,
    ReadingBuffer,
)
from sim_instruments.keithley_2450.measure import RESISTANCE
from sim_instruments.keithley_2450.settings import show
from sim_instruments.keithley_2450.source import CURRENT, VOLTAGE
from sim_instruments.keithley_2450.trigger import Instruments
from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import boolean, integer, keyword, string

_DEFAULT: Final = b'"defbuffer1"'


class TraceCommands:
    """Handlers of the commands that take readings or give them out."""

    def __init__(self, around: Instruments, data_format: DataFormat) -> None:
        self._around, self._format = around, data_format

    def _fill(self, buffer: ReadingBuffer, count: int) -> None:
        for number in range(count):
            buffer.store(self._around.measure.take(first=number == 0))

    def _answer(self, arguments: tuple[bytes, ...], take: Callable[[ReadingBuffer], None]) -> Reply:
        name, *elements = arguments or (_DEFAULT,)
        buffer = self._around.buffer(string(name))
        take(buffer)
        wanted = [element.decode("latin-1") for element in elements]
        return self._format.response(buffer, [buffer.latest()], wanted)

    @command(":READ?")
    def _read(self, *arguments: bytes) -> Reply:
        return self._answer(arguments, lambda buffer: self._fill(buffer, int(self._around.measure.count)))

    @command(":FETCh?")
    def _fetch(self, *arguments: bytes) -> Reply:
        return self._answer(arguments, lambda _: None)

    @command(":MEASure?")
    def _measure(self, *arguments: bytes) -> Reply:
        return self._answer(arguments, lambda buffer: self._fill(buffer, 1))

    @command(":MEASure:CURRent[:DC]?")
    def _measure_current(self, *arguments: bytes) -> Reply:
        return self._measure_function(CURRENT, arguments)

    @command(":MEASure:VOLTage[:DC]?")
    def _measure_voltage(self, *arguments: bytes) -> Reply:
        return self._measure_function(VOLTAGE, arguments)

    @command(":MEASure:RESistance?")
    def _measure_resistance(self, *arguments: bytes) -> Reply:
        return self._measure_function(RESISTANCE, arguments)

    def _measure_function(self, name: str, arguments: tuple[bytes, ...]) -> Reply:
        self._around.measure.function = name
        return self._measure(*arguments)

    @command(":TRACe:TRIGger")
    def _trigger(self, name: bytes = _DEFAULT) -> None:
        self._fill(self._around.buffer(string(name)), int(self._around.measure.count))

    @command(":TRACe:MAKE")
    def _make(self, name: bytes, size: bytes, style: bytes = b"STANdard") -> None:
        keyword(style or b"STAN", "STANdard", "COMPact", "FULL", "WRITable", "FULLWRITable")
        text = string(name)
        if text in DEFAULT_BUFFERS:
            raise ScpiError(-224, f"{text} cannot be made")
        self._around.buffers[text] = ReadingBuffer(integer(size, SMALLEST, LARGEST))

    @command(":TRACe:DELete")
    def _delete(self, name: bytes) -> None:
        text = string(name)
        self._around.buffer(text)
        if text in DEFAULT_BUFFERS:
            raise ScpiError(-224, f"{text} cannot be deleted")
        del self._around.buffers[text]

    @command(":TRACe:CLEar")
    def _clear(self, name: bytes = _DEFAULT) -> None:
        self._around.buffer(string(name)).clear()

    @command(":TRACe:POINts")
    def _set_points(self, size: bytes, name: bytes = _DEFAULT) -> None:
        self._around.buffer(string(name)).capacity = integer(size, SMALLEST, LARGEST)

    @command(":TRACe:POINts?")
    def _get_points(self, name: bytes = _DEFAULT) -> Reply:
        return str(self._around.buffer(string(name)).capacity)

    @command(":TRACe:ACTual?", ":TRACe:ACTual:END?")
    def _actual(self, name: bytes = _DEFAULT) -> Reply:
        return str(len(self._around.buffer(string(name)).readings))

    @command(":TRACe:ACTual:STARt?")
    def _first(self, name: bytes = _DEFAULT) -> Reply:
        return "1" if self._around.buffer(string(name)).readings else "0"

    @command(":TRACe:FILL:MODE")
    def _set_fill_mode(self, mode: bytes, name: bytes = _DEFAULT) -> None:
        self._around.buffer(string(name)).fill_once = keyword(mode, "ONCE", "CONTinuous") == "ONCE"

    @command(":TRACe:FILL:MODE?")
    def _get_fill_mode(self, name: bytes = _DEFAULT) -> Reply:
        return "ONCE" if self._around.buffer(string(name)).fill_once else "CONT"

    @command(":TRACe:DATA?")
    def _data(self, first: bytes, last: bytes, name: bytes = _DEFAULT, *elements: bytes) -> Reply:
        buffer = self._around.buffer(string(name))
        readings = buffer.between(integer(first, 1, LARGEST), integer(last, 1, LARGEST))
        return self._format.response(buffer, readings, [element.decode("latin-1") for element in elements])

    def _statistic(self, name: bytes, which: str) -> Reply:
        return show(self._around.buffer(string(name)).statistic(which))

    @command(":TRACe:STATistics:AVERage?")
    def _average(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "AVERage")

    @command(":TRACe:STATistics:STDDev?")
    def _deviation(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "STDDev")

    @command(":TRACe:STATistics:MINimum?")
    def _minimum(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "MINimum")

    @command(":TRACe:STATistics:MAXimum?")
    def _maximum(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "MAXimum")

    @command(":TRACe:STATistics:CLEar")
    def _clear_statistics(self, name: bytes = _DEFAULT) -> None:
        self._around.buffer(string(name)).statistics_from_here()

    @command(":TRACe:LOG:STATe")
    def _set_log(self, on: bytes, name: bytes = _DEFAULT) -> None:
        self._around.buffer(string(name)).logged = boolean(on)

    @command(":TRACe:LOG:STATe?")
    def _get_log(self, name: bytes = _DEFAULT) -> Reply:
        return f"{self._around.buffer(string(name)).logged:d}"

    @command(":TRACe:SAVE", ":TRACe:SAVE:APPend")
    def _save(self, _file: bytes, name: bytes = _DEFAULT, *_options: bytes) -> None:
        self._around.buffer(string(name))
        raise ScpiError(-241, "there is no USB flash drive")

    @command(":TRACe:STATistics:SPAN?")
    def _span(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "PK2Pk")

    @command(":TRACe:STATistics:PK2Pk?")
    def _peak_to_peak(self, name: bytes = _DEFAULT) -> Reply:
        return self._statistic(name, "PK2Pk")
