"""The commands that set up and start measurements (B1500A programming guide ed. 11, chapter 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim_instruments.flex import Datum, FlexError, Reply, Status, command, encode
from sim_instruments.flex.data import FORMATS
from sim_instruments.flex.errors import VALUE
from sim_instruments.flex.instrument import integer, within
from sim_instruments.keysight_b1500a import ranges
from sim_instruments.keysight_b1500a.measurements import (
    LOGARITHMIC,
    MODES,
    Bias,
    Measurements,
    Pulse,
    PulsedSweep,
    Setup,
    Sweep,
)
from sim_instruments.keysight_b1500a.smu import Smu

LONGEST_HOLD, LONGEST_DELAY, LONGEST_STEP_DELAY = 655.35, 65.535, 1.0
SHORTEST_PULSE, LONGEST_PULSE, SHORTEST_PERIOD, LONGEST_PERIOD = 0.5e-3, 2.0, 5e-3, 5.0
MOST_STEPS = 10_001
MOST_SAMPLES = 100_001


class MeasurementCommands:
    """Writes into the `Setup` of the measurements; `find` gives the SMU of a channel number or raises FlexError."""

    def __init__(self, measurements: Measurements, find: Callable[[float], Smu]) -> None:
        self._measurements, self._find = measurements, find

    @property
    def _setup(self) -> Setup:
        return self._measurements.setup

    @command("XE")
    def _execute(self) -> Reply:
        data = self._measurements.run()
        if data and not data[-1].source:
            data[-1] = replace(data[-1], status=data[-1].status | Status.END)
        return self.reply(data)

    def reply(self, data: list[Datum]) -> Reply:
        """Data in the present format."""
        return encode(data, self._setup.form)

    @command("MM", 1, 11)
    def _mode(self, mode: float, *channels: float) -> None:
        kind = integer(mode, 1, 28)
        if kind not in MODES or not channels:
            raise FlexError(VALUE)
        slots = tuple(self._find(channel).slot for channel in channels)
        self._setup.mode, self._setup.channels = kind, slots

    @command("FMT", 1, 2)
    def _format(self, form: float, source_data: float = 0.0) -> None:
        if form not in FORMATS:
            raise FlexError(VALUE)
        self._setup.form, self._setup.source_data = int(form), integer(source_data, 0, 10)

    @command("TSC", 1)
    def _time_stamps(self, on: float) -> None:
        self._setup.time_stamps = bool(integer(on, 0, 1))

    # -- staircase sweep ---------------------------------------------------------------------------------------

    @command("WV", 6, 8)
    def _voltage_sweep(self, channel: float, *values: float) -> None:
        self._primary(channel, "V", *values)

    @command("WI", 6, 8)
    def _current_sweep(self, channel: float, *values: float) -> None:
        self._primary(channel, "I", *values)

    def _primary(
        self,
        channel: float,
        quantity: str,
        mode: float,
        code: float,
        start: float,
        stop: float,
        steps: float,
        limit: float | None = None,
        power: float | None = None,
    ) -> None:
        smu, kind = self._find(channel), integer(mode, 1, 4)
        if kind in LOGARITHMIC and start * stop <= 0.0:
            raise FlexError(VALUE)
        if limit == 0.0 or (power is not None and not 0.001 <= power <= 2.0):
            raise FlexError(VALUE)
        self._check_levels(quantity, start, stop)
        count = integer(steps, 1, MOST_STEPS)
        self._setup.sweep = Sweep(smu.slot, quantity, kind, ranges.checked(quantity, code), start, stop, count, limit)
        self._setup.synchronous.clear()

    @staticmethod
    def _check_levels(quantity: str, *levels: float) -> None:
        table = ranges.SOURCE_V if quantity == "V" else ranges.SOURCE_I
        if any(abs(level) > table.top.value for level in levels):
            raise FlexError(VALUE)

    @command("WSV", 4, 6)
    def _synchronous_voltage(self, channel: float, *values: float) -> None:
        self._synchronous(channel, "V", *values)

    @command("WSI", 4, 6)
    def _synchronous_current(self, channel: float, *values: float) -> None:
        self._synchronous(channel, "I", *values)

    def _synchronous(
        self,
        channel: float,
        quantity: str,
        code: float,
        start: float,
        stop: float,
        limit: float | None = None,
        _power: float | None = None,
    ) -> None:
        smu, primary = self._find(channel), self._setup.sweep
        if primary is None or primary.quantity != quantity or primary.slot == smu.slot:
            raise FlexError(VALUE)
        if primary.mode in LOGARITHMIC and start * stop <= 0.0:
            raise FlexError(VALUE)
        self._check_levels(quantity, start, stop)
        known = ranges.checked(quantity, code)
        self._setup.synchronous[smu.slot] = Sweep(
            smu.slot, quantity, primary.mode, known, start, stop, primary.steps, limit
        )

    @command("WT", 2, 5)
    def _sweep_times(
        self, hold: float, delay: float, step: float = 0.0, trigger: float = 0.0, measure: float = 0.0
    ) -> None:
        setup = self._setup
        values = (
            within(hold, 0.0, LONGEST_HOLD), within(delay, 0.0, LONGEST_DELAY), within(step, 0.0, LONGEST_STEP_DELAY),
            within(trigger, 0.0, delay), within(measure, 0.0, LONGEST_DELAY),
        )  # fmt: skip
        setup.hold, setup.delay, setup.step_delay = round(values[0], 2), round(values[1], 4), round(values[2], 4)
        setup.trigger_delay, setup.measure_delay = round(values[3], 4), round(values[4], 4)

    @command("WM", 1, 2)
    def _sweep_end(self, abort: float, post: float = 1.0) -> None:
        self._setup.abort, self._setup.post = integer(abort, 1, 2), integer(post, 1, 2)

    # -- pulsed spot -------------------------------------------------------------------------------------------

    @command("PV", 4, 5)
    def _voltage_pulse(self, channel: float, *values: float) -> None:
        self._pulse(channel, "V", *values)

    @command("PI", 4, 5)
    def _current_pulse(self, channel: float, *values: float) -> None:
        self._pulse(channel, "I", *values)

    def _pulse(
        self, channel: float, quantity: str, code: float, base: float, peak: float, limit: float | None = None
    ) -> None:
        smu = self._find(channel)
        self._check_levels(quantity, base, peak)
        if limit == 0.0:
            raise FlexError(VALUE)
        self._setup.pulse = Pulse(smu.slot, quantity, ranges.checked(quantity, code), base, peak, limit)

    @command("PWV", 7, 8)
    def _voltage_pulses(self, channel: float, *values: float) -> None:
        self._pulse_sweep(channel, "V", *values)

    @command("PWI", 7, 8)
    def _current_pulses(self, channel: float, *values: float) -> None:
        self._pulse_sweep(channel, "I", *values)

    def _pulse_sweep(
        self,
        channel: float,
        quantity: str,
        mode: float,
        code: float,
        base: float,
        start: float,
        stop: float,
        steps: float,
        limit: float | None = None,
    ) -> None:
        smu, kind = self._find(channel), integer(mode, 1, 4)
        if (kind in LOGARITHMIC and start * stop <= 0.0) or limit == 0.0:
            raise FlexError(VALUE)
        self._check_levels(quantity, base, start, stop)
        count, known = integer(steps, 1, MOST_STEPS), ranges.checked(quantity, code)
        sweep = Sweep(smu.slot, quantity, kind, known, start, stop, count, limit)
        self._setup.pulsed_sweep = PulsedSweep(sweep, base)

    @command("PT", 2, 4)
    def _pulse_times(self, hold: float, width: float, period: float = 0.0, trigger: float = 0.0) -> None:
        within(hold, 0.0, LONGEST_HOLD)
        within(width, SHORTEST_PULSE, LONGEST_PULSE)
        within(trigger, 0.0, width)
        gap = 2e-3 if width <= 0.1 else 10e-3
        shortest = max(SHORTEST_PERIOD, width + gap)
        if period == 0.0:
            period = shortest
        if not shortest - 1e-9 <= period <= LONGEST_PERIOD:
            raise FlexError(VALUE)
        setup = self._setup
        setup.pulse_hold, setup.pulse_width, setup.pulse_period = round(hold, 2), round(width, 4), round(period, 4)

    # -- sampling ----------------------------------------------------------------------------------------------

    @command("MV", 4, 5)
    def _voltage_bias(self, channel: float, *values: float) -> None:
        self._bias(channel, "V", *values)

    @command("MI", 4, 5)
    def _current_bias(self, channel: float, *values: float) -> None:
        self._bias(channel, "I", *values)

    def _bias(
        self, channel: float, quantity: str, code: float, base: float, bias: float, limit: float | None = None
    ) -> None:
        smu = self._find(channel)
        self._check_levels(quantity, base, bias)
        if limit == 0.0:
            raise FlexError(VALUE)
        known = ranges.checked(quantity, code)
        self._setup.biases[smu.slot] = Bias(smu.slot, quantity, known, base, bias, limit)

    @command("MT", 3, 4)
    def _sampling_times(self, hold: float, interval: float, number: float, base_hold: float = 0.0) -> None:
        setup = self._setup
        within(interval, 1e-4, LONGEST_DELAY)
        within(hold, -0.09 if interval < 2e-3 else 0.0, LONGEST_HOLD)
        within(base_hold, 0.0, LONGEST_HOLD)
        count = integer(number, 1, MOST_SAMPLES // max(1, len(setup.channels)))
        setup.bias_hold, setup.interval, setup.samples, setup.base_hold = hold, interval, count, base_hold

    @command("MSC", 1, 2)
    def _sampling_end(self, abort: float, post: float = 1.0) -> None:
        self._setup.sampling_abort, self._setup.sampling_post = integer(abort, 1, 2), integer(post, 1, 2)

    @command("ML", 1)
    def _sampling_mode(self, mode: float) -> None:
        if integer(mode, 1, 7) != 1:
            raise FlexError(VALUE, "logarithmic sampling is not simulated")

    @command("MCC", 0, 10)
    def _clear_biases(self, *channels: float) -> None:
        for slot in [self._find(channel).slot for channel in channels] or list(self._setup.biases):
            self._setup.biases.pop(slot, None)

    # -- *LRN? -------------------------------------------------------------------------------------------------

    def learn_sweep(self) -> str:
        """*LRN? 33."""
        setup = self._setup
        times = (setup.delay, setup.step_delay, setup.trigger_delay, setup.measure_delay)
        parts = [f"WM{setup.abort},{setup.post}", f"WT{setup.hold:.2f}," + ",".join(f"{time:.4f}" for time in times)]
        if setup.sweep is not None:
            parts.append(_source("W", setup.sweep, f"{setup.sweep.mode},", f",{setup.sweep.steps}"))
        parts += [_source("WS", sweep, "", "") for sweep in setup.synchronous.values()]
        return ";".join(parts)

    def learn_pulse(self) -> str:
        """*LRN? 34."""
        setup, pulse = self._setup, self._setup.pulse
        parts = [f"PT{setup.pulse_hold:.2f},{setup.pulse_width:.4f},{setup.pulse_period:.4f},0.0000"]
        if pulse is not None:
            numbers = f"{pulse.code},{pulse.base:+.5E},{pulse.peak:+.5E}" + _limit(pulse.limit)
            parts.append(f"P{pulse.quantity}{pulse.slot},{numbers}")
        if (pulses := setup.pulsed_sweep) is not None:
            sweep = pulses.sweep
            levels = f"{pulses.base:+.5E},{sweep.start:+.5E},{sweep.stop:+.5E},{sweep.steps}" + _limit(sweep.limit)
            parts.append(f"PW{sweep.quantity}{sweep.slot},{sweep.mode},{sweep.code},{levels}")
        return ";".join(parts)

    def learn_sampling(self) -> str:
        """*LRN? 47."""
        setup = self._setup
        times = f"{setup.bias_hold:.4f},{setup.interval:.5f},{setup.samples},{setup.base_hold:.2f}"
        parts = [f"MSC{setup.sampling_abort},{setup.sampling_post}", f"MT{times}", "ML1"]
        for bias in setup.biases.values():
            numbers = f"{bias.code},{bias.base:+.5E},{bias.bias:+.5E}" + _limit(bias.limit)
            parts.append(f"M{bias.quantity}{bias.slot},{numbers}")
        return ";".join(parts)


def _source(letters: str, sweep: Sweep, before: str, after: str) -> str:
    numbers = f"{sweep.code},{sweep.start:+.5E},{sweep.stop:+.5E}{after}{_limit(sweep.limit)}"
    return f"{letters}{sweep.quantity}{sweep.slot},{before}{numbers}"


def _limit(limit: float | None) -> str:
    return "" if limit is None else f",{limit:+.5E}"
