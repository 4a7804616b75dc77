"""Simulated Keithley 2450, a one-channel source-measure unit with its SCPI command set.

Commands and rules: Model 2450 reference manual 2450-901-01, SCPI command reference. Not simulated: the command sets TSP
and SCPI2400, trigger timers and blenders, binning templates, automatic resistance measurement (RES divides voltage by
current), offset-compensated ohms, saved setups.
"""

from __future__ import annotations

import re
from typing import Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2450 import settings, trigger
from sim_instruments.keithley_2450.buffers import DEFAULT_BUFFERS, DEFAULT_CAPACITY, DataFormat, ReadingBuffer
from sim_instruments.keithley_2450.digital_lines import DigitalLine, DigitalPort
from sim_instruments.keithley_2450.events import ERROR, INFORMATION, LIMIT_ADJUSTED, WARNING, EventLog
from sim_instruments.keithley_2450.list_commands import ListCommands
from sim_instruments.keithley_2450.measure import NAMES, Measure
from sim_instruments.keithley_2450.source import CURRENT, VOLTAGE, Source
from sim_instruments.keithley_2450.sweep_commands import SweepCommands
from sim_instruments.keithley_2450.system_commands import SystemCommands
from sim_instruments.keithley_2450.trace_commands import TraceCommands
from sim_instruments.keithley_2450.trigger_commands import TriggerCommands
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.instrument import NeverCompletes
from sim_instruments.scpi.parameters import boolean, keyword, number

_QUOTES: Final = "\"'"


class Keithley2450(ScpiInstrument):
    """One channel, terminal "1", which stands for the front or rear terminals, whichever are selected.

    serial, firmware: the last two fields of *IDN?. line_frequency: Hz. interlock_closed: whether the safety interlock
    is asserted. range_overshoot: whether the voltage source overshoots by 250 mV when its range changes.
    """

    message_time = 1e-3
    error_queue_depth = 100

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "04400001",
        firmware: str = "1.7.12b",
        line_frequency: float = 50.0,
        interlock_closed: bool = True,
        range_overshoot: bool = True,
    ) -> None:
        super().__init__(surroundings, f"KEITHLEY INSTRUMENTS,MODEL 2450,{serial},{firmware}")
        self.log = self.errors = EventLog(self.error_queue_depth, self.harness.clock)
        self.source = Source(
            surroundings, self._source_event, interlock_closed=interlock_closed, overshoot=range_overshoot
        )
        self.source.limit_adjusted = self._limit_adjusted
        self.measure = Measure(surroundings, self.source, line_frequency)
        self.format = DataFormat()
        self.buffers: dict[str, ReadingBuffer] = {}
        self.around = trigger.Instruments(self.source, self.measure, self.buffers, {})
        self.model = trigger.TriggerModel(self.around)
        self.system = SystemCommands(self.commands, self.around, self.log, self.status)
        self.digital_port = DigitalPort(self.commands, self.model.happen, trigger.EVENTS)
        self.around.react, self.around.write_lines = self.digital_port.react, self.digital_port.write
        self.around.log = lambda kind, text: self.log.note(text, kind)
        self.around.status = self.system.happened
        settings.add_source(self.commands, self.source)
        settings.add_sense(self.commands, self.measure)
        settings.add_calculations(self.commands, self.measure)
        ListCommands(self.commands, self.around)
        for part in (SweepCommands(self.around, self.model), TriggerCommands(self.around, self.model),
                     TraceCommands(self.around, self.format)):  # fmt: skip
            self.commands.add_methods(part)
        for place, line in enumerate(self.digital_port.lines, start=1):
            self._wire(surroundings.connector(f"digio{place}"), line)
        self.reset()

    def _wire(self, connector: str, line: DigitalLine) -> None:
        """Let a digital line drive, and be pulled by, what the trigger cables join it to."""
        wiring = self.surroundings.triggers
        wiring.add_output(connector, high=line.high)
        wiring.add_input(connector, lambda high: line.pull(not high))
        line.heard = lambda high: wiring.drive(connector, high=high)

    # -- what happens ------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: output off, every setting to its default, user buffers deleted, the default ones empty."""
        self.model.load([])
        self.measure.reset()
        self.source.reset()
        self.source.apply()
        self.format.reset()
        self.system.reset()
        self.digital_port.reset()
        self.around.lists.clear()
        self.buffers.clear()
        self.buffers.update({name: ReadingBuffer(DEFAULT_CAPACITY) for name in DEFAULT_BUFFERS})

    def execute(self, message: bytes) -> bytes | None:
        """As in `ScpiInstrument`; first, the trigger model does what has become due."""
        try:
            self.model.catch_up()
        except ScpiError as error:
            self.report(error.code, error.detail, error.text)
        return super().execute(message)

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """As in `ScpiInstrument`; a trigger model that turns out to wait for an event is no longer waited for."""
        try:
            return super().status_byte(message_available, serial_poll)
        except NeverCompletes:
            return super().status_byte(message_available, serial_poll)

    def time_to_completion(self) -> float:
        """Time [s] until the next block of the trigger model; inf where it waits for an event."""
        return self.model.time_to_next

    def complete(self) -> None:
        """Run the trigger model to its end."""
        try:
            self.model.run_to_end()
        except ScpiError as error:
            self.report(error.code, error.detail, error.text)
        if self.model.waiting:
            raise NeverCompletes

    def trigger(self) -> None:
        """Command trigger: goes to a trigger model that waits for it, else -211."""
        if not self.model.trigger():
            self.report(-211)

    def _source_event(self, code: int, text: str) -> None:
        self.report(code, text=text)

    def _limit_adjusted(self, limit: float) -> None:
        self.log.warn(LIMIT_ADJUSTED, f"Source limit raised to {limit:.6E}, 10.6 % of the measure range")

    @property
    def interlock_closed(self) -> bool:
        """Whether the safety interlock is asserted; without it, an output that needs it goes off."""
        return self.source.interlock_closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self.source.interlock_closed = closed

    # -- functions, terminals, sense ---------------------------------------------------------------------------

    @command("[:SENSe#]:FUNCtion[:ON]")
    def _set_function(self, suffix: int, name: bytes) -> None:
        settings.first_only(suffix)
        text = name.decode("latin-1").strip().strip(_QUOTES)
        self.measure.function = _function(text)
        self.source.apply()

    @command("[:SENSe#]:FUNCtion[:ON]?")
    def _get_function(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return f'"{NAMES[self.measure.function]}"'

    @command("[:SENSe#]:CURRent[:DC]:RSENse")
    def _set_current_sense(self, suffix: int, state: bytes) -> None:
        self._set_four_wire(suffix, "CURR", state)

    @command("[:SENSe#]:VOLTage[:DC]:RSENse")
    def _set_voltage_sense(self, suffix: int, state: bytes) -> None:
        self._set_four_wire(suffix, "VOLT", state)

    @command("[:SENSe#]:RESistance:RSENse")
    def _set_resistance_sense(self, suffix: int, state: bytes) -> None:
        self._set_four_wire(suffix, "RES", state)

    def _set_four_wire(self, suffix: int, name: str, state: bytes) -> None:
        settings.first_only(suffix)
        on = boolean(state)
        if on != self.measure.four_wire[name] and name == self.measure.function:
            self.source.output = False  # the instrument does so to protect the load
        self.measure.four_wire[name] = on

    @command("[:SENSe#]:CURRent[:DC]:RSENse?")
    def _get_current_sense(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return f"{self.measure.four_wire['CURR']:d}"

    @command("[:SENSe#]:VOLTage[:DC]:RSENse?")
    def _get_voltage_sense(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return f"{self.measure.four_wire['VOLT']:d}"

    @command("[:SENSe#]:RESistance:RSENse?")
    def _get_resistance_sense(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return f"{self.measure.four_wire['RES']:d}"

    @command(":ROUTe:TERMinals")
    def _set_terminals(self, which: bytes) -> None:
        front = keyword(which, "FRONt", "REAR") == "FRON"
        if front != self.measure.front:
            self.source.output = False
        self.measure.front = front

    @command(":ROUTe:TERMinals?")
    def _get_terminals(self) -> Reply:
        return "FRON" if self.measure.front else "REAR"

    @command("[:SENSe#]:AZERo:ONCE")
    def _autozero_once(self, suffix: int) -> None:
        settings.first_only(suffix)
        self.measure.autozero_once()

    @command("[:SENSe#]:CURRent[:DC]:RELative:ACQuire", "[:SENSe#]:VOLTage[:DC]:RELative:ACQuire",
             "[:SENSe#]:RESistance:RELative:ACQuire")  # fmt: skip
    def _acquire_relative(self, suffix: int) -> None:
        """Of the present function, whichever the header names."""
        settings.first_only(suffix)
        self.measure.acquire_relative()

    # -- output ------------------------------------------------------------------------------------------------

    @command(":OUTPut#:SMODe")
    def _set_off_states(self, suffix: int, kind: bytes) -> None:
        settings.first_only(suffix)
        state = keyword(kind, "NORMal", "ZERO", "HIMPedance", "GUARd")
        for function in self.source.functions.values():
            function.off_state = state

    @command(":OUTPut#:SMODe?")
    def _get_off_state(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return self.source.own.off_state

    @command(":OUTPut#:INTerlock:TRIPped?")
    def _interlock(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        return f"{self.source.interlock_closed:d}"

    @command(":SOURce#:VOLTage:ILIMit[:LEVel]:TRIPped?")
    def _current_limited(self, suffix: int) -> Reply:
        return self._limited(suffix, VOLTAGE)

    @command(":SOURce#:CURRent:VLIMit[:LEVel]:TRIPped?")
    def _voltage_limited(self, suffix: int) -> Reply:
        return self._limited(suffix, CURRENT)

    def _limited(self, suffix: int, name: str) -> str:
        settings.first_only(suffix)
        return f"{self.source.function == name and self.source.limited:d}"

    @command(":SOURce#:VOLTage:PROTection[:LEVel]:TRIPped?", ":SOURce#:CURRent:PROTection[:LEVel]:TRIPped?")
    def _protected(self, suffix: int) -> Reply:
        settings.first_only(suffix)
        voltage = abs(self.harness.probe(self.source.port).voltage)
        return f"{self.source.output and voltage >= self.source.own.now.protection:d}"

    # -- system ------------------------------------------------------------------------------------------------

    @command("*LANG?")
    def _language(self) -> Reply:
        return "SCPI"

    @command("*LANG")
    def _set_language(self, name: bytes) -> None:
        if keyword(name, "SCPI", "TSP", "SCPI2400") != "SCPI":
            raise ScpiError(-241, "only the SCPI command set is simulated")

    @command(":SYSTem:ERRor[:NEXT]?")
    def _next_error(self) -> Reply:
        return _entry(self.log.pop())

    @command(":SYSTem:ERRor:CODE[:NEXT]?")
    def _next_code(self) -> Reply:
        return str(self.log.pop()[0])

    @command(":SYSTem:ERRor:COUNt?")
    def _error_count(self) -> Reply:
        return str(len(self.log))

    @command(":SYSTem:EVENtlog:NEXT?")
    def _next_event(self) -> Reply:
        return _entry(self.log.take(ERROR | WARNING | INFORMATION))

    @command(":SYSTem:EVENtlog:COUNt?")
    def _event_count(self, kinds: bytes = b"ALL") -> Reply:
        chosen = {"ERR": ERROR, "WARN": WARNING, "INF": INFORMATION, "ALL": ERROR | WARNING | INFORMATION}
        return str(self.log.count(chosen[keyword(kinds, "ERRor", "WARNing", "INFormation", "ALL")]))

    @command(":SYSTem:CLEar")
    def _clear_log(self) -> None:
        self.log.clear()

    @command(":SYSTem:VERSion?")
    def _scpi_version(self) -> Reply:
        return "1996.0"

    @command(":SYSTem:LFRequency?")
    def _line_frequency(self) -> Reply:
        return f"{self.measure.line_frequency:.0f}"

    @command(":SYSTem:BEEPer[:IMMediate]")
    def _beep(self, frequency: bytes, seconds: bytes) -> None:
        settings.bound(number(frequency, ("HZ",)), 20.0, 8e3)
        settings.bound(number(seconds, ("S",)), 1e-3, 100.0)

    @command(":STATus:CLEar")
    def _clear_registers(self) -> None:
        self.status.clear_events()

    # -- number format -----------------------------------------------------------------------------------------

    @command(":FORMat[:DATA]")
    def _set_format(self, kind: bytes) -> None:
        self.format.kind = keyword(kind, "ASCii", "REAL", "SREal")

    @command(":FORMat[:DATA]?")
    def _get_format(self) -> Reply:
        return self.format.kind

    @command(":FORMat:BORDer")
    def _set_byte_order(self, order: bytes) -> None:
        self.format.order = keyword(order, "NORMal", "SWAPped")

    @command(":FORMat:BORDer?")
    def _get_byte_order(self) -> Reply:
        return self.format.order

    @command(":FORMat:ASCii:PRECision")
    def _set_precision(self, digits: bytes) -> None:
        words = {"DEFault": 0.0, "MINimum": 1.0, "MAXimum": 16.0}
        self.format.digits = round(settings.bound(number(digits, (), words), 0.0, 16.0))

    @command(":FORMat:ASCii:PRECision?")
    def _get_precision(self) -> Reply:
        return settings.show(self.format.digits)


def _function(text: str) -> str:
    name = re.sub(":DC$", "", text, flags=re.IGNORECASE)
    return keyword(name.encode("latin-1"), "CURRent", "VOLTage", "RESistance")


def _entry(entry: tuple[int, str]) -> str:
    code, text = entry
    return f'{code},"{text}"'
