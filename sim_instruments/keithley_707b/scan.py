"""Scans of a 707B: the `scan` table, a list of steps that are closed one after the other.

Models 707B and 708B reference manual, 3-9 (examples) and 7-142 to 7-152. Steps follow each other without waiting for
triggers. Left out: `scan.background`, `scan.trigger`, `scan.bypass`.
"""

from __future__ import annotations

from typing import Final

from sim_instruments.keithley_707b.cards import Crosspoint
from sim_instruments.keithley_707b.channels import MatrixChannels
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number

OPEN_ALL, OPEN_SELECTIVE = 0, 1
EMPTY, BUILDING, ABORTED, SUCCESS = 0, 1, 3, 6
STATES: Final = {"EMPTY": EMPTY, "BUILDING": BUILDING, "RUNNING": 2, "ABORTED": ABORTED, "FAILED": 4, "FAILED_INIT": 5,
                 "SUCCESS": SUCCESS}  # fmt: skip
NO_STEPS: Final = -221
"""What executing an empty list reports; the mainframe's own code is not confirmed."""
MOST_SCANS: Final = 1_000_000


class Scan:
    """The scan list and its settings. What the last step has closed stays closed (not confirmed)."""

    def __init__(self, channels: MatrixChannels) -> None:
        self._channels = channels
        channels.on_lost.append(self._forget)
        self.table = TspObject("scan", MODE_OPEN_ALL=OPEN_ALL, MODE_OPEN_SELECTIVE=OPEN_SELECTIVE, **STATES)
        self._mode = self.table.setting("mode", OPEN_ALL, choice(OPEN_ALL, OPEN_SELECTIVE))
        self._count = self.table.setting("scancount", 1, number(1, MOST_SCANS))
        self.table.attribute("stepcount", lambda: len(self._steps))
        for name in ("create", "add", "list", "execute", "state", "reset"):
            self.table.function(name, getattr(self, name))
        self._clear()

    def _clear(self) -> None:
        self._steps: list[tuple[Crosspoint, ...]] = []
        self._state, self._scans_done, self._steps_done = EMPTY, 0, 0

    def _forget(self, channels: set[Crosspoint]) -> None:
        """These channels can no longer be closed: steps that hold one go."""
        self._steps = [step for step in self._steps if not channels & set(step)]

    def create(self, given: LuaValue = None) -> None:
        """`scan.create([list])`: a new list, empty or of these steps."""
        self._clear()
        if given not in (None, ""):
            self.add(given)

    def add(self, given: LuaValue) -> None:
        """`scan.add(list)`: one step more for each channel and each pattern; those before an error are kept."""
        for step in self._channels.steps(given):
            self._steps.append(step)
            self._state, self._scans_done, self._steps_done = BUILDING, 0, 0

    def list(self) -> str:
        """`scan.list()`: what each step opens and closes."""
        if not self._steps:
            return "Empty Scan"  # wording not confirmed
        lines, before = ["Init) OPEN..."], ""
        for number_of_step, step in enumerate(self._steps, start=1):
            names = ",".join(one.name for one in step)
            lines += [f"{number_of_step}) STEP: {names}", *([f"OPEN: {before}"] if before else []), f"CLOSE: {names}"]
            before = names
        return "\n".join(lines)

    def execute(self) -> None:
        """`scan.execute()`: run all steps `scan.scancount` times and return when that is done.

        One that takes more steps of time than a message may have is aborted, as an endless script is.
        """
        if not self._steps:
            raise TspError(NO_STEPS, "(the scan list is empty)")
        channels, scanned = self._channels, {one for step in self._steps for one in step}
        channels.exchange(set(channels.closed) if self._mode.value == OPEN_ALL else scanned & channels.closed, [])
        before: tuple[Crosspoint, ...] = ()
        self._scans_done, self._state = 0, ABORTED  # until it is through
        for _ in range(int(self._count.value)):
            self._steps_done = 0
            for step in self._steps:
                channels.exchange(before, list(step))
                before = step
                self._steps_done += 1
            self._scans_done += 1
        self._state = SUCCESS

    def state(self) -> tuple[int, int, int]:
        """`scan.state()`: state, scans and steps that are complete."""
        return self._state, self._scans_done, self._steps_done

    def reset(self) -> None:
        """`scan.reset()`: no steps, settings as after power-on."""
        self._clear()
        self.table.reset()
