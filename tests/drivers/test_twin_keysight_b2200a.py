"""The B2200A driver on the simulated B2200A: what its relays join."""

import re

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keysight_b2200a import KeysightB2200A
from drivers.registry import DRIVERS
from emulator import VoltageSource
from tests.drivers.twins import Twin


def unit(model: str = "keysight_b2200a", **options: object) -> tuple[Twin, KeysightB2200A]:
    twin = Twin(model, dict(options))
    driver = twin.open()
    assert isinstance(driver, KeysightB2200A)
    return twin, driver


@pytest.mark.parametrize("model", ["keysight_b2200a", "keysight_b2201a"])
def test_conformance(model: str) -> None:
    _, matrix = unit(model)
    findings = conformance.check_switch_matrix(matrix)
    assert [finding for finding in findings if not finding.passed] == []
    matrix.check_errors()


@pytest.mark.parametrize("cards", [1, 2, 4])
def test_labels_are_those_of_the_cards_found(cards: int) -> None:
    _, matrix = unit(cards=cards)
    assert matrix.abilities.rows == tuple(str(n) for n in range(1, 15))
    assert matrix.abilities.columns == tuple(f"0{n:02d}" for n in range(1, 12 * cards + 1))
    assert matrix.abilities.settle_time == 2.0
    known = re.compile(DRIVERS["keysight_b2200a"].terminals)
    assert all(known.fullmatch(label) for label in (*matrix.abilities.rows, *matrix.abilities.columns))


def test_card_by_card() -> None:
    twin, _ = unit(cards=2)
    twin.sim.execute(b":ROUT:FUNC NCON")
    matrix = twin.open()
    assert isinstance(matrix, KeysightB2200A)
    assert matrix.abilities.columns[11:13] == ("112", "201")
    assert matrix.connect([("14", "112"), ("1", "201")]) == {("14", "112"), ("1", "201")}
    matrix.reset()
    assert matrix.connect([("2", "202")]) == {("2", "202")}
    assert matrix.settings()["2.CLOS:CARD"] == "(@20202)"


def test_a_closed_crosspoint_joins_its_row_and_column() -> None:
    twin, matrix = unit()
    source, sense = twin.harness.add_port("source.a"), twin.harness.add_port("sense.a")
    twin.harness.connect("source.a", "unit.2")
    twin.harness.connect("sense.a", "unit.048")
    source.drive = VoltageSource(0.5)
    matrix.connect([("2", "048")])
    assert twin.harness.probe(sense).voltage == pytest.approx(0.5)


def test_connect_opens_before_it_closes_and_takes_two_exchanges() -> None:
    twin, matrix = unit()
    matrix.connect([("1", "001"), ("2", "002")])
    twin.resource.sent.clear()
    assert matrix.connect([("2", "002"), ("3", "001")]) == {("2", "002"), ("3", "001")}
    _, moved = twin.resource.sent
    assert moved.index(":ROUT:OPEN (@00101);*WAI") < moved.index(":ROUT:CLOS (@00301)")


def test_modes_of_another_program_are_seen_and_switched_off() -> None:
    twin, _ = unit(cards=1)
    twin.sim.execute(b":AGND:CHAN:DIS:CARD 0;:AGND:CHAN:ENAB (@00101);:AGND 0,ON;:CONN:RULE 0,SROU")
    matrix = twin.open()
    assert isinstance(matrix, KeysightB2200A)
    assert matrix.outputs() == {"12": "joined to 001"}
    assert matrix.settings()["0.AGND"] == "1"
    assert matrix.connect([("1", "001"), ("1", "002")]) == {("1", "001"), ("1", "002")}


def test_relays_left_closed_are_found_at_opening_and_opened_by_make_safe() -> None:
    twin, matrix = unit()
    matrix.connect([("1", "001"), ("1", "024")])
    again = twin.open()
    assert again.outputs() == {"1": "joined to 001, 024"}
    assert again.make_safe() == []
    assert again.outputs() == {}


def test_make_safe_ends_a_mode_that_would_keep_relays_closed() -> None:
    twin, matrix = unit()
    twin.sim.execute(b":CLOS (@00101);:BIAS 0,ON")
    assert len(matrix.outputs()["10"].split(",")) == 47
    assert matrix.make_safe() == []
    assert matrix.outputs() == {}


def test_make_safe_tells_of_a_relay_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    _, matrix = unit()
    matrix.connect([("1", "007")])
    monkeypatch.setattr(matrix, "open_everything", ":ROUT:OPEN (@00108)")
    (problem,) = matrix.make_safe()
    assert "00107" in problem


@pytest.mark.parametrize("crosspoint", [("15", "001"), ("0", "001"), ("1", "049"), ("1", "101"), ("1", "1"), None])
def test_unknown_labels_send_nothing(crosspoint: object) -> None:
    twin, matrix = unit()
    twin.resource.sent.clear()
    with pytest.raises(Refused):
        matrix.connect([crosspoint])  # type: ignore[list-item]
    assert twin.resource.sent == []


def test_forbidden_crosspoints_are_refused_until_a_reset() -> None:
    twin, matrix = unit()
    assert matrix.forbid([("1", "001")]) == {("1", "001")}
    twin.resource.sent.clear()
    with pytest.raises(Refused, match="forbidden: 00101"):
        matrix.close_crosspoints([("1", "001")])
    assert twin.resource.sent == []
    matrix.reset()
    assert matrix.close_crosspoints([("1", "001")]) == {("1", "001")}
    assert matrix.cycles(("1", "001")) is None


def test_an_error_of_the_instrument_is_raised_with_its_text() -> None:
    twin, matrix = unit()
    matrix.connect([])
    twin.sim.execute(b":BIAS 0,ON")  # somebody at the front panel
    with pytest.raises(InstrumentError, match=r"-220.*bias or ground port"):
        matrix.close_crosspoints([("10", "001")])
