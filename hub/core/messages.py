"""Messages: posting, reading and changing them. Whoever may not see a channel finds none of its messages."""

import re
from collections.abc import Sequence
from typing import Any

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.files import File
from airchat.protocol.ids import is_id
from airchat.protocol.limits import MESSAGE_PAGE
from airchat.protocol.messages import FROM_HUB, Origin, Revision
from airchat.protocol.names import DIRECT_MESSAGES, is_name
from airchat.protocol.principals import Principal
from hub.core import edits
from hub.core.addressing import Addressing
from hub.core.admission import Visitor, check_removal, check_speech
from hub.core.channels import Channels, check_name
from hub.core.clock import Clock
from hub.core.contents import check_key, checked_content, checked_metadata
from hub.core.directory import Directory
from hub.core.gate import Gate
from hub.core.permissions import Action, require
from hub.core.posting import Posted, Posting
from hub.core.reading import Page, Reading, Thread
from hub.core.secrets import Secrets
from store.ports.store import Store

_TO = re.compile(r"@([A-Za-z0-9][A-Za-z0-9-]*)(?=\s|$)")


class Messages:
    """What can be done with messages."""

    def __init__(  # noqa: PLR0917 - what it is made of, each once
        self,
        store: Store,
        clock: Clock,
        directory: Directory,
        channels: Channels,
        gate: Gate | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._channels = channels
        self._gate = gate or Gate(directory)
        self._secrets = secrets or Secrets(store, clock)
        self._addressing = Addressing(directory)
        self._posting = Posting(store, clock, directory, self._gate, self._secrets, self._addressing)
        self._reading = Reading(store, clock, directory, channels)

    async def post(
        self,
        actor: Principal,
        channel_name: str,
        content: str,
        *,
        parent_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        door: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        origin: Origin = FROM_HUB,
        in_reply_to: str | None = None,
        author_display: str | None = None,
        message_id: str | None = None,
        source: str | None = None,
        verbatim: bool = False,
        files: Sequence[File] = (),
        addressing: bool = True,
    ) -> Posted:
        """Post to a channel, which is made and joined when need be.

        `direct-messages` stands for the direct channel of the parent, else of whom the text begins with: `@name …`.
        `door` is metadata of the door through which it comes, which no client can set; `in_reply_to` is the message, or
        the inbox item, that an agent answers: what it says is one answer further away from a person's word;
        `message_id` is a fresh id for the message, for those who must recognise it when they hear of it;
        `source` as in `Channels.join`; `verbatim` keeps the white space at the ends of the text;
        `files` are shared with it, as `Files.keep` made them; without `addressing` it mentions nobody.

        Raises:
            InvalidInput: a field breaks its rule.
            NotFound: the parent is not in this channel, or nobody has the name; the actor may not know of the channel.
            Conflict: the channel is archived, or the other party deactivated.
            Forbidden: as `Channels.open`, or a mode of the channel keeps the actor from writing.
        """
        check_name(channel_name)
        content = checked_content(content, verbatim=verbatim)
        metadata = checked_metadata(actor, metadata, origin) | (door or {})
        check_key(idempotency_key)
        _check_cause(in_reply_to)
        if parent_id is not None and not is_id(parent_id):
            raise InvalidInput("Invalid parent_message_id (expected UUID)", "parent_message_id")
        require(actor, Action.POST)
        direct = channel_name == DIRECT_MESSAGES
        return await self._posting.append(
            actor,
            self._direct_channel(actor, content, parent_id) if direct else self._channels.open(actor, channel_name),
            content,
            parent_id=parent_id,
            metadata=metadata,
            idempotency_key=idempotency_key,
            origin=origin,
            in_reply_to=in_reply_to,
            author_display=author_display,
            message_id=message_id,
            source=source,
            files=files,
            addressing=addressing,
        )

    async def direct(
        self,
        actor: Principal,
        target_name: str,
        content: str,
        *,
        metadata: dict[str, Any] | None = None,
        door: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        origin: Origin = FROM_HUB,
        in_reply_to: str | None = None,
        author_display: str | None = None,
        message_id: str | None = None,
        verbatim: bool = False,
    ) -> Posted:
        """Send a direct message, written as `@target content`; what is optional is as in `post`.

        Raises:
            InvalidInput: a field breaks its rule.
            NotFound: nobody has the name.
            Conflict: they are deactivated.
        """
        if not is_name(target_name):
            raise InvalidInput("Valid target_agent name required", "target_agent")
        content = checked_content(content, verbatim=verbatim)
        metadata = checked_metadata(actor, metadata, origin) | (door or {})
        check_key(idempotency_key)
        _check_cause(in_reply_to)
        require(actor, Action.POST)
        return await self._posting.append(
            actor,
            self._direct_to(actor, target_name),
            f"@{target_name} {content}",
            metadata=metadata,
            idempotency_key=idempotency_key,
            origin=origin,
            in_reply_to=in_reply_to,
            author_display=author_display,
            message_id=message_id,
        )

    async def read(
        self,
        actor: Principal,
        channel_name: str,
        limit: int = 20,
        before: int | None = None,
        after_number: int | None = None,
    ) -> Page:
        """Return messages of a channel, join it, and count it as read when its newest message is among them.

        The newest `limit` (at most 200) created before `before`; or the first ones numbered above `after_number`.
        `direct-messages` reads all direct channels of the actor at once.

        Raises:
            InvalidInput: no channel can have the name, or both bounds are given.
            NotFound: there is none, or the actor may not know of it.
        """
        return await self._reading.page(actor, channel_name, limit, before=before, after_number=after_number)

    async def get(self, actor: Principal, message_id: str) -> Posted:
        """Return one message, deleted or not.

        Raises:
            NotFound: there is none, or the actor may not see it.
        """
        async with self._store.read() as unit:
            message = await unit.messages.get(message_id) if is_id(message_id) else None
        channel = await self._directory.find_channel_by_id(message.channel_id) if message else None
        if message is None or channel is None or not self._directory.readable(actor, channel):
            raise NotFound("Message not found")
        return Posted(message, channel)

    async def thread(
        self,
        actor: Principal,
        message_id: str,
        limit: int = MESSAGE_PAGE,
        *,
        before: int | None = None,
        after: int | None = None,
    ) -> Thread:
        """Return a message and the newest `limit` (at most 200) replies to it numbered below `before`.

        With `after`, the first ones numbered above it instead. Raises: as `get`.
        """
        found = await self.get(actor, message_id)
        return await self._reading.thread(found.channel, found.message, limit, before=before, after=after)

    async def revisions(self, actor: Principal, message_id: str) -> list[Revision]:
        """Return what the message said before its edits, oldest first. Raises: as `get`."""
        await self.get(actor, message_id)
        async with self._store.read() as unit:
            return await unit.messages.revisions(message_id)

    async def edit(
        self, actor: Principal, message_id: str, content: str, *, addressing: bool = True, unfinished: bool = False
    ) -> Posted:
        """Replace the text of one's own message (admins: anybody's), and address whom it mentions now, if wanted.

        It is finished by that, unless it is said to be `unfinished` still.

        Raises:
            InvalidInput: the text breaks a rule.
            NotFound: there is no such message, it is deleted, or the actor may not see it.
            Forbidden: it is somebody else's, about an approval, or a mode of its channel keeps the actor from writing.
            Conflict: its channel is archived.
        """
        content = checked_content(content)
        found = await self.changeable(actor, message_id)
        if found.message.author_id != actor.id:
            require(actor, Action.MODERATE_MESSAGES)
        if "approval_event" in found.message.metadata:
            raise Forbidden("What people are asked to approve stays as they were asked; cancel it and ask anew")
        channel, now = found.channel, self._clock()
        redacted = await self._secrets.redact(channel, content)
        text = redacted.text
        author = self._directory.principal(found.message.author_id) or actor
        addressees = None
        if addressing and not channel.direct:
            addressees = (await self._addressing.of(author, channel, text, now)).addressees
        message = await self._store.write(
            lambda unit: edits.edit(
                unit,
                now,
                actor,
                channel,
                message_id,
                content=text,
                addressees=addressees,
                gate=self._gate,
                unfinished=unfinished,
            )
        )
        return Posted(message, channel, redacted=redacted.kinds)

    async def delete(self, actor: Principal, message_id: str, reason: str | None = None) -> Posted:
        """Delete one's own message (admins, and who moderates its channel: anybody's); its text goes, its number stays.

        Raises: as `edit`; InvalidInput also for a `reason` that is no text, or too long.
        """
        reason = checked_content(reason) if reason and reason.strip() else None
        found = await self.get(actor, message_id)
        reason = await self._secrets.clean(reason, channel=found.channel)
        check_removal(actor, found.message.author_id, found.channel, self._directory)
        now = self._clock()
        message = await self._store.write(
            lambda unit: edits.delete(unit, now, actor, found.channel, message_id, reason=reason)
        )
        return Posted(message, found.channel)

    async def changeable(self, actor: Principal, message_id: str) -> Posted:
        """Return a message where the actor may write, which is where it may change something.

        Raises:
            NotFound: there is none, or the actor may not see it.
            Conflict: its channel is archived.
            Forbidden: a mode of the channel keeps the actor from writing.
        """
        found = await self.get(actor, message_id)
        if found.channel.archived:
            raise Conflict(f"Channel {found.channel.name} is archived")
        check_speech(Visitor(actor), found.channel, self._directory)
        return found

    async def _direct_channel(self, actor: Principal, content: str, parent_id: str | None) -> Channel:
        if parent_id is not None:
            channel = (await self.get(actor, parent_id)).channel
            if not channel.direct:
                raise InvalidInput("parent_message_id is in no direct conversation", "parent_message_id")
            return channel
        match = _TO.match(content)
        if match is None:
            raise InvalidInput(
                f"A message to {DIRECT_MESSAGES} must begin with @name, or answer a direct message", "content"
            )
        return await self._direct_to(actor, match[1].rstrip("-").lower())

    async def _direct_to(self, actor: Principal, name: str) -> Channel:
        return await self._channels.direct_between(actor, await self._addressing.party(actor, name))


def _check_cause(in_reply_to: str | None) -> None:
    if in_reply_to is not None and not is_id(in_reply_to):
        raise InvalidInput("Invalid in_reply_to (expected the UUID of a message or inbox item)", "in_reply_to")
