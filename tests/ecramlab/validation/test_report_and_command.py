"""Tables of results, the command that writes them, and the page that it wrote."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ecramlab.cli import cli
from ecramlab.validation import Result as Outcome
from ecramlab.validation import all_checks, as_json, as_markdown, catalogue
from ecramlab.validation.check import Check, at_least
from emulator import literature

PAGE = Path(__file__).parents[3] / "docs" / "devices.md"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def made_up(value: float) -> Check:
    return Check("made-up", "kim2019", "nobody", "not | at all", (at_least("x", "X", 1.0, "S"),), lambda: {"x": value})


def rows(markdown: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in markdown.splitlines()
        if line.startswith("|")
    ]


def test_markdown_has_one_line_a_figure_and_says_what_failed() -> None:
    text = as_markdown([Outcome(made_up(2.0), {"x": 2.0}), Outcome(made_up(0.0), {"x": None})])
    assert "2 checks, **1 failed**" in text
    table = rows(text)
    assert table[2] == ["kim2019", "X", "> 1 S", "bound", "2 S", "ok", "not \\| at all", "nobody"]
    assert table[3][4:6] == ["–", "**FAILED**"]


def test_json_has_values_and_verdicts() -> None:
    (facts,) = json.loads(as_json([Outcome(made_up(0.5), {"x": 0.5})]))
    assert facts["passed"] is False
    assert facts["figures"][0]["value"] == 0.5
    assert facts["figures"][0]["unit"] == "S"


def test_the_command_measures_what_is_asked_for(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = invoke("validate", "kim2019-retention", "oh2019", "-o", page)
    assert done.exit_code == 0, done.output
    assert "2 of 2 checks passed" in done.output
    assert ["kim2019", "Loss of conductance in 14 h", "5.4 %", "±0.05 %", "5.4 %", "ok"] in [
        row[:6] for row in rows(page.read_text("utf-8"))
    ]
    facts = json.loads(invoke("validate", "kim2019-voltage", "--json").stdout)
    assert facts[0]["figures"][0]["value"] == pytest.approx(0.6, rel=0.005)


def test_a_verdict_that_fails_ends_with_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "all_checks", lambda: [made_up(0.0)])
    done = invoke("validate")
    assert done.exit_code == 1
    assert "FAILED" in done.output
    assert "0 of 1 checks passed" in done.output


def test_an_unknown_name_is_told_in_a_sentence() -> None:
    done = invoke("validate", "nothing")
    assert done.exit_code == 2
    assert "no check or device 'nothing'" in done.output


def test_the_page_holds_every_device_and_every_check_and_no_failure() -> None:
    """The page is written by the command; a check that is new, or fails, needs it written again."""
    text = PAGE.read_text("utf-8")
    assert "all passed" in text
    assert "FAILED" not in text
    table = rows(text)
    assert [row[0] for row in table[2:29]] == list(literature.names())
    quantities = {row[1] for row in table[29:]}
    for check in all_checks():
        if not check.name.endswith("-window"):
            assert {item.quantity for item in check.expectations} <= quantities, check.name
