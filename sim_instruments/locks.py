"""VISA locks of one resource: one exclusive owner (nested), or several that share a key (VPP-4.3, 3.6)."""


class ResourceLocks:
    """Who holds the resource. Sessions are named by their handles."""

    def __init__(self) -> None:
        self._exclusive: list[int] = []
        self._shared: list[tuple[int, str]] = []

    @property
    def held(self) -> bool:
        """Whether anybody holds a lock."""
        return bool(self._exclusive or self._shared)

    def allows(self, session: int) -> bool:
        """Whether operations of `session` are not locked out."""
        if self._exclusive:
            return session in self._exclusive
        return not self._shared or any(holder == session for holder, _ in self._shared)

    def grants(self, session: int, key: str | None) -> bool:
        """Whether `session` can have a lock now: a shared one under `key`, an exclusive one for None."""
        if self._exclusive:
            return session in self._exclusive
        others = {held for holder, held in self._shared if holder != session}
        return not others or key in others

    def add(self, session: int, key: str | None) -> None:
        """Give `session` a lock: a shared one under `key`, an exclusive one for None."""
        if key is None:
            self._exclusive.append(session)
        else:
            self._shared.append((session, key))

    def remove_one(self, session: int) -> bool:
        """Take back the latest lock of `session`; False when it holds none."""
        if session in self._exclusive:
            self._exclusive.remove(session)
            return True
        mine = [entry for entry in self._shared if entry[0] == session]
        if mine:
            self._shared.remove(mine[-1])
        return bool(mine)

    def remove_all(self, session: int) -> None:
        """Take back all locks of `session`."""
        self._exclusive = [holder for holder in self._exclusive if holder != session]
        self._shared = [entry for entry in self._shared if entry[0] != session]
