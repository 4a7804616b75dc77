"""The drivers of the SCPI matrices byte by byte, against a resource that keeps relays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keysight_34980a import Keysight34980A
from drivers.keysight_b2200a import KeysightB2200A, KeysightB2201A
from drivers.scpi_matrix import ScpiMatrix
from tests.drivers.fake_resource import LOST, FakeResource


class Relays:
    """Answers unit by unit; `stuck` relays do not close. A model adds its own queries in `answers`."""

    def __init__(self, answers: Callable[[Relays, str], str | None], *, stuck: str = "", **facts: Any) -> None:
        self.closed: set[str] = set()
        self.answers, self.stuck, self.facts = answers, stuck, facts
        self.errors: list[str] = []
        self.moved: list[str] = []

    def __call__(self, message: str) -> str | None:
        replies = [reply for unit in message.split(";") if (reply := self._one(unit)) is not None]
        return ";".join(replies) if replies else None

    def _one(self, unit: str) -> str | None:
        if unit == ":SYST:ERR?":
            return self.errors.pop(0) if self.errors else '+0,"No error"'
        if unit == "*OPC?":
            return "1"
        if moved := re.fullmatch(r":ROUT:(OPEN|CLOS) \(@([\d,]+)\)", unit):
            names = set(moved[2].split(","))
            self.moved.append(f"{moved[1]} {moved[2]}")
            self.closed = self.closed - names if moved[1] == "OPEN" else self.closed | names - {self.stuck}
            return None
        if unit.startswith((":ROUT:OPEN:CARD", ":ROUT:OPEN:ALL", "*RST")):
            self.moved.append("OPEN everything")
            self.closed &= {self.stuck}
        return self.answers(self, unit)


def b2200a(relays: Relays, unit: str) -> str | None:
    """A B2200A with `outputs` outputs in the automatic configuration."""
    replies = {
        "*IDN?": relays.facts.get("idn", "AGILENT,B2200A,0,A.01.00"),
        ":ROUT:FUNC?": "ACON",
        ":ROUT:CLOS:CARD? 0": f"(@{','.join(sorted(relays.closed))})",
        ":ROUT:CONN:RULE? 0": relays.facts.get("rule", "FREE"),
    }
    if asked := re.fullmatch(r":ROUT:OPEN\? \(@001(\d\d)\)", unit):
        if int(asked[1]) <= relays.facts.get("outputs", 24):
            return "1"
        relays.errors.append('-222,"Data out of range"')
        return None
    return "0" if re.fullmatch(r":ROUT:(BIAS|AGND|COUP)\? 0", unit) else replies.get(unit)


def k34980a(relays: Relays, unit: str) -> str | None:
    """A 34980A with one 4 x 64 module in slot 2 and something else in slot 5."""
    modules = {"2": "34934A-4x64", "5": "34921A"}
    if asked := re.fullmatch(r":SYST:CTYP\? (\d)", unit):
        return f'"Agilent Technologies,{modules.get(asked[1], "0")},0,0"'
    if asked := re.fullmatch(r":ROUT:CLOS\? \(@(.*)\)", unit):
        ends = [part.split(":") for part in asked[1].split(",")]
        return ",".join(str(int(str(n) in relays.closed)) for a, b in ends for n in range(int(a), int(b) + 1))
    return {
        "*IDN?": "Agilent Technologies,34980A,MY44000001,2.43-2.43-2.07-1.05",
        ":SYST:MOD:TERM:TYPE? 2": relays.facts.get("block", "R4_R64"),
        ":SYST:MOD:ROW:PROT? 2": "AUTO100",
        ":DIAG:REL:CYCL? (@2302)": "+17",
    }.get(unit)


MODELS: dict[str, tuple[type[ScpiMatrix], Callable[[Relays, str], str | None]]] = {
    "b2200a": (KeysightB2200A, b2200a),
    "34980a": (Keysight34980A, k34980a),
}
FIRST = {"b2200a": (("1", "001"), "00101"), "34980a": (("R201", "C2001"), "2101")}
SECOND = {"b2200a": (("14", "024"), "01424"), "34980a": (("R208", "C2128"), "2828")}


def opened(name: str, **options: Any) -> tuple[ScpiMatrix, FakeResource, Relays]:
    driver, answers = MODELS[name]
    state = Relays(answers, **options)
    resource = FakeResource(state)
    return driver(resource.as_visa, name="matrix"), resource, state


def test_opening_only_asks() -> None:
    for name in MODELS:
        _, resource, state = opened(name)
        assert all("?" in message for message in resource.sent)
        assert state.moved == []


@pytest.mark.parametrize("outputs", [12, 24, 36, 48])
def test_outputs_of_a_b2200a_are_found_by_asking(outputs: int) -> None:
    matrix, _, state = opened("b2200a", outputs=outputs)
    assert len(matrix.abilities.columns) == outputs
    assert state.errors == []


def test_a_mainframe_without_cards_is_refused_at_opening() -> None:
    with pytest.raises(InstrumentError, match="no matrix card"):
        opened("b2200a", outputs=0)
    with pytest.raises(InstrumentError, match="safety interlock"):
        opened("34980a", block="NONE")
    with pytest.raises(InstrumentError, match="layout of the module in slot 2"):
        opened("34980a", block="R3_R7")


@pytest.mark.parametrize("maker", ["AGILENT", "Agilent Technologies", "Keysight Technologies"])
def test_identities(maker: str) -> None:
    matrix, _, _ = opened("b2200a", idn=f"{maker},B2200A,0,A.01.00")
    assert matrix.identity.maker == maker
    with pytest.raises(InstrumentError, match="B2201A was expected"):
        KeysightB2201A(FakeResource(Relays(b2200a)).as_visa, name="matrix")


@pytest.mark.parametrize("name", MODELS)
def test_connect_opens_what_must_go_before_it_closes_anything(name: str) -> None:
    matrix, resource, state = opened(name)
    (first, first_number), (second, second_number) = FIRST[name], SECOND[name]
    assert matrix.connect([first]) == {first}
    resource.sent.clear()
    assert matrix.connect([second]) == {second}
    assert state.moved[-2:] == [f"OPEN {first_number}", f"CLOS {second_number}"]
    assert len(resource.sent) == 2  # what is closed, then one message for both actions
    matrix.connect([second])
    assert len(state.moved) == 3


@pytest.mark.parametrize("name", MODELS)
def test_a_relay_that_does_not_follow_is_an_error(name: str) -> None:
    first, number = FIRST[name]
    matrix, _, state = opened(name, stuck=number)
    with pytest.raises(InstrumentError, match=f"asked for but open {number}"):
        matrix.connect([first])
    state.closed = {number}
    with pytest.raises(InstrumentError, match=f"closed but not asked for {number}"):
        matrix.open_all()
    (problem,) = matrix.make_safe()
    assert number in problem


@pytest.mark.parametrize("name", MODELS)
def test_an_error_in_the_queue_is_raised_and_the_queue_emptied(name: str) -> None:
    matrix, _, state = opened(name)
    matrix.closed()
    state.errors = ['-222,"Data out of range;really"', '-113,"Undefined header"']
    with pytest.raises(InstrumentError, match=r"-222.*really.*-113"):
        matrix.closed()
    assert state.errors == []
    matrix.check_errors()


@pytest.mark.parametrize("name", MODELS)
def test_make_safe_survives_a_lost_link(name: str) -> None:
    matrix, resource, state = opened(name)
    matrix.connect([FIRST[name][0]])
    resource.fail = {"write": LOST, "clear": LOST}
    assert matrix.make_safe() == []
    assert state.closed == set()
    assert resource.opened >= 1


def test_modes_that_stay_on_are_an_error_before_anything_moves() -> None:
    matrix, _, state = opened("b2200a", rule="SROU")
    with pytest.raises(InstrumentError, match="single route stay on"):
        matrix.connect([FIRST["b2200a"][0]])
    assert state.moved == []


def test_resets_keep_the_configuration() -> None:
    matrix, resource, _ = opened("b2200a")
    matrix.reset()
    assert resource.sent[-1] == "*RST;:ROUT:FUNC ACON;*CLS;*OPC?"


def test_rows_and_columns_of_the_second_matrix_of_a_module() -> None:
    matrix, _, _ = opened("34980a")
    assert matrix.abilities.rows == tuple(f"R2{n:02d}" for n in range(1, 9))
    assert matrix.abilities.columns[-1] == "C2128"
    assert matrix.cycles(("R202", "C2002")) == 17
    with pytest.raises(Refused, match="does not exist"):
        matrix.cycles(("R201", "C2065"))


def test_a_reply_of_the_wrong_length_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, resource, _ = opened("34980a")
    monkeypatch.setattr(resource, "answer", lambda message: '1,0,1;+0,"No error"' if "CLOS?" in message else None)
    with pytest.raises(InstrumentError, match="512 states were expected, not 3"):
        matrix.closed()
