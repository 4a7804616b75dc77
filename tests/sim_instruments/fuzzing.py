"""Messages that are wrong in the ways that clients are wrong."""

import random
from collections.abc import Sequence

FRAGMENTS = (
    b";", b":", b",", b"#", b"#0", b"#19", b"#HFF", b"'", b'"', b"(@1", b"?", b"*", b"-", b"+", b".", b"0", b"99", b"E",
    b"INF", b"NAN", b"1e999", b"-0.-1", b"1e-9", b"\n", b"\xff\x00", b"\xb2",
)  # fmt: skip


def mutated(source: random.Random, messages: Sequence[bytes], joint: bytes = b";") -> bytes:
    """One of the messages, or several behind a joint, with up to three places damaged."""
    message = bytearray(source.choice(messages))
    for _ in range(source.randrange(4)):
        place = source.randrange(len(message) + 1)
        match source.randrange(4):
            case 0:
                message[place:place] = source.choice(FRAGMENTS)
            case 1:
                del message[place : place + source.randrange(1, 4)]
            case 2:
                message[place:place] = bytes((source.randrange(256),))
            case _:
                message += joint + source.choice(messages)
    return bytes(message)
