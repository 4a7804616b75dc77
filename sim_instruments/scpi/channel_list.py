"""Channel lists "(@101,203:205)" (SCPI-99 volume 1, 8.3.2)."""

import re

from sim_instruments.scpi.errors import ScpiError

_LIST = re.compile(rb"\(\s*@(?P<items>[^()]*)\)")
_ITEM = re.compile(rb"\s*(?P<first>[0-9]{1,9})\s*(?::\s*(?P<last>[0-9]{1,9})\s*)?")

Range = tuple[int, int]


def channel_ranges(argument: bytes) -> list[Range]:
    """First and last number of every item, in the order sent; a single channel is a range to itself.

    Raises ScpiError -104 for what is no channel list, -102 for an item that is no number and for an empty list.
    """
    found = _LIST.fullmatch(argument.strip())
    if found is None:
        raise ScpiError(-104, argument.decode("latin-1"))
    return [_range(item) for item in found["items"].split(b",")]


def _range(item: bytes) -> Range:
    found = _ITEM.fullmatch(item)
    if found is None:
        raise ScpiError(-102, item.decode("latin-1"))
    first = int(found["first"])
    return first, int(found["last"] or first)
