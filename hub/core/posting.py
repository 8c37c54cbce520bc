"""Posting: the way of a checked message into the store, past modes, secrets, addressees and the gate."""

from collections.abc import Awaitable, Sequence
from dataclasses import field
from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, NotFound
from airchat.protocol.files import File
from airchat.protocol.ids import new_id
from airchat.protocol.messages import FROM_HUB, Message, Origin
from airchat.protocol.principals import Principal
from airchat.protocol.record import record
from hub.core.addressing import NOBODY, Addressing
from hub.core.admission import Visitor, check_speech, speaks_freely
from hub.core.attachments import append_with
from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.core.gate import Gate, Passed
from hub.core.secrets import Secrets
from store.ports.messages import MessageDraft
from store.ports.store import Store
from store.ports.unit import Unit


@record
class Posted:
    """A message and its channel; `repeated` when an earlier send under the same key had written it.

    `unknown` are the names that a new message mentions and nobody has: whoever was meant does not hear of it. Nor do,
    for now, those by name in `held`, each with the guard that keeps them from it. `redacted` are the kinds of secrets
    that were taken out of the text. `row` is the message's row as JSON text, as far as it was made anyhow.
    """

    message: Message
    channel: Channel
    repeated: bool = False
    unknown: tuple[str, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    redacted: tuple[str, ...] = ()
    row: str | None = field(default=None, compare=False)


class Posting:
    """Writes messages whose fields were checked."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        gate: Gate,
        secrets: Secrets,
        addressing: Addressing,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._gate = gate
        self._secrets = secrets
        self._addressing = addressing

    async def append(
        self,
        actor: Principal,
        place: Awaitable[Channel],
        content: str,
        *,
        metadata: dict[str, Any],
        idempotency_key: str | None,
        origin: Origin,
        in_reply_to: str | None,
        author_display: str | None,
        message_id: str | None,
        parent_id: str | None = None,
        source: str | None = None,
        files: Sequence[File] = (),
        addressing: bool = True,
    ) -> Posted:
        """Post to the channel that `place` finds; a repeated send has its first result, whatever happened since.

        What is optional, and what is raised, is as in `Messages.post`.
        """
        now = self._clock()
        try:
            channel = await place
            if channel.modes and not speaks_freely(actor, channel, self._directory):
                visitor = Visitor(actor, invited=origin.platform != FROM_HUB.platform, source=source)
                check_speech(visitor, channel, self._directory)
            redacted = await self._secrets.redact(channel, content)
            addressed = await self._addressing.of(actor, channel, redacted.text, now) if addressing else NOBODY
        except (Conflict, Forbidden, NotFound):
            earlier = await self._sent_before(actor, idempotency_key)
            if earlier is None:
                raise
            return earlier
        draft = MessageDraft(
            id=message_id or new_id(now),
            channel=channel,
            author_id=actor.id,
            author_name=actor.name,
            content=redacted.text,
            created_at=now,
            metadata=self._secrets.redact_metadata(channel, metadata),
            parent_id=parent_id,
            idempotency_key=idempotency_key,
            origin=origin,
            author_display=author_display,
            addressees=addressed.addressees,
        )
        if files or self._gate.weighs(actor, draft.addressees):
            passed = await self._pass(actor, draft, in_reply_to, files)
            appended, held = passed.appended, passed.held
        else:
            appended, held = await self._store.append(draft), ()
        if appended.repeated and appended.message.channel_id != channel.id:
            channel = await self._directory.find_channel_by_id(appended.message.channel_id) or channel
        return Posted(
            appended.message,
            channel,
            appended.repeated,
            addressed.unknown,
            held,
            redacted.kinds,
            appended.row,
        )

    async def _pass(
        self, actor: Principal, draft: MessageDraft, in_reply_to: str | None, files: Sequence[File]
    ) -> Passed:
        """Write a message with files, or one that has to pass the gate."""
        causes = [in_reply_to] if in_reply_to else []

        async def write(unit: Unit) -> Passed:
            if not files:
                return await self._gate.append(unit, actor, draft, causes)
            return await append_with(unit, draft, files, lambda it: self._gate.append(unit, actor, it, causes))

        return await self._store.write(write)

    async def _sent_before(self, actor: Principal, idempotency_key: str | None) -> Posted | None:
        if idempotency_key is None:
            return None
        async with self._store.read() as unit:
            message = await unit.messages.by_key(actor.id, idempotency_key)
        channel = await self._directory.find_channel_by_id(message.channel_id) if message else None
        return Posted(message, channel, repeated=True) if message and channel else None
