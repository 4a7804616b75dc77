"""What to say of a name that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def near_or_all(name: str, known: Iterable[str]) -> str:
    """ "did you mean v0?", or all names that are known when none is like the one given."""
    names = list(known)
    lowered = {other.lower(): other for other in names}
    asked = name.lower()
    near = [other for other in lowered if asked and other.startswith(asked)]
    near = near or get_close_matches(asked, lowered, n=1, cutoff=0.5)
    return (
        f"did you mean {' or '.join(lowered[other] for other in near)}?" if near else f"choose from {', '.join(names)}"
    )
