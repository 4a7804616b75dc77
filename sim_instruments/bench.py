"""An emulated bench as a transport sees it, and the one registry of open benches."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pyvisa import rname
from pyvisa_sim import parser
from pyvisa_sim.devices import Device, Devices

from sim_instruments.bus import BusPort
from sim_instruments.instrument import Instrument

if TYPE_CHECKING:
    from emulator import Harness, VirtualClock


class EmulatedBench:
    """Instruments around one harness, under the VISA names of the real ones.

    instruments: simulated instruments by their names on the bench.
    resources: VISA resource name -> name of the instrument; two names may reach the same one.
    definition: what pyvisa-sim answers itself; without it every resource is live.
    Raises ValueError for a resource name that VISA does not know or that stands for no instrument.
    """

    def __init__(
        self,
        harness: "Harness",
        instruments: Mapping[str, Instrument],
        resources: Mapping[str, str],
        definition: Devices | None = None,
    ) -> None:
        self.harness = harness
        self.lock = threading.RLock()
        self.instruments = dict(instruments)
        self.ports = {name: BusPort(item, harness, self.lock) for name, item in self.instruments.items()}
        self.resources = {_canonical(resource): name for resource, name in resources.items()}
        self.incidents: list[str] = []
        """What went wrong on this bench because it was asked to, in the order of events."""
        self.definition = definition if definition is not None else Devices()
        self._check_resources()

    @property
    def clock(self) -> "VirtualClock":
        """Time on this bench."""
        return self.harness.clock

    @property
    def session_count(self) -> int:
        """Number of open VISA sessions of live instruments."""
        return sum(len(port.sessions) for port in self.ports.values())

    def advance(self, seconds: float) -> None:
        """Let virtual time [s] pass for chip and instruments."""
        with self.lock:
            self.harness.advance(seconds)

    def port_of(self, resource: str) -> BusPort | None:
        """Bus port of a canonical VISA name; None if that resource is not live."""
        name = self.resources.get(resource)
        return None if name is None else self.ports[name]

    def _check_resources(self) -> None:
        listed = set(self.definition.list_resources())
        for resource, name in self.resources.items():
            if name not in self.ports:
                known = ", ".join(sorted(self.ports)) or "none"
                raise ValueError(f"{resource} stands for instrument {name!r}, which the bench does not have ({known})")
            if resource not in listed:
                self.definition.add_device(resource, _placeholder(name, resource))


Builder = Callable[[Path], EmulatedBench]
_Stamp = tuple[int, int]


class _Registry:
    """Strong references: PyVISA caches libraries weakly and by the spelling of their path."""

    def __init__(self) -> None:
        self.builder: Builder | None = None
        self.benches: dict[Path, tuple[EmulatedBench, _Stamp]] = {}

    def get(self, path: Path) -> EmulatedBench:
        stamp = _stamp(path)
        if path in self.benches:
            known, stamp_then = self.benches[path]
            if stamp == stamp_then:
                return known
            if known.session_count:
                raise RuntimeError(
                    f"{path} has changed while {known.session_count} of its VISA sessions are open: close them "
                    "first, the bench is then built anew from the file"
                )
        built = self._build(path)
        self.benches[path] = (built, stamp)
        return built

    def _build(self, path: Path) -> EmulatedBench:
        if _is_pyvisa_sim_file(path):
            return _static_bench(path)
        if self.builder is None:
            raise RuntimeError(
                f"cannot build the emulated bench {path}: import ecramlab.emulation, or call set_builder"
            )
        return self.builder(path)


_registry = _Registry()
_registry_lock = threading.RLock()


def set_builder(builder: Builder) -> None:
    """Hand in the function that turns a bench file into an EmulatedBench."""
    _registry.builder = builder


def bench(path: str | Path) -> EmulatedBench:
    """The emulated bench of a file, built when it is first asked for, and again when the file has changed since.

    A plain pyvisa-sim file gives a bench of static resources only. Raises what the builder raises, FileNotFoundError,
    and RuntimeError when the file has changed while sessions are open.
    """
    with _registry_lock:
        return _registry.get(Path(path).resolve(strict=True))


def reset(path: str | Path | None = None) -> None:
    """Forget one bench, or all: the next open starts from the file. Sessions still open keep the old bench."""
    with _registry_lock:
        if path is None:
            _registry.benches.clear()
        else:
            _registry.benches.pop(Path(path).resolve(), None)


def _placeholder(name: str, resource: str) -> Device:
    """What pyvisa-sim lists for a live resource; it never answers."""
    device = Device(name, b";")
    parsed = rname.parse_resource_name(resource)
    device.add_eom(f"{parsed.interface_type} {parsed.resource_class}", "\n", "\n")
    return device


def _static_bench(path: Path) -> EmulatedBench:
    """A bench of a pyvisa-sim file, without live instruments."""
    from emulator import Harness, VirtualClock  # a program that only looks for the backend needs no physics

    return EmulatedBench(Harness(VirtualClock()), {}, {}, parser.get_devices(path, bundled=False))


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _canonical(resource: str) -> str:
    try:
        return str(rname.to_canonical_name(resource))
    except rname.InvalidResourceName:
        raise ValueError(f"{resource!r} is not a VISA resource name; an example is GPIB0::26::INSTR") from None


def _is_pyvisa_sim_file(path: Path) -> bool:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return isinstance(document, dict) and {"spec", "devices", "resources"} <= document.keys()
