"""One output of a B1525A HV-SPGU in a B1500A as a `PulseGenerator`.

All outputs of a mainframe share the period, the number of pulses and the trigger. Settings act at ``SPUPD``, which is
sent here only. A train is one exchange: the instrument starts it, waits for as long as it lasts (``PA``) and says that
it is over (``SPST?``).

Source: B1500A programming guide ed. 11, "SPGU Module" and the SP… commands; data sheet, page 19. Not confirmed: that
edges are full ramps, that widths lie between the 50 % points, the resolution of times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from drivers.checks import one_of, quantity, within
from drivers.errors import Refused
from drivers.keysight_b1500a_words import number
from drivers.pulse_channel import PulseChannel, PulseRequest
from drivers.pulse_checks import check_levels, terminal_share
from drivers.records import PulseGeneratorAbilities, PulseShape

if TYPE_CHECKING:
    from drivers.keysight_b1500a import KeysightB1500A

OPEN_LOAD: Final = 1e6  # Ω, the largest that SER takes; stands for a gate
EDGES: Final = ((10.0, 20e-9), (20.0, 30e-9), (math.inf, 60e-9))  # shortest guaranteed edge (s) up to an amplitude (V)
SHORTEST_REST: Final = 10e-9  # s of a period beside the width
SLACK: Final = 1.25  # default period over the shortest that fits
TIME_STEP: Final = 1.01e-8  # s
TIME_ROUNDING: Final = 1e-5  # relative
LEVEL_STEP: Final = 1.6e-3  # V
LONGEST_PAUSE: Final = 99.0  # s of one PA
PAUSE_STEP: Final = 1e-4

ABILITIES: Final = PulseGeneratorAbilities(
    widths=(50e-9, 9.9),
    edges=(20e-9, 0.4),
    periods=(100e-9, 10.0),
    edge_share=1.0,
    highest_open=40.0,
    highest_50_ohm=20.0,
    smallest_amplitude_open=2.0 * LEVEL_STEP,
    resolution=LEVEL_STEP / 40.0,
    source_resistance=50.0,
    loads=(0.1, OPEN_LOAD),
    max_count=10**6,
    endless=False,
    width_definition="50%",
    triggers=("bus",),
    arbitrary=None,
    shared_trigger=True,
)


class ChannelB1525A(PulseChannel):
    """One output: terminal "501" is the first one of the module in slot 5.

    Refused as well: another period than that of an output of this mainframe that is on.
    """

    _instrument: KeysightB1500A

    @property
    def abilities(self) -> PulseGeneratorAbilities:
        """What this output can do."""
        return ABILITIES

    @property
    def armed_period(self) -> float | None:
        """Period [s] of the pulse of an output that is on; all outputs of a mainframe have the same."""
        return self._pulse.period if self._on and self._pulse else None

    # Load and pulse --------------------------------------------------------------------------------------------------

    def _send_load(self, ohm: float) -> float:
        """An open end is told to the instrument as 1 MΩ."""
        told = OPEN_LOAD if ohm == math.inf else ohm
        # Levels of another load may be too high for this one.
        self._instrument.send(f"SPV {self._n},1,0,0", f"SER {self._n},{number(told)}")
        self._demand("load", self._values(f"SER? {self._n}", 1), (told,), 0.0, 1e-3)
        return ohm

    def _values(self, query: str, count: int) -> list[float]:
        reply = self._instrument.ask(query)
        try:
            values = [float(part) for part in reply.split(",")]
        except ValueError:
            values = []
        if len(values) != count:
            raise self._instrument.error(f"{count} numbers were expected", query, reply)
        return values

    def _demand(
        self, name: str, found: Sequence[float], asked: Sequence[float], absolute: float, relative: float
    ) -> None:
        """InstrumentError if the instrument changed a setting by more than rounding."""
        for value, target in zip(found, asked, strict=True):
            if abs(value - target) > absolute + relative * abs(target):
                raise self._instrument.error(
                    f"{self._n}: asked for {name} {target:g}, in force is {value:g}",
                    remedy="choose a pulse that fits the instrument",
                )

    def _send_pulse(self, wanted: PulseShape, old: PulseShape | None) -> PulseShape:
        self._set_times(wanted, old)
        self._set_levels(wanted, old)
        if self._on:
            self._instrument.send(f"SPUPD {self._n}")
        return wanted

    def _set_times(self, wanted: PulseShape, old: PulseShape | None) -> None:
        times = (wanted.delay, wanted.width, wanted.rise, wanted.fall)
        if old is not None and (*times, wanted.period) == (old.delay, old.width, old.rise, old.fall, old.period):
            return
        n = self._n
        mode = [] if self._any_on() else ["SIM 0"]  # it takes every output to 0 V
        self._instrument.send(
            *mode, f"SPPER {number(wanted.period)}", f"SPM {n},1",
            f"SPT {n},1," + ",".join(map(number, times)), f"SPRM 1,{self._count}",
        )  # fmt: skip
        self._demand("period", self._values("SPPER?", 1), (wanted.period,), TIME_STEP, TIME_ROUNDING)
        self._demand("times", self._values(f"SPT? {n},1", 4), times, TIME_STEP, TIME_ROUNDING)

    def _set_levels(self, wanted: PulseShape, old: PulseShape | None) -> None:
        levels = (wanted.base, wanted.level)
        if old is not None and levels == (old.base, old.level):
            return
        self._instrument.send(f"SPV {self._n},1,{number(wanted.base)},{number(wanted.level)}")
        self._demand("level", self._values(f"SPV? {self._n},1", 2), levels, LEVEL_STEP, 0.0)

    def _any_on(self) -> bool:
        return any(generator._on for generator in self._instrument.generators)

    def _requested(self, asked: PulseRequest) -> PulseShape:
        base, level, load = asked.base, asked.level, self._stated_load()
        check_levels(ABILITIES, base, level, load)
        width = within("pulse width", asked.width, "s", *ABILITIES.widths)
        delay = within("delay", asked.delay, "s", 0.0, ABILITIES.periods[1])
        amplitude = abs(level - base) / terminal_share(ABILITIES, load)
        shortest_edge = next(edge for limit, edge in EDGES if amplitude <= limit)
        up, down = (
            within("edge", shortest_edge if edge is None else edge, "s", shortest_edge, ABILITIES.edges[1])
            for edge in (asked.rise, asked.fall)
        )
        if width < 0.5 * (up + down):
            least = quantity(0.5 * (up + down), "s")
            raise Refused(f"pulse width {quantity(width, 's')} is too short for its edges: at least {least}")
        return PulseShape(
            base, level, width, self._fitting_period(width, up, down, delay, asked.period), up, down, delay
        )

    def _fitting_period(self, width: float, up: float, down: float, delay: float, period: float | None) -> float:
        least = max(delay + 0.5 * (up + down) + width + SHORTEST_REST, ABILITIES.periods[0])
        shared = [
            other.armed_period for other in self._instrument.generators if other is not self and other.armed_period
        ]
        if period is None:
            period = shared[0] if shared else min(SLACK * least, ABILITIES.periods[1])
        within("period", period, "s", least, ABILITIES.periods[1], "delay, width and edges must fit the period")
        if any(abs(period - other) > TIME_STEP for other in shared):
            raise Refused(
                f"period {quantity(period, 's')} would change that of the other outputs, {quantity(shared[0], 's')}: "
                "they share one; switch them off or use theirs"
            )
        return period

    # Trains ----------------------------------------------------------------------------------------------------------

    def _send_count(self, n: int) -> None:
        """All outputs of the mainframe send the same number."""
        self._instrument.send(f"SPRM 1,{n}")
        self._demand("mode and count", self._values("SPRM?", 2), (1.0, float(n)), 0.0, 0.0)
        for generator in self._instrument.generators:
            generator._count = n

    def trigger(self, source: str, *, edge: str = "rising") -> str:  # noqa: ARG002 - the role's signature
        """As in the role; only "bus": that a trigger input can start the module is not confirmed."""
        return one_of("trigger source", source, ABILITIES.triggers)

    def _check_train(self) -> None:
        """Refuse as well where an output that is on has another period by now."""
        shape = self._set_pulse()
        self._fitting_period(shape.width, shape.rise, shape.fall, shape.delay, shape.period)

    def _send_output(self, on: bool) -> bool:
        if on:
            period = number(self._set_pulse().period)
            self._instrument.send(f"SPPER {period}", f"CN {self._n}", f"SPUPD {self._n}")
        else:
            self._instrument.send(f"CL {self._n}")
        return self._ask_output()

    def _ask_output(self) -> bool:
        return self._n in self._instrument.connected()

    def _send_train(self) -> None:
        """Every output of the mainframe that is on sends its train."""
        seconds = self._count * self._set_pulse().period
        commands = ["SRP", *_pauses(seconds), "SPST?"]
        reply = self._instrument.ask(*commands, seconds_expected=seconds)
        if reply.strip() != "0":
            raise self._instrument.error("the train has not ended in its time", ";".join(commands), reply)

    def running(self) -> bool:
        """As in the role; `fire` returns when its train is over."""
        return self._instrument.ask("SPST?").strip() != "0"

    def _wait(self, timeout: float) -> None:
        if self.running() and self._instrument.ask(*_pauses(timeout), "SPST?", seconds_expected=timeout).strip() != "0":
            raise self._instrument.error(f"the train is not over after {quantity(timeout, 's')}", "SPST?")

    def stop(self) -> None:
        """As in the role: ends the trains of the mainframe and opens the output switch."""
        self._instrument.send("SPP")
        self.output(False)

    def waveform(self, samples: Sequence[float], dt: float) -> None:  # noqa: ARG002 - the role's signature
        """Refused: arbitrary waveforms are not offered by this driver."""
        raise Refused("arbitrary waveforms are not offered by this driver: abilities.arbitrary is None")

    # Safety ----------------------------------------------------------------------------------------------------------

    def _off_message(self) -> str:
        return f"CL {self._n}"

    def _reads_on(self) -> bool:
        return self._ask_output()


def _pauses(seconds: float) -> list[str]:
    """Commands by which the instrument waits at least `seconds`; one takes less than 100 s."""
    whole, rest = divmod(math.ceil(seconds / PAUSE_STEP) * PAUSE_STEP, LONGEST_PAUSE)
    return [f"PA {LONGEST_PAUSE:g}"] * int(whole) + ([f"PA {rest:.4f}"] if rest > 0.0 else [])
