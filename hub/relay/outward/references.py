"""References: what a message answers, as the platform knows it; and who wrote what, as people there read it."""

from collections.abc import Callable
from dataclasses import dataclass

from airchat.protocol.messages import Message
from airchat.protocol.timestamps import MINUTE
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.contract.errors import NotReady
from hub.relay.contract.outbound import Author, Reference
from hub.relay.inward.marks import gets_counterpart
from hub.relay.words import calling_nobody, plain
from store.ports.counterparts import Pair
from store.ports.relay import Link
from store.ports.store import Store
from store.ports.unit import Unit

Avatars = Callable[[str], str | None]
"""Returns the address of a principal's picture."""

HOLD_SECONDS = 0.2
_HOLD_AT_MOST = MINUTE
_THREAD_DEPTH = 50
_LOST_AT_MOST = 10_000
_EXCERPT = 80
_LOOKED_THROUGH = 50


class Held(NotReady):
    """The relay itself waits, for something that comes with the lane's next news or after `retry_after`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a message belongs: in the thread that `thread` began, as an answer to `reply_to`; or in the channel."""

    thread: Reference | None = None
    reply_to: Reference | None = None


class References:
    """Looks up what messages refer to over one link."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, avatars: Avatars) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._avatars = avatars
        self._lost: set[tuple[str, str]] = set()

    def author_of(self, message: Message) -> Author:
        """Return who wrote a message."""
        principal = self._directory.principal(message.author_id)
        name = message.author_display or (principal.display_name if principal else None) or message.author_name
        url = message.metadata.get("avatar_url")
        own = url if isinstance(url, str) and url.startswith("https://") else None
        return Author(message.author_id, name, own or self._avatars(message.author_id))

    def author(self, principal_id: str) -> Author:
        """Return a principal as an author."""
        principal = self._directory.principal(principal_id)
        if principal is None:
            return Author(principal_id, "somebody")
        return Author(principal_id, principal.display_name or principal.name, self._avatars(principal_id))

    def to(self, message: Message, remote_id: str | None) -> Reference:
        """Return a reference to a message; whom it addresses is not addressed once more wherever it is quoted."""
        words = " ".join(message.content.split())
        excerpt = words if len(words) <= _EXCERPT else f"{words[: _EXCERPT - 1]}…"
        return Reference(message.id, remote_id, self.author_of(message).name, calling_nobody(excerpt))

    async def place(self, link: Link, message: Message) -> Placed:
        """Return what a message answers.

        Raises:
            Held: what it answers came in just now, and its counterpart is not known yet.
        """
        if message.parent_id is None:
            return Placed()
        async with self._store.read() as unit:
            ancestors = await _ancestors(unit, message)
            if not ancestors:
                return Placed()
            parent, root = ancestors[0], ancestors[-1]
            pairs = {it.id: await unit.counterparts.of_message(link.id, it.id) for it in (parent, root)}
        for one in (parent, root):
            if not pairs[one.id] and self.arriving(link, one, message.created_at):
                raise Held("the message it answers has not got its counterpart yet", HOLD_SECONDS)
        thread = self.to(root, None if (link.id, root.id) in self._lost else _remote(pairs[root.id]))
        return Placed(thread, thread if parent.id == root.id else self.to(parent, _remote(pairs[parent.id])))

    def lose(self, link: Link, message_id: str) -> None:
        """Take note that over a link nothing goes into the thread that a message began: it is gone there, or closed."""
        if len(self._lost) >= _LOST_AT_MOST:
            self._lost.clear()
        self._lost.add((link.id, message_id))

    async def asked_by(self, message: Message, user_of: Callable[[str], str | None]) -> str | None:
        """Return the platform's user who spoke last in the thread before a message; None when nobody of there did."""
        async with self._store.read() as unit:
            ancestors = await _ancestors(unit, message)
            if not ancestors:
                return None
            root = ancestors[-1]
            spoken = await unit.messages.thread(root.id, _LOOKED_THROUGH, before=message.number)
        users = (user_of(one.author_id) for one in (*reversed(spoken), *ancestors))
        return next((user for user in users if user is not None), None)

    async def thread_at(self, link: Link, message: Message) -> Reference | None:
        """Return what began, or would begin, the thread in which the message is answered; None without counterpart."""
        async with self._store.read() as unit:
            root = ([message, *await _ancestors(unit, message)])[-1]
            remote_id = _remote(await unit.counterparts.of_message(link.id, root.id))
        return None if remote_id is None else self.to(root, remote_id)

    def arriving(self, link: Link, message: Message, since: int) -> bool:
        """Tell whether a message without a counterpart is about to get it: it came over this link just now."""
        return gets_counterpart(message.metadata, link) and self._clock() - since < _HOLD_AT_MOST


def quote(reference: Reference) -> str:
    """Return a quote of a message, in CommonMark; it mentions nobody."""
    return f"> **{plain(reference.author_name)}**: {reference.excerpt}\n\n"


def _remote(pairs: list[Pair]) -> str | None:
    return next((pair.remote_id for pair in pairs if not pair.gone), None)


async def _ancestors(unit: Unit, message: Message) -> list[Message]:
    """Return what the message answers, what that answers, and so on."""
    found: list[Message] = []
    parent_id = message.parent_id
    while parent_id is not None and len(found) < _THREAD_DEPTH:
        parent = await unit.messages.get(parent_id)
        if parent is None:
            break
        found.append(parent)
        parent_id = parent.parent_id
    return found
