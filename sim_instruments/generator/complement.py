"""Two connectors of one channel: the output and its complement, whose levels are mirrored about the offset."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from emulator import Open, VoltageSource, Waveform

if TYPE_CHECKING:
    from emulator import Port
    from emulator.drives import Drive


class OutputPair:
    """Stands in for one port. middle: the offset as electromotive force [V].

    normal, complement: whether the relay of each connector is closed; both follow the next change of `drive`.
    """

    def __init__(self, output: "Port", complement: "Port", middle: Callable[[], float]) -> None:
        self._output, self._complement, self._middle = output, complement, middle
        self.normal = self.complement = False

    @property
    def drive(self) -> "Drive":
        """What drives the output."""
        return self._output.drive

    @drive.setter
    def drive(self, drive: "Drive") -> None:
        self._output.drive = drive if self.normal else Open()
        mirrored = replace(drive, level=self._mirror(drive.level)) if isinstance(drive, VoltageSource) else drive
        self._complement.drive = mirrored if self.complement else Open()

    def start(self, waveform: Waveform) -> None:
        """Run a waveform at the connectors that are on."""
        if self.normal:
            self._output.start(waveform)
        if self.complement:
            levels = tuple(self._mirror(level) for level in waveform.levels)
            self._complement.start(replace(waveform, levels=levels))

    def stop(self) -> None:
        """End it."""
        self._output.stop()
        self._complement.stop()

    def _mirror(self, volts: float) -> float:
        return 2.0 * self._middle() - volts
