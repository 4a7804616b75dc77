"""Stored states: *SAV and *RCL (IEEE 488.2, 10.29 and 10.33), and the MEMory:STATe commands beside them."""

from collections.abc import Callable
from typing import Any

from sim_instruments.scpi.errors import ScpiError
from sim_instruments.scpi.headers import CommandTable, Reply
from sim_instruments.scpi.parameters import integer, string


class StoredStates:
    """Adds the commands. What is stored survives a reset.

    locations: numbers that *SAV takes. save: gives all settings. restore: takes them over.
    empty: code and text of the error for a location that holds nothing.
    """

    def __init__(
        self,
        commands: CommandTable,
        locations: range,
        save: Callable[[], Any],
        restore: Callable[[Any], None],
        empty: tuple[int, str] = (-221, ""),
    ) -> None:
        self._locations, self._empty = locations, empty
        self._save, self._restore = save, restore
        self._states: dict[int, Any] = {}
        self._names: dict[int, str] = {}
        for header, handler in (
            ("*SAV", self._store),
            ("*RCL", self._recall),
            (":MEMory:STATe:DELete", self._delete),
            (":MEMory:STATe:VALid?", self._valid),
            (":MEMory:STATe:NAME", self._set_name),
            (":MEMory:STATe:NAME?", self._get_name),
            (":MEMory:NSTates?", lambda: f"{len(self._locations):+d}"),
        ):
            commands.add(header, handler)

    def _location(self, argument: bytes) -> int:
        return integer(argument, self._locations[0], self._locations[-1])

    def _store(self, location: bytes) -> None:
        self._states[self._location(location)] = self._save()

    def _recall(self, location: bytes) -> None:
        number = self._location(location)
        if number not in self._states:
            raise ScpiError(self._empty[0], "", self._empty[1])
        self._restore(self._states[number])

    def _delete(self, location: bytes) -> None:
        self._states.pop(self._location(location), None)
        self._names.pop(self._location(location), None)

    def _valid(self, location: bytes) -> Reply:
        return str(int(self._location(location) in self._states))

    def _set_name(self, location: bytes, name: bytes) -> None:
        self._names[self._location(location)] = string(name)

    def _get_name(self, location: bytes) -> Reply:
        return f'"{self._names.get(self._location(location), "")}"'
