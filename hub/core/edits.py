"""Changes of a message that exists, each within a unit of work: rows, event and, where it is not one's own, audit."""

from collections.abc import Sequence
from dataclasses import replace

from airchat.protocol.channels import Channel
from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.inbox import InboxItem, InboxState
from airchat.protocol.messages import Mention, Message, Reaction, is_unfinished, marked
from airchat.protocol.principals import Principal
from airchat.protocol.rows import message_row, shown_name
from airchat.protocol.timestamps import to_iso
from hub.core.audit import Audit
from hub.core.gate import Gate
from hub.core.loops import Occasion
from hub.core.sharing import withdraw
from store.ports.messages import Addressee
from store.ports.unit import Unit

FINISHED = "finished"
"""In the event of an edit: it has put an end to a message's being unfinished."""


async def live(unit: Unit, message_id: str) -> Message:
    """Return the message.

    Raises:
        NotFound: there is none, or it was deleted.
    """
    message = await unit.messages.get(message_id)
    if message is None or message.deleted_at is not None:
        raise NotFound("Message not found")
    return message


async def edit(
    unit: Unit,
    at: int,
    actor: Principal,
    channel: Channel,
    message_id: str,
    *,
    content: str,
    addressees: Sequence[Addressee] | None,
    gate: Gate,
    unfinished: bool = False,
) -> Message:
    """Replace the text; who is mentioned only now hears of it, who is not any more does not. None changes neither."""
    before = await live(unit, message_id)
    if before.content == content and is_unfinished(before.metadata) is unfinished:
        return before
    metadata = marked(before.metadata, unfinished=unfinished)
    edited = await unit.messages.edit(message_id, content, actor.id, at, metadata)
    if edited is None:
        raise NotFound("Message not found")
    if addressees is not None:
        edited = await _address_anew(unit, at, edited, channel, addressees, gate)
    mentions = [mention.mentioned_id for mention in await unit.messages.mentions_in(message_id)]
    data = message_row(edited, channel) | {"mentions": mentions}
    data |= {FINISHED: True} if is_unfinished(before.metadata) and not unfinished else {}
    await unit.events.append([_event(EventKind.MESSAGE_EDITED, at, actor, edited, data)])
    if actor.id != edited.author_id:
        await Audit.record(unit, at, actor.id, "message.edited", message_id, {"author_id": edited.author_id})
    return edited


async def delete(
    unit: Unit, at: int, actor: Principal, channel: Channel, message_id: str, *, reason: str | None = None
) -> Message:
    """Turn the message into a tombstone, and its files with it; the event tells the reason, if there is one."""
    await live(unit, message_id)
    deleted = await unit.messages.delete(message_id, at)
    if deleted is None:
        raise NotFound("Message not found")
    data = message_row(deleted, channel) | ({} if reason is None else {"reason": reason})
    await unit.events.append([_event(EventKind.MESSAGE_DELETED, at, actor, deleted, data)])
    if actor.id != deleted.author_id:
        await Audit.record(unit, at, actor.id, "message.deleted", message_id, {"author_id": deleted.author_id})
    for file in await unit.files.delete_with(message_id, at):
        await withdraw(unit, at, actor, channel, file)
    return deleted


async def set_pinned(
    unit: Unit, at: int, actor: Principal, channel: Channel, message_id: str, *, pinned: bool
) -> Message:
    """Pin or unpin; nothing happens when it is so already."""
    await live(unit, message_id)
    changed = await unit.messages.set_pinned(message_id, pinned=pinned)
    message = await live(unit, message_id)
    if changed:
        kind = EventKind.MESSAGE_PINNED if pinned else EventKind.MESSAGE_UNPINNED
        await unit.events.append([_event(kind, at, actor, message, message_row(message, channel))])
    return message


def reaction_event(kind: EventKind, at: int, channel: Channel, message: Message, reaction: Reaction) -> EventDraft:
    """Return the event that tells of a reaction."""
    data = {
        "message_id": message.id,
        "number": message.number,
        "channel_id": channel.id,
        "channel": shown_name(channel),
        "agent_id": reaction.principal_id,
        "name": reaction.principal_name,
        "emoji": reaction.emoji,
        "created_at": to_iso(at),
    }
    return EventDraft(kind, at, reaction.principal_id, channel_id=channel.id, subject_id=message.id, data=data)


async def _address_anew(  # noqa: PLR0917 - what is where, for whom
    unit: Unit, at: int, message: Message, channel: Channel, addressees: Sequence[Addressee], gate: Gate
) -> Message:
    known = {mention.mentioned_id for mention in await unit.messages.mentions_in(message.id)}
    wanted = {addressee.principal_id for addressee in addressees}
    gone = sorted(known - wanted)
    if gone:
        await unit.messages.remove_mentions(message.id, gone)
        await unit.inbox.withdraw(message.id, gone)
    new = [addressee for addressee in addressees if addressee.principal_id not in known]
    author = await unit.principals.get(message.author_id)
    if author is not None:
        new, hops = await gate.readdress(Occasion(unit, author, channel, at), message, new)
        if hops != message.hops:
            await unit.messages.set_hops(message.id, hops)
            message = replace(message, hops=hops)
    await unit.messages.add_mentions(
        [
            Mention(one.mention_id, message.id, channel.id, one.principal_id, message.author_id, at)
            for one in new
            if one.mention_id is not None
        ]
    )
    items = [
        InboxItem(
            one.inbox_id,
            one.principal_id,
            one.kind,
            at,
            message_id=message.id,
            channel_id=channel.id,
            state=InboxState.QUEUED if one.held is None else InboxState.HELD,
            held=one.held,
        )
        for one in new
        if one.inbox_id is not None
    ]
    await unit.inbox.add(items)
    await unit.events.append([_queued(at, item, message, channel) for item in items if item.held is None])
    return message


def _queued(at: int, item: InboxItem, message: Message, channel: Channel) -> EventDraft:
    """Return the event that tells of an item; the text is in the event of the edit, where a deletion erases it."""
    return EventDraft(
        EventKind.INBOX_QUEUED,
        at,
        message.author_id,
        channel_id=channel.id,
        recipient_id=item.principal_id,
        subject_id=item.id,
        data={"kind": item.kind.value, "message_id": message.id, "channel": shown_name(channel)},
    )


def _event(kind: EventKind, at: int, actor: Principal, message: Message, data: dict[str, object]) -> EventDraft:
    return EventDraft(kind, at, actor.id, channel_id=message.channel_id, subject_id=message.id, data=data)
