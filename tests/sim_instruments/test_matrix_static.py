"""The static definitions of the switch matrices load in plain pyvisa-sim and say the same as the simulated ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import pyvisa
import yaml

import sim_instruments
from emulator import Harness, VirtualClock
from sim_instruments import Surroundings, create


@pytest.mark.parametrize(
    ("model", "file", "address"),
    [
        ("keithley_707b", "keithley_707b", "GPIB0::16::INSTR"),
        ("keithley_708b", "keithley_707b", "GPIB0::17::INSTR"),
        ("keysight_b2200a", "keysight_b2200a", "GPIB0::22::INSTR"),
        ("keysight_b2201a", "keysight_b2200a", "GPIB0::21::INSTR"),
        ("keysight_34980a", "keysight_34980a", "GPIB0::9::INSTR"),
    ],
)
def test_every_reply_is_that_of_the_twin(model: str, file: str, address: str) -> None:
    definition = Path(sim_instruments.__file__).parent / f"{file}.yaml"
    dialogues = yaml.safe_load(definition.read_text("utf-8"))["devices"][model]["dialogues"]
    manager = pyvisa.ResourceManager(f"{definition}@sim")
    static = manager.open_resource(address, read_termination="\n", write_termination="\n")
    twin = create(model, Surroundings("matrix", Harness(VirtualClock())))
    twin.execute(b"*CLS")
    twin.execute(b"*ESR?")  # power-on is no news
    for dialogue in dialogues:
        live = twin.execute(dialogue["q"].encode())
        if "r" in dialogue:
            assert live is not None
            assert static.query(dialogue["q"]) == live.decode().rstrip("\n")  # type: ignore[attr-defined]
        else:
            assert live is None
    manager.close()
