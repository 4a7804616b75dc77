"""The relays of a 707B: the `channel` table with closing rules, delays, forbidden channels, patterns and counts.

Series 700 reference manual, `channel.*`. A command that fails changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_707b.cards import ROWS, Card, Crosspoint, parse
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number, text
from sim_instruments.tsp.scripts import iterator

RELAY_TIME: Final = 3e-3
"""Seconds a relay takes to open or to close; a choice, no figure is published for these cards."""
DELAY_STEP: Final = 10e-3
BAD_CHANNEL: Final = 1115
RULE_OFF, BREAK_BEFORE_MAKE, MAKE_BEFORE_BREAK = 0, 1, 2
_PATTERN_NAME: Final = re.compile(r"[A-Za-z]\w{0,18}")
_SLOT: Final = re.compile(r"slot([1-6])")
_SEPARATOR: Final = re.compile("[,;]")  # reference manual, 2-89


class MatrixChannels:
    """State of all relays. `cards` is what is plugged in, by slot; `wait` lets time pass."""

    def __init__(self, surroundings: Surroundings, cards: dict[int, Card], wait: Callable[[float], None]) -> None:
        self._name = surroundings.name
        self._harness = surroundings.harness
        self._leaky = surroundings.accuracy
        self.stuck: set[tuple[str, str]] = set()
        """Relays, by row and column, that no longer move."""
        self._cards = cards
        self._wait = wait
        self.closed: set[Crosspoint] = set()
        self._forbidden: set[Crosspoint] = set()
        self._delays: dict[Crosspoint, float] = {}
        self._patterns: dict[str, tuple[Crosspoint, ...]] = {}
        self._counts: Counter[Crosspoint] = Counter()
        self._leaking: set[tuple[int, str]] = set()
        self.on_lost: list[Callable[[set[Crosspoint]], None]] = []
        self.table = TspObject("channel", OFF=0, ON=1, BREAK_BEFORE_MAKE=1, MAKE_BEFORE_BREAK=2)
        self._describe()

    def _describe(self) -> None:
        table = self.table
        self._rule = table.setting("connectrule", BREAK_BEFORE_MAKE, choice(0, 1, 2))
        self._sequential = table.setting("connectsequential", 0, choice(0, 1))
        for name in ("close", "open", "exclusiveclose", "exclusiveslotclose", "getclose", "getstate", "getdelay",
                     "setdelay", "setforbidden", "getforbidden", "clearforbidden", "getcount", "createspecifier",
                     "reset"):  # fmt: skip
            table.function(name, getattr(self, name))
        pattern = table.child("pattern", TspObject("channel_pattern"))
        pattern.function("setimage", self._set_image)
        pattern.function("getimage", self._get_image)
        pattern.function("snapshot", lambda name: self._keep_pattern(name, sorted(self.closed)))
        pattern.function("delete", self._delete_pattern)
        pattern.function("catalog", lambda: iterator(sorted(self._patterns)))

    # Channel lists.

    def expand(self, given: LuaValue, *, slots: bool = True, forbidden: bool = True) -> list[Crosspoint]:
        """The crosspoints of a channel list, sorted.

        `slots`: whether slotX and allslots may be used. `forbidden`: whether forbidden channels stay in; if not, one
        named alone is an error and one inside a range or slot is skipped.

        Raises:
            TspError: -104 or -109 for no string, -220 for an empty list, 1115 for what is not a channel.
        """
        found: set[Crosspoint] = set()
        for item in _items(given):
            if not item:
                raise TspError(-220, "(channel list expected)")
            group = self._group(item, slots)
            wanted = group if group is not None else [self._one(item)]
            if not forbidden:
                if group is None and wanted[0] in self._forbidden:
                    raise TspError(BAD_CHANNEL, f"(channel {item} is forbidden)")
                wanted = [one for one in wanted if one not in self._forbidden]
            found.update(wanted)
        return sorted(found)

    def steps(self, given: LuaValue) -> Iterator[tuple[Crosspoint, ...]]:
        """The steps that a channel list adds to a scan, in its order: a pattern is one, a range one for each channel.

        Raises:
            TspError: as `expand`, when its turn comes; a forbidden channel is an error.
        """
        for item in _items(given):
            if item in self._patterns:
                yield self._patterns[item]
            else:
                yield from ((one,) for one in self.expand(item, forbidden=False))

    def _group(self, item: str, slots: bool) -> list[Crosspoint] | None:
        """The crosspoints of a slot, a range or a pattern; None for a single channel."""
        if item in self._patterns:
            return list(self._patterns[item])
        found = _SLOT.fullmatch(item)
        if item == "allslots" or found:
            if not slots:
                raise TspError(BAD_CHANNEL, f"({item} is not allowed here)")
            if found and int(found[1]) not in self._cards:
                raise TspError(BAD_CHANNEL, f"({item} is empty)")
            return self._all(int(found[1]) if found else None)
        first, colon, last = item.partition(":")
        if not colon:
            return None
        low, high = self._one(first), self._one(last)
        if low > high:
            raise TspError(BAD_CHANNEL, f"({item} runs backwards)")
        return [one for one in self._all() if low <= one <= high]

    def _all(self, slot: int | None = None) -> list[Crosspoint]:
        slots = sorted(self._cards) if slot is None else [slot]
        return [one for each in slots for one in self._cards[each].crosspoints(each)]

    def _one(self, name: str) -> Crosspoint:
        found = parse(name.strip())
        card = self._cards.get(found.slot) if found else None
        if found is None or card is None or not 1 <= found.column <= card.columns or found.row not in ROWS[: card.rows]:
            raise TspError(BAD_CHANNEL, f"({name.strip()[:40]} is not a channel)")
        return found

    # Relays.

    def _make(self, channels: Iterable[Crosspoint]) -> None:
        for one in channels:
            if one in self.closed or self._stuck(one):
                continue
            self.closed.add(one)
            self._counts[one] += 1
            if not self._cards[one.slot].pseudo:
                self._leak(one)
                self._harness.close_relay(*self._nodes(one))

    def _break(self, channels: Iterable[Crosspoint]) -> None:
        for one in channels:
            if one not in self.closed or self._stuck(one):
                continue
            self.closed.discard(one)
            if not self._cards[one.slot].pseudo:
                self._harness.open_relay(*self._nodes(one))

    def _leak(self, one: Crosspoint) -> None:
        """From its first use on, a row of a card has the card's isolation to ground."""
        if self._leaky and (one.slot, one.row) not in self._leaking:
            self._leaking.add((one.slot, one.row))
            self._harness.add_resistor(self._nodes(one)[0], "ground", self._cards[one.slot].isolation)

    def _stuck(self, one: Crosspoint) -> bool:
        return (one.row, f"{one.slot}{one.column:02d}") in self.stuck

    def _nodes(self, one: Crosspoint) -> tuple[str, str]:
        """The two lines a relay joins: a row (common to all cards) and a column."""
        return f"{self._name}.{one.row}", f"{self._name}.{one.slot}{one.column:02d}"

    def close(self, given: LuaValue) -> None:
        """`channel.close(list)`: add to what is closed."""
        channels = self.expand(given, slots=False, forbidden=False)
        if self._sequential.value:
            for one in channels:
                self._make([one])
                self._wait(RELAY_TIME)
        else:
            self._make(channels)
            self._wait(RELAY_TIME)
        self._wait(self._user_delay(channels))

    def open(self, given: LuaValue) -> None:
        """`channel.open(list)`."""
        self._break(self.expand(given))
        self._wait(RELAY_TIME)

    def exclusiveclose(self, given: LuaValue) -> None:
        """`channel.exclusiveclose(list)`: exactly these; an empty list opens everything."""
        self.exchange(self.closed, self._exclusive(given))

    def exclusiveslotclose(self, given: LuaValue) -> None:
        """`channel.exclusiveslotclose(list)`: exactly these in the slots that are named."""
        channels = self._exclusive(given)
        slots = {one.slot for one in channels}
        self.exchange({one for one in self.closed if one.slot in slots}, channels)

    def _exclusive(self, given: LuaValue) -> list[Crosspoint]:
        if isinstance(given, str) and not given.strip():
            return []
        return self.expand(given, slots=False, forbidden=False)

    def exchange(self, present: Iterable[Crosspoint], wanted: list[Crosspoint]) -> None:
        """Open of what is `present` what is not wanted and close what is, in the order of the connect rule."""
        surplus = set(present) - set(wanted)
        rule = self._rule.value
        if rule == MAKE_BEFORE_BREAK:
            self._make(wanted)
            self._wait(RELAY_TIME)
            self._break(surplus)
        else:
            self._break(surplus)
            if rule == BREAK_BEFORE_MAKE:
                self._wait(RELAY_TIME)
            self._make(wanted)
        self._wait(RELAY_TIME)
        self._wait(self._user_delay(wanted))

    def _user_delay(self, channels: Iterable[Crosspoint]) -> float:
        return max((self._delays.get(one, 0.0) for one in channels), default=0.0)

    # Questions.

    def getclose(self, given: LuaValue) -> str | None:
        """`channel.getclose(list)`: the closed ones, semicolons between; nil for none."""
        return ";".join(one.name for one in self.expand(given) if one in self.closed) or None

    def getstate(self, given: LuaValue) -> str:
        """`channel.getstate(list)`: 1 or 0 each, commas between."""
        return ",".join(str(int(one in self.closed)) for one in self.expand(given))

    def getcount(self, given: LuaValue) -> str:
        """`channel.getcount(list)`: closures of each relay since it was made."""
        return ",".join(str(self._counts[one]) for one in self.expand(given))

    def createspecifier(self, slot: LuaValue, row: LuaValue, column: LuaValue) -> str:
        """`channel.createspecifier(slot, row, column)`: the channel name; the row as a letter or a number."""
        letter = row if isinstance(row, str) else ROWS[int(number(1, len(ROWS))(row)) - 1]
        return self._one(f"{int(number(1, 6)(slot))}{letter}{int(number(1, 99)(column)):02d}").name

    # Settings of single channels.

    def setdelay(self, given: LuaValue, seconds: LuaValue) -> None:
        """`channel.setdelay(list, s)`: more time after a close, in steps of 10 ms; pseudocards ignore it."""
        delay = DELAY_STEP * round(float(number(0, 60)(seconds)) / DELAY_STEP)
        for one in self.expand(given):
            if not self._cards[one.slot].pseudo:
                self._delays[one] = delay

    def getdelay(self, given: LuaValue) -> str:
        """`channel.getdelay(list)`: seconds of each, commas between."""
        return ",".join(f"{self._delays.get(one, 0.0):.5e}" for one in self.expand(given))

    def setforbidden(self, given: LuaValue) -> None:
        """`channel.setforbidden(list)`: these can no longer be closed; patterns that hold one are deleted."""
        channels = self.expand(given)
        self._break(channels)
        self._forbidden.update(channels)
        self._lose(set(channels))

    def clearforbidden(self, given: LuaValue) -> None:
        """`channel.clearforbidden(list)`."""
        self._forbidden.difference_update(self.expand(given))

    def getforbidden(self, given: LuaValue) -> str | None:
        """`channel.getforbidden(list)`: commas between; nil for none."""
        return ",".join(one.name for one in self.expand(given) if one in self._forbidden) or None

    def reset(self, given: LuaValue) -> None:
        """`channel.reset(list)`: opens, no delay, not forbidden, not in a pattern."""
        channels = self.expand(given)
        self._break(channels)
        for one in channels:
            self._delays.pop(one, None)
        self._forbidden.difference_update(channels)
        self._lose(set(channels))
        self._wait(RELAY_TIME)

    def reset_all(self) -> None:
        """All relays open, everything to its default; the counts stay."""
        self._break(sorted(self.closed))
        self._forbidden.clear()
        self._delays.clear()
        self._patterns.clear()
        self.table.reset()
        self._wait(RELAY_TIME)

    def remove_slot(self, slot: int) -> None:
        """A pseudocard is taken out."""
        gone = set(self._all(slot))
        self._break(gone)
        self._forbidden -= gone
        self._lose(gone)

    # Patterns.

    def _set_image(self, given: LuaValue, name: LuaValue) -> None:
        self._keep_pattern(name, self.expand(given, forbidden=False))

    def _keep_pattern(self, name: LuaValue, channels: list[Crosspoint]) -> None:
        checked = text(name)
        if not _PATTERN_NAME.fullmatch(checked) or checked == "allslots" or _SLOT.fullmatch(checked):
            raise TspError(-154 if len(checked) > 19 else -220, "(pattern name)")
        self._patterns[checked] = tuple(channels)

    def _get_image(self, names: LuaValue) -> str:
        return ";".join(",".join(one.name for one in self._pattern(name)) for name in _items(names))

    def _delete_pattern(self, name: LuaValue) -> None:
        self._pattern(name)
        del self._patterns[name]

    def _pattern(self, name: LuaValue) -> tuple[Crosspoint, ...]:
        found = self._patterns.get(text(name))
        if found is None:
            raise TspError(BAD_CHANNEL, f"(no pattern {name[:40]})")
        return found

    def _lose(self, channels: set[Crosspoint]) -> None:
        """Patterns and scan steps that hold one of these go."""
        for forget in self.on_lost:
            forget(channels)
        for name in [name for name, held in self._patterns.items() if channels & set(held)]:
            del self._patterns[name]


def _items(given: LuaValue) -> list[str]:
    """The parts of a channel list."""
    return [part.strip() for part in _SEPARATOR.split(text(given))]
