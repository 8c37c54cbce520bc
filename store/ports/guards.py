"""Port: what must be remembered for security across restarts and nodes: nonces and rate windows."""

from typing import Protocol


class Guards(Protocol):
    """Nonces seen and hits counted."""

    async def use_nonce(self, nonce: str, expires_at: int, now: int) -> bool:
        """Remember the nonce until `expires_at`; False when it is remembered already. Forgets the expired."""
        ...

    async def hit(self, bucket: str, key: str, limit: int, window: int, now: int) -> int:
        """Count a hit in the sliding window of `window` microseconds.

        Returns 0 when it is within `limit`, else the microseconds until the next hit would be (it is not counted then).
        """
        ...
