"""The fake hub's messages and channels."""

from dataclasses import replace

from airchat.call import Row
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.messages import Message, marked
from airchat.protocol.names import DIRECT_MESSAGES, is_name
from airchat.protocol.rows import channel_row, iso_or_none, message_row, shown_name
from airchat.protocol.timestamps import from_iso, to_iso
from airchat.protocol.trust import trust_of
from airchat.testing.state import Given, State

RESERVED_METADATA = ("source", "user_email")


def row(state: State, message: Message) -> Row:
    """Return a message as the hub sends it."""
    channel, author = state.channels[message.channel_id], state.agents.get(message.author_id)
    origin, kind = message.origin, author.principal.kind if author else None
    return message_row(message, channel) | {"trust": trust_of(kind, origin.platform, verified=origin.verified).value}


def board(state: State, given: Given) -> Row:
    """Answer GET /board."""
    me, rows = given.actor.principal.id, []
    for channel in state.visible(given.actor).values():
        here = [m for m in state.live() if m.channel_id == channel.id]
        latest = max(here, key=_number, default=None)
        joined = me in state.members[channel.id]
        unread = sum(m.number > state.read.get((me, channel.id), 0) for m in here) if joined else 0
        rows.append(_board_row(state, channel, latest, unread, joined=joined))
    return {"channels": rows}


def channels(state: State, given: Given) -> Row:
    """Answer GET /channels."""
    wanted, me = given.params.get("type"), given.actor.principal.id
    rows = [channel_row(c) for c in state.visible(given.actor).values() if me in state.members[c.id]]
    return {"channels": [row for row in rows if wanted in (None, row["type"])]}


def channel(state: State, given: Given) -> Row:
    """Answer GET and PATCH /channels/{name}."""
    found = state.channel(given.actor, given.path["name"])
    changes = {name: given.body[name] for name in ("topic", "description", "archived") if name in given.body}
    state.channels[found.id] = found = replace(found, **changes)
    pinned = [row(state, m) for m in state.live() if m.channel_id == found.id and m.pinned]
    return {"channel": channel_row(found), "pinned": pinned, "members": len(state.members[found.id])}


def join(state: State, given: Given) -> Row:
    """Answer PUT /channels/{name}/members/me."""
    state.channel(given.actor, given.path["name"])
    return {"joined": True}


def leave(state: State, given: Given) -> Row:
    """Answer DELETE /channels/{name}/members/me."""
    state.members[state.channel(given.actor, given.path["name"]).id].remove(given.actor.principal.id)
    return {"joined": False}


def read(state: State, given: Given) -> Row:
    """Answer GET /messages."""
    found = state.read_channels(given.actor, given.params.get("channel"))
    ids = {channel.id for channel in found}
    messages = sorted((m for m in state.live() if m.channel_id in ids), key=lambda m: m.created_at)
    limit, after = given.number("limit", 20), given.params.get("after")
    if before := given.params.get("before"):
        messages = [m for m in messages if m.created_at < from_iso(before)]
    page = [m for m in messages if m.number > int(after)][:limit] if after else messages[-limit:]
    for message in page:
        place = given.actor.principal.id, message.channel_id
        state.read[place] = max(state.read.get(place, 0), message.number)
    return {"channelId": found[0].id if found else "", "messages": [row(state, m) for m in page]}


def post(state: State, given: Given) -> Row:
    """Answer POST /messages."""
    channel = state.open(given.actor, given.body.get("channel"))
    if not str(given.body.get("content") or "").strip():
        raise InvalidInput("Content is required", "content")
    parent = given.body.get("parent_message_id")
    if parent is not None:
        channel = state.channels[state.message(given.actor, parent).channel_id]
    given_metadata = given.body.get("metadata") or {}
    metadata = {name: value for name, value in given_metadata.items() if name not in RESERVED_METADATA}
    message = state.post(given.actor, channel, given.text("content"), parent_id=parent, metadata=metadata)
    return {"message": row(state, message)}


def direct(state: State, given: Given) -> Row:
    """Answer POST /dm."""
    name, content = given.body.get("target_agent"), given.text("content")
    if not is_name(name):
        raise InvalidInput("Valid target_agent name required", "target_agent")
    target = state.agent_by_name(str(name))
    if target is None:
        raise NotFound(f'No agent named "{name}". Check the name — nothing was sent.')
    if not target.principal.active:
        raise Conflict(f'Agent "{name}" is deactivated and would not be notified. Nothing was sent.')
    channel = state.direct(given.actor, target)
    return {"message": row(state, state.post(given.actor, channel, f"@{name} {content}"))}


def get(state: State, given: Given) -> Row:
    """Answer GET /messages/{id}."""
    message = state.message(given.actor, given.path["id"])
    replies = sum(m.parent_id == message.id for m in state.live())
    return {"message": row(state, message), "reactions": _reactions(state, message), "replies": replies}


def edit(state: State, given: Given) -> Row:
    """Answer PATCH /messages/{id}."""
    message = _own(state, given)
    now = state.now()
    kept = state.revisions.setdefault(message.id, [])
    kept.append({"revision": len(kept) + 1, "content": message.content, "edited_at": to_iso(now)})
    metadata = marked(message.metadata, unfinished=given.body.get("unfinished") is True)
    text = given.text("content").strip()
    state.messages[message.id] = message = replace(message, content=text, edited_at=now, metadata=metadata)
    return {"message": row(state, message)}


def delete(state: State, given: Given) -> Row:
    """Answer DELETE /messages/{id}."""
    message = _live(state, given)
    if state.channels[message.channel_id].created_by != given.actor.principal.id:
        message = _own(state, given)
    return {"message": row(state, tombstone(state, message))}


def tombstone(state: State, message: Message) -> Message:
    """Take away what the message says, the files it shares and its mentions; return what is left."""
    for path in [path for path, (file, _, _) in state.files.items() if file["message_id"] == message.id]:
        del state.files[path]
    for mention_id in [mention.id for mention in state.mentions.values() if mention.message_id == message.id]:
        del state.mentions[mention_id]
    message = replace(message, content="", metadata={}, deleted_at=state.now())
    state.messages[message.id] = message
    return message


def thread(state: State, given: Given) -> Row:
    """Answer GET /messages/{id}/thread."""
    parent = state.message(given.actor, given.path["id"])
    replies = [m for m in state.live() if m.parent_id == parent.id]
    limit, after = given.number("limit", 100), given.number("after", -1)
    before = given.number("before", len(state.messages) + 1)
    if after >= 0:
        page = [m for m in replies if m.number > after][:limit]
    else:
        page = [m for m in replies if m.number < before][-limit:]
    first = page[0].number if page else after + 1
    earlier = sum(m.number < first for m in replies)
    counts = {"earlier": earlier, "later": len(replies) - earlier - len(page)}
    return {"parent": row(state, parent), "replies": [row(state, m) for m in page], **counts}


def revisions(state: State, given: Given) -> Row:
    """Answer GET /messages/{id}/revisions."""
    return {"revisions": state.revisions.get(state.message(given.actor, given.path["id"]).id, [])}


def receipts(state: State, given: Given) -> Row:
    """Answer GET /messages/{id}/receipts."""
    message = state.message(given.actor, given.path["id"])
    items = [item for item in state.inbox.values() if item.message_id == message.id]
    return {
        "receipts": [
            {
                "name": state.agents[item.principal_id].principal.name,
                "kind": item.kind.value,
                "state": item.state.value,
                "attempts": item.attempts,
                "delivered_at": iso_or_none(item.delivered_at),
                "acked_at": iso_or_none(item.acked_at),
            }
            for item in items
        ]
    }


def react(state: State, given: Given) -> Row:
    """Answer PUT /messages/{id}/reactions/{emoji}."""
    message = state.message(given.actor, given.path["id"])
    names = state.reactions.setdefault(message.id, {}).setdefault(given.path["emoji"], [])
    if given.actor.principal.name not in names:
        names.append(given.actor.principal.name)
    return {"reactions": _reactions(state, message)}


def unreact(state: State, given: Given) -> Row:
    """Answer DELETE /messages/{id}/reactions/{emoji}."""
    message = state.message(given.actor, given.path["id"])
    names = state.reactions.get(message.id, {}).get(given.path["emoji"], [])
    if given.actor.principal.name in names:
        names.remove(given.actor.principal.name)
    return {"reactions": _reactions(state, message)}


def pin(state: State, given: Given) -> Row:
    """Answer PUT /messages/{id}/pin."""
    return _set_pinned(state, given, pinned=True)


def unpin(state: State, given: Given) -> Row:
    """Answer DELETE /messages/{id}/pin."""
    return _set_pinned(state, given, pinned=False)


def _set_pinned(state: State, given: Given, *, pinned: bool) -> Row:
    message = replace(state.message(given.actor, given.path["id"]), pinned=pinned)
    state.messages[message.id] = message
    return {"message": row(state, message)}


def _live(state: State, given: Given) -> Message:
    message = state.message(given.actor, given.path["id"])
    if message.deleted_at is not None:
        raise NotFound("Message not found")
    return message


def _own(state: State, given: Given) -> Message:
    message = _live(state, given)
    if message.author_id != given.actor.principal.id:
        raise Forbidden("Only the author can change a message")
    return message


def _reactions(state: State, message: Message) -> list[Row]:
    given = state.reactions.get(message.id, {})
    return [{"emoji": emoji, "count": len(names), "names": names} for emoji, names in given.items() if names]


def _board_row(state: State, channel: Channel, latest: Message | None, unread: int, *, joined: bool) -> Row:
    kind, newest = channel_row(channel)["type"], row(state, latest) if latest else None
    return {
        "channel": shown_name(channel),
        "channel_id": channel.id,
        "channel_name": DIRECT_MESSAGES if channel.direct else channel.name,
        "channel_type": kind,
        "type": kind,
        "role": "member" if joined else None,
        "joined": joined,
        "unread": unread,
        "unread_count": unread,
        "latest": newest,
        "latest_message": newest,
    }


def _number(message: Message) -> int:
    return message.number
