"""Nonces and rate windows over SQL."""

from store.sql.session import Session


class SqlGuards:
    """Implements `store.ports.guards.Guards`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def use_nonce(self, nonce: str, expires_at: int, now: int) -> bool:
        """See the port."""
        await self._session.execute("guards.forget_nonces", now)
        return await self._session.execute("guards.add_nonce", nonce, expires_at) > 0

    async def hit(self, bucket: str, key: str, limit: int, window: int, now: int) -> int:
        """See the port."""
        if limit <= 0:
            return window
        await self._session.execute("guards.forget_hits", now)
        blocking = await self._session.fetch_one("guards.blocking_hit", bucket, key, now - window, limit - 1)
        if blocking is not None:
            return int(blocking["at"]) + window - now
        await self._session.execute("guards.add_hit", bucket, key, now, now + window)
        return 0
