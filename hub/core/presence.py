"""Presence: who was here lately. Kept in memory and written down now and then, so that being seen costs no write."""

from airchat.protocol.errors import InvalidInput
from airchat.protocol.principals import Principal
from airchat.protocol.timestamps import MINUTE, SECOND
from hub.core.clock import Clock
from hub.core.secrets import Secrets
from store.ports.store import Store

ONLINE = 90 * SECOND
"""Who was seen within this time counts as online."""

_HEARTBEAT_WRITES = 30 * SECOND
_TOUCH_WRITES = 5 * MINUTE
_STATUS_LENGTH = 100


class Presence:
    """When everybody was last seen. `flush` must be called every few seconds and at the end."""

    def __init__(self, store: Store, clock: Clock, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets or Secrets(store, clock)
        self._seen: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._status: dict[str, str | None] = {}
        self._due: set[str] = set()

    def touch(self, actor: Principal) -> None:
        """Note that somebody acted; it is written down at most every five minutes."""
        self._note(actor, _TOUCH_WRITES)

    async def heartbeat(self, actor: Principal, status: str | None = None) -> None:
        """Note that somebody is here, with what they say they are doing; an empty status takes it back.

        Written down at most every 30 seconds unless the status changes.

        Raises:
            InvalidInput: the status is too long or has control characters.
        """
        if status is None or not self._changes(actor, status):
            self._note(actor, _HEARTBEAT_WRITES)
            return
        text = await self.clean(_checked_status(status), _STATUS_LENGTH)
        now = self._clock()
        await self._store.write(lambda unit: unit.principals.set_status(actor.id, text, now))
        self._status[actor.id] = text
        self._seen[actor.id] = self._written[actor.id] = now
        self._due.discard(actor.id)

    async def clean(self, text: str | None, limit: int) -> str | None:
        """Return what somebody says of being here, or away, without secrets."""
        return await self._secrets.clean(text, limit)

    def last_seen(self, principal: Principal) -> int | None:
        """Return when the principal was last seen, as far as this hub or the store knows."""
        return max(self._seen.get(principal.id, 0), principal.last_seen_at or 0) or None

    def online(self, principal: Principal) -> bool:
        """Tell whether the principal was seen within 90 seconds."""
        seen = self.last_seen(principal)
        return seen is not None and self._clock() - seen <= ONLINE

    async def flush(self) -> None:
        """Write down who was seen, all at once."""
        due, self._due = self._due, set()
        if not due:
            return
        now = max(self._seen[principal_id] for principal_id in due)
        try:
            await self._store.write(lambda unit: unit.principals.seen(sorted(due), now))
        except BaseException:
            self._due |= due
            raise
        self._written.update(dict.fromkeys(due, now))

    def _note(self, actor: Principal, interval: int) -> None:
        now = self._clock()
        self._seen[actor.id] = now
        if now - self._written.get(actor.id, actor.last_seen_at or 0) >= interval:
            self._due.add(actor.id)

    def _changes(self, actor: Principal, status: str) -> bool:
        return self._status.get(actor.id, actor.status) != (status.strip() or None)


def _checked_status(status: str) -> str | None:
    status = status.strip()
    if len(status) > _STATUS_LENGTH or not status.isprintable():
        raise InvalidInput(f"status must be at most {_STATUS_LENGTH} characters without control characters", "status")
    return status or None
