"""The drivers' instruments as simulated ones on a harness, reached without VISA."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from drivers.registry import open_driver
from drivers.visa_instrument import VisaInstrument
from emulator import Harness, Port, VirtualClock
from sim_instruments.instrument import Instrument, Surroundings
from sim_instruments.registry import create
from tests.drivers.fake_resource import FakeResource


@dataclass
class Twin:
    """One simulated instrument, alone on its bench, with the driver that talks to it.

    noise and accuracy are off: readings are those of an ideal unit of that model.
    """

    model: str
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.harness = Harness(self.clock)
        self.surroundings = Surroundings("unit", self.harness, noise=False, accuracy=False)
        self.sim: Instrument = create(self.model, self.surroundings, **self.options)
        self.resource = FakeResource(lambda message: self.sim.execute(message.encode("latin-1")))

    def open(self) -> VisaInstrument:
        return open_driver(self.model, self.resource.as_visa, label="unit")

    def port(self, terminal: str) -> Port:
        return self.surroundings.port(terminal)

    def resistor(self, terminal: str, ohms: float) -> None:
        if math.isfinite(ohms):
            self.harness.add_resistor(self.port(terminal).name, "ground", ohms)
