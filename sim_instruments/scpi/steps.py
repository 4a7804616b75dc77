"""What a program message does: for each of its units a handler, bound to its numeric suffixes and arguments."""

from collections.abc import Callable
from functools import partial
from typing import NoReturn

from sim_instruments.framing import REMEMBERED_LENGTH
from sim_instruments.scpi.errors import ScpiError
from sim_instruments.scpi.headers import CommandTable, Reply
from sim_instruments.scpi.message_units import Unit, message_units

Step = Callable[[], Reply]

_MOST_REMEMBERED = 1024


class StepTable:
    """Steps of the messages for one table of commands. A short message seen before costs one dictionary look-up."""

    def __init__(self, commands: CommandTable) -> None:
        self._commands = commands
        self._remembered: dict[bytes, tuple[Step, ...]] = {}

    def of(self, message: bytes) -> tuple[Step, ...]:
        """One step for each unit; that of a unit that is no command raises its ScpiError when it is called."""
        steps = self._remembered.get(message)
        if steps is None:
            steps = tuple(self._step(unit) for unit in message_units(message))
            if len(message) <= REMEMBERED_LENGTH:
                if len(self._remembered) >= _MOST_REMEMBERED:
                    self._remembered.clear()
                self._remembered[message] = steps
        return steps

    def _step(self, unit: Unit) -> Step:
        header, arguments = unit
        try:
            call = self._commands.resolve(header)
        except ScpiError as error:
            return partial(_refuse, error.code, header)
        if not call.fewest <= len(arguments) <= call.most:
            return partial(_refuse, -109 if len(arguments) < call.fewest else -108, header)
        return partial(call.handler, *call.suffixes, *arguments)


def _refuse(code: int, detail: str) -> NoReturn:
    raise ScpiError(code, detail)
