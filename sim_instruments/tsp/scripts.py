"""Scripts kept in a TSP instrument: loading line by line, naming, running."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import TspObject, text

_LOAD: Final = re.compile(r"load(andrun)?script(?:\s+([A-Za-z_]\w*))?")
_MAX_LINES: Final = 100_000


def iterator(names: list[str]) -> Callable[..., str | None]:
    """What a catalog function returns to `for name in …catalog() do`: the names in turn, then nil."""
    left = iter(names)

    def following(*_: object) -> str | None:
        return next(left, None)

    return following


class ScriptLoader:
    """Collects the lines between `loadscript`/`loadandrunscript` and `endscript`."""

    def __init__(self) -> None:
        self._lines: list[str] | None = None
        self._name = ""
        self._run = False

    @property
    def loading(self) -> bool:
        """Whether lines are being collected."""
        return self._lines is not None

    def start(self, line: str) -> bool:
        """Begin when `line` is one of the two load commands; whether it was."""
        if not line.startswith("load") or (found := _LOAD.fullmatch(line)) is None:
            return False
        self._lines, self._name, self._run = [], found[2] or "", bool(found[1])
        return True

    def take(self, line: str) -> tuple[str, str, bool] | None:
        """Keep a line; at `endscript` the name, the source and whether to run it now."""
        if self._lines is None:
            return None
        if line.strip() == "endscript":
            done = (self._name, "\n".join(self._lines), self._run)
            self.abandon()
            return done
        if len(self._lines) < _MAX_LINES:
            self._lines.append(line)
        return None

    def abandon(self) -> None:
        """Forget the script being loaded."""
        self._lines = None


class ScriptStore:
    """The `script` table and the scripts made so far; the unnamed one is `script.anonymous`.

    `run` executes Lua text, `publish` makes a global of a named script, `withdraw` takes it away.
    """

    def __init__(
        self,
        run: Callable[[str], None],
        publish: Callable[[str, TspObject], None],
        withdraw: Callable[[str], None],
    ) -> None:
        self._run = run
        self._publish = publish
        self._withdraw = withdraw
        self.named: dict[str, TspObject] = {}
        self._anonymous = self._make("", "")
        self.table = TspObject("script")
        self.table.attribute("anonymous", lambda: self._anonymous)
        self.table.function("new", self.new)
        self.table.function("newautorun", self.new)
        self.table.function("delete", self.delete)
        self.table.function("run", self.run_anonymous)
        user = self.table.child("user", TspObject("script_user"))
        user.function("catalog", lambda: iterator(list(self.named)))

    def new(self, source: str, name: str = "") -> TspObject:
        """`script.new(source, name)`: the script, a global too when it has a name."""
        made = self._make(text(source), text(name))
        if not name:
            self._anonymous = made
            return made
        self.named[name] = made
        self._publish(name, made)
        return made

    def delete(self, name: str) -> None:
        """`script.delete(name)`."""
        if self.named.pop(text(name), None) is None:
            raise TspError(-292, f": {name}")
        self._withdraw(name)

    def run_anonymous(self) -> None:
        """`run()` and `script.run()`: the unnamed script."""
        self._run(self._anonymous.settings["source"].value)

    def _make(self, source: str, name: str) -> TspObject:
        made = TspObject("script_object")
        kept = made.setting("source", source, text)
        made.setting("name", name, text)
        made.setting("autorun", "no", text)
        made.function("run", lambda: self._run(kept.value))
        made.function("list", lambda: None)
        made.function("save", lambda *_: None)
        return made
