"""The IEEE 488.2 common commands of a TSP instrument: upper or lower case, alone in their message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.status import OPC

if TYPE_CHECKING:
    from sim_instruments.tsp.engine import TspInstrument


class CommonCommands:
    """`*IDN?` and its kin for one instrument (Series 2600B manual, "Common commands")."""

    def __init__(self, instrument: TspInstrument) -> None:
        self._instrument = instrument
        self._plain: dict[str, Callable[[], object]] = {
            "*CLS": self._clear_status,
            "*ESE?": lambda: self._answer(instrument.status.standard.table.settings["enable"].value),
            "*ESR?": lambda: self._answer(instrument.status.standard.take_event()),
            "*IDN?": lambda: instrument.emit(self.identity()),
            "*OPC": self.complete,
            "*OPC?": self._answer_when_complete,
            "*RST": instrument.reset,
            "*SRE?": lambda: self._answer(instrument.status.request_enable),
            "*STB?": lambda: self._answer(instrument.status_byte()),
            "*TRG": lambda: instrument.trigger(),
            "*TST?": lambda: self._answer(0),
            "*WAI": lambda: instrument.wait_complete(),
        }
        self._with_number: dict[str, Callable[[float], None]] = {
            "*ESE": lambda bits: instrument.status.standard.table.settings["enable"].write(bits),
            "*SRE": self._set_request_enable,
        }

    def execute(self, command: str) -> None:
        """Run one common command; an unknown one is -113."""
        head, _, argument = command.partition(" ")
        plain = self._plain.get(head.upper())
        numbered = self._with_number.get(head.upper())
        try:
            if plain is not None:
                if argument.strip():
                    raise TspError(-108)
                plain()
            elif numbered is not None:
                numbered(_number(argument))
            else:
                raise TspError(-113, head)
        except TspError as error:
            self._instrument.report(error.code, error.detail)

    def identity(self) -> str:
        """The reply to `*IDN?`."""
        unit = self._instrument
        return unit.identity_form.format(maker=unit.maker, model=unit.model, serial=unit.serial, firmware=unit.firmware)

    def complete(self) -> None:
        """`*OPC`: the operation-complete bit, once overlapped operations are over."""
        if self._instrument.wait_complete():
            self._instrument.status.standard.latch(OPC)

    def _answer_when_complete(self) -> None:
        if self._instrument.wait_complete():  # otherwise the reply never comes
            self._answer(1)

    def _clear_status(self) -> None:
        self._instrument.errors.clear()
        self._instrument.status.clear()

    def _set_request_enable(self, bits: float) -> None:
        self._instrument.status.request_enable = bits

    def _answer(self, value: float) -> None:
        self._instrument.emit(str(int(value)))


def _number(argument: str) -> float:
    if not argument.strip():
        raise TspError(-109)
    try:
        return float(argument)
    except ValueError:
        raise TspError(-104) from None
