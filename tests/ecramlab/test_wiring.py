"""Cables: ranges, and what they join."""

import pytest

from ecramlab.wiring import Wiring


def test_a_range_is_as_many_cables() -> None:
    wiring = Wiring.from_mapping({"matrix.101-103": "chip.G0-2"})
    assert wiring.cables == (("matrix.101", "chip.G0"), ("matrix.102", "chip.G1"), ("matrix.103", "chip.G2"))


def test_one_terminal_may_go_to_several() -> None:
    wiring = Wiring.from_mapping({"ground": ["chip.S0-1", "matrix.H"]})
    assert wiring.joined_to("ground") == {"chip.S0", "chip.S1", "matrix.H"}


def test_ranges_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="joins 2 terminals to 3"):
        Wiring.from_mapping({"matrix.101-102": "chip.G0-2"})


@pytest.mark.parametrize("node", ["smu", "smu.", ".a", "matrix.108-101"])
def test_a_node_that_is_none_is_refused(node: str) -> None:
    with pytest.raises(ValueError, match=r"node|backwards"):
        Wiring.from_mapping({node: "chip.G0"})


def test_the_line_a_terminal_is_cabled_to() -> None:
    wiring = Wiring.from_mapping({"smu.a": "matrix.B", "matrix.105": "chip.D3"})
    assert wiring.line_of("smu.a", "matrix") == "B"
    assert wiring.line_of("chip.D3", "matrix") == "105"
    assert wiring.line_of("smu.b", "matrix") is None
