"""Sequences of a 34980A: named lists of commands, carried out when they are triggered.

34980A programmer's reference, ROUTe:SEQuence. Codes of the errors are not confirmed. Sequences survive a reset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.scpi.errors import ScpiError
from sim_instruments.scpi.headers import CommandTable, Reply
from sim_instruments.scpi.parameters import string

MOST: Final = 500
LONGEST: Final = 1024  # characters
DEEPEST: Final = 8
"""Levels of sequences that trigger one another; a choice."""
UNKNOWN: Final = -224


class Sequences:
    """Adds the commands. run: carries out a program message."""

    def __init__(self, commands: CommandTable, run: Callable[[bytes], object]) -> None:
        self._run = run
        self._known: dict[str, str] = {}
        self._depth = 0
        root = ":ROUTe:SEQuence"
        commands.add(root + ":DEFine", self._define)
        commands.add(root + ":DEFine?", lambda name: f'"{self._find(name)}"')
        commands.add(root + ":CATalog?", self._catalogue)
        commands.add(root + ":DELete[:NAME]", self._delete)
        commands.add(root + ":DELete:ALL", lambda: self._known.clear())
        commands.add(root + ":TRIGger[:IMMediate]", self._trigger)
        commands.add(root + ":ABORt", lambda: None)
        commands.add(root + ":WAIT", lambda: None)
        commands.add(root + ":BUSY?", lambda: "0")

    def _define(self, name: bytes, commands: bytes) -> None:
        text = string(commands)
        if len(text) > LONGEST or (len(self._known) >= MOST and _name(name) not in self._known):
            raise ScpiError(-223, "a sequence")
        self._known[_name(name)] = text

    def _find(self, name: bytes) -> str:
        try:
            return self._known[_name(name)]
        except KeyError:
            raise ScpiError(UNKNOWN, "no such sequence") from None

    def _catalogue(self) -> Reply:
        return ",".join(f'"{name}"' for name in self._known) or '""'

    def _delete(self, name: bytes) -> None:
        self._find(name)
        del self._known[_name(name)]

    def _trigger(self, name: bytes) -> None:
        commands = self._find(name)
        if self._depth >= DEEPEST:
            raise ScpiError(-221, "sequences trigger one another")
        self._depth += 1
        try:
            self._run(commands.encode("latin-1"))
        finally:
            self._depth -= 1


def _name(argument: bytes) -> str:
    """Upper case; at most 30 letters, digits and underscores, a letter first."""
    text = argument.decode("latin-1").strip().upper()
    if not (text.isascii() and text.isidentifier() and text[0] != "_" and len(text) <= 30):
        raise ScpiError(-224, text[:40])
    return text
