"""A readable record of every message between the computer and the instruments."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

_log = logging.getLogger(__name__)

LONGEST = 2000  # characters of one message that are written out; the rest is counted only


def readable(data: bytes, longest: int = LONGEST) -> str:
    r"""One line of text for any bytes: control characters as ``\n``, bytes above 0x7E as ``\xNN``, the rest as it is.

    Messages of more than `longest` characters are cut; how many bytes they had is written behind.
    """
    text = data[:longest].decode("latin-1").encode("unicode_escape").decode("ascii")
    return text if len(data) <= longest else f"{text}… ({len(data)} bytes)"


class WireLog:
    """Appends one line a message: UTC time, instrument, direction and the bytes as escaped text.

    Directions are ``>`` to the instrument, ``<`` from it, and ``!`` for what happened to the link (a timeout, a
    device clear, a new session). Lines are complete on disk after each message, so that the record survives the end
    of the process. Safe to share between instruments and threads.
    """

    def __init__(self, path: str | Path) -> None:
        """Open `path` for appending (it is created if need be); OSError if that is impossible."""
        self.path = Path(path)
        self._lock = threading.Lock()
        self._failed = False
        self._file = self.path.open("a", encoding="utf-8", buffering=1)

    def record(self, instrument: str, direction: str, data: bytes) -> None:
        """Write one line. Never raises: no output may stay on because a log is closed or its disk is full.

        After a failure nothing more is written; a warning says so once.
        """
        stamp = datetime.now(UTC).isoformat(timespec="microseconds")
        with self._lock:
            if self._file.closed or self._failed:
                return
            try:
                self._file.write(f"{stamp} {instrument} {direction} {readable(data)}\n")
            except OSError as error:
                self._failed = True
                _log.warning("%s: the wire log ends here (%s)", self.path, error)

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        with self._lock, contextlib.suppress(OSError):  # what a full disk did not take is lost
            self._file.close()

    def __enter__(self) -> WireLog:
        """Use as a context manager: the file is closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, whatever happened."""
        self.close()
