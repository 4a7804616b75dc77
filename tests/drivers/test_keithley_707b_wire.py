"""The 707B driver byte by byte, against a resource that keeps relays."""

import re

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keithley_707b import Keithley707B, parse_relays, relays
from tests.drivers.fake_resource import FakeResource

EMPTY = "0.00000e+00\tQueue Is Empty\t0.00000e+00\t0.00000e+00"
CARD = "7072,8x12 Semiconductor Matrix,01.00a,1234567"


class Relays:
    """What the channel functions do to a set of relays; `stuck` relays do not move."""

    def __init__(self, *, cards: int = 2, stuck: str = "") -> None:
        self.closed: set[str] = set()
        self.forbidden: set[str] = set()
        self.cards = cards
        self.stuck = stuck
        self.actions: list[str] = []
        self.counts: dict[str, int] = {}

    def __call__(self, message: str) -> str | None:
        if message == "*IDN?":
            return "KEITHLEY INSTRUMENTS INC.,MODEL 707B,00000170,01.10h"
        if message.startswith("print(slot[1].idn"):
            return "\t".join([CARD] * self.cards + ["Empty Slot"] * (6 - self.cards))
        if message == "print(errorqueue.next())":
            return EMPTY
        for action, names in re.findall(r'channel\.(open|close|setforbidden)\("([^"]*)"\)', message):
            self._act(action, set(names.split(",")))
        if counted := re.search(r'getcount\("(\w+)"\)', message):
            return f"{self.counts.get(counted[1], 0)}\t0"
        if "getforbidden" in message:
            return ",".join(sorted(self.forbidden)) + "\t0"
        return self._state(message) if "print(" in message else None

    def _act(self, action: str, names: set[str]) -> None:
        self.actions.append(f"{action} {','.join(sorted(names))}")
        if action == "setforbidden":
            self.forbidden |= names
        elif action == "close":
            self.closed |= names - {self.stuck}
            self.counts |= {name: self.counts.get(name, 0) + 1 for name in names}
        else:
            self.closed = self.closed & {self.stuck} if names == {"allslots"} else self.closed - names

    def _state(self, message: str) -> str:
        state = ";".join(sorted(self.closed)) or "nil"
        return f"{state}\t0.00000e+00" if "errorqueue.count" in message else state


def opened(**options: object) -> tuple[Keithley707B, FakeResource, Relays]:
    state = Relays(**options)  # type: ignore[arg-type]
    resource = FakeResource(state)
    return Keithley707B(resource.as_visa, name="matrix"), resource, state


def test_labels_are_those_of_the_cards_found() -> None:
    matrix, _, _ = opened()
    assert matrix.abilities.rows == tuple("ABCDEFGH")
    assert matrix.abilities.columns == (*(str(n) for n in range(101, 113)), *(str(n) for n in range(201, 213)))
    assert matrix.channel("B") is matrix
    assert matrix.channel("212") is matrix


def test_a_mainframe_without_cards_is_refused_at_opening() -> None:
    with pytest.raises(InstrumentError, match="no matrix card"):
        opened(cards=0)


def test_names_translate_both_ways() -> None:
    crosspoints = {("A", "105"), ("H", "212")}
    assert relays(crosspoints) == "1A05,2H12"
    assert parse_relays("1A05;2H12") == crosspoints
    assert parse_relays("1A05,2H12") == crosspoints
    assert parse_relays("nil") == frozenset()


@pytest.mark.parametrize(
    "crosspoint", [("A", "113"), ("A", "100"), ("I", "101"), ("A", "305"), ("a", "101"), "A1", None]
)
def test_unknown_labels_send_nothing(crosspoint: object) -> None:
    matrix, resource, _ = opened()
    resource.sent.clear()
    for method in (matrix.connect, matrix.close_crosspoints, matrix.open_crosspoints, matrix.forbid):
        with pytest.raises(Refused):
            method([crosspoint])  # type: ignore[list-item]
    assert resource.sent == []


def test_connect_opens_what_must_go_before_it_closes_anything() -> None:
    matrix, resource, state = opened()
    state.closed = {"1A01", "1B02"}
    matrix.closed()
    resource.sent.clear()
    assert matrix.connect([("B", "102"), ("C", "203")]) == {("B", "102"), ("C", "203")}
    assert state.actions == ["open 1A01", "close 2C03"]
    assert state.closed == {"1B02", "2C03"}
    assert len(resource.sent) == 2  # what is closed, then one message for both actions


def test_connect_to_nothing_opens_the_rest_and_repeating_it_moves_nothing() -> None:
    matrix, _, state = opened()
    matrix.connect([("A", "101")])
    matrix.connect([])
    matrix.connect([])
    assert state.actions == ["close 1A01", "open 1A01"]


def test_a_relay_that_does_not_follow_is_an_error() -> None:
    matrix, _, _ = opened(stuck="1A01")
    with pytest.raises(InstrumentError, match="asked for but open 1A01"):
        matrix.connect([("A", "101")])


def test_open_all_verifies() -> None:
    matrix, _, state = opened(stuck="1A01")
    state.closed = {"1A01"}
    with pytest.raises(InstrumentError, match="closed but not asked for 1A01"):
        matrix.open_all()
    (problem,) = matrix.make_safe()
    assert "1A01" in problem


def test_forbidden_crosspoints_are_refused_and_set_in_the_instrument() -> None:
    matrix, resource, state = opened()
    matrix.forbid([("A", "101")])
    assert state.forbidden == {"1A01"}
    resource.sent.clear()
    for method in (matrix.connect, matrix.close_crosspoints):
        with pytest.raises(Refused, match="forbidden: 1A01"):
            method([("A", "101"), ("B", "102")])
    assert resource.sent == []


def test_a_closed_crosspoint_cannot_be_forbidden() -> None:
    matrix, _, state = opened()
    matrix.connect([("A", "101")])
    with pytest.raises(Refused, match="1A01 is closed"):
        matrix.forbid([("A", "101")])
    assert state.forbidden == set()


def test_closures_of_one_relay() -> None:
    matrix, _, state = opened()
    state.counts["2H12"] = 7
    assert matrix.cycles(("H", "212")) == 7


def test_outputs_lists_joined_rows_and_make_safe_opens_them() -> None:
    matrix, _, _ = opened()
    matrix.connect([("A", "101"), ("A", "203"), ("B", "102")])
    assert matrix.outputs() == {"A": "joined to 101, 203", "B": "joined to 102"}
    assert matrix.make_safe() == []
    assert matrix.outputs() == {}
