"""Checks that every driver of a role must pass, on its simulated instrument and on a real bench.

Each function takes one role object whose terminals carry nothing, or a resistor where it says so, works within the
levels it states, and returns one `Finding` for each check. It ends with everything off, whatever happened. Nothing
here is a test framework: a script at the bench prints the findings, a test asserts that all of them passed.

Never run them with a chip connected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from drivers.checks import quantity
from drivers.errors import InstrumentError, Refused
from drivers.records import Flag
from drivers.roles import Crosspoint, PulseGenerator, SourceMeasureUnit, SwitchMatrix

NOT_NUMBERS = (math.nan, math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: its name, whether it passed, and what was seen."""

    check: str
    passed: bool
    detail: str = ""


class _Failed(Exception):  # noqa: N818 - not an error of the program: the outcome of a check
    """A check did not hold."""


Check = Callable[[], None]


def _run(checks: Sequence[tuple[str, Check]], make_safe: Callable[[], list[str]]) -> list[Finding]:
    """Run each check from a safe state; the last finding is about making safe."""
    findings = []
    problems: list[str] = []
    for name, check in checks:
        try:
            check()
            findings.append(Finding(name, True))
        except (_Failed, Refused, InstrumentError) as error:
            findings.append(Finding(name, False, str(error)))
        finally:
            problems += make_safe()
    findings.append(Finding("make_safe leaves nothing on and reports no problem", not problems, "; ".join(problems)))
    return findings


def _demand(condition: bool, otherwise: str) -> None:
    if not condition:
        raise _Failed(otherwise)


def _demand_close(name: str, found: float, expected: float, tolerance: float, unit: str) -> None:
    seen = f"{name} is {quantity(found, unit)}, expected {quantity(expected, unit)} ± {quantity(tolerance, unit)}"
    _demand(abs(found - expected) <= tolerance, seen)


@contextmanager
def _refusal(request: str) -> Iterator[None]:
    try:
        yield
    except Refused:
        return
    raise _Failed(f"{request} was not refused")


# Source-measure unit ---------------------------------------------------------------------------------


def check_source_measure_unit(
    smu: SourceMeasureUnit,
    *,
    resistance: float = math.inf,
    voltage: float = 0.1,
    current_limit: float = 1e-6,
    tolerance: float = 0.02,
) -> list[Finding]:
    """Check a source-measure unit on an open end or on a resistor to ground.

    resistance: Ω, inf for an open end; between 10 kΩ and 10 MΩ the current checks mean something. voltage: V, the
    largest level applied, at most 1 V. current_limit: A. tolerance: relative error allowed to readings on the
    resistor. The output has to be off and no limit set (as after opening or a reset) for the first check to mean
    something.
    """
    _require_safe_level(voltage, current_limit)
    bench = _SourceMeasureChecks(smu, resistance, voltage, current_limit, tolerance)
    return _run(bench.all(), smu.make_safe)


def _require_safe_level(voltage: float, current_limit: float) -> None:
    if not (0.0 < voltage <= 1.0 and 0.0 < current_limit <= 1e-3):
        raise Refused(f"conformance checks stay within 1 V and 1 mA: {voltage:g} V, {current_limit:g} A were asked for")


class _SourceMeasureChecks:
    def __init__(
        self, smu: SourceMeasureUnit, resistance: float, voltage: float, current_limit: float, tolerance: float
    ) -> None:
        self.smu = smu
        self.resistance = resistance
        self.voltage = voltage
        self.limit = current_limit
        self.tolerance = tolerance
        self.current = voltage / resistance
        self.range = next(scale for scale in smu.abilities.measure_current_ranges if scale >= current_limit)
        self.aperture = min(20e-3, smu.abilities.apertures[1])
        self.dwell = 2.0 * smu.abilities.settling(self.range)

    def all(self) -> list[tuple[str, Check]]:
        checks = [
            ("output on is refused before a limit was set", self.limit_before_output),
            ("NaN, infinities and values out of range are refused", self.refusals),
            ("limit, level and range are refused while the output is on", self.no_limit_change_while_on),
            ("pulses and sweeps that do not fit are refused", self.no_misfits),
            ("the shortest and the longest aperture are in force", self.apertures),
            ("a voltage reads back", self.reads),
            ("a sweep reads every level and returns", self.sweeps),
            ("a pulse ends at its base", self.pulses),
            ("every off state switches off", self.off_states),
        ]
        if math.isfinite(self.resistance):
            checks.append(("compliance is flagged and clamps", self.clamps))
            checks.append(("a reading out of range is flagged and no number", self.overflows))
            checks.append(("a current source drives the resistor", self.sources_current))
        return checks

    def limit_before_output(self) -> None:
        with _refusal("output on without a limit"):
            self.smu.output(True)

    def refusals(self) -> None:
        can = self.smu.abilities
        for value in (*NOT_NUMBERS, 10 * can.voltage_ranges[-1]):
            with _refusal(f"a level of {value} V"):
                self.smu.source_voltage(value, current_limit=self.limit)
        for value in (*NOT_NUMBERS, 0.0, can.current_limits[0] / 10, can.current_limits[1] * 10):
            with _refusal(f"a limit of {value} A"):
                self.smu.source_voltage(0.0, current_limit=value)
        for value in (*NOT_NUMBERS, 0.0, can.apertures[1] * 10):
            with _refusal(f"an aperture of {value} s"):
                self.smu.measure_setup(aperture=value, current_range=self.range)

    def no_limit_change_while_on(self) -> None:
        self._on_at(0.0)
        with _refusal("a new limit while the output is on"):
            self.smu.source_voltage(0.0, current_limit=self.limit)
        with _refusal("a level above the fixed range"):
            self.smu.set_level(2.0 * self.range_voltage)

    def no_misfits(self) -> None:
        can, level, long_enough = self.smu.abilities, self.voltage, self.dwell + self.aperture
        with _refusal("a pulse with the output off"):
            self.smu.pulse(level, long_enough)
        self._on_at(0.0)
        for width in (*NOT_NUMBERS, 0.0, can.shortest_pulse / 2, 2.0 * can.longest_pulse):
            with _refusal(f"a pulse of {width} s"):
                self.smu.pulse(level, width, measure=False)
        with _refusal("a pulse above the fixed range"):
            self.smu.pulse(2.0 * self.range_voltage, long_enough)
        with _refusal("a sweep above the fixed range"):
            self.smu.sweep([0.0, 2.0 * self.range_voltage], dwell=self.dwell, aperture=self.aperture)
        for dwell in (*NOT_NUMBERS, -1.0, 2.0 * can.longest_dwell):
            with _refusal(f"a dwell of {dwell} s"):
                self.smu.sweep([0.0], dwell=dwell, aperture=self.aperture)
        self.smu.measure_setup(aperture=self.aperture, lowest_current_range=self.range, autozero="once")
        with _refusal("a timed reading on the autorange"):
            self.smu.pulse(level, long_enough)

    def apertures(self) -> None:
        for aperture in self.smu.abilities.apertures:
            setting = self.smu.measure_setup(aperture=aperture, current_range=self.range, autozero="once")
            _demand_close("aperture", setting.aperture, aperture, 1e-2 * aperture, "s")

    @property
    def range_voltage(self) -> float:
        return next(scale for scale in self.smu.abilities.voltage_ranges if scale >= self.voltage)

    def _on_at(self, level: float, limit: float | None = None) -> None:
        self.smu.source_voltage(level, current_limit=limit or self.limit, voltage_range=self.voltage)
        self.smu.measure_setup(aperture=self.aperture, current_range=self.range, autozero="once")
        self.smu.output(True)

    def _demand_point(self, level: float, voltage: float, current: float) -> None:
        _demand_close("voltage", voltage, level, self.tolerance * self.voltage + 2e-3, "V")
        offset = 2e-3 * self.range
        _demand_close("current", current, level / self.resistance, self.tolerance * abs(self.current) + offset, "A")

    def reads(self) -> None:
        for level in (self.voltage, -self.voltage):
            self._on_at(level)
            _demand(self.smu.output_state, "the output does not read on")
            reading = self.smu.measure()
            self._demand_point(level, reading.voltage, reading.current)
            _demand(Flag.COMPLIANCE not in reading.flags, f"a compliance flag far below the limit at {reading}")
            _demand(not self.smu.in_compliance(), "in compliance far below the limit")
            self.smu.output(False)
            _demand(not self.smu.output_state, "the output does not read off")

    def sweeps(self) -> None:
        self._on_at(0.0)
        levels = [self.voltage * step / 5 for step in range(-5, 6)]
        readings = self.smu.sweep(levels, dwell=self.dwell, aperture=self.aperture)
        _demand(len(readings) == len(levels), f"{len(readings)} readings of {len(levels)} levels")
        for level, voltage, current in zip(levels, readings.voltages, readings.currents, strict=True):
            self._demand_point(level, voltage, current)
        _demand(list(readings.times) == sorted(set(readings.times)), "times do not rise")
        self._demand_base()

    def pulses(self) -> None:
        self._on_at(0.0)
        width = self.dwell + self.aperture + self.smu.abilities.shortest_pulse
        reading = self.smu.pulse(self.voltage, width)
        self._demand_point(self.voltage, reading.voltage, reading.current)
        blind = self.smu.pulse(self.voltage, width, measure=False)
        _demand(math.isnan(blind.voltage) and math.isnan(blind.current), "a pulse without reading gives numbers")
        self._demand_base()

    def _demand_base(self) -> None:
        reading = self.smu.measure()
        self._demand_point(0.0, reading.voltage, reading.current)

    def off_states(self) -> None:
        for kind in self.smu.abilities.off_states:
            _demand(self.smu.off_state(kind) == kind, f"off state {kind!r} does not read back")
            self._on_at(0.0)
            _demand(self.smu.output(False) is False, f"the output stays on with off state {kind!r}")

    def clamps(self) -> None:
        limit = abs(self.current) / 2
        self._on_at(self.voltage, limit)
        reading = self.smu.measure()
        _demand(Flag.COMPLIANCE in reading.flags, f"no compliance flag at {reading}")
        _demand(self.smu.in_compliance(), "in_compliance says no")
        _demand_close("clamped current", abs(reading.current), limit, 0.1 * limit + 2e-3 * self.range, "A")

    def overflows(self) -> None:
        lower = [scale for scale in self.smu.abilities.measure_current_ranges if 1.5 * scale < abs(self.current)]
        if not lower:
            return  # the lowest range holds this current
        self._on_at(self.voltage)
        self.smu.measure_setup(aperture=self.aperture, current_range=lower[-1], autozero="once")
        reading = self.smu.measure()
        _demand(math.isnan(reading.current) and Flag.OVERFLOW in reading.flags, f"no overflow at {reading}")

    def sources_current(self) -> None:
        self.smu.source_current(self.current, voltage_limit=2.0 * self.voltage, current_range=abs(self.current))
        self.smu.measure_setup(aperture=self.aperture, current_range=self.range, autozero="once")
        self.smu.output(True)
        reading = self.smu.measure()
        _demand_close("voltage", reading.voltage, self.voltage, self.tolerance * self.voltage + 2e-3, "V")


# Pulse generator -------------------------------------------------------------------------------------


def check_pulse_generator(
    generator: PulseGenerator, *, amplitude: float = 0.5, width: float = 1e-3, load: float = math.inf
) -> list[Finding]:
    """Check a pulse generator on an open end (or on the stated load, Ω): at most `amplitude` V (≤ 1 V) from a base of
    0 V.

    width: s. The output has to be off and nothing set for the first check to mean something.
    """
    _require_safe_level(amplitude, 1e-3)
    bench = _PulseGeneratorChecks(generator, amplitude, width, load)
    return _run(bench.all(), generator.make_safe)


class _PulseGeneratorChecks:
    def __init__(self, generator: PulseGenerator, amplitude: float, width: float, load: float) -> None:
        self.generator = generator
        self.amplitude = amplitude
        self.width = width
        self.ohm = load

    def all(self) -> list[tuple[str, Check]]:
        return [
            ("a pulse is refused before the load was stated", self.load_first),
            ("NaN, infinities and values out of range are refused", self.refusals),
            ("a pulse is in force as asked, upward and downward", self.shapes),
            ("the shortest pulse is in force", self.shortest),
            ("a train fires and ends", self.fires),
            ("the load is kept while the output is on", self.load_kept),
        ]

    def _ready(self, level: float) -> None:
        self.generator.load(self.ohm)
        self.generator.pulse(base=0.0, level=level, width=self.width)

    def load_first(self) -> None:
        with _refusal("a pulse without a stated load"):
            self.generator.pulse(base=0.0, level=self.amplitude, width=self.width)
        with _refusal("output on without a pulse"):
            self.generator.output(True)

    def refusals(self) -> None:
        self.generator.load(self.ohm)
        can = self.generator.abilities
        for value in (*NOT_NUMBERS, 2.0 * can.highest_open, 0.0, 1e-6):
            with _refusal(f"a pulse to {value} V"):
                self.generator.pulse(base=0.0, level=value, width=self.width)
        for value in (*NOT_NUMBERS, 0.0, -1.0, can.widths[0] / 10):
            with _refusal(f"a width of {value} s"):
                self.generator.pulse(base=0.0, level=self.amplitude, width=value)
        with _refusal("a period shorter than the width"):
            self.generator.pulse(base=0.0, level=self.amplitude, width=self.width, period=self.width / 2)
        with _refusal("a train of no pulses"):
            self.generator.count(0)

    def shapes(self) -> None:
        self._ready(self.amplitude)
        self.generator.output(True)
        for sign in (-1, 1):
            shape = self.generator.polarity(sign)
            _demand_close("level", shape.level, sign * self.amplitude, 1e-2 * self.amplitude, "V")
            _demand_close("base", shape.base, 0.0, 1e-2 * self.amplitude, "V")
            _demand_close("width", shape.width, self.width, 1e-3 * self.width, "s")
            _demand(self.generator.output_state, "the output went off")

    def shortest(self) -> None:
        width = self.generator.abilities.widths[0]
        self.generator.load(self.ohm)
        shape = self.generator.pulse(base=0.0, level=self.amplitude, width=width)
        _demand_close("width", shape.width, width, 1e-2 * width, "s")

    def fires(self) -> None:
        self._ready(self.amplitude)
        _demand(self.generator.count(3) == 3, "the count does not read back")
        with _refusal("a train with the output off"):
            self.generator.fire()
        self.generator.output(True)
        self.generator.fire()
        self.generator.wait(1.0)
        _demand(not self.generator.running(), "the train does not end")
        self.generator.count(1)
        self.generator.stop()
        _demand(not self.generator.output_state, "stop leaves the output on")

    def load_kept(self) -> None:
        self._ready(self.amplitude)
        self.generator.output(True)
        with _refusal("a new load while the output is on"):
            self.generator.load(50.0)


# Switch matrix ---------------------------------------------------------------------------------------


def check_switch_matrix(matrix: SwitchMatrix) -> list[Finding]:
    """Check a switch matrix with nothing live on its rows: closes at most two relays at a time, two rows to two
    columns.
    """
    bench = _SwitchMatrixChecks(matrix)
    return _run(bench.all(), matrix.make_safe)


class _SwitchMatrixChecks:
    def __init__(self, matrix: SwitchMatrix) -> None:
        self.matrix = matrix
        (row, other_row), (column, other_column) = matrix.abilities.rows[:2], matrix.abilities.columns[:2]
        self.first: Crosspoint = (row, column)
        self.second: Crosspoint = (other_row, other_column)

    def all(self) -> list[tuple[str, Check]]:
        return [
            ("unknown labels are refused", self.refusals),
            ("connect closes exactly what it is asked for", self.connects),
            ("close adds and open removes", self.adds_and_removes),
            ("open_all opens everything", self.opens_all),
            ("what is closed cannot be forbidden", self.forbids),
            ("closures are counted, or the counter is said to be missing", self.counts),
        ]

    def refusals(self) -> None:
        for crosspoint in (("?", self.first[1]), (self.first[0], "?"), ("", "")):
            with _refusal(f"crosspoint {crosspoint}"):
                self.matrix.connect([crosspoint])

    def connects(self) -> None:
        for wanted in ({self.first}, {self.first, self.second}, {self.second}, set[Crosspoint]()):
            _demand(self.matrix.connect(wanted) == wanted, f"connect({wanted}) gives something else")
            _demand(self.matrix.closed() == wanted, f"after connect({wanted}) other relays are closed")

    def adds_and_removes(self) -> None:
        self.matrix.connect({self.first})
        _demand(self.matrix.close_crosspoints([self.second]) == {self.first, self.second}, "close does not add")
        _demand(self.matrix.open_crosspoints([self.first]) == {self.second}, "open does not remove")

    def opens_all(self) -> None:
        self.matrix.connect({self.first, self.second})
        self.matrix.open_all()
        _demand(self.matrix.closed() == frozenset(), "relays stay closed")

    def forbids(self) -> None:
        self.matrix.connect({self.first})
        with _refusal(f"forbidding {self.first}, which is closed"):
            self.matrix.forbid([self.first])
        _demand(self.matrix.closed() == {self.first}, "a refused request moved relays")

    def counts(self) -> None:
        if not self.matrix.abilities.closure_counter:
            _demand(self.matrix.cycles(self.first) is None, "closures are given without a counter")
            return
        before = self.matrix.cycles(self.first)
        self.matrix.connect({self.first})
        self.matrix.open_all()
        after = self.matrix.cycles(self.first)
        _demand(before is not None and after == before + 1, f"{before} closures before, {after} after one more")
