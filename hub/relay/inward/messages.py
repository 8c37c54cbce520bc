"""Messages in: what people wrote, edited and deleted on a platform, done on the hub in their names."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.files import File
from airchat.protocol.limits import MESSAGE_LENGTH, length
from airchat.protocol.messages import Message, Origin
from airchat.protocol.principals import Kind, Principal
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.messages import Messages
from hub.core.posting import Posted
from hub.core.system import SYSTEM, system_principal
from hub.core.text import storable
from hub.relay.contract import inbound
from hub.relay.inward.attachments import Attachments
from hub.relay.inward.gate import Gate, acting
from hub.relay.inward.marks import inbound_metadata
from hub.relay.outward.bodies import hash_of
from hub.relay.rules import rules_of
from store.ports.counterparts import Pair
from store.ports.relay import Link
from store.ports.store import Store


class Writings:
    """Writes messages of platforms. Each step is done once however often it is tried."""

    def __init__(
        self, store: Store, directory: Directory, messages: Messages, clock: Clock, attachments: Attachments
    ) -> None:
        self._store = store
        self._directory = directory
        self._messages = messages
        self._clock = clock
        self._attachments = attachments

    async def post(self, gate: Gate, message: inbound.Message, parent_id: str | None) -> Pair:
        """Post the message and return its pair, which is not kept yet.

        What the hub does not take in one piece follows as answers to the first.
        """
        author = await acting(gate, message.author)
        fetched = await self._attachments.fetch(gate, author, message.files)
        text = "\n".join(part for part in (message.text, *fetched.notes) if part.strip())
        if not text.strip() and fetched.files:
            text = self._attachments.announce(fetched.files)
        pieces = cut(text)
        posted = await self._piece(gate, message, author, pieces[0], 0, parent_id=parent_id, files=fetched.files)
        first, redacted = posted.message.id, [*fetched.redacted, *posted.redacted]
        for number, piece in enumerate(pieces[1:], 1):
            redacted += (await self._piece(gate, message, author, piece, number, parent_id=parent_id or first)).redacted
        await self._tell(gate, author, posted.message, message.text, redacted)
        return Pair(
            gate.link.id,
            first,
            0,
            message.remote_id,
            inbound=True,
            created_at=self._clock(),
            hash=hash_of(message.text),
            version=message.version,
            thread=message.thread_id,
        )

    async def edit(self, gate: Gate, pair: Pair, edit: inbound.Edit) -> Pair:
        """Give the pair's message its new text; return the pair as it is then, which is not kept yet."""
        async with self._store.read() as unit:
            first = await unit.messages.get(pair.message_id)
        if first is None or first.deleted_at is not None:
            return replace(pair, version=edit.version)
        author = self._directory.principal(first.author_id)
        if author is None:
            raise NotFound("its author is gone")
        heard = self._commands(gate, edit, author)
        pieces = cut(edit.text)
        known = [first.id, *await self._others(gate, author, pair.remote_id)]
        redacted: list[str] = []
        for message_id, piece in zip(known, pieces, strict=False):
            redacted += (await self._messages.edit(author, message_id, piece, addressing=heard)).redacted
        for message_id in known[len(pieces) :]:
            await self._messages.delete(author, message_id)
        written = inbound.Message(pair.remote_id, _as_user(gate, author), edit.text)
        for number in range(len(known), len(pieces)):
            parent_id = first.parent_id or first.id
            redacted += (await self._piece(gate, written, author, pieces[number], number, parent_id=parent_id)).redacted
        await self._tell(gate, author, first, edit.text, redacted)
        return replace(pair, version=edit.version, hash=hash_of(edit.text))

    async def delete(self, gate: Gate, pair: Pair) -> None:
        """Delete all that became of the pair's message."""
        async with self._store.read() as unit:
            first = await unit.messages.get(pair.message_id)
        author = None if first is None else self._directory.principal(first.author_id)
        if first is None or author is None:
            return
        for message_id in [first.id, *await self._others(gate, author, pair.remote_id)]:
            await self._delete(author, message_id)

    async def _delete(self, author: Principal, message_id: str) -> None:
        try:
            await self._messages.delete(author, message_id)
        except (NotFound, Conflict):
            return  # it is deleted already

    async def _piece(
        self,
        gate: Gate,
        message: inbound.Message,
        author: Principal,
        text: str,
        number: int,
        *,
        parent_id: str | None,
        files: Sequence[File] = (),
    ) -> Posted:
        link = gate.link
        posted = await self._messages.post(
            author,
            gate.channel.name,
            text,
            parent_id=parent_id,
            metadata=inbound_metadata(link, broadcast=message.broadcast, piece=number),
            idempotency_key=_key(link, message.remote_id, number),
            origin=Origin(link.platform, verified=True),
            author_display=message.author.name if author.kind is Kind.GHOST else None,
            files=files,
            addressing=rules_of(link).may_command(message.author),
        )
        if not posted.repeated:
            await self._attachments.kept(files)
        return posted

    async def _tell(self, gate: Gate, author: Principal, message: Message, text: str, redacted: Sequence[str]) -> None:
        """Answer a message with what was taken out of its text or files: it still stands where its author wrote it."""
        if redacted:
            system = await system_principal(self._store, self._clock, SYSTEM)
            kinds, place = ", ".join(dict.fromkeys(redacted)), gate.link.platform
            told = f"@{author.name} What looks like a secret was taken out here, and still stands on {place}: {kinds}"
            key = f"redacted:{message.id}:{hash_of(text)}"
            parent_id = message.parent_id or message.id
            await self._messages.post(system, gate.channel.name, told, parent_id=parent_id, idempotency_key=key)

    async def _others(self, gate: Gate, author: Principal, remote_id: str) -> list[str]:
        """Return the pieces behind the first that are there."""
        found: list[str] = []
        async with self._store.read() as unit:
            while True:
                piece = await unit.messages.by_key(author.id, _key(gate.link, remote_id, len(found) + 1))
                if piece is None or piece.deleted_at is not None:
                    return found
                found.append(piece.id)

    def _commands(self, gate: Gate, edit: inbound.Edit, author: Principal) -> bool:
        """Tell whether an edit may call agents: whoever is not known to be allowed to does not."""
        user = _as_user(gate, author)
        return rules_of(gate.link).may_command(user)


def cut(text: str) -> list[str]:
    """Cut a text that is too long for one message of the hub; what no database keeps is replaced."""
    text = storable(text)
    if length(text.strip()) <= MESSAGE_LENGTH:
        return [text]
    from hub.relay.markup import split  # noqa: PLC0415 - slow import, and few texts are so long

    return split(text, MESSAGE_LENGTH, length)


def _as_user(gate: Gate, author: Principal) -> inbound.User:
    return inbound.User(gate.identities.user_of(author.id) or author.id, author.display_name or author.name)


def _key(link: Link, remote_id: str, number: int) -> str:
    key = f"{link.platform}:{link.workspace}:{link.remote_channel}:{remote_id}"
    return f"{key}:{number}" if number else key
