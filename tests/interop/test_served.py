"""Unmodified drivers of other packages over real sockets: pyvisa-py as the client, the emulated bench as the server."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Harness, VirtualClock
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create
from tests.sim_instruments.served_bench import serving

with warnings.catch_warnings():  # what other packages do at import is theirs
    warnings.simplefilter("ignore")
    from pymeasure.instruments.agilent import Agilent33500
    from pymeasure.instruments.keithley import Keithley2450, Keithley2600

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

MODULES = {"keysight_b1500a": {"slots": {1: "B1517A", 2: "B1517A"}}, "keysight_34980a": {"modules": {1: "8x64"}}}
QCODES = {
    "keithley_2602b": "Keithley.Keithley2602B", "keithley_2612b": "Keithley.Keithley2612B",
    "keithley_2634b": "Keithley.Keithley2634B", "keithley_2636b": "Keithley.Keithley2636B",
    "keithley_2450": "Keithley.Keithley2450", "keithley_707b": "Keithley.Keithley3706A",
    "keysight_33512b": "Keysight.Keysight33512B", "keysight_33522b": "Keysight.Keysight33522B",
    "keysight_33622a": "Keysight.Keysight33622A", "keysight_34980a": "Keysight.Keysight34980A",
    "keysight_b1500a": "Keysight.KeysightB1500", "keysight_b2200a": "Keysight.KeysightB2200",
    "keysight_b2902b": "Keysight.KeysightB2962A",
}  # fmt: skip
"""Model and driver; the 3706A and the B2962A are sisters with the same commands."""


@contextlib.contextmanager
def served(model: str) -> Iterator[tuple[Any, str]]:
    """The instrument, with 1 MΩ at its first terminal, and the VISA name of its socket."""
    harness = Harness(VirtualClock())
    unit = create(model, Surroundings("unit", harness, noise=False, accuracy=False), **MODULES.get(model, {}))
    for terminal in "1a":
        harness.add_resistor(f"unit.{terminal}", "ground", 1e6)
    with serving(EmulatedBench(harness, {"unit": unit}, {}), first_port=0) as server:
        yield unit, server.resources["unit"]


@pytest.mark.parametrize("model", QCODES)
def test_qcodes_opens_and_reads_every_parameter(model: str) -> None:
    maker, name = QCODES[model].split(".")
    driver = getattr(importlib.import_module(f"qcodes.instrument_drivers.{maker}"), name)
    with served(model) as (unit, resource), contextlib.closing(driver("unit", resource, visalib="@py")) as instrument:
        for part in instrument.submodules.values():
            if "user_number" in part.parameters:
                part.user_number(1)  # the 2450 driver asks for "USERNone" otherwise, which has no reply
        instrument.snapshot(update=True)
        assert len(unit.errors) == 0


def test_pymeasure_measures() -> None:
    with served("keithley_2450") as (unit, resource):
        smu = Keithley2450(resource, visa_library="@py", read_termination="\n", write_termination="\n")
        smu.source_mode = "voltage"
        smu.source_voltage = 0.5
        smu.write(":OUTP ON")
        assert smu.current == pytest.approx(0.5e-6, rel=1e-4)
        smu.adapter.close()
        assert len(unit.errors) == 0


def test_pymeasure_drives_a_channel_by_scripts() -> None:
    with served("keithley_2612b") as (unit, resource):
        smu = Keithley2600(resource, visa_library="@py", read_termination="\n", write_termination="\n")
        smu.ChA.source_mode = "voltage"
        smu.ChA.source_voltage = 0.5
        smu.ChA.source_output = "ON"
        assert smu.ChA.current == pytest.approx(0.5e-6, rel=1e-3)
        smu.adapter.close()
        assert len(unit.errors) == 0


def test_a_binary_block_goes_over_a_stream() -> None:
    with served("keysight_33622a") as (unit, resource):
        generator = Agilent33500(resource, visa_library="@py", read_termination="\n", write_termination="\n")
        generator.ch_1.data_arb("steps", [-10, 10, 10, 0] * 4, data_format="DAC")  # a sample of 10 is a line feed
        generator.ch_1.arb_file = "steps"
        generator.ch_1.shape = "ARB"
        generator.ch_1.arb_srate = 1e3
        assert generator.ch_1.frequency == pytest.approx(1e3 / 16)
        generator.adapter.close()
        assert len(unit.errors) == 0
