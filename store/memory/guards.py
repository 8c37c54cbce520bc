"""Nonces and rate windows in memory."""

from store.memory.tables import Tables


class MemoryGuards:
    """See `store.ports.guards.Guards`."""

    def __init__(self, tables: Tables) -> None:
        self._nonces = tables.nonces
        self._hits = tables.hits

    async def use_nonce(self, nonce: str, expires_at: int, now: int) -> bool:
        """Remember the nonce; a remembered one is refused until it expires."""
        remembered_until = self._nonces.get(nonce)
        if remembered_until is not None and remembered_until > now:
            return False
        self._nonces.put(nonce, expires_at)
        return True

    async def hit(self, bucket: str, key: str, limit: int, window: int, now: int) -> int:
        """Count a hit in the sliding window."""
        recent = tuple(at for at in self._hits.get((bucket, key)) or () if at > now - window)
        if len(recent) >= limit:
            return recent[-limit] + window - now if limit else window
        self._hits.put((bucket, key), (*recent, now))
        return 0
