"""The shipped checks of every role, run on the instruments of one bench: what is checked, at which levels, what is not.

The checks are those of `drivers.conformance`. They are meant for terminals that carry nothing. Two things keep a chip
from harm all the same: a chip that is cabled to a source has to be unplugged, and no level is above its limits.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from drivers import conformance
from drivers.conformance import Finding
from drivers.errors import Refused
from drivers.roles import PulseGenerator, SourceMeasureUnit, SwitchMatrix
from ecramlab.bench import Bench
from ecramlab.bench_file import BenchFile
from ecramlab.parameters import format_quantity
from ecramlab.wiring import pads

SMU_VOLTAGE, SMU_CURRENT = 0.1, 1e-6  # V, A: enough to tell a resistor of 1 MΩ from an open end
PULSE_VOLTAGE, PULSE_WIDTH = 0.5, 1e-3  # V, s
MARGIN = 0.5  # largest share of the current limit that a dummy resistor may take


@dataclass(frozen=True)
class Checkup:
    """What came of one terminal, or of the matrix: the levels it was checked at and the findings, or why it was not."""

    terminal: str
    levels: str
    findings: tuple[Finding, ...]
    left_out: str = ""


class NotPossible(Exception):  # noqa: N818 -- not an error: the reason why a terminal is left out
    """The checks cannot be done here within the chip's limits."""


def sources_on_the_chip(file: BenchFile) -> list[str]:
    """Terminals of sources that cables alone join to a pad of the chip."""
    found = []
    for terminal in sorted(file.terminals()):
        roles = file.instruments[terminal.partition(".")[0]].info.roles
        if "matrix" not in roles and pads(file.cabling.joined_to(terminal)):
            found.append(terminal)
    return found


def require_no_chip(file: BenchFile, *, chip_is_off: bool) -> None:
    """Refused while a source is cabled to the chip and nobody has said that the chip is unplugged."""
    wired = sources_on_the_chip(file)
    if wired and not chip_is_off:
        raise Refused(
            f"{', '.join(wired)}: cabled to the chip, which conformance checks could change. Nothing was sent. "
            "Unplug the chip (lift the probes, take it out of its socket), then say so with --yes-chip-is-off."
        )


def check_bench(bench: Bench, *, chip_is_off: bool, dummy: float = math.inf) -> Iterator[Checkup]:
    """Check terminal by terminal, each from a safe state to a safe state.

    dummy: resistor [Ohm] between each source-measure terminal and ground, inf for open ends. A matrix whose lines
    carry the chip is left out until the chip is off: its checks close relays. Refused as by `require_no_chip`.
    """
    require_no_chip(bench.file, chip_is_off=chip_is_off)
    for terminal, channel in bench.channels().items():
        try:
            yield _check(bench.file, terminal, channel, chip_is_off, dummy)
        except NotPossible as reason:
            yield Checkup(terminal, "", (), str(reason))


def _check(file: BenchFile, terminal: str, channel: object, chip_is_off: bool, dummy: float) -> Checkup:
    if isinstance(channel, SwitchMatrix):
        return _check_matrix(file, terminal, channel, chip_is_off)
    if isinstance(channel, SourceMeasureUnit):
        behind_matrix = file.roles.matrix is not None and file.cabling.line_of(terminal, file.roles.matrix) is not None
        return _check_smu(file, terminal, channel, math.inf if behind_matrix else dummy)
    assert isinstance(channel, PulseGenerator)
    return _check_generator(file, terminal, channel)


def _check_matrix(file: BenchFile, name: str, matrix: SwitchMatrix, chip_is_off: bool) -> Checkup:
    lines = [terminal for terminal in file.terminals() if terminal.startswith(f"{name}.")]
    if not chip_is_off and any(pads(file.cabling.joined_to(line)) for line in lines):
        raise NotPossible("its lines carry the chip; unplug it, then say so with --yes-chip-is-off")
    return Checkup(name, "two relays at a time, no source on", tuple(conformance.check_switch_matrix(matrix)))


def _check_smu(file: BenchFile, terminal: str, smu: SourceMeasureUnit, ohms: float) -> Checkup:
    limits, at_gate = file.chip.limits, terminal == file.roles.gate
    voltage = min(SMU_VOLTAGE, limits.gate_voltage if at_gate else limits.drain_voltage)
    current = min(SMU_CURRENT, limits.gate_current if at_gate else limits.drain_current)
    smallest = smu.abilities.current_limits[0]
    if smallest > current:
        least = format_quantity(smallest, "A")
        raise NotPossible(f"its smallest limit of {least} is above the chip's {format_quantity(current, 'A')}")
    if voltage / ohms > MARGIN * current:
        needed = format_quantity(voltage / (MARGIN * current), "Ω")
        raise NotPossible(f"the dummy of {format_quantity(ohms, 'Ω')} is too small, {needed} or more is needed")
    end = "open end" if math.isinf(ohms) else f"{format_quantity(ohms, 'Ω')} to ground"
    levels = f"{end}, at most {format_quantity(voltage, 'V')} and {format_quantity(current, 'A')}"
    found = conformance.check_source_measure_unit(smu, resistance=ohms, voltage=voltage, current_limit=current)
    return Checkup(terminal, levels, tuple(found))


def _check_generator(file: BenchFile, terminal: str, generator: PulseGenerator) -> Checkup:
    limits, can = file.chip.limits, generator.abilities
    amplitude = min(PULSE_VOLTAGE, limits.gate_voltage)
    width = min(PULSE_WIDTH, limits.pulse_width)
    if can.smallest_amplitude_open > amplitude or can.widths[0] > width:
        least = f"{format_quantity(can.smallest_amplitude_open, 'V')}, {format_quantity(can.widths[0], 's')}"
        raise NotPossible(f"its smallest pulse ({least}) is above the chip's limits")
    levels = f"open end, pulses of {format_quantity(amplitude, 'V')} and {format_quantity(width, 's')}"
    return Checkup(
        terminal, levels, tuple(conformance.check_pulse_generator(generator, amplitude=amplitude, width=width))
    )
