"""The measurements that XE starts: spot, staircase sweep, pulsed spot and sweep, multi channel sweep, sampling.

B1500A programming guide ed. 11, chapter 2, "Measurement Modes". Not simulated: the other modes (staircase sweep with
pulsed bias, quasi-pulsed, searches, capacitance), logarithmic sampling, power compliance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from emulator import Harness
from sim_instruments.flex import Datum, FlexError, Status
from sim_instruments.flex.data import EXTRANEOUS
from sim_instruments.flex.errors import NO_MEASUREMENT, NO_PULSE_SOURCE, NO_SWEEP_SOURCE, OUTPUT_OFF, VALUE
from sim_instruments.keysight_b1500a import adc
from sim_instruments.keysight_b1500a.smu import Forced, Smu

SPOT, STAIRCASE, PULSED_SPOT, PULSED_SWEEP, SAMPLING, MULTI_CHANNEL = 1, 2, 3, 4, 10, 16
MODES: Final = (SPOT, STAIRCASE, PULSED_SPOT, PULSED_SWEEP, SAMPLING, MULTI_CHANNEL)
START, STOP = 1, 2  # output after a sweep (WM)
LOGARITHMIC, THERE_AND_BACK = (2, 4), (3, 4)


@dataclass(frozen=True, slots=True)
class Sweep:
    """WV or WI, and WSV or WSI with the steps and mode of the primary source."""

    slot: int
    quantity: str
    mode: int
    code: int
    start: float
    stop: float
    steps: int
    limit: float | None

    def levels(self) -> list[float]:
        """The level of each step (V or A)."""
        if self.steps == 1:
            up = [self.start]
        elif self.mode in LOGARITHMIC:
            ratio = self.stop / self.start
            up = [self.start * ratio ** (k / (self.steps - 1)) for k in range(self.steps)]
        else:
            up = [self.start + (self.stop - self.start) * k / (self.steps - 1) for k in range(self.steps)]
        return [*up, *reversed(up)] if self.mode in THERE_AND_BACK else up


@dataclass(frozen=True, slots=True)
class Pulse:
    """PV or PI."""

    slot: int
    quantity: str
    code: int
    base: float
    peak: float
    limit: float | None


@dataclass(frozen=True, slots=True)
class PulsedSweep:
    """PWV or PWI: pulses from `base` to the levels of a sweep."""

    sweep: Sweep
    base: float


@dataclass(frozen=True, slots=True)
class Bias:
    """MV or MI: base before, bias during a sampling measurement."""

    slot: int
    quantity: str
    code: int
    base: float
    bias: float
    limit: float | None


@dataclass
class Setup:
    """What the measurement commands have set; times in s."""

    mode: int = 0
    channels: tuple[int, ...] = ()
    sweep: Sweep | None = None
    synchronous: dict[int, Sweep] = field(default_factory=dict)
    hold: float = 0.0
    delay: float = 0.0
    step_delay: float = 0.0
    trigger_delay: float = 0.0
    measure_delay: float = 0.0
    abort: int = 1
    post: int = START
    pulse: Pulse | None = None
    pulsed_sweep: PulsedSweep | None = None
    pulse_hold: float = 0.0
    pulse_width: float = 1e-3
    pulse_period: float = 10e-3
    biases: dict[int, Bias] = field(default_factory=dict)
    bias_hold: float = 0.0
    interval: float = 2e-3
    samples: int = 1000
    base_hold: float = 0.0
    sampling_abort: int = 1
    sampling_post: int = 1
    time_stamps: bool = False
    form: int = 1
    source_data: int = 0


class Measurements:
    """Runs what a `Setup` describes on the SMUs of the mainframe."""

    def __init__(
        self, harness: Harness, smus: dict[int, Smu], converters: adc.Converters, elapsed: Callable[[], float]
    ) -> None:
        self._harness, self._smus, self._converters, self._elapsed = harness, smus, converters, elapsed
        self.setup = Setup()

    def run(self) -> list[Datum]:
        """XE: all data of the measurement. FlexError where it is not set up."""
        setup = self.setup
        if not setup.mode or not setup.channels:
            raise FlexError(NO_MEASUREMENT)
        for slot in setup.channels:
            if not self._smus[slot].connected:
                raise FlexError(OUTPUT_OFF)
        match setup.mode:
            case 1:
                data = [datum for slot in setup.channels for datum in self._read(slot)]
            case 2 | 16:
                data = self._sweep()
            case 3:
                data = self._pulsed_spot()
            case 4:
                data = self._pulsed_sweep()
            case _:
                data = self._sampling()
        return data

    def others_limited(self, slot: int) -> bool:
        """Whether another unit than that of the slot is at its limit."""
        return any(smu.limited for other, smu in self._smus.items() if other != slot and smu.connected)

    def _read(self, slot: int, *, settle: bool = True) -> Iterator[Datum]:
        smu = self._smus[slot]
        for quantity in smu.quantities():
            go = smu.get_ready if settle else smu.find_range
            go(quantity, smu.code_for(quantity))
            time, limited = self._elapsed(), self.others_limited(slot)
            datum = smu.measure(quantity, others_limited=limited)
            if self.setup.time_stamps:
                yield Datum("T", time, slot)
            yield datum

    # -- staircase sweep ---------------------------------------------------------------------------------------

    def _sweep(self) -> list[Datum]:
        setup, primary = self.setup, self.setup.sweep
        if primary is None:
            raise FlexError(NO_SWEEP_SOURCE)
        sources = [(self._smus[one.slot], self._stairs(one)) for one in (primary, *setup.synchronous.values())]
        data: list[Datum] = []
        steps = len(sources[0][1])
        self._force(sources, 0)
        self._harness.advance(setup.hold)
        for step in range(steps):
            if step:
                self._force(sources, step)
            self._harness.advance(setup.delay)
            started = self._harness.clock.now
            block = self._block(last=step == steps - 1)
            data += block
            if setup.abort == 2 and any(self._aborts(datum) for datum in block):
                data += self._dummies(block, steps - 1 - step)
                self._force(sources, 0)
                return data
            if step < steps - 1:
                self._harness.advance(max(0.0, setup.step_delay - (self._harness.clock.now - started)))
        self._force(sources, 0 if setup.post == START else self._stop_index(primary, steps))
        return data

    @staticmethod
    def _stop_index(primary: Sweep, steps: int) -> int:
        return steps // 2 if primary.mode in THERE_AND_BACK else steps - 1

    def _stairs(self, sweep: Sweep) -> list[Forced]:
        smu = self._smus[sweep.slot]
        largest = max(sweep.start, sweep.stop, key=abs)
        frame = smu.wanted(sweep.quantity, sweep.code, largest, sweep.limit)  # one range for the whole sweep
        return [smu.at(frame, level) for level in sweep.levels()]

    @staticmethod
    def _force(sources: Sequence[tuple[Smu, list[Forced]]], step: int) -> None:
        for smu, stairs in sources:
            smu.put(stairs[step])

    def _block(self, *, last: bool) -> list[Datum]:
        setup = self.setup
        block = [datum for slot in setup.channels for datum in self._read(slot)]
        if setup.source_data and setup.sweep is not None:
            shown = [setup.sweep.slot, *setup.synchronous][: 1 if setup.source_data == 1 else None]
            block += [self._smus[slot].sourced(last=last) for slot in shown]
        return block

    @staticmethod
    def _aborts(datum: Datum) -> bool:
        return bool(datum.status & ~Status.END)

    @staticmethod
    def _dummies(block: Sequence[Datum], count: int) -> list[Datum]:
        """What stands for the steps that an abort left out: 199.999E+99 with the overflow status."""
        dummy = [
            Datum(one.kind, math.inf, one.channel, Status.OVERFLOW | Status.INVALID, one.range, one.code, one.source)
            for one in block
        ]
        return dummy * count

    # -- pulsed spot -------------------------------------------------------------------------------------------

    def _pulsed_spot(self) -> list[Datum]:
        pulse = self.setup.pulse
        if pulse is None:
            raise FlexError(NO_PULSE_SOURCE)
        source = self._smus[pulse.slot]
        frame = source.wanted(pulse.quantity, pulse.code, max(pulse.base, pulse.peak, key=abs), pulse.limit)
        self._begin_pulses(source, source.at(frame, pulse.base))
        return self._pulsed(source, source.at(frame, pulse.base), source.at(frame, pulse.peak))

    def _pulsed_sweep(self) -> list[Datum]:
        """One pulse and one reading a step, on one range; the output ends at the base."""
        setup, wanted = self.setup, self.setup.pulsed_sweep
        if wanted is None:
            raise FlexError(NO_SWEEP_SOURCE)
        sweep, source = wanted.sweep, self._smus[wanted.sweep.slot]
        largest = max(sweep.start, sweep.stop, wanted.base, key=abs)
        frame = source.wanted(sweep.quantity, sweep.code, largest, sweep.limit)
        base, levels = source.at(frame, wanted.base), sweep.levels()
        self._begin_pulses(source, base)
        data: list[Datum] = []
        for step, level in enumerate(levels):
            peak = source.at(frame, level)
            block = self._pulsed(source, base, peak)
            if setup.source_data:
                source_datum = replace(source.sourced(last=step == len(levels) - 1), value=peak.level)
                block.append(source_datum)
            data += block
            if setup.abort == 2 and any(self._aborts(datum) for datum in block if not datum.source):
                return data + self._dummies(block, len(levels) - 1 - step)
        return data

    def _begin_pulses(self, source: Smu, base: Forced) -> None:
        """Check the setup, put the base out and wait the hold time."""
        setup = self.setup
        if len(setup.channels) != 1:
            raise FlexError(NO_MEASUREMENT)
        if self._converters.time(adc.PULSED) > setup.pulse_width:
            raise FlexError(VALUE)
        meter = self._smus[setup.channels[0]]
        source.put(base)
        meter.find_range(meter.quantities()[0], meter.pulse_code(meter.quantities()[0]))
        self._harness.advance(setup.pulse_hold)

    def _pulsed(self, source: Smu, base: Forced, peak: Forced) -> list[Datum]:
        """One pulse with a reading at its end, and the rest of its period."""
        setup = self.setup
        source.put(peak)
        self._harness.advance(setup.pulse_width - self._converters.time(adc.PULSED))
        data = self._pulsed_reading(self._smus[setup.channels[0]], source.slot)
        source.put(base)
        self._harness.advance(max(0.0, setup.pulse_period - setup.pulse_width))
        return data

    def _pulsed_reading(self, meter: Smu, source_slot: int) -> list[Datum]:
        quantity, time = meter.quantities()[0], self._elapsed()
        limited = meter.slot != source_slot and self._smus[source_slot].limited
        datum = meter.measure(quantity, kind=adc.PULSED, others_limited=limited)
        return [Datum("T", time, meter.slot), datum] if self.setup.time_stamps else [datum]

    # -- sampling ----------------------------------------------------------------------------------------------

    def _sampling(self) -> list[Datum]:
        """Readings at an interval. One that comes too late takes the next free number; there are always as many."""
        setup = self.setup
        pairs = [(self._smus[bias.slot], *self._base_and_bias(bias)) for bias in setup.biases.values()]
        for smu, base, _ in pairs:
            smu.put(base)
        self._harness.advance(setup.base_hold)
        for smu, _, bias in pairs:
            smu.put(bias)
        self._harness.advance(max(0.0, setup.bias_hold))
        started, number, data = self._harness.clock.now, 0, list[Datum]()
        for _ in range(setup.samples):
            self._harness.advance(max(0.0, started + number * setup.interval - self._harness.clock.now))
            if setup.source_data:
                data.append(Datum("X", number + 1, EXTRANEOUS))
            block = [datum for slot in setup.channels for datum in self._read(slot, settle=False)]
            data += block
            if setup.sampling_abort == 2 and any(self._aborts(datum) for datum in block):
                break
            spent = (self._harness.clock.now - started) / setup.interval
            number = max(number + 1, math.ceil(spent - 1e-6))
        if setup.sampling_post == 1:
            for smu, base, _ in pairs:
                smu.put(base)
        return data

    def _base_and_bias(self, bias: Bias) -> tuple[Forced, Forced]:
        smu = self._smus[bias.slot]
        frame = smu.wanted(bias.quantity, bias.code, max(bias.base, bias.bias, key=abs), bias.limit)
        return smu.at(frame, bias.base), smu.at(frame, bias.bias)
