"""Keysight 81160A pulse function arbitrary noise generator: two pulse generators, "1" and "2", driven by SCPI.

Source: Agilent 81150A/81160A User's Guide (period, width, edges, the rule between them, loads); PyMeasure 0.16,
``Keysight81160A`` (names, levels, counts). An open end is told to the instrument as its largest load, 1 MΩ. Both edges
are set together: the commands for one edge are not confirmed, nor the range of the delay, nor
that 2.5 · 10⁹ samples a second are played, as recalled from the data sheet.
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
        name="keysight_81160a",
        module="drivers.keysight_81160a",
        cls="Keysight81160A",
        role="generator",
        description="Keysight 81160A two-channel pulse generator (SCPI)",
        terminals="1|2",
        trigger_inputs="ext",
        trigger_outputs="trigout[12]",
    ),
)

LARGEST_LOAD: Final = 1e6  # Ω
ABILITIES: Final = PulseGeneratorAbilities(
    widths=(1.6e-9, 1e6),
    edges=(1.25e-9, 1250.0),
    periods=(3.2e-9, 1e6),
    edge_share=1.28,  # period - width, and so the width, are at least 1.6 edge times
    highest_open=10.0,
    highest_50_ohm=5.0,
    smallest_amplitude_open=0.1,
    resolution=1e-3,
    source_resistance=50.0,
    loads=(0.3, LARGEST_LOAD),
    max_count=2_147_483_647,
    endless=False,
    width_definition="50%",
    triggers=("bus", "external"),
    arbitrary=524_288,
    shared_trigger=True,
)
DIALECT: Final = Dialect(
    limits=GeneratorLimits(
        ABILITIES,
        shortest_rest=1.6e-9,
        slow_width=1.6e-9,
        longest_delay=1000.0,
        largest_amplitude_open=10.0,
        equal_edges=True,
        time_step=1e-11,
    ),
    state={
        "function": ":FUNC{n}?",
        "width": ":PULS:WIDT{n}?",
        "period": ":PULS:PER{n}?",
        "leading edge": ":FUNC{n}:PULS:TRAN?",
        "trailing edge": ":FUNC{n}:PULS:TRAN?",
        "high": ":VOLT{n}:HIGH?",
        "low": ":VOLT{n}:LOW?",
        "polarity": ":OUTP{n}:POL?",
        "load": ":OUTP{n}:LOAD?",
        "burst mode": ":BURS{n}:MODE?",
        "count": ":TRIG{n}:COUN?",
        "trigger": ":ARM:SOUR{n}?",
        "trigger delay": ":PULS:DEL{n}?",
        "output": ":OUTP{n}?",
    },
    function=":FUNC{n} PULS",
    alone=(  # names that a unit does not know are without effect: the error queue is emptied afterwards
        *(f":{mode}{{n}}:STAT OFF" for mode in ("SWE", "AM", "FM", "PM", "PWM", "FSK")),
        ":PHAS{n} 0",
        ":BURS{n}:PHAS 0",
    ),
    times=(
        ":PULS:HOLD{n} WIDT",
        ":FUNC{n}:PULS:TRAN {shortest_edge}",
        ":PULS:WIDT{n} {shortest_width}",
        ":PULS:PER{n} {period}",
        ":PULS:WIDT{n} {width}",
        ":FUNC{n}:PULS:TRAN {rise}",
        ":PULS:DEL{n} {delay}",
    ),
    levels=(
        ":VOLT{n}:UNIT VPP",
        ":VOLT{n} {smallest}",
        ":VOLT{n}:OFFS {offset}",
        ":VOLT{n} {amplitude}",
        ":OUTP{n}:POL {polarity}",
    ),
    bursts=(":BURS{n}:MODE TRIG", "{trigger}", ":TRIG{n}:COUN {count}"),
    count=":TRIG{n}:COUN {count}",
    triggers={"bus": (":ARM:SOUR{n} MAN", "MAN"), "external": (":ARM:SLOP{n} {slope};:ARM:SOUR{n} EXT", "EXT")},
    slope=":ARM:SLOP{n}?",
    load=":TRAC:CHAN1 OFF;:TRAC:CHAN2 OFF;:OUTP{n}:LOAD {ohm}",
    output=":OUTP{n} {state}",
    arbitrary=ArbitraryDialect(
        points=(2, 524_288),
        intervals=(4e-10, 1e6),
        periods=(1.0 / 330e6, 1e6),
        memory={"1": "VOLATILE", "2": "VOLATILE"},
        form="h",
        zero=0.0,
        scale=8191.0,
        function=(":FUNC{n} USER", "USER"),
        upload=(":FORM:BORD NORM", ":DATA{n}:DAC {memory},{block}"),
        select=(":FUNC{n}:USER {memory}", ":FREQ{n} {frequency}"),
        points_query=":DATA{n}:ATTR:POIN? {memory}",
        rate_query=":FREQ{n}?",
        by_frequency=True,
    ),
    expected={"burst mode": "TRIG"},
    open_load=("1000000", LARGEST_LOAD),
)


class Keysight81160A(PulseGeneratorBox):
    """330 MHz, pulses from 1.6 ns with edges of 1 ns, 5 V peak to peak into 50 Ω within ±5 V."""

    maker = "Keysight Technologies"
    model = "81160A"
    dialect = DIALECT
