"""A run on the screen: a progress bar with time left, or JSON lines for a program."""

import sys
from contextlib import AbstractContextManager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ecramlab import events
from ecramlab.parameters import format_quantity


class EventPrinter(AbstractContextManager["EventPrinter"]):
    """Prints every event as one line of JSON, at once."""

    def __exit__(self, *_: object) -> None:
        """Nothing to close: every line was flushed."""

    def __call__(self, event: events.Event) -> None:
        """Print one event."""
        sys.stdout.write(event.to_json() + "\n")
        sys.stdout.flush()


class ProgressView(AbstractContextManager["ProgressView"]):
    """A progress bar with the present conductance and the time left; messages stand above it."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[reading]:>10}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=self.console,
        )
        self._task = self._bar.add_task("opening the bench", total=None, reading="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.Started():
                where = "emulated chip" if event.emulated else "REAL BENCH"
                self._bar.update(self._task, description=f"{event.title}, {where}", total=event.total)
            case events.Rows() if "conductance" in event.columns:
                self._bar.update(self._task, reading=format_quantity(event.columns["conductance"][-1], "S"))
            case events.Progress():
                self._bar.update(self._task, completed=event.done)
            case events.Message():
                style = {"error": "bold red", "warning": "yellow"}.get(event.level, "")
                self.console.print(f"{event.level}: {event.text}", style=style, markup=False)
