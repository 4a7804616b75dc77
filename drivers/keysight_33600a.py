"""Keysight 33500B and 33600A waveform generators, models 33512B, 33522B and 33622A: two pulse generators, "1" and "2".

Source: Keysight 33500/33600 series operating and service guide, SCPI reference. The shortest edge and width of the
33600A, the shortest period of the 33512B (20 MHz), sample rates and the memory for 10⁶ samples are recalled from data
sheets and not confirmed.
"""

from __future__ import annotations

from typing import Final

from drivers.generator import PulseGeneratorBox
from drivers.generator_dialect import Dialect, GeneratorLimits
from drivers.generator_waveform import ArbitraryDialect
from drivers.records import PulseGeneratorAbilities
from drivers.registry import DriverInfo

MODELS: Final = (
    DriverInfo(
        name="keysight_33512b",
        module="drivers.keysight_33600a",
        cls="Keysight33512B",
        role="generator",
        description="Keysight 33512B two-channel 20 MHz pulse generator (SCPI)",
        terminals="1|2",
        trigger_inputs="ext",
        trigger_outputs="sync|trigout",
    ),
    DriverInfo(
        name="keysight_33522b",
        module="drivers.keysight_33600a",
        cls="Keysight33522B",
        role="generator",
        description="Keysight 33522B two-channel 30 MHz pulse generator (SCPI)",
        terminals="1|2",
        trigger_inputs="ext",
        trigger_outputs="sync|trigout",
    ),
    DriverInfo(
        name="keysight_33622a",
        module="drivers.keysight_33600a",
        cls="Keysight33622A",
        role="generator",
        description="Keysight 33622A two-channel pulse generator (SCPI)",
        terminals="1|2",
        trigger_inputs="ext",
        trigger_outputs="sync|trigout",
    ),
)

STATE: Final = {
    "function": ":SOUR{n}:FUNC?",
    "width": ":SOUR{n}:FUNC:PULS:WIDT?",
    "period": ":SOUR{n}:FUNC:PULS:PER?",
    "leading edge": ":SOUR{n}:FUNC:PULS:TRAN:LEAD?",
    "trailing edge": ":SOUR{n}:FUNC:PULS:TRAN:TRA?",
    "high": ":SOUR{n}:VOLT:HIGH?",
    "low": ":SOUR{n}:VOLT:LOW?",
    "polarity": ":OUTP{n}:POL?",
    "load": ":OUTP{n}:LOAD?",
    "burst": ":SOUR{n}:BURS:STAT?",
    "burst mode": ":SOUR{n}:BURS:MODE?",
    "count": ":SOUR{n}:BURS:NCYC?",
    "trigger": ":TRIG{n}:SOUR?",
    "trigger delay": ":TRIG{n}:DEL?",
    "output": ":OUTP{n}?",
}
ALONE: Final = (
    *(f":SOUR{{n}}:{coupling}:COUP OFF" for coupling in ("FREQ", "RATE")),
    ":SOUR{n}:COMB:FEED NONE",
    ":SOUR{n}:FREQ:MODE CW",
    *(f":SOUR{{n}}:{modulation}:STAT OFF" for modulation in ("AM", "FM", "PM", "PWM", "FSK", "BPSK", "SUM")),
    ":SOUR{n}:PHAS 0",
    ":SOUR{n}:BURS:PHAS 0",
)
TIMES: Final = (
    ":SOUR{n}:FUNC:PULS:HOLD WIDT",
    ":SOUR{n}:FUNC:PULS:TRAN {shortest_edge}",
    ":SOUR{n}:FUNC:PULS:WIDT {shortest_width}",
    ":SOUR{n}:FUNC:PULS:PER {period}",
    ":SOUR{n}:FUNC:PULS:WIDT {width}",
    ":SOUR{n}:FUNC:PULS:TRAN:LEAD {rise}",
    ":SOUR{n}:FUNC:PULS:TRAN:TRA {fall}",
    ":TRIG{n}:DEL {delay}",
)
LEVELS: Final = (
    ":SOUR{n}:VOLT:UNIT VPP",
    ":SOUR{n}:VOLT {smallest}",
    ":SOUR{n}:VOLT:OFFS {offset}",
    ":SOUR{n}:VOLT {amplitude}",
    ":OUTP{n}:POL {polarity}",
)
MOST_POINTS: Final = 1_000_000
BURSTS: Final = (
    ":SOUR{n}:BURS:MODE TRIG",
    ":SOUR{n}:BURS:NCYC {count}",
    "{trigger}",
    ":SOUR{n}:BURS:STAT ON",
)


def _dialect(*, width: float, slow_width: float, edge: float, period: float, sample_rate: float) -> Dialect:
    """The family's commands with the limits of one model (s): widths, edges from 10 % to 90 %, shortest
    period; highest sample rate (1/s).
    """
    abilities = PulseGeneratorAbilities(
        widths=(width, 1e6),
        edges=(1.25 * edge, 1.25e-6),
        periods=(period, 1e6),
        edge_share=1.28,  # width and rest of the period are at least 0.8 times the sum of both edge times
        highest_open=10.0,
        highest_50_ohm=5.0,
        smallest_amplitude_open=2e-3,
        resolution=1e-3,
        source_resistance=50.0,
        loads=(1.0, 1e4),
        max_count=10**8,
        endless=False,
        width_definition="50%",
        triggers=("bus", "external"),
        arbitrary=MOST_POINTS,
        shared_trigger=True,
    )
    return Dialect(
        limits=GeneratorLimits(
            abilities,
            shortest_rest=16e-9,
            slow_width=slow_width,
            longest_delay=1000.0,
            largest_amplitude_open=20.0,
        ),
        state=STATE,
        function=":SOUR{n}:FUNC PULS",
        alone=ALONE,
        times=TIMES,
        levels=LEVELS,
        bursts=BURSTS,
        count=":SOUR{n}:BURS:NCYC {count}",
        triggers={"bus": (":TRIG{n}:SOUR BUS", "BUS"), "external": (":TRIG{n}:SLOP {slope};:TRIG{n}:SOUR EXT", "EXT")},
        slope=":TRIG{n}:SLOP?",
        load=":SOUR{n}:TRAC OFF;:SOUR{n}:VOLT:COUP OFF;:OUTP{n}:LOAD {ohm}",
        output=":OUTP{n} {state}",
        arbitrary=ArbitraryDialect(
            points=(8, MOST_POINTS),
            intervals=(1.0 / sample_rate, 1e6),
            periods=(8.0 / sample_rate, 1e6),
            memory={"1": "ECRAMLAB", "2": "ECRAMLAB"},
            form="f",
            zero=0.0,
            scale=1.0,
            function=(":SOUR{n}:FUNC ARB", "ARB"),
            upload=(":FORM:BORD NORM", ":SOUR{n}:DATA:VOL:CLE", ":SOUR{n}:DATA:ARB {memory},{block}"),
            select=(
                ":SOUR{n}:FUNC:ARB {memory}",
                ":SOUR{n}:FUNC:ARB:FILT OFF",
                ":SOUR{n}:FUNC:ARB:ADV SRAT",
                ":SOUR{n}:FUNC:ARB:SRAT {rate}",
                ":TRIG{n}:DEL 0",
            ),
            points_query=":SOUR{n}:DATA:ATTR:POIN? {memory}",
            rate_query=":SOUR{n}:FUNC:ARB:SRAT?",
            by_frequency=False,
        ),
        expected={"burst mode": "TRIG", "burst": 1.0},
    )


class Keysight33512B(PulseGeneratorBox):
    """20 MHz, pulses from 16 ns."""

    maker = "Keysight Technologies"
    model = "33512B"
    dialect = _dialect(width=16e-9, slow_width=20e-9, edge=8.4e-9, period=50e-9, sample_rate=160e6)


class Keysight33522B(PulseGeneratorBox):
    """30 MHz, pulses from 16 ns."""

    maker = "Keysight Technologies"
    model = "33522B"
    dialect = _dialect(width=16e-9, slow_width=20e-9, edge=8.4e-9, period=33.4e-9, sample_rate=250e6)


class Keysight33622A(PulseGeneratorBox):
    """120 MHz, pulses from 5 ns."""

    maker = "Keysight Technologies"
    model = "33622A"
    dialect = _dialect(width=5e-9, slow_width=5e-9, edge=2.9e-9, period=33e-9, sample_rate=250e6)
