"""Frequency list of one channel: the function at one frequency after the other."""

from sim_instruments.generator import modulated_cycle
from sim_instruments.generator.cycle import Cycle

MOST_FREQUENCIES = 128
FACTORY: tuple[float, ...] = (100.0, 1000.0, 550.0)


class FrequencyList:
    """frequencies: Hz. dwell: time at each of them [s]. Steps by trigger are not simulated."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The list and dwell time after a reset."""
        self.frequencies, self.dwell = FACTORY, 1.0

    def cycle(self, carrier: Cycle) -> Cycle:
        """The carrier through the list, once."""
        return modulated_cycle.stepped(carrier, self.frequencies, self.dwell)
