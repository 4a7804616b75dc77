"""The two output buffers of a FLEX instrument (B1500A programming guide ed. 11, page 1-25).

Which one a read empties first stands nowhere in the guide as far as seen. Programs of laboratories start a sweep, ask
``*OPC?``, ``ERRX?`` and ``NUB?``, read each reply at once and the data last: the query buffer comes first.
Others send ``ERR?`` without reading and then measure: a reply that nobody has read does not stand before newer data.
Not confirmed: that the query buffer holds one reply only.
"""

from sim_instruments.output_buffer import OutputBuffer


class FlexOutput(OutputBuffer):
    """The reply to the latest query, then measured data in the order in which they came.

    Whatever is answered next replaces a reply to a query that was not read; data stay. `coming` tells how many bytes of
    the answer that is appended next reply to queries; they are its last ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coming = self._query = 0

    def append(self, data: bytes) -> None:
        """Put an answer into the two buffers."""
        waiting, start = self.waiting, len(data) - min(self.coming, len(data))
        self.answered, self._position = data[start:] + waiting[self._query :] + data[:start], 0
        self._query = len(data) - start

    def take(self, count: int, stop_at: bytes | None) -> tuple[bytes, bool]:
        """Take up to `count` bytes, or through the first `stop_at`, off the front -> (bytes, `stop_at` was found)."""
        taken, found = super().take(count, stop_at)
        self._query = max(0, self._query - len(taken))
        return taken, found

    def skip_line_end(self) -> None:
        """Forget the line end that somebody has left who read a known number of characters."""
        before = len(self)
        super().skip_line_end()
        self._query = max(0, self._query - (before - len(self)))

    def clear(self) -> None:
        """Forget what waits."""
        super().clear()
        self._query = 0
