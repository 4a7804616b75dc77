"""The bench file: one YAML description of instruments, wiring, chip and emulation, for the real bench and its twin."""

import hashlib
import re
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from drivers.registry import DriverInfo, find_driver
from ecramlab.faults import Fault
from ecramlab.limits import Chip
from ecramlab.parameters import Parameters, explain, quantity
from ecramlab.wiring import CHIP, GROUND, Wiring

_NAME = re.compile(r"[a-z][a-z0-9_]*$")


class BenchFileError(ValueError):
    """A bench file that cannot be used. The text names file, line, key, what was given and what is allowed."""


class InstrumentEntry(Parameters):
    """One instrument of the bench."""

    driver: str = Field(description="model, one of `ecramlab list drivers`")
    resource: str = Field(min_length=3, description="VISA resource name, for example GPIB0::26::INSTR")
    serial: str | None = Field(None, description="expected serial number; any unit is accepted without it")
    options: dict[str, Any] = Field(
        default_factory=dict, description="what is built into this unit (cards); the twin is built like it"
    )

    @field_validator("driver")
    @classmethod
    def _known_driver(cls, name: str) -> str:
        return find_driver(name).name

    @property
    def info(self) -> DriverInfo:
        """What the driver registry says of this model."""
        return find_driver(self.driver)


class Roles(Parameters):
    """Who drives what: instrument terminals, and the name of the switch matrix."""

    gate: str = Field(description="terminal that drives the gate, for example pulser.1")
    drain: str = Field(description="source-measure terminal at the drain, for example smu.b")
    source: str = Field(GROUND, description="terminal at the source; ground when it is tied to 0 V")
    heater: str | None = Field(None, description="source-measure terminal at the heater, if the chip has one")
    matrix: str | None = Field(None, description="name of the switch matrix, if there is one")

    def terminals(self) -> dict[str, str]:
        """Instrument terminal, or ground, by role; without the roles that this bench does not have."""
        roles = {"gate": self.gate, "drain": self.drain, "source": self.source, "heater": self.heater}
        return {role: terminal for role, terminal in roles.items() if terminal is not None}


class Film(Parameters):
    """A film electrode on pad G0, against a counter electrode on S0 and D0, as cyclic voltammetry needs it."""

    area: float = Field(gt=0.0, description="area in m²")
    thickness: float = quantity("m", minimum=0.0, help="thickness of the film")
    diffusivity: float = Field(gt=0.0, description="of the ions in the film, in m²/s")
    concentration: float = Field(gt=0.0, description="of the ions in the full film, in mol/m³")
    rate_constant: float = Field(gt=0.0, description="of the reaction at the surface, in m/s")
    transfer_coefficient: float = Field(0.5, gt=0.0, lt=1.0, description="of taking ions out")
    formal_potential: float = quantity("V", 0.0, minimum=-10.0, maximum=10.0, help="of the film, half full")
    filling: float = Field(1.0, ge=0.0, le=1.0, description="share of the ions that are in the film at the start")


class Emulation(Parameters):
    """What the emulated twin is made of."""

    device: str = Field("kim2019", description="device of `ecramlab list devices`, or the path of a device file")
    seed: int = Field(1, ge=0, le=2**63 - 1, description="seed of everything random")
    initial_state: float = Field(0.0, ge=0.0, le=1.0, description="conductance state at the start, 0 … 1 of the window")
    device_spread: bool = Field(True, description="devices of an array differ from each other")
    cycle_noise: bool = Field(True, description="repeated pulses give slightly different steps")
    read_noise: bool = Field(True, description="thermal, 1/f and telegraph noise of the channel")
    instrument_noise: bool = Field(True, description="noise of the instruments' readings")
    instrument_accuracy: bool = Field(True, description="gain and offset errors of the instruments")
    device_parameters: dict[str, float | str] = Field(
        default_factory=dict,
        description="parameters of the device given another value, e.g. { trap_count: 2, heater_resistance: 500 }; "
        "the rates of writing stay as calibrated",
    )
    defects: dict[str, float] = Field(
        default_factory=dict,
        description="probabilities of defects on the chip, e.g. { stuck: 0.01, open_channel: 0.005, weak: 0.02, "
        "weak_rate: 0.1, dead_lines: 0.01, leaky_lines: 0.01, leak: 1e6, cluster_length: 3 }",
    )
    spread_maps: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="how the spread of rate, v0, conductance, curvature or selector lies over the array, e.g. "
        "{ rate: { length: 4, row_gradient: 0.1, column_gradient: 0 } }: correlation length in cells, change of the "
        "logarithm from the first to the last line",
    )
    film: Film | None = Field(None, description="a film electrode in the place of the device")
    faults: tuple[Fault, ...] = Field((), description="what goes wrong, and when; see docs/faults.md")


class BenchFile(Parameters):
    """A validated bench file. `path` and `text` are where it came from."""

    title: str = ""
    sample: str = Field("unnamed", pattern=r"^[A-Za-z0-9_.-]+$", description="name of the chip, used in file names")
    visa_library: str = Field("", description="PyVISA library of the real bench; empty for PyVISA's own choice")
    instruments: dict[str, InstrumentEntry] = Field(min_length=1)
    wiring: dict[str, str | list[str]]
    triggers: dict[str, str | list[str]] = Field(
        default_factory=dict,
        description="trigger cables, output: input, e.g. { smu.digio1: pulser.ext }; connectors: docs/instruments.md",
    )
    roles: Roles
    chip: Chip = Chip()
    emulation: Emulation = Emulation()
    path: Path = Field(Path(), exclude=True)
    text: str = Field("", exclude=True)

    @field_validator("instruments")
    @classmethod
    def _instrument_names(cls, instruments: dict[str, InstrumentEntry]) -> dict[str, InstrumentEntry]:
        for name in instruments:
            if not _NAME.match(name) or name in (CHIP, GROUND):
                raise ValueError(
                    f"{name!r} cannot name an instrument; use small letters, digits and _, not chip or ground"
                )
        return instruments

    @model_validator(mode="after")
    def _nodes_exist(self) -> Self:
        for node in sorted(self.cabling.nodes() | set(self.roles.terminals().values())):
            self._check_node(node)
        if self.roles.heater is not None and not self.chip.heater:
            raise ValueError(f"roles.heater: {self.roles.heater!r} given, but the chip has none; set chip.heater: true")
        if self.roles.matrix is not None and "matrix" not in self._roles_of(self.roles.matrix):
            raise ValueError(f"roles.matrix: {self.roles.matrix!r} given, which is not a switch matrix of this bench")
        for output, to in self.trigger_cabling.cables:
            self._check_connector(output, "output")
            self._check_connector(to, "input")
        for fault in self.emulation.faults:
            if fault.instrument not in self.instruments:
                raise ValueError(f"emulation.faults: {fault.instrument!r} is not an instrument of this bench")
            for node in fault.nodes():
                self._check_node(node)
        return self

    @property
    def cabling(self) -> Wiring:
        """The wiring with its ranges expanded."""
        return Wiring.from_mapping(self.wiring)

    @property
    def trigger_cabling(self) -> Wiring:
        """The trigger cables, each from an output to an input."""
        return Wiring.from_mapping(self.triggers)

    @property
    def sha256(self) -> str:
        """Fingerprint of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def pads(self) -> list[str]:
        """The pad of every line of the chip, at its near end: gates, sources, drains ("G0" … "D7")."""
        return self.chip.lines()

    def terminals(self) -> set[str]:
        """Every instrument terminal that a cable or a role names: {"smu.a", "matrix.105"}."""
        named = self.cabling.nodes() | set(self.roles.terminals().values())
        return {node for node in named if node.partition(".")[0] in self.instruments}

    def device_name(self) -> str:
        """Name of the emulated device, or the path of its file, which may be given relative to the bench file."""
        beside = self.path.parent / self.emulation.device
        return str(beside) if beside.is_file() else self.emulation.device

    def _roles_of(self, instrument: str) -> tuple[str, ...]:
        return self.instruments[instrument].info.roles if instrument in self.instruments else ()

    def _check_node(self, node: str) -> None:
        if node == GROUND:
            return
        owner, _, terminal = node.partition(".")
        if owner == CHIP:
            allowed = self.chip.pads()
            if terminal in allowed:
                return
            raise ValueError(f"{node}: this chip has the pads {allowed[0]} … {allowed[-1]} ({len(allowed)} in all)")
        if owner not in self.instruments:
            raise ValueError(
                f"{node}: no instrument {owner!r}; known are {', '.join(self.instruments)}, chip and ground"
            )
        pattern = self.instruments[owner].info.terminals
        if not re.fullmatch(pattern, terminal):
            raise ValueError(
                f"{node}: a {self.instruments[owner].driver} has no terminal {terminal!r} (form: {pattern})"
            )

    def _check_connector(self, node: str, kind: Literal["input", "output"]) -> None:
        owner, _, connector = node.partition(".")
        if owner not in self.instruments:
            raise ValueError(f"triggers: {node}: no instrument {owner!r}; known are {', '.join(self.instruments)}")
        info = self.instruments[owner].info
        pattern = info.trigger_inputs if kind == "input" else info.trigger_outputs
        if not re.fullmatch(pattern, connector):
            has = f"form: {pattern}" if pattern else "it has none"
            raise ValueError(f"triggers: {node}: a {info.name} has no trigger {kind} {connector!r} ({has})")


def load(path: str | Path) -> BenchFile:
    """Read and validate a bench file. Raises BenchFileError naming file, line and key."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchFileError(
            f"{path}: cannot be read ({error.strerror}). Shipped benches: {_shipped_names()}"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> BenchFile:
    """Validate the text of a bench file; `path` is for messages and for the emulated twin."""
    try:
        document = yaml.safe_load(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BenchFileError(f"{path}: not valid YAML. {error}") from None
    if not isinstance(document, dict):
        raise BenchFileError(f"{path}: a bench file is a YAML mapping with instruments, wiring, roles and chip")
    try:
        return BenchFile.model_validate({**_text_keys(document), "path": path, "text": text})
    except ValidationError as error:
        problems = [
            f"{path}{_line(root, tuple(item['loc']))}: {sentence}"
            for item, sentence in zip(error.errors(), explain(error, BenchFile), strict=True)
        ]
        raise BenchFileError("\n".join(problems)) from None


def _text_keys(value: Any) -> Any:
    """Mapping keys as text: YAML reads `101:` as a number."""
    if isinstance(value, dict):
        return {str(key): _text_keys(item) for key, item in value.items()}
    return value


def _line(root: yaml.Node | None, location: tuple[int | str, ...]) -> str:
    """ ", line 12" of the deepest key of `location` that the file has."""
    node, line = root, None
    for part in location:
        if not isinstance(node, yaml.MappingNode):
            break
        hits = [(key, value) for key, value in node.value if key.value == str(part)]
        if not hits:
            break
        line, node = hits[0][0].start_mark.line + 1, hits[0][1]
    return f", line {line}" if line else ""


# ---------------------------------------------------------------------------------------------- shipped benches


def folders() -> list[Path]:
    """Where shipped benches lie: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return [folder for folder in (package / "benches", package.parent / "benches") if folder.is_dir()]


def shipped() -> dict[str, Path]:
    """The benches that come along, by name ("single-device")."""
    return {file.stem: file for folder in folders() for file in sorted(folder.glob("*.yaml"))}


def find(name_or_path: str | Path) -> Path:
    """The path of a bench file given as a path or as the name of a shipped one. Raises BenchFileError."""
    path = Path(name_or_path)
    if path.exists():
        return path
    known = shipped()
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    raise BenchFileError(f"{name_or_path}: no such file, nor a shipped bench ({_shipped_names()})")


def _shipped_names() -> str:
    return ", ".join(sorted(shipped())) or "none found"


__all__ = ["BenchFile", "BenchFileError", "find", "folders", "load", "parse", "shipped"]
