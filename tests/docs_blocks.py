"""The examples of a page of documentation: its fenced blocks, and the files that it names above them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]

_FILE = re.compile(r"^`(?P<name>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    """Text of one page below docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def files(text: str) -> dict[str, str]:
    """The files that a page spells out: a name in backquotes with a colon, then a block."""
    return {match["name"]: match["text"] for match in _FILE.finditer(text)}


def blocks(text: str, language: str) -> list[str]:
    """Blocks of a language that are no files."""
    return re.findall(rf"^```{language}\n(.*?)^```", _FILE.sub("", text), flags=re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[str]:
    """The lines of all shell blocks, without comments."""
    lines = [line.partition(" #")[0].strip() for block in blocks(text, "sh") for line in block.splitlines()]
    return [line for line in lines if line]
