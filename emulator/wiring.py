"""Named nodes, wires, relays and resistors; which nodes form one net."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

GROUND = "ground"
CHIP = "chip."  # begins the names of a chip's pads and inner nodes


@dataclass(frozen=True, eq=False)
class Nets:
    """Numbers of the nets: 0 is ground."""

    number_of: dict[str, int]
    count: int
    resistors: tuple[tuple[int, int, float], ...]


class Wiring:
    """A graph of nodes. A node exists as soon as it is named."""

    def __init__(self) -> None:
        self._nodes: dict[str, None] = {GROUND: None}
        self._wires: set[tuple[str, str]] = set()
        self._closed: set[tuple[str, str]] = set()
        self._resistors: list[tuple[str, str, float]] = []
        self._inside: tuple[list[tuple[str, str]], list[tuple[str, str, float]]] = ([], [])
        self._known: dict[frozenset[tuple[str, str]], Nets] = {}

    def add_node(self, name: str) -> None:
        """Name a node."""
        if name not in self._nodes:
            self._nodes[name] = None
            self._known.clear()

    def connect(self, a: str, b: str) -> None:
        """Join two nodes for good."""
        self._wires.add(self._pair(a, b))
        self._known.clear()

    def close_relay(self, a: str, b: str) -> None:
        """Join two nodes until `open_relay`; closing twice is as closing once."""
        self._closed.add(self._pair(a, b))

    def open_relay(self, a: str, b: str) -> None:
        """Undo `close_relay`; nothing happens when it is open."""
        self._closed.discard(self._pair(a, b))

    def add_resistor(self, a: str, b: str, ohms: float) -> None:
        """Put a resistor between two nodes; ValueError unless 0 < ohms < inf."""
        if not 0.0 < ohms < math.inf:
            raise ValueError(f"resistance = {ohms!r} Ohm is not allowed: give more than 0 Ohm, or connect the nodes")
        self._pair(a, b)
        self._resistors.append((a, b, ohms))
        self._known.clear()

    def set_inside(
        self, nodes: Iterable[str], wires: Iterable[tuple[str, str]], resistors: Iterable[tuple[str, str, float]]
    ) -> None:
        """Put the inside of a chip in the place of an earlier one: its nodes, wires and resistors [Ohm]."""
        self._inside = (list(wires), list(resistors))
        for name in (*nodes, *(node for wire in self._inside[0] for node in wire)):
            self.add_node(name)
        for a, b, _ in self._inside[1]:
            self._pair(a, b)
        self._known.clear()

    def _pair(self, a: str, b: str) -> tuple[str, str]:
        self.add_node(a)
        self.add_node(b)
        return (a, b) if a < b else (b, a)

    def nets(self) -> Nets:
        """The nets of the present relays; the same object as long as nothing changes."""
        key = frozenset(self._closed)
        if key not in self._known:
            if len(self._known) > 256:
                self._known.clear()
            self._known[key] = self._joined()
        return self._known[key]

    def _joined(self) -> Nets:
        parent = {node: node for node in self._nodes}

        def root(node: str) -> str:
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        inner_wires, inner_resistors = self._inside
        for a, b in (*self._wires, *self._closed, *inner_wires):
            parent[root(a)] = root(b)
        numbers = {root(GROUND): 0}
        number_of = {node: numbers.setdefault(root(node), len(numbers)) for node in self._nodes}
        resistors = tuple((number_of[a], number_of[b], ohms) for a, b, ohms in (*self._resistors, *inner_resistors))
        return Nets(number_of, len(numbers), resistors)
