"""The 34980A driver on the simulated 34980A: labels, what its relays join, and modules that cannot be used."""

import re

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keysight_34980a import Keysight34980A
from drivers.registry import DRIVERS
from emulator import VoltageSource
from tests.drivers.twins import Twin


def unit(**options: object) -> tuple[Twin, Keysight34980A]:
    twin = Twin("keysight_34980a", dict(options))
    driver = twin.open()
    assert isinstance(driver, Keysight34980A)
    return twin, driver


@pytest.mark.parametrize("layout", ["4x32", "4x64", "4x128", "8x32", "8x64", "16x32"])
def test_conformance(layout: str) -> None:
    _, matrix = unit(modules={3: layout})
    findings = conformance.check_switch_matrix(matrix)
    assert [finding for finding in findings if not finding.passed] == []
    matrix.check_errors()


@pytest.mark.parametrize(
    ("layout", "rows", "columns"), [("4x32", 16, 128), ("4x128", 4, 128), ("8x64", 8, 64), ("16x32", 16, 32)]
)
def test_labels(layout: str, rows: int, columns: int) -> None:
    _, matrix = unit(modules={8: layout})
    assert matrix.abilities.rows == tuple(f"R8{n:02d}" for n in range(1, rows + 1))
    assert matrix.abilities.columns == tuple(f"C8{n:03d}" for n in range(1, columns + 1))
    known = re.compile(DRIVERS["keysight_34980a"].terminals)
    assert all(known.fullmatch(label) for label in (*matrix.abilities.rows, *matrix.abilities.columns))
    assert not known.fullmatch("C8129")
    assert not known.fullmatch("C8000")


def test_the_examples_of_the_guide() -> None:
    """Page 228: slot 1, 8 x 64, row 3, column 16 is 1316; slot 2, 4 x 32, M2H, row 4, column 21 is 2753."""
    _, matrix = unit(modules={1: "8x64", 2: "4x32"})
    assert matrix.number(("R103", "C1016")) == "1316"
    assert matrix.number(("R208", "C2053")) == "2753"


def test_rows_meet_only_columns_of_their_own_matrix() -> None:
    twin, matrix = unit(modules={1: "8x64", 2: "4x32"})
    twin.resource.sent.clear()
    for crosspoint in (("R101", "C2001"), ("R201", "C2033"), ("R205", "C2001"), ("R109", "C1001")):
        with pytest.raises(Refused, match="does not exist"):
            matrix.connect([crosspoint])
    assert twin.resource.sent == []
    assert matrix.connect([("R205", "C2033"), ("R108", "C1064")]) == {("R205", "C2033"), ("R108", "C1064")}


def test_a_closed_crosspoint_joins_its_row_and_column_through_the_stated_resistance() -> None:
    twin, matrix = unit()
    port = twin.harness.add_port("source.a")
    twin.harness.connect("source.a", "unit.R102")
    twin.harness.add_resistor("unit.C1005", "ground", 1e3)
    port.drive = VoltageSource(1.0, 0.0, 1.0)
    matrix.connect([("R102", "C1005")])
    assert matrix.abilities.series_resistance == 100.0
    assert twin.harness.probe(port).current == pytest.approx(1.0 / 1100.0)
    twin.sim.execute(b"SYST:MOD:ROW:PROT 1,AUTO0")
    again = twin.open()
    assert isinstance(again, Keysight34980A)
    assert again.abilities.series_resistance == 0.0


def test_connect_opens_before_it_closes_and_takes_two_exchanges() -> None:
    twin, matrix = unit()
    matrix.connect([("R101", "C1001"), ("R102", "C1002")])
    twin.resource.sent.clear()
    assert matrix.connect([("R102", "C1002"), ("R103", "C1001")]) == {("R102", "C1002"), ("R103", "C1001")}
    _, moved = twin.resource.sent
    assert moved.index(":ROUT:OPEN (@1101);*WAI") < moved.index(":ROUT:CLOS (@1301)")


def test_modules_without_terminal_block_are_left_out() -> None:
    _, matrix = unit(modules={1: "8x64", 2: "8x64"}, without_terminal_block=[1])
    assert matrix.abilities.rows[0] == "R201"
    with pytest.raises(Refused, match="no terminal block"):
        matrix.channel("R101")
    assert matrix.channel("C2001") is matrix
    with pytest.raises(InstrumentError, match="safety interlock"):
        unit(without_terminal_block=[1])
    with pytest.raises(InstrumentError, match="no usable 34934A"):
        unit(modules={})


def test_relays_left_closed_are_found_at_opening_and_opened_by_make_safe() -> None:
    twin, matrix = unit()
    matrix.connect([("R101", "C1001"), ("R101", "C1064")])
    again = twin.open()
    assert again.outputs() == {"R101": "joined to C1001, C1064"}
    assert again.settings() == {"1.layout": "8x64", "1.ROW:PROT": "AUTO100", "closed": "1101,1164"}
    assert again.make_safe() == []
    assert again.outputs() == {}


def test_closures_of_one_relay() -> None:
    _, matrix = unit()
    for _ in range(3):
        matrix.connect([("R101", "C1001")])
        matrix.open_all()
    assert matrix.cycles(("R101", "C1001")) == 3


def test_an_error_of_the_instrument_is_raised_with_its_text() -> None:
    twin, matrix = unit(modules={1: "8x64", 2: "8x64"})
    matrix.connect([])
    twin.sim._modules[2].terminal_block = False  # type: ignore[attr-defined]  # somebody pulls it
    with pytest.raises(InstrumentError, match="no terminal block"):
        matrix.connect([("R101", "C1001"), ("R201", "C2001")])
    assert matrix.closed() == frozenset()


def test_a_relay_that_does_not_move_is_told() -> None:
    twin, matrix = unit(modules={1: "8x64"})
    first, second = ("R101", "C1001"), ("R102", "C1002")
    matrix.connect([first])
    twin.sim.stuck_relays.update({first, second})  # type: ignore[attr-defined]
    with pytest.raises(InstrumentError):
        matrix.connect([first, second])
    with pytest.raises(InstrumentError):
        matrix.open_all()
    assert matrix.closed() == {first}
