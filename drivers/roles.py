"""What an experiment may ask of an instrument, whatever its make: three small abstract roles in SI units.

Rules for every role:

- One role object stands for one channel. The channels of one box share its link and its lock.
- `Refused` is raised before anything is sent: for NaN and infinities, for values outside `abilities` or the fixed
  range, for
  unknown labels, and for requests that make no sense in the present state. The instrument is then as it was.
- `InstrumentError` is raised when the instrument reported an error, did not answer, or is not in the state it was
  asked for.
- Every setter returns what is now in force, read back from the instrument, not what was asked.
- `make_safe` never raises: it returns what went wrong as sentences, an empty list when the instrument confirmed that
  it is safe.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from drivers.records import (
    Flag,
    MeasureSetting,
    PulseGeneratorAbilities,
    PulseShape,
    Reading,
    Readings,
    SourceMeasureAbilities,
    SourceSetting,
    SwitchMatrixAbilities,
)

__all__ = [
    "Crosspoint",
    "Flag",
    "MeasureSetting",
    "PulseGenerator",
    "PulseGeneratorAbilities",
    "PulseShape",
    "Reading",
    "Readings",
    "SourceMeasureAbilities",
    "SourceMeasureUnit",
    "SourceSetting",
    "SwitchMatrix",
    "SwitchMatrixAbilities",
]

Crosspoint: TypeAlias = tuple[str, str]
"""(row, column), both in the matrix's own labels."""


class SourceMeasureUnit(ABC):
    """One channel that sources a voltage or a current and measures both. Current is positive out of the terminal."""

    @property
    @abstractmethod
    def abilities(self) -> SourceMeasureAbilities:
        """Ranges, limits, apertures, pulses, off states of this model. Nothing is sent."""

    @abstractmethod
    def source_voltage(
        self,
        level: float,
        *,
        current_limit: float,
        voltage_range: float | None = None,
        high_capacitance: bool = False,
    ) -> SourceSetting:
        """Become a voltage source: limit first, then range, then level. The output stays off.

        level: V. current_limit: A, always given; there is no default. voltage_range: V, the smallest range that holds
        it is fixed; None lets the source autorange. high_capacitance: for loads above the model's plain limit; it
        removes low ranges.
        Refused while the output is on, below the model's smallest limit, above the range or the power envelope.
        """

    @abstractmethod
    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """Become a current source: limit first, then range, then level. The output stays off.

        level: A. voltage_limit: V. current_range: A, as in `source_voltage`. Refused as there.
        """

    @abstractmethod
    def set_level(self, value: float) -> float:
        """Change the level (V or A) of the present function at once; returns the level in force.

        Refused before a function and a limit were set, and above the fixed range.
        """

    @abstractmethod
    def measure_setup(
        self,
        *,
        aperture: float,
        current_range: float | None = None,
        voltage_range: float | None = None,
        autozero: str = "auto",
        lowest_current_range: float | None = None,
    ) -> MeasureSetting:
        """Set ranges (A, V; None = autorange), integration time and autozero of all later readings.

        aperture: s; the driver converts it with the unit's own line frequency. autozero: "auto", "once" (now) or "off".
        lowest_current_range: A, the lowest range the autorange may choose; None means the lowest there is.
        Refused: an aperture outside the model's, and, with the current autoranging, an aperture shorter than the
        settling of the lowest range allowed, because such a reading would show the range change and not the sample.
        """

    @abstractmethod
    def output(self, on: bool) -> bool:
        """Switch the output; returns the state read back.

        On is refused until a limit was set since the last reset or make-safe.
        """

    @property
    @abstractmethod
    def output_state(self) -> bool:
        """Whether the output is on, asked from the instrument: outputs can switch off by themselves."""

    @abstractmethod
    def off_state(self, kind: str) -> str:
        """What "off" means from now on: "zero" (0 V, connected), "normal" (0 V, small limit) or "open" (relay open).

        Returns the kind read back. A gate kept at 0 V and one left open behave differently for minutes and more, so an
        experiment chooses and a run file records it. Refused: a kind that is not in `abilities.off_states`.
        """

    @abstractmethod
    def measure(self) -> Reading:
        """One reading of voltage and current with the present setup. The instrument's own settling delay applies."""

    @abstractmethod
    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """Step through `levels` (V or A) on the instrument's own list and read at each; one block comes back.

        dwell: s from the step to the start of its reading. hold: s more before the first reading. aperture: s, kept
        afterwards. Autozero is done once before. Afterwards the level is what it was before the sweep. Longer lists
        than `abilities.max_list_length` are split, with a gap of one exchange; `Readings.chunks` says so.
        Refused while the output is off, on a current autorange, above the fixed range or the buffer.
        """

    @abstractmethod
    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """Go to `level` (V or A) for `width` seconds and then to `base`; with `measure`, read at the end of the pulse.

        The reading takes up the last aperture of the width. The reading is flagged UNSTABLE if the time before it is
        shorter than the settling of the current range. Without `measure`, voltage and current are NaN and the
        compliance flag is told.
        Refused: output off; width below `abilities.shortest_pulse`; with `measure`, a width below the aperture, a
        current autorange, or autozero "auto" (which lengthens readings now and then).
        """

    @abstractmethod
    def in_compliance(self) -> bool:
        """Whether the source is at its limit now, asked afresh from the instrument."""

    @abstractmethod
    def make_safe(self) -> list[str]:
        """Stop what runs, level to 0, output to its off state, read back. Never raises; returns what went wrong."""


class PulseGenerator(ABC):
    """One channel that fires trains of equal pulses from a base level."""

    @property
    @abstractmethod
    def abilities(self) -> PulseGeneratorAbilities:
        """Widths, edges, levels, load and triggers of this model. Nothing is sent."""

    @abstractmethod
    def load(self, ohm: float) -> float:
        """Tell the instrument what it drives (Ω, or inf for a gate or another open end); returns the load in force.

        Every level is meant at this load and is checked against the true terminal voltage there. No pulse is accepted
        before
        the load was stated: with the usual default of 50 Ω a gate would get twice the voltage. Refused while the
        output is on.
        """

    @abstractmethod
    def pulse(
        self,
        *,
        base: float,
        level: float,
        width: float,
        period: float | None = None,
        rise: float | None = None,
        fall: float | None = None,
        delay: float = 0.0,
    ) -> PulseShape:
        """Set the shape of every pulse; returns the shape in force. Nothing is fired.

        base, level: V at the load; the level may lie on either side of the base. width: s between the 50 % points.
        period: s from pulse to pulse, None = the shortest that fits well. rise, fall: s of the full straight ramp
        (0–100 %), None = the shortest there is. delay: s from the trigger to the pulse.
        Refused: whatever the instrument would have to change by more than rounding.
        """

    @abstractmethod
    def count(self, n: int | None) -> int | None:
        """Pulses of one train (1 … abilities.max_count); None = endless where the model offers it. Returns what is in
        force.
        """

    @abstractmethod
    def trigger(self, source: str, *, edge: str = "rising") -> str:
        """What fires a train, one of `abilities.triggers`; "bus" is `fire`. Returns the source in force.

        "external": each `edge` ("rising" or "falling") at the trigger input fires one train while none runs; `fire` is
        refused then, and `wait` returns when a train that has begun is over. A reset or make-safe returns to "bus".
        """

    @abstractmethod
    def polarity(self, sign: int) -> PulseShape:
        """Mirror the pulse about its base: +1 pulses upward, −1 downward, with the same size and times. Returns the
        shape.
        """

    @abstractmethod
    def output(self, on: bool) -> bool:
        """Switch the output; returns the state read back.

        On is refused until load and pulse were set since the last reset or make-safe.
        """

    @property
    @abstractmethod
    def output_state(self) -> bool:
        """Whether the output is on, asked from the instrument: an overload switches it off."""

    @abstractmethod
    def fire(self) -> None:
        """Send one train and return when it is over. Refused while the output is off or without a pulse.

        Where `abilities.shared_trigger` is set, every armed channel of the same box fires.
        """

    @abstractmethod
    def running(self) -> bool:
        """Whether a train is still being sent."""

    @abstractmethod
    def wait(self, timeout: float) -> None:
        """Return when the train is over; InstrumentError after `timeout` seconds. Refused for an endless train."""

    @abstractmethod
    def stop(self) -> None:
        """End a train now. The output is off afterwards, since a pulse may be cut off anywhere."""

    @abstractmethod
    def waveform(self, samples: Sequence[float], dt: float) -> None:
        """Load an arbitrary waveform in the place of the pulse, V at the load at `dt` seconds each. Nothing is fired.

        Refused: without `abilities.arbitrary`; a first sample that differs from the last, since the output rests there;
        levels, intervals and numbers of samples that the model does not have.
        """

    @abstractmethod
    def make_safe(self) -> list[str]:
        """Output off, read back. Never raises; returns what went wrong."""


class SwitchMatrix(ABC):
    """Relays that join rows (instruments) with columns (chip pads). Labels are the matrix's own; the bench knows what
    they mean.

    No command here knows which row is a source: keeping two sources off one line is the bench's part, helped by
    `forbid`. Sources should be at 0 V or off before relays move.
    """

    @property
    @abstractmethod
    def abilities(self) -> SwitchMatrixAbilities:
        """Rows, columns, settling, counters. Nothing is sent."""

    @abstractmethod
    def connect(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """Close exactly these: first open what is closed and not wanted, then close what is missing. Returns what is
        closed.

        InstrumentError if the instrument does not confirm exactly this set. Refused: unknown labels, forbidden
        crosspoints.
        """

    @abstractmethod
    def close_crosspoints(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """Close these in addition; all or none. Returns what is closed."""

    @abstractmethod
    def open_crosspoints(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """Open these; all or none. Returns what is still closed."""

    @abstractmethod
    def closed(self) -> frozenset[Crosspoint]:
        """What is closed, read from the instrument: relays stay closed from run to run."""

    @abstractmethod
    def open_all(self) -> None:
        """Open every relay; InstrumentError if any reads back closed."""

    @abstractmethod
    def forbid(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """Never close these, until the next reset; also set in the instrument where it can. Returns all that are
        forbidden.

        Refused for a crosspoint that is closed.
        """

    @abstractmethod
    def cycles(self, crosspoint: Crosspoint) -> int | None:
        """How often this relay has closed in its life; None where the instrument does not count."""

    @abstractmethod
    def make_safe(self) -> list[str]:
        """Open every relay, read back. Never raises; returns what went wrong."""
