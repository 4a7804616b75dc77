"""Settings without effect on what is simulated, such as those of the display: accepted, remembered, queried, reset."""

from collections.abc import Callable, Mapping, Sequence

from sim_instruments.scpi.headers import CommandTable, Reply
from sim_instruments.scpi.parameters import boolean, keyword, number, string
from sim_instruments.scpi.settings import Limits, long_number

Value = str | float


class Remembered:
    """Adds such settings to a command table, each for the whole instrument or, with a `#`, one for each suffix.

    check: raises ScpiError -114 for a suffix that does not exist.
    bound: takes value, low and high and returns what is used instead; reports or raises -222 when outside.
    """

    def __init__(
        self, commands: CommandTable, check: Callable[[int], object], bound: Callable[[float, float, float], float]
    ) -> None:
        self._commands, self._check, self._bound = commands, check, bound
        self._values: dict[tuple[str, int], Value] = {}

    def reset(self) -> None:
        """Every setting to its default."""
        self._values.clear()

    def state(self) -> Mapping[tuple[str, int], Value]:
        """What differs from the defaults."""
        return dict(self._values)

    def restore(self, state: Mapping[tuple[str, int], Value]) -> None:
        """Take over what `state` has returned."""
        self._values = dict(state)

    def boolean(self, header: str, *, default: bool = False) -> None:
        """ON or OFF, answered as 1 or 0."""
        self._add(header, float(default), lambda argument: float(boolean(argument)), lambda value: f"{value:.0f}")

    def keyword(self, header: str, default: str, *forms: str) -> None:
        """One of several keywords, answered in short form; `default` is a short form."""
        self._add(header, default, lambda argument: keyword(argument, *forms), str)

    def text(self, header: str, default: str = "") -> None:
        """A quoted string."""
        self._add(header, default, string, lambda value: f'"{value}"')

    def number(
        self,
        header: str,
        limits: Limits,
        units: Sequence[str] = (),
        show: Callable[[float], str] = long_number,
    ) -> None:
        """A number between limits, with MINimum, MAXimum and DEFault."""
        words = {"MINimum": limits.low, "MAXimum": limits.high, "DEFault": limits.default}

        def read(argument: bytes) -> Value:
            return self._bound(number(argument, units, words), limits.low, limits.high)

        self._add(header, limits.default, read, lambda value: show(float(value)))

    def _add(self, header: str, default: Value, read: Callable[[bytes], Value], show: Callable[[Value], str]) -> None:
        def write(suffix: int, argument: bytes) -> None:
            self._check(suffix)
            self._values[header, suffix] = read(argument)

        def query(suffix: int) -> Reply:
            self._check(suffix)
            return show(self._values.get((header, suffix), default))

        if "#" in header:
            self._commands.add(header, write)
            self._commands.add(header + "?", query)
        else:
            self._commands.add(header, lambda argument: write(1, argument))
            self._commands.add(header + "?", lambda: query(1))
