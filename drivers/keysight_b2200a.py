"""Keysight B2200A and B2201A switch mainframes: 14 inputs, and up to four cards of 12 outputs, driven by SCPI.

Rows are the input ports "1" … "14". Columns are the output ports behind the digit of their card: with all cards as one
(automatic configuration, digit 0) "001" … "048", card by card (normal configuration) "101" … "412". Whichever is in
force at opening stays. The crosspoint ("2", "015") is the relay the instrument calls (@00215).

Before its first request the driver switches the bias, ground and couple modes off, which would move relays on their
own, and asks for free routing with break before make.

Source: Agilent B2200 user's guide, editions 2 and 4, chapters 1 (specifications), 4 and 5.
"""

from __future__ import annotations

import re
from typing import Final

from drivers.records import SwitchMatrixAbilities
from drivers.registry import DriverInfo
from drivers.relay_matrix import NONE
from drivers.roles import Crosspoint
from drivers.scpi import ERROR_QUERY, split_replies
from drivers.scpi_matrix import ScpiMatrix

MODELS: Final = (
    DriverInfo(
        name="keysight_b2200a",
        module="drivers.keysight_b2200a",
        cls="KeysightB2200A",
        role="matrix",
        description="Keysight B2200A femto leakage switch, 14 inputs, up to 48 outputs",
        terminals="[1-9]|1[0-4]|0(0[1-9]|[1-3][0-9]|4[0-8])|[1-4](0[1-9]|1[0-2])",
    ),
    DriverInfo(
        name="keysight_b2201a",
        module="drivers.keysight_b2200a",
        cls="KeysightB2201A",
        role="matrix",
        description="Keysight B2201A low leakage switch, 14 inputs, up to 48 outputs",
        terminals="[1-9]|1[0-4]|0(0[1-9]|[1-3][0-9]|4[0-8])|[1-4](0[1-9]|1[0-2])",
    ),
)

INPUTS: Final = 14
OUTPUTS_PER_CARD: Final = 12
CARDS: Final = (1, 2, 3, 4)
SETTLE_TIME: Final = 2.0  # s until a current is within 50 fA of its final value after 10 V (specifications, 1-13)
RELAY: Final = re.compile(r"([0-4])(\d\d)(\d\d)")
AUTOMATIC: Final = "ACON"
MODES: Final = ("BIAS", "AGND", "COUP")
RESET_SECONDS: Final = 5.0  # s, used for timeouts only


class KeysightB2200A(ScpiMatrix):
    """The mainframe with its cards: one matrix."""

    model = "B2200A"
    queue_depth = 200  # more errors than it keeps
    open_everything = ":ROUT:BIAS ALL,OFF;:ROUT:AGND ALL,OFF;:ROUT:OPEN:CARD ALL"  # the modes would close relays

    def _opened(self) -> None:
        self._configuration = self.exchange(":ROUT:FUNC?").strip().upper()[:4]
        outputs = self._automatic_outputs() if self._configuration == AUTOMATIC else self._outputs_of_cards()
        if not outputs:
            raise self.error("no matrix card found", remedy="fit a card, or swap the cables")
        self._cards = tuple(outputs)
        self._forbidden = NONE
        self._abilities = SwitchMatrixAbilities(
            rows=tuple(str(port) for port in range(1, INPUTS + 1)),
            columns=tuple(f"{card}{port:02d}" for card, ports in outputs.items() for port in range(1, ports + 1)),
            settle_time=SETTLE_TIME,
            series_resistance=None,
            sequence_rules=("break before make", "make before break", "none"),
            closure_counter=False,
            max_closed=None,
        )

    def _automatic_outputs(self) -> dict[int, int]:
        """How many outputs there are, by the largest that the instrument knows."""
        known = (cards * OUTPUTS_PER_CARD for cards in reversed(CARDS))
        return next(({0: outputs} for outputs in known if self._knows(f"001{outputs:02d}")), {})

    def _outputs_of_cards(self) -> dict[int, int]:
        return {card: OUTPUTS_PER_CARD for card in CARDS if self._knows(f"{card}0101")}

    def _knows(self, number: str) -> bool:
        """Whether a channel exists: asking for its state is an error if not, which is taken out of the queue again."""
        replies = split_replies(self.exchange(f":ROUT:OPEN? (@{number});{ERROR_QUERY}"))
        return len(replies) == 2 and replies[0].strip() in ("0", "1")

    def _prepare(self) -> None:
        """Modes off, free routing, break before make; InstrumentError if they do not read back."""
        super()._prepare()
        settings, queries = [], []
        for card in self._cards:
            settings += [f":ROUT:{mode} {card},OFF" for mode in MODES]
            settings += [f":ROUT:CONN:RULE {card},FREE", f":ROUT:CONN:SEQ {card},BBM"]
            queries += [f":ROUT:{mode}? {card}" for mode in MODES] + [f":ROUT:CONN:RULE? {card}"]
        message = ";".join(settings + queries)
        found = self.checked(message)
        if found != ["0", "0", "0", "FREE"] * len(self._cards):
            raise self.error("bias, ground, couple mode or single route stay on", message, ";".join(found))

    def number(self, crosspoint: Crosspoint) -> str:
        """("2", "015") → "00215"."""
        row, column = crosspoint
        return f"{column[0]}{int(row):02d}{column[1:]}"

    def closed_query(self) -> str:
        """``ROUT:CLOS:CARD?`` of every card."""
        return ";".join(f":ROUT:CLOS:CARD? {card}" for card in self._cards)

    def parse_closed(self, replies: list[str]) -> frozenset[Crosspoint]:
        """Channel lists "(@00101,00215)", one of each card."""
        found = RELAY.findall(",".join(replies))
        return frozenset((str(int(row)), card + output) for card, row, output in found)

    def cycles(self, crosspoint: Crosspoint) -> int | None:
        """None: the mainframe has no query for it."""
        self.known([crosspoint])
        return None

    def settings(self) -> dict[str, float | str | bool]:
        """Configuration, and by card: rule, sequence, modes with their ports, closed relays."""
        record: dict[str, float | str | bool] = {"FUNC": self._configuration}
        queries = ("CONN:RULE", "CONN:SEQ", "BIAS", "BIAS:PORT", "AGND", "AGND:PORT", "COUP", "CLOS:CARD")
        for card in self._cards:
            replies = split_replies(self.exchange(";".join(f":ROUT:{query}? {card}" for query in queries)))
            record |= {f"{card}.{query}": reply for query, reply in zip(queries, replies, strict=True)}
        return record

    def reset(self) -> None:
        """``*RST`` in the configuration found at opening: every relay open, nothing forbidden."""
        self.exchange(f"*RST;:ROUT:FUNC {self._configuration};*CLS;*OPC?", seconds_expected=RESET_SECONDS)
        self._forbidden = NONE
        self.prepare_again()


class KeysightB2201A(KeysightB2200A):
    """The same with low-leakage cards."""

    model = "B2201A"
