"""Tektronix AFG3252C arbitrary function generator: two pulse generators, "1" and "2", driven by SCPI.

Source: command documentation of the AFG3000C series in tm_devices 3.7 (commands, widths, the rules between width,
edges and period, amplitudes). Trains wait for the external trigger, which ``*TRG`` stands for: with the internal one
the instrument would repeat them by itself. Source and edge of the trigger are those of both channels. Not confirmed:
the fastest edge of 2.5 ns, the number of digits in replies (so times are compared to 1e-4 only), and that ``*OPC?``
answers only when a train is over.
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
        name="tektronix_afg3252c",
        module="drivers.tektronix_afg3252c",
        cls="TektronixAFG3252C",
        role="generator",
        description="Tektronix AFG3252C two-channel pulse generator (SCPI)",
        terminals="1|2",
        trigger_inputs="ext",
        trigger_outputs="trigout",
    ),
)

ABILITIES: Final = PulseGeneratorAbilities(
    widths=(4e-9, 999.99),
    edges=(3.125e-9, 781.25),
    periods=(8.34e-9, 1000.0),
    edge_share=1.28,  # the rest of the period is at least 0.8 times the sum of both edge times; for the width 0.625
    highest_open=5.0,
    highest_50_ohm=2.5,
    smallest_amplitude_open=0.1,
    resolution=1e-3,
    source_resistance=50.0,
    loads=(1.0, 1e4),
    max_count=10**6,
    endless=False,
    width_definition="50%",
    triggers=("bus", "external"),
    arbitrary=131_072,
    shared_trigger=True,
)
DIALECT: Final = Dialect(
    limits=GeneratorLimits(
        ABILITIES,
        shortest_rest=4e-9,
        slow_width=4e-9,
        longest_delay=85.0,
        largest_amplitude_open=10.0,
        time_rounding=1e-4,
    ),
    state={
        "function": ":SOUR{n}:FUNC:SHAP?",
        "width": ":SOUR{n}:PULS:WIDT?",
        "period": ":SOUR{n}:PULS:PER?",
        "leading edge": ":SOUR{n}:PULS:TRAN:LEAD?",
        "trailing edge": ":SOUR{n}:PULS:TRAN:TRA?",
        "high": ":SOUR{n}:VOLT:HIGH?",
        "low": ":SOUR{n}:VOLT:LOW?",
        "polarity": ":OUTP{n}:POL?",
        "load": ":OUTP{n}:IMP?",
        "burst": ":SOUR{n}:BURS:STAT?",
        "burst mode": ":SOUR{n}:BURS:MODE?",
        "count": ":SOUR{n}:BURS:NCYC?",
        "trigger": ":TRIG:SOUR?",
        "trigger delay": ":SOUR{n}:BURS:TDEL?",
        "output": ":OUTP{n}:STAT?",
    },
    function=":SOUR{n}:FUNC:SHAP PULS",
    alone=(
        ":SOUR{n}:FREQ:CONC OFF",
        ":SOUR{n}:FREQ:MODE CW",
        *(f":SOUR{{n}}:{modulation}:STAT OFF" for modulation in ("AM", "FM", "PM", "PWM", "FSK")),
        ":SOUR{n}:PHAS 0",
    ),
    times=(
        ":SOUR{n}:PULS:HOLD WIDT",
        ":SOUR{n}:PULS:TRAN:LEAD {shortest_edge}",
        ":SOUR{n}:PULS:TRAN:TRA {shortest_edge}",
        ":SOUR{n}:PULS:WIDT {shortest_width}",
        ":SOUR{n}:PULS:PER {period}",
        ":SOUR{n}:PULS:WIDT {width}",
        ":SOUR{n}:PULS:TRAN:LEAD {rise}",
        ":SOUR{n}:PULS:TRAN:TRA {fall}",
        ":SOUR{n}:BURS:TDEL {delay}",
    ),
    levels=(
        ":SOUR{n}:VOLT:UNIT VPP",
        ":SOUR{n}:VOLT:AMPL {smallest}VPP",
        ":SOUR{n}:VOLT:OFFS {offset}",
        ":SOUR{n}:VOLT:AMPL {amplitude}VPP",
        ":OUTP{n}:POL {polarity}",
    ),
    bursts=(
        "{trigger}",
        ":SOUR{n}:BURS:MODE TRIG",
        ":SOUR{n}:BURS:NCYC {count}",
        ":SOUR{n}:BURS:STAT ON",
    ),
    count=":SOUR{n}:BURS:NCYC {count}",
    triggers={"bus": (":TRIG:SOUR EXT", "EXT"), "external": (":TRIG:SLOP {slope};:TRIG:SOUR EXT", "EXT")},
    slope=":TRIG:SLOP?",
    load=":SOUR{n}:VOLT:CONC OFF;:OUTP{n}:IMP {ohm}",
    output=":OUTP{n}:STAT {state}",
    arbitrary=ArbitraryDialect(
        points=(2, 131_072),
        intervals=(4e-9, 1e6),  # up to 16384 samples the unit plays faster
        periods=(1.0 / 120e6, 1e6),
        memory={"1": "EMEM", "2": "EMEM2"},
        form="H",
        zero=8191.0,
        scale=8191.0,
        function=(":SOUR{n}:FUNC:SHAP {memory}", "{memory}"),
        upload=(":DATA:DATA {memory},{block}",),
        select=(":SOUR{n}:FREQ {frequency}", ":SOUR{n}:BURS:TDEL 0"),
        points_query=":DATA:POIN? {memory}",
        rate_query=":SOUR{n}:FREQ?",
        by_frequency=True,
    ),
    expected={"burst mode": "TRIG", "burst": 1.0},
)


class TektronixAFG3252C(PulseGeneratorBox):
    """240 MHz, pulses from 4 ns, 5 V peak to peak into 50 Ω within ±2.5 V."""

    maker = "Tektronix"
    model = "AFG3252C"
    dialect = DIALECT
