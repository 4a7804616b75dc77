import re
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import drivers
from drivers import registry
from drivers.errors import Refused
from drivers.visa_instrument import VisaInstrument


def test_listing_drivers_loads_neither_pyvisa_nor_numpy() -> None:
    code = (
        "import sys, drivers, drivers.registry as r\n"
        "assert drivers.DRIVERS and drivers.Refused and drivers.SourceMeasureUnit and drivers.WireLog\n"
        "r.all_drivers()\n"
        "print([name for name in ('pyvisa', 'numpy', 'emulator', 'sim_instruments') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("info", registry.DRIVERS.values(), ids=lambda info: info.name)
def test_every_driver_loads_and_is_complete(info: registry.DriverInfo) -> None:
    cls = info.load()
    assert issubclass(cls, VisaInstrument)
    assert not getattr(cls, "__abstractmethods__", None)
    assert cls.model.lower() in info.name


@pytest.mark.parametrize("name", drivers.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(drivers, name) is not None


def test_a_driver_is_declared_in_its_own_file() -> None:
    source = (
        "from drivers.registry import DriverInfo\n\n"
        "MODELS: Final = (\n"
        "    DriverInfo('maker_1', 'drivers.maker_1', 'Maker1', 'smu', 'a unit', terminals='a|b'),\n"
        ")\n"
    )
    expected = registry.DriverInfo("maker_1", "drivers.maker_1", "Maker1", "smu", "a unit", "a|b")
    assert registry.declared_models(source) == [expected]
    assert registry.declared_models("MODEL = 3\n") == []


def test_an_unknown_driver_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match=r"'keithley_2400'.*keithley_2636b.*keithley_707b.*keysight_33622a"):
        registry.find_driver("keithley_2400")


@pytest.mark.parametrize(
    ("name", "terminal", "known"),
    [
        ("keithley_707b", "105", True),
        ("keithley_707b", "H", True),
        ("keithley_707b", "613", False),
        ("keithley_707b", "5", False),
        ("keithley_2636b", "b", True),
        ("keysight_33622a", "3", False),
    ],
)
def test_terminals(name: str, terminal: str, known: bool) -> None:
    assert bool(re.fullmatch(registry.DRIVERS[name].terminals, terminal)) is known


def test_plug_ins_are_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    other = registry.DriverInfo("other", "drivers.keithley_707b", "Keithley707B", "matrix", "a plug-in", "x")
    monkeypatch.setattr(registry, "OTHER", other, raising=False)
    points = [EntryPoint("other", "drivers.registry:OTHER", registry.ENTRY_POINTS)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == "ecramlab.drivers" else [])
    assert registry.find_driver("other") is other
    assert registry.all_drivers()[-1] is other


def test_a_plug_in_that_offers_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("wrong", "math:pi", registry.ENTRY_POINTS)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.ENTRY_POINTS else [])
    with pytest.raises(Refused, match="float, not a DriverInfo"):
        registry.find_driver("wrong")
