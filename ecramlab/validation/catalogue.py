"""All checks, and some of them by name."""

from collections.abc import Iterable

from ecramlab.validation import keeping, stack, transients, variability, voltammetry, windows, write_laws
from ecramlab.validation.check import Check


def all_checks() -> list[Check]:
    """Every check: the window of each device first, then what single publications report."""
    found: list[Check] = []
    for theme in (windows, write_laws, keeping, transients, variability, stack, voltammetry):
        found += theme.checks()
    return found


def chosen(names: Iterable[str]) -> list[Check]:
    """The checks with these names, or of these devices; all without names. Raises ValueError for an unknown name."""
    known, wanted = all_checks(), list(names)
    for name in wanted:
        if not any(name in (check.name, check.device) for check in known):
            raise ValueError(f"no check or device {name!r}; known are {', '.join(check.name for check in known)}")
    return [check for check in known if not wanted or check.name in wanted or check.device in wanted]
