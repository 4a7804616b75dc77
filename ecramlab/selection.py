"""Selecting one cell of an array: which crosspoints of the switch matrix are closed for it."""

from typing import Literal

from drivers.errors import Refused
from drivers.roles import Crosspoint
from ecramlab.bench_file import BenchFile
from ecramlab.wiring import CHIP, GROUND, Wiring

Unselected = Literal["ground", "open"]


def crosspoints_of_cell(file: BenchFile, row: int, column: int, unselected: Unselected) -> set[Crosspoint]:
    """Crosspoints that join gate, source and drain of cell (row, column) to their units, and the other lines to ground.

    With `unselected` "open" the other lines float. Raises Refused when a cable that the cell needs is missing.
    """
    matrix, wiring = file.roles.matrix, file.cabling
    if matrix is None:
        raise Refused("this bench has no switch matrix; its one device is wired directly")
    terminals = (file.roles.gate, file.roles.source, file.roles.drain)
    selected = dict(zip(file.chip.lines_of_cell(row, column), terminals, strict=True))
    wanted: set[Crosspoint] = set()
    for pad in file.pads():
        terminal = selected.get(pad, GROUND if unselected == "ground" else None)
        if terminal is not None and f"{CHIP}.{pad}" not in wiring.joined_to(terminal):
            wanted.add(_crosspoint(wiring, matrix, terminal, pad))
    return wanted


def _crosspoint(wiring: Wiring, matrix: str, terminal: str, pad: str) -> Crosspoint:
    matrix_row, matrix_column = wiring.line_of(terminal, matrix), wiring.line_of(f"{CHIP}.{pad}", matrix)
    if matrix_row is None or matrix_column is None:
        missing = terminal if matrix_row is None else f"{CHIP}.{pad}"
        raise Refused(f"{missing} is not cabled to {matrix}: add it to `wiring` in the bench file. Nothing was sent.")
    return matrix_row, matrix_column
