"""The B1500A mainframe: slots, connection, sources, spot measurements, settings, calibration.

Source: B1500A programming guide ed. 11. The wording of `*LRN?` replies is what a bench and other drivers have seen.
Not simulated: CMU, WGFMU, ASU and SCUU, program memory, external triggers, module selectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sim_instruments.flex import Datum, FlexError, FlexInstrument, Reply, command
from sim_instruments.flex.errors import CHANNEL, CHANNEL_COUNT, NO_MODULE, NOT_ALLOWED_HERE, VALUE
from sim_instruments.flex.instrument import integer, within
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b1500a import adc, ranges
from sim_instruments.keysight_b1500a.measurement_commands import MeasurementCommands
from sim_instruments.keysight_b1500a.measurements import Measurements, Setup
from sim_instruments.keysight_b1500a.smu import Smu, Waits
from sim_instruments.keysight_b1500a.spgu import RELAY_TIME, PulseOutput, Shared
from sim_instruments.keysight_b1500a.spgu_commands import PulseCommands

SLOTS: Final = 10
SMU_MODULE, PULSE_MODULE = "B1517A", "B1525A"
DEFAULT_SLOTS: Final = {1: SMU_MODULE, 2: SMU_MODULE, 5: PULSE_MODULE}
CALIBRATION_INTERVAL: Final = 1800.0
AUTO_CALIBRATION_TIME: Final = 5.0  # s, a choice
CALIBRATION_TIME: Final = 30.0  # s, as drivers expect it
LONGEST_PAUSE: Final = 99.9999
Channel = Smu | PulseOutput


class KeysightB1500A(FlexInstrument):
    """A B1500A. Terminals: the slot number of an SMU ("1"), slot · 100 + 1 and + 2 of a pulse generator ("501").

    slots: slot number → "B1517A" or "B1525A". serial, firmware: the last two fields of *IDN?. line_frequency: Hz.
    interlock_closed: whether the interlock circuit is closed; without it outputs stay within 42 V.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        slots: Mapping[Any, str] | None = None,
        serial: str = "0",
        firmware: str = "A.04.03.2010.0130",
        line_frequency: float = 50.0,
        interlock_closed: bool = True,
    ) -> None:
        super().__init__(surroundings, f"Agilent Technologies,B1500A,{serial},{firmware}")
        self._modules = _checked_slots(slots or DEFAULT_SLOTS)
        self._waits = (Waits(), Waits())
        self._converters = adc.Converters(line_frequency)
        self._shared = Shared()
        self._interlock_closed = interlock_closed
        self.smus: dict[int, Smu] = {}
        self.outputs: dict[int, PulseOutput] = {}
        for slot, module in self._modules.items():
            if module == SMU_MODULE:
                self.smus[slot] = Smu(surroundings, slot, self._converters, self._waits)
            else:
                for channel in (100 * slot + 1, 100 * slot + 2):
                    self.outputs[channel] = PulseOutput(surroundings, channel, self._shared)
        self._measurements = Measurements(self.harness, self.smus, self._converters, self._elapsed)
        self._measuring = MeasurementCommands(self._measurements, self._smu)
        for part in (self._converters, self._measuring, PulseCommands(self.outputs, self._shared, self._output)):
            self.commands.add_methods(part)
        self.interlock_closed = interlock_closed
        self._calibrated = self._all_off_since = self.harness.clock.now
        self.reset()

    # -- what happens ------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: every output switch open, every setting at its initial value."""
        for channel in self._channels:
            channel.reset()
        self._converters.reset()
        for waits in self._waits:
            waits.factor, waits.offset = 1.0, 0.0
        self._shared.reset()
        self._measurements.setup = Setup()
        self._auto_calibration, self._parallel, self._trigger_mode = True, False, 1
        self._port_mode = 0
        self._timer_started = self._all_off_since = self.harness.clock.now

    @property
    def interlock_closed(self) -> bool:
        """Whether outputs above 42 V are allowed."""
        return self._interlock_closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self._interlock_closed, self.interlock_open = closed, not closed
        for smu in self.smus.values():
            smu.interlock_closed = closed
            forced = smu.forced
            volts = abs(forced.level) if forced.quantity == "V" else forced.limit
            if not closed and smu.connected and volts > ranges.INTERLOCK_VOLTAGE:
                smu.disconnect()

    def before_message(self) -> None:
        """Calibrate when the outputs have been off for half an hour; the message waits meanwhile."""
        if any(channel.connected for channel in self._channels):
            self._all_off_since = self.harness.clock.now
            return
        since = max(self._calibrated, self._all_off_since)
        if self._auto_calibration and self.harness.clock.now - since >= CALIBRATION_INTERVAL:
            self.harness.advance(AUTO_CALIBRATION_TIME)
            self._calibrated = self.harness.clock.now

    def _elapsed(self) -> float:
        return self.harness.clock.now - self._timer_started

    # -- channels ----------------------------------------------------------------------------------------------

    @property
    def _channels(self) -> list[Channel]:
        return [*self.smus.values(), *self.outputs.values()]

    def _channel(self, number: float) -> Channel:
        """An SMU or a pulse output; an SMU may also be called slot · 100 + 1."""
        channel = int(number) if number == int(number) else 0
        if channel in self.outputs:
            return self.outputs[channel]
        slot, sub = divmod(channel, 100) if channel > 100 else (channel, 1)
        if not 1 <= slot <= SLOTS or sub not in (1, 2):
            raise FlexError(CHANNEL)
        if slot not in self._modules:
            raise FlexError(NO_MODULE)
        if slot in self.smus and sub == 1:
            return self.smus[slot]
        if slot not in self.smus and channel == slot:
            return self.outputs[100 * slot + 1]
        raise FlexError(CHANNEL)

    def _smu(self, number: float) -> Smu:
        channel = self._channel(number)
        if not isinstance(channel, Smu):
            raise FlexError(NOT_ALLOWED_HERE)
        return channel

    def _output(self, number: float) -> PulseOutput:
        channel = self._channel(number)
        if not isinstance(channel, PulseOutput):
            raise FlexError(NOT_ALLOWED_HERE)
        return channel

    def _named(self, numbers: tuple[float, ...]) -> list[Channel]:
        """The channels of a list, all of them for an empty one."""
        found = [self._channel(number) for number in numbers]
        if len(set(map(id, found))) != len(found) or len(found) > 15:
            raise FlexError(CHANNEL_COUNT)
        return found or self._channels

    @command("CN", 0, 20)
    def _connect(self, *numbers: float) -> None:
        channels = self._named(numbers)
        if any(isinstance(channel, PulseOutput) and not channel.connected for channel in channels):
            self.harness.advance(RELAY_TIME)
        for channel in channels:
            channel.connect()

    @command("CL", 0, 20)
    def _disconnect(self, *numbers: float) -> None:
        for channel in self._named(numbers):
            channel.disconnect()
        self._all_off_since = self.harness.clock.now

    @command("IN", 0, 20)
    def _initialise(self, *numbers: float) -> None:
        for channel in self._named(numbers):
            if channel.connected:
                channel.disconnect()
                channel.connect()

    @command("DZ", 0, 20)
    def _zero(self, *numbers: float) -> None:
        for channel in self._named(numbers):
            channel.zero()

    @command("RZ", 0, 20)
    def _restore(self, *numbers: float) -> None:
        chosen = [self._smu(number) for number in numbers] or [smu for smu in self.smus.values() if smu.zeroed]
        for smu in chosen:
            smu.restore()

    @command("DV", 3, 6)
    def _force_voltage(self, channel: float, *values: float) -> None:
        self._smu(channel).force("V", *values)

    @command("DI", 3, 6)
    def _force_current(self, channel: float, *values: float) -> None:
        self._smu(channel).force("I", *values)

    @command("TDV", 3, 6)
    def _force_voltage_timed(self, channel: float, *values: float) -> Reply:
        self._smu(channel).force("V", *values)
        return self._time(self._smu(channel).slot)

    @command("TDI", 3, 6)
    def _force_current_timed(self, channel: float, *values: float) -> Reply:
        self._smu(channel).force("I", *values)
        return self._time(self._smu(channel).slot)

    # -- spot measurements -------------------------------------------------------------------------------------

    @command("TI", 1, 2)
    def _spot_current(self, channel: float, code: float | None = None) -> Reply:
        return self._spot(channel, "I", code)

    @command("TV", 1, 2)
    def _spot_voltage(self, channel: float, code: float | None = None) -> Reply:
        return self._spot(channel, "V", code)

    @command("TTI", 1, 2)
    def _timed_current(self, channel: float, code: float | None = None) -> Reply:
        return self._spot(channel, "I", code, timed=True)

    @command("TTV", 1, 2)
    def _timed_voltage(self, channel: float, code: float | None = None) -> Reply:
        return self._spot(channel, "V", code, timed=True)

    def _spot(self, channel: float, quantity: str, code: float | None, *, timed: bool = False) -> Reply:
        smu = self._smu(channel)
        known = smu.code_for(quantity) if code is None else ranges.checked(quantity, code)
        smu.get_ready(quantity, known)
        time = Datum("T", self._elapsed(), smu.slot)
        limited = self._measurements.others_limited(smu.slot)
        datum = smu.measure(quantity, others_limited=limited)
        return self._measuring.reply([time, datum] if timed else [datum])

    def _time(self, channel: int) -> Reply:
        return self._measuring.reply([Datum("T", self._elapsed(), channel)])

    # -- time --------------------------------------------------------------------------------------------------

    @command("TSR", 0, 1)
    def _reset_timer(self, channel: float | None = None) -> None:
        if channel is not None:
            self._smu(channel)
        self._timer_started = self.harness.clock.now

    @command("TSQ")
    def _query_timer(self) -> Reply:
        return self._time(0)

    @command("PA", 1)
    def _pause(self, seconds: float) -> None:
        """Wait. Without a time it would wait for an external trigger, which is not simulated."""
        self.harness.advance(within(seconds, 0.0, LONGEST_PAUSE))

    @command("WAT", 2, 3)
    def _set_waits(self, kind: float, factor: float, offset: float = 0.0) -> None:
        waits = self._waits[integer(kind, 1, 2) - 1]
        waits.factor, waits.offset = within(factor, 0.0, 10.0), within(offset, 0.0, 1.0)

    @command("TM", 1)
    def _set_trigger_mode(self, mode: float) -> None:
        self._trigger_mode = integer(mode, 1, 4)

    @command("AB")
    def _abort(self) -> None:
        """Measurements end with their message; a train of pulses goes on until SPP."""

    # -- settings of the units ---------------------------------------------------------------------------------

    @command("RI", 2)
    def _current_ranging(self, channel: float, code: float) -> None:
        self._smu(channel).set_ranging("I", code)

    @command("RV", 2)
    def _voltage_ranging(self, channel: float, code: float) -> None:
        self._smu(channel).set_ranging("V", code)

    @command("RM", 2, 3)
    def _ranging_mode(self, channel: float, mode: float, rate: float = 50.0) -> None:
        self._smu(channel).settings.ranging_mode = (integer(mode, 1, 3), integer(rate, 11, 100))

    @command("CMM", 2)
    def _measured_side(self, channel: float, side: float) -> None:
        self._smu(channel).settings.side = integer(side, 0, 4)

    @command("AAD", 2)
    def _converter(self, channel: float, kind: float) -> None:
        self._smu(channel).settings.converter = integer(kind, 0, 2)

    @command("FL", 1, 11)
    def _filter(self, on: float, *channels: float) -> None:
        state = bool(integer(on, 0, 1))
        for smu in [self._smu(channel) for channel in channels] or self.smus.values():
            smu.settings.filter_on = state

    @command("SSR", 2)
    def _series_resistor(self, channel: float, on: float) -> None:
        self._smu(channel).set_series_resistor(bool(integer(on, 0, 1)))

    @command("PAD", 1)
    def _parallel_measurement(self, on: float) -> None:
        self._parallel = bool(integer(on, 0, 1))

    # -- mainframe ---------------------------------------------------------------------------------------------

    @command("UNT?", 0, 1)
    def _list_modules(self, mode: float = 0.0) -> Reply:
        if integer(mode, 0, 1) == 1:
            raise FlexError(VALUE, "revisions only")
        return ";".join(f"{self._modules[slot]},0" if slot in self._modules else "0,0" for slot in range(1, SLOTS + 1))

    @command("CM", 1)
    def _set_auto_calibration(self, on: float) -> None:
        self._auto_calibration = bool(integer(on, 0, 1))

    @command("ERMOD", 1)
    def _set_port_mode(self, mode: float) -> None:
        self._port_mode = integer(mode, 0, 63)  # kept only: nothing is connected to the digital port

    @command("ERMOD?")
    def _get_port_mode(self) -> Reply:
        return str(self._port_mode)

    @command("*CAL?", 0, 1)
    def _calibrate(self, slot: float = 0.0) -> Reply:
        integer(slot, 0, 11)
        for channel in self._channels:
            channel.disconnect()
        self.harness.advance(CALIBRATION_TIME)
        self._calibrated = self.harness.clock.now
        return "0"

    @command("*LRN?", 1)
    def _learn(self, kind: float) -> Reply:
        number = integer(kind, 0, 200)
        if number in self.smus:
            return self.smus[number].learn()
        smus, setup = self.smus.values(), self._measurements.setup
        channels = ",".join(map(str, setup.channels))
        mode = f";MM{setup.mode},{channels}" if setup.mode else ""
        replies: dict[int, Callable[[], str]] = {
            0: self._learn_switches,
            30: self._learn_filters,
            31: lambda: (
                f"TM{self._trigger_mode};{self._converters.learn_averaging()};CM{self._auto_calibration:d};"
                f"FMT{setup.form},{setup.source_data}{mode}"
            ),
            32: lambda: ";".join(
                f"RI{smu.slot},{smu.settings.current_code};RV{smu.slot},{smu.settings.voltage_code}" for smu in smus
            ),
            33: self._measuring.learn_sweep,
            34: self._measuring.learn_pulse,
            46: lambda: ";".join(f"CMM{smu.slot},{smu.settings.side}" for smu in smus),
            47: self._measuring.learn_sampling,
            53: lambda: ";".join(f"SSR{smu.slot},{smu.settings.series_resistor:d}" for smu in smus),
            54: lambda: ";".join("RM{},{},{}".format(smu.slot, *smu.settings.ranging_mode) for smu in smus),
            55: lambda: ";".join(f"AAD{smu.slot},{smu.settings.converter}" for smu in smus),
            56: self._converters.learn,
            57: lambda: ";".join(
                f"WAT{place},{waits.factor:.1f},{waits.offset:.4f}" for place, waits in enumerate(self._waits, 1)
            ),
            60: lambda: f"TSC{setup.time_stamps:d}",
            110: lambda: f"PAD{self._parallel:d}",
        }
        if number not in replies:
            raise FlexError(VALUE)
        return replies[number]()

    def _learn_switches(self) -> str:
        connected = [slot for slot, smu in self.smus.items() if smu.connected]
        connected += [channel for channel, output in self.outputs.items() if output.connected]
        return "CN" + ",".join(map(str, connected)) if connected else "CL"

    def _learn_filters(self) -> str:
        groups: dict[bool, list[str]] = {}
        for smu in self.smus.values():
            groups.setdefault(smu.settings.filter_on, []).append(str(smu.slot))
        if len(groups) == 1:
            return f"FL{next(iter(groups)):d}"
        return ";".join(f"FL{state:d},{','.join(slots)}" for state, slots in sorted(groups.items()))


def _checked_slots(slots: Mapping[Any, str]) -> dict[int, str]:
    """The modules by slot, ascending; ValueError for a slot or a module that there is not."""
    checked = {int(slot): str(module).upper() for slot, module in slots.items()}
    for slot, module in checked.items():
        if not 1 <= slot <= SLOTS or module not in (SMU_MODULE, PULSE_MODULE):
            raise ValueError(
                f"slots: {slot}: {module} is not possible; slots are 1 to {SLOTS}, modules {SMU_MODULE} "
                f"and {PULSE_MODULE}"
            )
    return dict(sorted(checked.items()))
