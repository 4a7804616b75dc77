"""Program messages: the absolute header and the arguments of each of their units (IEEE 488.2, 7.3)."""

from typing import NamedTuple

from sim_instruments.framing import block_end, split_outside


class Unit(NamedTuple):
    """One command or query: its absolute header in upper case, and its arguments."""

    header: str
    arguments: tuple[bytes, ...]


def message_units(message: bytes) -> tuple[Unit, ...]:
    """Units of a program message."""
    path, units = ":", []
    for unit in split_outside(message, b";"):
        words = unit.split(None, 1)
        if not words:
            continue  # ";;" and a trailing ";" are legal
        header = words[0].decode("latin-1").upper()
        if header.startswith(":*"):
            header = header[1:]  # not legal, but sent by widespread drivers and accepted by instruments
        if header[0] != "*":  # common commands leave the path alone
            if header[0] != ":":
                header = path + header
            path = header[: header.rfind(":") + 1]
        units.append(Unit(header, split_arguments(words[1]) if len(words) == 2 else ()))
    return tuple(units)


def split_arguments(data: bytes) -> tuple[bytes, ...]:
    """Arguments of one command without the blanks around them; a block keeps all of its bytes."""
    return tuple(_trim(part) for part in split_outside(data, b","))


def _trim(part: bytes) -> bytes:
    part = part.lstrip()
    if part[:1] == b"#":
        stop = block_end(part, 0)
        if stop is not None and not part[stop:].strip():
            return part[:stop]
        if part[:2] == b"#0":
            return part
    return part.rstrip()
