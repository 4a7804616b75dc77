"""An open bench: every instrument by what it drives, the clock, the limits, and a safe state on every way out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyvisa

from drivers.errors import InstrumentError, Refused
from drivers.registry import open_driver
from drivers.roles import PulseGenerator, SourceMeasureUnit, SwitchMatrix
from drivers.wire_log import WireLog
from ecramlab.bench_file import BenchFile
from ecramlab.clock import Clock, TwinClock, WallClock
from ecramlab.guarded import (
    GuardedPulseGenerator,
    GuardedSourceMeasureUnit,
    Line,
    OutputWatch,
    channel_line,
    gate_line,
    heater_line,
)
from ecramlab.limits import Limits
from ecramlab.make_safe import MakeSafe
from ecramlab.selection import Unselected, crosspoints_of_cell
from ecramlab.stop import StopRequest
from ecramlab.wiring import GROUND

if TYPE_CHECKING:
    from drivers.visa_instrument import VisaInstrument

Instruments = Mapping[str, "VisaInstrument"]


class Bench:
    """Everything an experiment may touch. Made by `open_bench`; leaving that context makes safe and closes."""

    def __init__(
        self,
        file: BenchFile,
        instruments: Instruments,
        clock: Clock,
        stop: StopRequest,
        *,
        emulated: bool,
        wire_log: Path | None = None,
        incidents: Callable[[], list[str]] = list,
    ) -> None:
        """incidents: gives, once, what the emulated bench was made to go wrong since it was last asked."""
        self.incidents = incidents
        self.file, self.clock, self.stop, self.emulated, self.wire_log = file, clock, stop, emulated, wire_log
        self._instruments = instruments
        self._safe = _steps(file, instruments)
        self.outputs = OutputWatch()
        roles = file.roles
        self.gate = self._driving(roles.gate, gate_line(self.limits))
        self.drain = self._measuring(roles.drain, channel_line("drain", self.limits))
        self.source = None
        if roles.source != GROUND:
            self.source = self._measuring(roles.source, channel_line("source", self.limits))
        self.heater = self._measuring(roles.heater, heater_line(self.limits)) if roles.heater is not None else None
        self.matrix = self._matrix(roles.matrix) if roles.matrix is not None else None

    @property
    def limits(self) -> Limits:
        """What the chip bears."""
        return self.file.chip.limits

    # -- roles --------------------------------------------------------------------------------------------
    def _driving(self, terminal: str, line: Line) -> GuardedPulseGenerator | GuardedSourceMeasureUnit:
        channel = self._channel(terminal)
        if isinstance(channel, PulseGenerator):
            return GuardedPulseGenerator(channel, line, terminal, self.outputs)
        if isinstance(channel, SourceMeasureUnit):
            return GuardedSourceMeasureUnit(channel, line, terminal, self.outputs)
        raise Refused(f"roles: {terminal} can drive no line; name a source-measure unit or a pulse generator")

    def _measuring(self, terminal: str, line: Line) -> GuardedSourceMeasureUnit:
        unit = self._driving(terminal, line)
        if not isinstance(unit, GuardedSourceMeasureUnit):
            raise Refused(f"roles.{line.name}: {terminal} cannot measure current; name a source-measure unit")
        return unit

    def _channel(self, terminal: str) -> object:
        name, _, channel = terminal.partition(".")
        if name not in self._instruments:
            raise Refused(f"roles: no instrument {name!r} on this bench")
        return self._instruments[name].channel(channel)

    def _matrix(self, name: str) -> SwitchMatrix:
        matrix = self._instruments[name]
        if not isinstance(matrix, SwitchMatrix):
            raise Refused(f"roles.matrix: {name} is no switch matrix")
        return matrix

    def channels(self) -> dict[str, object]:
        """The drivers' own role objects by what the file wires: {"smu.a": …, "matrix": …}. Nothing guards them: they
        are for checks of the instruments themselves, see `ecramlab.conformance`.
        """
        found: dict[str, object] = {}
        for node in sorted(self.file.terminals()):
            name = node.partition(".")[0]
            channel = self._channel(node)
            found[name if isinstance(channel, SwitchMatrix) else node] = channel
        return found

    # -- cells --------------------------------------------------------------------------------------------
    def select_cell(self, row: int, column: int, *, unselected: Unselected = "ground") -> None:
        """Join one cell to its units. Outputs are off meanwhile: relays that switch under voltage wear out."""
        self.file.chip.check_cell(row, column)
        for unit in (self.gate, self.drain, self.source, self.heater):
            if unit is not None:
                unit.output(False)
        if self.matrix is not None:
            self.matrix.connect(crosspoints_of_cell(self.file, row, column, unselected))
            self.clock.sleep(self.matrix.abilities.settle_time)

    # -- state ----------------------------------------------------------------------------------------------
    def make_safe(self) -> list[str]:
        """Every output off, every relay open, read back. Returns what went wrong; never raises; may be repeated."""
        return self._safe.run()

    def outputs_on(self) -> dict[str, str]:
        """What is on or closed now, asked from the instruments: {"smu.a": "0.1 V"}."""
        return _outputs_on(self._instruments)

    def settings(self) -> dict[str, dict[str, Any]]:
        """All settings of all instruments, for the run file."""
        return {name: dict(instrument.settings()) for name, instrument in self._instruments.items()}

    def identities(self) -> list[dict[str, str]]:
        """Name, role, identity, resource and driver of every instrument."""
        return [
            {
                "name": name,
                "role": ", ".join(self.file.instruments[name].info.roles),
                "idn": _idn(instrument),
                "resource": self.file.instruments[name].resource,
                "driver": self.file.instruments[name].driver,
            }
            for name, instrument in self._instruments.items()
        ]


@contextmanager
def open_bench(
    file: BenchFile, *, emulate: bool, wire_log: Path | None = None, stop: StopRequest | None = None
) -> Iterator[Bench]:
    """Open every instrument of `file`, or of its twin, and hand out the bench. Leaving makes safe and closes.

    Raises InstrumentError if an instrument is missing or another one than expected, Refused if anything is on already:
    what another program left on may be holding a chip, so nothing is changed then.
    """
    stop = stop or StopRequest()
    incidents = _incidents(file) if emulate else list
    with _open_instruments(file, emulate=emulate, wire_log=wire_log) as instruments:
        on = _outputs_on(instruments)
        if on:
            states = ", ".join(f"{terminal} ({state})" for terminal, state in on.items())
            raise Refused(
                f"already on: {states}. Nothing was changed. If no other program uses the bench, "
                f"run `ecramlab off {file.path}{' --emulate' if emulate else ''}` first."
            )
        for instrument in instruments.values():
            instrument.reset()  # filters, counts and ranges that an earlier program left would change the readings
        clock = _clock(file, stop, emulate=emulate)
        bench = Bench(file, instruments, clock, stop, emulated=emulate, wire_log=wire_log, incidents=incidents)
        try:
            yield bench
        finally:
            bench.make_safe()


@dataclass(frozen=True)
class Inspection:
    """What `inspect` found of one instrument; `problem` is None when it is the expected one."""

    name: str
    resource: str
    identity: str
    on: str
    problem: str | None


def inspect(file: BenchFile, *, emulate: bool, wire_log: Path | None = None) -> list[Inspection]:
    """Open each instrument by itself, compare its identity, ask what is on. Changes nothing."""
    found = []
    for name, entry in file.instruments.items():
        try:
            with _open_instruments(file, emulate=emulate, wire_log=wire_log, only=name) as instruments:
                instrument = instruments[name]
                on = ", ".join(f"{terminal}: {state}" for terminal, state in instrument.outputs().items())
                who = instrument.identity
                found.append(Inspection(name, entry.resource, f"{who.model}, serial {who.serial}", on, None))
        except InstrumentError as error:
            found.append(Inspection(name, entry.resource, "", "unknown", str(error)))
    return found


def switch_off(file: BenchFile, *, emulate: bool, wire_log: Path | None = None) -> list[str]:
    """Make every instrument that answers safe, sources first. Returns what went wrong."""
    problems: list[str] = []
    with ExitStack() as stack:
        reached: dict[str, VisaInstrument] = {}
        for name in file.instruments:
            try:
                opened = stack.enter_context(_open_instruments(file, emulate=emulate, wire_log=wire_log, only=name))
                reached |= opened
            except InstrumentError as error:
                problems.append(f"{name}: not reached, so not switched off. {error}")
        return problems + _steps(file, reached).run()


@contextmanager
def _open_instruments(
    file: BenchFile, *, emulate: bool, wire_log: Path | None, only: str | None = None
) -> "Iterator[dict[str, VisaInstrument]]":
    with ExitStack() as stack:
        log = stack.enter_context(WireLog(wire_log)) if wire_log is not None else None
        manager = _resource_manager(file, emulate=emulate)
        instruments = {}
        for name, entry in file.instruments.items():
            if only in (None, name):
                resource = _open_resource(manager, name, entry.resource)
                stack.callback(resource.close)
                instruments[name] = open_driver(entry.driver, resource, label=name, serial=entry.serial, wire_log=log)
        yield instruments


def _resource_manager(file: BenchFile, *, emulate: bool) -> pyvisa.ResourceManager:
    if emulate:
        from ecramlab import emulation  # a real bench needs no emulator

        emulation.twin(file.path)  # a bench file that makes no twin is told here, not from inside PyVISA
        return pyvisa.ResourceManager(f"{file.path}@ecramlab")
    try:
        return pyvisa.ResourceManager(file.visa_library)
    except (ValueError, OSError) as error:
        raise InstrumentError(
            f"PyVISA found no VISA library ({error})",
            instrument="bench",
            remedy="install the VISA library of an instrument maker, or `pip install pyvisa-py` and write "
            'visa_library: "@py" in the bench file; without instruments use --emulate',
        ) from None


def _open_resource(manager: pyvisa.ResourceManager, name: str, address: str) -> Any:
    try:
        return manager.open_resource(address)
    except (pyvisa.Error, ValueError, OSError) as error:
        raise InstrumentError(
            f"cannot be opened: {error}",
            instrument=f"{name} ({address})",
            remedy="check the resource name in the bench file, the cable, and that the instrument is on",
        ) from None


def _idn(instrument: "VisaInstrument") -> str:
    return ", ".join(astuple(instrument.identity))


def _steps(file: BenchFile, instruments: Instruments) -> MakeSafe:
    steps = MakeSafe()
    for name, instrument in instruments.items():
        is_matrix = "matrix" in file.instruments[name].info.roles
        (steps.register_relays if is_matrix else steps.register_source)(name, instrument.make_safe)
    return steps


def _outputs_on(instruments: Instruments) -> dict[str, str]:
    return {
        f"{name}.{terminal}": state
        for name, instrument in instruments.items()
        for terminal, state in instrument.outputs().items()
    }


def _clock(file: BenchFile, stop: StopRequest, *, emulate: bool) -> Clock:
    if not emulate:
        return WallClock(stop)
    from ecramlab import emulation  # a real bench needs no emulator

    return TwinClock(emulation.twin(file.path), stop)


def _incidents(file: BenchFile) -> Callable[[], list[str]]:
    """What went wrong on the twin from now on because it was asked to: each sentence is given once."""
    from ecramlab import emulation  # a real bench needs no emulator

    told = emulation.twin(file.path).incidents
    seen = len(told)

    def since_last_asked() -> list[str]:
        nonlocal seen
        new = told[seen:]
        seen = len(told)
        return new

    return since_last_asked
