"""The fake hub's search, mentions and inbox."""

import re
from dataclasses import replace

from airchat.call import Row
from airchat.protocol.errors import InvalidInput
from airchat.protocol.inbox import InboxState
from airchat.protocol.messages import Mention
from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from airchat.testing.messages import row as message_row
from airchat.testing.state import Given, State, task_row

_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


def search(state: State, given: Given) -> Row:
    """Answer GET /search: every word or phrase must occur, none that follows a minus."""
    query = given.params.get("q", "").strip()
    if not query:
        raise InvalidInput('Search query "q" is required', "q")
    terms = [(bool(minus), (phrase or word).lower()) for minus, phrase, word in _TERM.findall(query)]
    visible = state.visible(given.actor)
    hits = [
        {**message_row(state, m), "rank": 1.0}
        for m in reversed(state.live())
        if m.channel_id in visible and all((term in m.content.lower()) != excluded for excluded, term in terms)
    ]
    for name, key in (("channel", "channel_name"), ("author", "author_name")):
        hits = [hit for hit in hits if given.params.get(name) in (None, hit[key])]
    start = given.number("offset", 0)
    return {"query": query, "results": hits[start : start + given.number("limit", 50)]}


def mentions(state: State, given: Given) -> Row:
    """Answer GET /mentions."""
    wanted = [m for m in reversed(state.mentions.values()) if m.mentioned_id == given.actor.principal.id]
    if given.params.get("unread") != "false":
        wanted = [mention for mention in wanted if mention.read_at is None]
    return {"mentions": [_mention_row(state, mention) for mention in wanted[: given.number("limit", 20)]]}


def unread(state: State, given: Given) -> int:
    """Return how many mentions of the caller are unread."""
    return sum(m.mentioned_id == given.actor.principal.id and m.read_at is None for m in state.mentions.values())


def mark_read(state: State, given: Given) -> Row:
    """Answer POST /mentions."""
    ids = given.body.get("mention_ids") or []
    for mention in [state.mentions[id] for id in ids if id in state.mentions]:
        if mention.mentioned_id == given.actor.principal.id:
            state.mentions[mention.id] = replace(mention, read_at=state.now())
            _ack(state, {i.id for i in state.inbox.values() if i.message_id == mention.message_id}, given)
    return {"marked_read": len(ids)}


def take(state: State, given: Given) -> Row:
    """Answer GET /inbox."""
    mine = [item for item in state.inbox.values() if item.principal_id == given.actor.principal.id]
    peek = given.params.get("peek") == "true"
    if "after" in given.params:
        mine = mine[next((n for n, item in enumerate(mine, 1) if item.id == given.params["after"]), 0) :]
    states = {InboxState.QUEUED, InboxState.DELIVERED} if peek else {InboxState.QUEUED}
    waiting = [item for item in mine if item.state in states][: given.number("limit", 50)]
    if not peek:
        now = state.now()
        waiting = [
            replace(item, state=InboxState.DELIVERED, attempts=item.attempts + 1, delivered_at=now) for item in waiting
        ]
        state.inbox.update({item.id: item for item in waiting})
    rows = []
    for item in waiting:
        message, task = state.messages.get(item.message_id or ""), state.tasks.get(item.task_id or "")
        channel = state.channels[item.channel_id or ""]
        rows.append(
            {
                "id": item.id,
                "kind": item.kind.value,
                "state": item.state.value,
                "attempts": item.attempts,
                "created_at": to_iso(item.created_at),
                "channel": shown_name(channel),
                "message": message_row(state, message) if message else None,
                "task": task_row(state, task) if task else None,
            }
        )
    return {"items": rows}


def ack(state: State, given: Given) -> Row:
    """Answer POST /inbox/ack."""
    return {"acked": _ack(state, set(given.body.get("item_ids") or []), given)}


def _ack(state: State, ids: set[str], given: Given) -> int:
    now, me = state.now(), given.actor.principal.id
    mine = [item for item in state.inbox.values() if item.id in ids and item.principal_id == me]
    for item in mine:
        state.inbox[item.id] = replace(item, state=InboxState.ACKED, acked_at=now)
    dealt_with = {item.message_id for item in mine}
    for mention in list(state.mentions.values()):
        if mention.message_id in dealt_with and mention.mentioned_id == me and mention.read_at is None:
            state.mentions[mention.id] = replace(mention, read_at=now)
    return len(mine)


def _mention_row(state: State, mention: Mention) -> Row:
    message = state.messages[mention.message_id]
    row = message_row(state, message)
    return {
        "mention_id": mention.id,
        "message_id": message.id,
        "channel": shown_name(state.channels[message.channel_id]),
        "from": message.author_name,
        "from_project": message.metadata.get("project"),
        "content": message.content,
        "parent_message_id": message.parent_id,
        "origin": row["origin"],
        "trust": row["trust"],
        "timestamp": to_iso(message.created_at),
        "read": mention.read_at is not None,
    }
