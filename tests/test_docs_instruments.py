"""docs/instruments.md lists every model there is, and its commands work."""

import re
import shlex

import pytest
from click.testing import CliRunner

from drivers.registry import DRIVERS
from ecramlab.cli import cli
from sim_instruments import MODELS
from tests import docs_blocks

PAGE = docs_blocks.page("instruments.md")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "`driver`" not in line]


def test_every_model_has_a_row() -> None:
    listed = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])}
    assert listed == set(DRIVERS) == set(MODELS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("| "))
def test_a_row_says_role_source_and_what_is_not_covered(row: list[str]) -> None:
    words = {"smu": "source-measure unit", "generator": "pulse generator", "matrix": "switch matrix"}
    for name in re.findall(r"`(\w+)`", row[1]):
        assert all(words[role] in row[2] for role in DRIVERS[name].roles)
        assert all(re.fullmatch(DRIVERS[name].terminals, terminal) for terminal in re.findall(r"`(\w+)`", row[2]))
    assert len(row) == 7
    assert all(cell.strip(" |") for cell in row)


@pytest.mark.parametrize("page", sorted(docs_blocks.ROOT.glob("docs/**/*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: object) -> None:
    text = page.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / target).exists(), target  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", docs_blocks.commands(PAGE))
def test_the_commands(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "ecramlab"
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
