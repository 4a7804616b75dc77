"""The `display` table: a front panel that remembers what it shows, and an operator who presses ENTER at once.

Series 2600B reference manual, "Display operations" and page 3-74 (character codes). The numbers of keys are a choice,
those of annunciators are recalled; scripts use their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number, text
from sim_instruments.tsp.scripts import iterator

COLUMNS: Final = (20, 32)
_NEW_LINE: Final = "N"
_CODE: Final = re.compile(r"\$(.?)|([^$])", re.DOTALL)
_KEYS: Final = (
    "NONE", "AUTO", "CONFIG", "DIGITSA", "DIGITSB", "DISPLAY", "ENTER", "EXIT", "FILTERA", "FILTERB", "LEFT", "LIMITA",
    "LIMITB", "LOAD", "MEASA", "MEASB", "MENU", "MODEA", "MODEB", "OUTPUTA", "OUTPUTB", "RANGEDOWN", "RANGEUP",
    "RECALL", "RELA", "RELB", "RIGHT", "RUN", "SPEEDA", "SPEEDB", "SRCA", "SRCB", "STORE", "TRIG",
)  # fmt: skip
_WHEEL: Final = {"WHEEL_ENTER": 103, "WHEEL_LEFT": 104, "WHEEL_RIGHT": 114}
KEY_CODES: Final = {name: place + 64 if place else 0 for place, name in enumerate(_KEYS)}
_ANNUNCIATORS: Final = (
    "FILTER", "MATH", "4_WIRE", "AUTO", "ARM", "TRIGGER", "STAR", "SAMPLE", "EDIT", "ERROR", "REMOTE", "TALK", "LISTEN",
    "SRQ", "REAR", "REL",
)  # fmt: skip
_REMOTE: Final = 1 << _ANNUNCIATORS.index("REMOTE")
_CONSTANTS: Final = {
    "SMUA": 0, "SMUB": 1, "SMUA_SMUB": 2, "USER": 3, "MEASURE_DCAMPS": 0, "MEASURE_DCVOLTS": 1, "MEASURE_OHMS": 2,
    "MEASURE_WATTS": 3, "DIGITS_4_5": 4, "DIGITS_5_5": 5, "DIGITS_6_5": 6, "DISABLE": 0, "ENABLE": 1, "UNLOCK": 0,
    "LOCK": 1, "SAVE": 0, "DONT_SAVE": 1, "LIMIT_IV": 0, "LIMIT_P": 1,
}  # fmt: skip


class FrontPanel:
    """Two lines of text, a cursor, the user menu. `pressed` is told of keys that a script presses."""

    def __init__(self) -> None:
        self.pressed: Callable[[int], None] = lambda _: None
        self._menu: dict[str, str] = {}
        self._last_key = KEY_CODES["NONE"]
        keys = {f"KEY_{name}": code for name, code in KEY_CODES.items()}
        lamps = {f"ANNUNCIATOR_{name}": 1 << place for place, name in enumerate(_ANNUNCIATORS)}
        self.table = TspObject("display", **_CONSTANTS, **_WHEEL, **keys, **lamps)
        self._describe()
        self.clear()

    def _describe(self) -> None:
        table = self.table
        functions: dict[str, Callable[..., LuaValue]] = {
            "clear": self.clear, "settext": self.set_text, "gettext": self.get_text, "setcursor": self._set_cursor,
            "getcursor": lambda: (self._row + 1, self._column + 1, self._style), "sendkey": self._press,
            "getlastkey": self._take_last_key, "waitkey": lambda: KEY_CODES["ENTER"],
            "getannunciators": lambda: _REMOTE, "inputvalue": _input_value, "prompt": _prompt, "menu": _menu_choice,
        }  # fmt: skip
        for name, f in functions.items():
            table.function(name, f)
        table.setting("screen", 0, choice(0, 1, 2, 3))
        table.setting("locallockout", 0, choice(0, 1))
        table.setting("numpad", 1, choice(0, 1))
        menu = table.child("loadmenu", TspObject("display_loadmenu"))
        menu.function("add", self._add_to_menu)
        menu.function("delete", self._delete_from_menu)
        menu.function("catalog", lambda: iterator_of_pairs(dict(self._menu)))
        for name in ("smua", "smub"):
            smu = table.child(name, TspObject("display_smu"))
            smu.setting("digits", 5, choice(4, 5, 6))
            smu.child("measure", TspObject("display_measure")).setting("func", 1, choice(0, 1, 2, 3))
            smu.child("limit", TspObject("display_limit")).setting("func", 0, choice(0, 1, 2))

    def clear(self) -> None:
        """`display.clear()`: both lines empty, the cursor at their beginning."""
        self._lines = [[" "] * width for width in COLUMNS]
        self._row = self._column = self._style = 0
        self.table.settings["screen"].write(3)

    def set_text(self, words: LuaValue) -> None:
        """`display.settext(text)`, from the cursor on; $N is the second line, $$ a dollar, other codes are styles."""
        self.table.settings["screen"].write(3)
        for code, plain in _CODE.findall(text(words)):
            if code == _NEW_LINE:
                if self._row:
                    return
                self._row, self._column = 1, 0
            elif plain or code == "$":
                self._put(plain or "$")

    def _put(self, letter: str) -> None:
        line = self._lines[self._row]
        if self._column < len(line):
            line[self._column] = letter
            self._column += 1

    def get_text(
        self, _styles: LuaValue = None, row: LuaValue = None, first: LuaValue = None, last: LuaValue = None
    ) -> str:
        """`display.gettext(embellished, row, first, last)`: both lines joined by $N, a line, or a part of one."""
        lines = ["".join(line) for line in self._lines]
        if row is None:
            return "$N".join(lines)
        line = lines[int(number(1, 2)(row)) - 1]
        start = 1 if first is None else int(number(1, len(line))(first))
        stop = len(line) if last is None else int(number(start, len(line))(last))
        return line[start - 1 : stop]

    def _set_cursor(self, row: LuaValue, column: LuaValue, style: LuaValue = 0) -> None:
        line = int(number(1, len(COLUMNS))(row)) - 1
        place = int(number(1, COLUMNS[line])(column)) - 1
        self._row, self._column, self._style = line, place, choice(0, 1)(style)

    def _press(self, key: LuaValue) -> None:
        self._last_key = int(number(0, 255)(key))
        self.pressed(self._last_key)

    def _take_last_key(self) -> int:
        key, self._last_key = self._last_key, KEY_CODES["NONE"]
        return key

    def _add_to_menu(self, name: LuaValue, code: LuaValue, _memory: LuaValue = 0) -> None:
        self._menu[text(name)] = text(code)

    def _delete_from_menu(self, name: LuaValue) -> None:
        if self._menu.pop(text(name), None) is None:
            raise TspError(-292, f": {name}")


def iterator_of_pairs(pairs: dict[str, str]) -> Callable[..., LuaValue]:
    """What `display.loadmenu.catalog()` returns: name and code in turn."""
    following = iterator(list(pairs))

    def step(*_: LuaValue) -> LuaValue:
        name = following()
        return None if name is None else (name, pairs[name])

    return step


def _input_value(form: LuaValue, default: LuaValue = 0, low: LuaValue = None, _high: LuaValue = None) -> float:
    """`display.inputvalue(format, default, minimum, maximum)`: the operator takes the default."""
    text(form)
    if default is None:
        return float(low or 0)
    return float(number()(default))


def _prompt(
    form: LuaValue, units: LuaValue, words: LuaValue, default: LuaValue = 0, low: LuaValue = None,
    high: LuaValue = None,
) -> float:  # fmt: skip
    """`display.prompt(format, units, help, default, minimum, maximum)`."""
    text(units), text(words)
    return _input_value(form, default, low, high)


def _menu_choice(title: LuaValue, items: LuaValue) -> str:
    """`display.menu(title, items)`: the first of the items, which are separated by blanks."""
    text(title)
    names = text(items).split()
    if not names:
        raise TspError(-109)
    return names[0]
