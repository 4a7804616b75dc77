"""The wiring of a bench: which instrument terminal, matrix line, chip pad and ground are joined by cables.

Nodes are written `smu.a`, `matrix.A`, `matrix.105`, `chip.G0` and `ground`. A range stands for several cables:
`matrix.101-108: chip.G0-7` joins 101 to G0, 102 to G1, …
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GROUND = "ground"
CHIP = "chip"
_RANGE = re.compile(r"(?P<stem>[A-Za-z]*?)(?P<first>\d+)-(?:[A-Za-z]*?)(?P<last>\d+)$")


@dataclass(frozen=True)
class Wiring:
    """Pairs of joined nodes, ranges expanded."""

    cables: tuple[tuple[str, str], ...]

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str | list[str]]) -> "Wiring":
        """Read the `wiring` part of a bench file. Raises ValueError naming the entry that does not fit."""
        cables: list[tuple[str, str]] = []
        for left, targets in mapping.items():
            for right in [targets] if isinstance(targets, str) else targets:
                cables.extend(_expand(left, right))
        return cls(tuple(cables))

    def nodes(self) -> set[str]:
        """Every node that a cable ends at."""
        return {node for cable in self.cables for node in cable}

    def joined_to(self, node: str) -> set[str]:
        """All nodes reached from `node` by cables alone, the node itself not included."""
        reached, frontier = {node}, [node]
        while frontier:
            here = frontier.pop()
            for a, b in self.cables:
                other = b if a == here else a if b == here else None
                if other is not None and other not in reached:
                    reached.add(other)
                    frontier.append(other)
        return reached - {node}

    def line_of(self, node: str, instrument: str) -> str | None:
        """The line of the matrix `instrument` that `node` is cabled to ("A" or "105"), or None."""
        lines = [n.partition(".")[2] for n in self.joined_to(node) if n.startswith(f"{instrument}.")]
        return lines[0] if lines else None


def pads(nodes: Iterable[str]) -> set[str]:
    """The chip pads ("G0") among some nodes."""
    return {node.partition(".")[2] for node in nodes if node.startswith(f"{CHIP}.")}


def _expand(left: str, right: str) -> list[tuple[str, str]]:
    lefts, rights = _expand_node(left), _expand_node(right)
    if len(lefts) == 1 and len(rights) > 1:
        lefts = lefts * len(rights)
    if len(lefts) != len(rights):
        raise ValueError(f"{left}: {right} joins {len(lefts)} terminals to {len(rights)}; both ranges must be as long")
    return list(zip(lefts, rights, strict=True))


def _expand_node(node: str) -> list[str]:
    if node == GROUND:
        return [node]
    owner, dot, terminal = node.partition(".")
    if not dot or not owner or not terminal:
        raise ValueError(f"{node!r} is not a node; write instrument.terminal, chip.PAD or ground")
    match = _RANGE.match(terminal)
    if match is None:
        return [node]
    first, last = int(match["first"]), int(match["last"])
    if last < first:
        raise ValueError(f"{node!r} runs backwards; write the smaller number first")
    width = len(match["first"])
    return [f"{owner}.{match['stem']}{number:0{width}d}" for number in range(first, last + 1)]
