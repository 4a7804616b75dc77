"""The 707B driver on the simulated 707B: what its relays join."""

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keithley_707b import Keithley707B
from emulator import VoltageSource
from tests.drivers.twins import Twin


def unit(model: str = "keithley_707b", **options: object) -> tuple[Twin, Keithley707B]:
    twin = Twin(model, dict(options))
    driver = twin.open()
    assert isinstance(driver, Keithley707B)
    return twin, driver


@pytest.mark.parametrize("model", ["keithley_707b", "keithley_708b"])
def test_conformance(model: str) -> None:
    _, matrix = unit(model)
    findings = conformance.check_switch_matrix(matrix)
    assert [finding for finding in findings if not finding.passed] == []
    matrix.check_errors()


def test_a_closed_crosspoint_joins_its_row_and_column() -> None:
    twin, matrix = unit()
    source, sense = twin.harness.add_port("source.a"), twin.harness.add_port("sense.a")
    twin.harness.connect("source.a", "unit.A")
    twin.harness.connect("sense.a", "unit.205")
    source.drive = VoltageSource(0.5)
    matrix.connect([("A", "205")])
    assert twin.harness.probe(sense).voltage == pytest.approx(0.5)
    matrix.open_all()
    source.drive = VoltageSource(0.0)
    assert matrix.closed() == frozenset()


def test_relays_left_closed_are_found_at_opening_and_opened_by_make_safe() -> None:
    twin, matrix = unit()
    matrix.connect([("A", "101"), ("B", "212")])
    again = twin.open()
    assert again.outputs() == {"A": "joined to 101", "B": "joined to 212"}
    assert again.make_safe() == []
    assert again.outputs() == {}


def test_missing_cards_have_no_columns() -> None:
    _, matrix = unit(cards={2: "7072"})
    with pytest.raises(Refused, match="'101'"):
        matrix.connect([("A", "101")])
    assert matrix.connect([("A", "201")]) == {("A", "201")}


def test_a_mainframe_of_one_slot() -> None:
    _, matrix = unit("keithley_708b", cards={1: "7174A"})
    assert matrix.abilities.columns == tuple(str(n) for n in range(101, 113))
    assert matrix.connect([("H", "112")]) == {("H", "112")}


def test_a_card_of_four_rows_beside_one_of_eight() -> None:
    twin, matrix = unit(cards={1: "7072", 2: "7173-50"})
    assert matrix.abilities.rows == tuple("ABCDEFGH")
    twin.resource.sent.clear()
    with pytest.raises(Refused, match="does not exist"):
        matrix.connect([("E", "201")])
    assert twin.resource.sent == []
    assert matrix.connect([("E", "101"), ("D", "201")]) == {("E", "101"), ("D", "201")}


def test_what_another_program_forbids_is_an_error_and_closes_nothing() -> None:
    twin, matrix = unit()
    twin.sim.execute(b'channel.setforbidden("1A01")')
    with pytest.raises(InstrumentError, match="instrument reports"):
        matrix.connect([("A", "101"), ("B", "102")])
    assert matrix.closed() == frozenset()


def test_forbidding_reaches_the_instrument() -> None:
    twin, matrix = unit()
    assert matrix.forbid([("A", "101")]) == {("A", "101")}
    twin.sim.execute(b'channel.close("1A01")')
    assert parse(twin.sim.execute(b'print(channel.getclose("allslots"))')) == "nil"


def parse(reply: bytes | None) -> str:
    assert reply is not None
    return reply.decode("ascii").strip()
