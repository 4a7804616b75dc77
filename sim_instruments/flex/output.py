"""The two output buffers of a FLEX instrument (B1500A programming guide ed. 11, page 1-25).

Not confirmed: that measured data are read first, and that the query buffer holds one reply only.
"""

from sim_instruments.output_buffer import OutputBuffer


class FlexOutput(OutputBuffer):
    """Measured data in the order in which they came, then the reply to the latest query.

    A new reply to a query replaces one that was not read; data stay. `coming` tells how many bytes of the answer that
    is appended next reply to queries; they are its last ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coming = self._query = 0

    def append(self, data: bytes) -> None:
        """Put an answer into the two buffers."""
        waiting, start = self.waiting, len(data) - min(self.coming, len(data))
        kept = len(waiting) - min(self._query, len(waiting))
        query = data[start:] or waiting[kept:]
        self._data, self._position, self._query = waiting[:kept] + data[:start] + query, 0, len(query)
