"""From a bench file to its emulated twin: instruments of the same names around one shared chip."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml

from ecramlab import bench_file
from ecramlab.bench_file import BenchFile, BenchFileError, Film
from ecramlab.fault_injection import inject
from ecramlab.wiring import GROUND, pads
from emulator import (
    Array,
    Chip,
    Defects,
    DeviceModel,
    FilmCell,
    FilmElectrode,
    Harness,
    Specimen,
    SpreadMap,
    VirtualClock,
    Wires,
    literature,
)
from sim_instruments import registry, visa
from sim_instruments.instrument import Instrument, Surroundings
from sim_instruments.trigger_wiring import TriggerWiring
from sim_instruments.visa import EmulatedBench

Part = TypeVar("Part", Defects, SpreadMap)  # what a bench file describes by a mapping of numbers


def twin(path: Path) -> EmulatedBench:
    """The emulated twin of the bench file at `path`: one for the whole process, also behind PyVISA."""
    visa.set_builder(build_bench)
    return visa.bench(path)


def build_bench(path: Path) -> EmulatedBench:
    """Build the twin of the bench file at `path`. Raises BenchFileError, refusing the whole bench."""
    file = bench_file.load(path)
    try:
        return _build(file)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise BenchFileError(f"{path}: no twin can be built. {error}") from error


def _build(file: BenchFile) -> EmulatedBench:
    harness = Harness(VirtualClock(), build_specimen(file))
    triggers = TriggerWiring()
    instruments = {name: _build_instrument(file, name, harness, triggers) for name in file.instruments}
    for output, to in file.trigger_cabling.cables:
        triggers.connect(output, to)
    for a, b in file.cabling.cables:
        harness.connect(a, b)
    resources = {entry.resource: name for name, entry in file.instruments.items()}
    bench = EmulatedBench(harness, instruments, resources)
    for fault in file.emulation.faults:
        inject(bench, fault)
    return bench


def build_specimen(file: BenchFile) -> Specimen:
    """What lies between the pads of the twin: the chip of a bench file, or the film in its place."""
    film = file.emulation.film
    return build_chip(file) if film is None else _build_cell(file, film)


def _build_cell(file: BenchFile, film: Film) -> FilmCell:
    temperature = file.chip.temperature
    cell = FilmCell(_electrode(film), temperature=300.0 if temperature is None else temperature)
    if set(file.chip.pads()) != set(cell.pads):
        raise ValueError(
            f"emulation.film: a film has the pads {', '.join(cell.pads)} alone: "
            "give chip 1 row and 1 column, without far ends, taps and heater"
        )
    return cell


def _electrode(film: Film) -> FilmElectrode:
    try:
        return FilmElectrode(**film.model_dump())
    except ValueError as error:
        raise ValueError(f"emulation.film: {error}") from error


def build_chip(file: BenchFile) -> Chip:
    """The emulated chip of a bench file."""
    emulation = file.emulation
    array = Array(
        build_model(file),
        file.chip.rows,
        file.chip.columns,
        seed=emulation.seed,
        device_spread=emulation.device_spread,
        cycle_noise=emulation.cycle_noise,
        initial_state=emulation.initial_state,
        spread_maps={
            name: _made(SpreadMap, f"spread_maps.{name}", keys) for name, keys in emulation.spread_maps.items()
        },
    )
    temperature = file.chip.temperature
    if temperature is None:  # that of the published pulses: a few devices are written hot
        temperature = literature.load(file.device_name()).protocol.temperature
    chip = Chip(
        array,
        layout=file.chip.layout,
        temperature=temperature,
        read_noise=emulation.read_noise,
        ends=file.chip.ends,
        heater=file.chip.heater,
        taps=file.chip.taps,
        wires=Wires(**file.chip.wires.model_dump()) if file.chip.wires else None,
    )
    _made(Defects, "defects", emulation.defects).apply(chip)
    return chip


def _made(kind: type[Part], where: str, values: dict[str, float]) -> Part:
    """Make what a mapping of the bench file describes; ValueError naming key, value and what is allowed."""
    known = [item.name for item in dataclasses.fields(kind)]
    for name in values:
        if name not in known:
            raise ValueError(f"emulation.{where}.{name} is not a key: choose from {', '.join(known)}")
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"emulation.{where}: {error}") from error


def build_model(file: BenchFile) -> DeviceModel:
    """Parameters of the emulated device, with those that the bench file gives another value."""
    model, changes = literature.load(file.device_name()).model, file.emulation.device_parameters
    known = [item.name for item in dataclasses.fields(model)]
    for name in changes:
        if name not in known:
            raise ValueError(f"emulation.device_parameters.{name} is not a parameter: choose from {', '.join(known)}")
    try:
        return dataclasses.replace(model, **changes)  # type: ignore[arg-type]  # the model checks every value
    except ValueError as error:
        raise ValueError(f"emulation.device_parameters: {error}") from error


def unplugged(file: BenchFile, folder: Path, dummies: Mapping[str, float]) -> BenchFile:
    """The same bench without its chip: a file in `folder` whose cables end where the chip was.

    dummies: resistor from a terminal to ground [Ohm], by terminal ("smu.a"); its twin is built at once.
    """
    cables: dict[str, list[str]] = {}
    for a, b in file.cabling.cables:
        if not pads((a, b)):
            cables.setdefault(a, []).append(b)
    document = yaml.safe_load(file.text)
    document["wiring"] = cables
    document["emulation"] = {**(document.get("emulation") or {}), "device": file.device_name()}
    path = folder / (file.path.name or "bench.yaml")
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    harness = twin(path).harness
    for terminal, ohms in dummies.items():
        harness.add_resistor(terminal, GROUND, ohms)
    return bench_file.load(path)


def describe(file: BenchFile) -> dict[str, object]:
    """What a run file records of the twin: device or film, its parameters, spread and seed."""
    film = file.emulation.film
    model = build_model(file) if film is None else _electrode(film)
    return {**file.emulation.model_dump(mode="json"), "model": dataclasses.asdict(model)}


def _build_instrument(file: BenchFile, name: str, harness: Harness, triggers: TriggerWiring) -> Instrument:
    entry, emulation = file.instruments[name], file.emulation
    surroundings = Surroundings(
        name=name,
        harness=harness,
        seed=emulation.seed,
        noise=emulation.instrument_noise,
        accuracy=emulation.instrument_accuracy,
        triggers=triggers,
    )
    options = dict(entry.options)
    if entry.serial is not None:
        options["serial"] = entry.serial
    return registry.create(entry.driver, surroundings, **options)
