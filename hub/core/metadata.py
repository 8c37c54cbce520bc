"""Metadata: short texts by key that clients keep on a principal or a channel, such as a colour or a home page.

Keys of principals that begin with `private/` are theirs alone: nobody else reads them or hears of them.
"""

import re
from collections.abc import Collection, Sequence

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.limits import length
from airchat.protocol.principals import Principal
from airchat.protocol.rows import shown_name
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.permissions import Action, allowed
from hub.core.secrets import Secrets
from store.ports.store import Store
from store.ports.unit import Unit

METADATA_KEYS = 64
METADATA_VALUE_LENGTH = 1_024
PRIVATE = "private/"

Subject = Principal | Channel

_KEY = re.compile(r"[a-z0-9_./-]{1,64}")
_UNWRITABLE = re.compile(r"[\0\r\n]")
_OPERATORS = frozenset({"founder", "admin", "operator"})


class Metadata:
    """Values by subject and key. Everybody who may know of the subject may read them, unless they are private."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._secrets = secrets or Secrets(store, clock)

    async def get(self, actor: Principal, subject: Subject) -> dict[str, str]:
        """Return the subject's values, by key.

        Raises:
            NotFound: the actor may not know of the channel.
        """
        self._require_visible(actor, subject)
        found = await self._store.look_up(lambda unit: unit.metadata.all(subject.id))
        return {key: value for key, value in found.items() if subject.id == actor.id or not key.startswith(PRIVATE)}

    async def of(
        self, actor: Principal, subjects: Sequence[Subject], keys: Collection[str]
    ) -> dict[str, dict[str, str]]:
        """Return the values of these keys, by the subjects' ids; those of which the actor may not know have none.

        Private ones are not among them, nobody's.
        """
        public = [key for key in keys if not key.startswith(PRIVATE)]
        known = [it.id for it in subjects if isinstance(it, Principal) or self._directory.readable(actor, it)]
        async with self._store.read() as unit:
            return await unit.metadata.of(known, public)

    async def set(self, actor: Principal, subject: Subject, key: str, value: str | None) -> bool:
        """Set the value, or remove it when it is None; False when it was so before.

        Raises:
            InvalidInput: the key or the value breaks its rule.
            NotFound: as `get`.
            Forbidden: it is somebody else's, or a channel whose operator the actor is not.
            Conflict: the subject has as many keys as it may.
        """
        check(key, value)
        if key.startswith(PRIVATE) and isinstance(subject, Channel):
            raise InvalidInput(f"Channels have no keys that begin with {PRIVATE}", "key")
        self._require_visible(actor, subject)
        channel = subject if isinstance(subject, Channel) else None
        value = await self._secrets.clean(value, METADATA_VALUE_LENGTH, channel)
        now = self._clock()

        async def set_value(unit: Unit) -> bool:
            await _require_owner(unit, actor, subject)
            known = await unit.metadata.all(subject.id)
            if value is not None and key not in known and len(known) >= METADATA_KEYS:
                raise Conflict(f"At most {METADATA_KEYS} keys can be kept")
            if not await unit.metadata.set(subject.id, key, value):
                return False
            await unit.events.append([_event(now, actor, subject, key, value)])
            return True

        return await self._store.write(set_value)

    async def clear(self, actor: Principal, subject: Subject) -> list[str]:
        """Remove every value and return their keys. Raises: as `set`."""
        self._require_visible(actor, subject)
        now = self._clock()

        async def clear(unit: Unit) -> list[str]:
            await _require_owner(unit, actor, subject)
            keys = await unit.metadata.clear(subject.id)
            await unit.events.append([_event(now, actor, subject, key, None) for key in keys])
            return keys

        return await self._store.write(clear)

    def _require_visible(self, actor: Principal, subject: Subject) -> None:
        if isinstance(subject, Channel) and not self._directory.readable(actor, subject):
            raise NotFound("Channel not found")


def check(key: str, value: str | None) -> None:
    """Do nothing when there can be such a key with such a value. Raises: InvalidInput, naming `key` or `value`."""
    if _KEY.fullmatch(key) is None:
        raise InvalidInput("A key has 1-64 lower-case letters, digits and _ . / -", "key")
    if value is not None and (length(value) > METADATA_VALUE_LENGTH or _UNWRITABLE.search(value)):
        raise InvalidInput(f"A value has at most {METADATA_VALUE_LENGTH} characters on one line", "value")


async def _require_owner(unit: Unit, actor: Principal, subject: Subject) -> None:
    if isinstance(subject, Principal):
        if subject.id != actor.id and not allowed(actor, Action.MANAGE_PEOPLE):
            raise Forbidden("Only admins may change other people's metadata")
        return
    if allowed(actor, Action.ARCHIVE_ANY_CHANNEL) or subject.created_by == actor.id:
        return
    membership = await unit.channels.membership(subject.id, actor.id)
    if membership is None or _OPERATORS.isdisjoint(membership.role.split(",")):
        raise Forbidden("Only a channel's operators may change its metadata")


def _event(now: int, actor: Principal, subject: Subject, key: str, value: str | None) -> EventDraft:
    if isinstance(subject, Channel):
        shown, kind, channel_id = shown_name(subject), "channel", subject.id
    else:
        shown, kind, channel_id = subject.name, "principal", None
    data = {"subject": subject.id, "kind": kind, "name": shown, "key": key, "value": value}
    recipient_id = subject.id if key.startswith(PRIVATE) else None
    return EventDraft(EventKind.METADATA_CHANGED, now, actor.id, channel_id, recipient_id, subject.id, data)
