"""Slack's events: which of them happened in a channel, and how each is known.

A message is the same whether it arrives live or is read from history: its key is made of what both carry. What changed
later is known by the moment of the change.

https://docs.slack.dev/reference/events/message
"""

from typing import Any

from hub.relay.contract.bridge import RawEvent

Json = dict[str, Any]

SHOWN = frozenset({None, "", "bot_message", "me_message", "thread_broadcast", "file_share"})
"""Subtypes of messages that somebody wrote."""

CONVERTED = "channel_convert_to_private"
_TOLD = frozenset({"channel_topic", "channel_name", "group_topic", "group_name", CONVERTED})
"""Subtypes by which a channel tells what became of it."""

_PUBLIC = frozenset({None, "", "channel"})
"""Types of channels that anybody may join; what is said in others is for those who are in them."""

_KEPT = (
    "type", "subtype", "ts", "thread_ts", "text", "user", "bot_id", "app_id", "username", "icons", "bot_profile",
    "topic", "name",
)  # fmt: skip
_FILE_KEPT = ("id", "name", "title", "mimetype", "size", "mode", "url_private", "url_private_download")
_ATTACHMENT_KEPT = ("pretext", "title", "title_link", "text", "fallback")
_ATTACHMENTS = 10

_HAPPENED = frozenset({"reaction_added", "reaction_removed"})
_MEMBERS = frozenset({"member_joined_channel", "member_left_channel"})
_ARCHIVED = frozenset({"channel_archive", "channel_unarchive", "group_archive", "group_unarchive"})


def raw_events(event: Json, own_ids: frozenset[str]) -> list[RawEvent]:
    """Return what an event says that can matter to a linked channel; nothing for how the app edits its own messages."""
    kind = str(event.get("type"))
    if kind == "message":
        return _messages(event, own_ids)
    if kind in _HAPPENED:
        item = event.get("item") or {}
        if item.get("type") != "message":
            return []
        key = f"{kind}:{item['ts']}:{event.get('user')}:{event.get('reaction')}:{event['event_ts']}"
        payload = {"type": kind, "ts": item["ts"], "user": event.get("user"), "reaction": event.get("reaction")}
        return [_raw(key, item["channel"], event["event_ts"], payload)]
    if kind in _MEMBERS:
        payload = {"type": kind, "user": event.get("user")}
        return [_raw(f"{kind}:{event.get('user')}:{event['event_ts']}", event["channel"], event["event_ts"], payload)]
    if kind in _ARCHIVED:
        payload = {"type": kind, "user": event.get("user")}
        return [_raw(f"{kind}:{event['event_ts']}", event["channel"], event["event_ts"], payload)]
    return []


def raw_message(channel: str, message: Json) -> RawEvent | None:
    """Return a message, or what a channel tells in the form of one, as history or a live event has it."""
    subtype = message.get("subtype")
    if message.get("type") != "message" or subtype not in SHOWN | _TOLD or not message.get("ts"):
        return None
    return _raw(f"message:{message['ts']}", channel, message["ts"], kept(message))


def kept(message: Json) -> Json:
    """Return what of a message is stored: of its blocks those that people write, of files and attachments what is told.

    Blocks of bots, previews and thumbnails can be large, and say nothing more.
    """
    payload = {key: message[key] for key in _KEPT if message.get(key)}
    blocks = [block for block in message.get("blocks") or () if block.get("type") == "rich_text"]
    files = [{key: file[key] for key in _FILE_KEPT if file.get(key)} for file in message.get("files") or ()]
    attachments = [
        {key: one[key] for key in _ATTACHMENT_KEPT if one.get(key)}
        for one in (message.get("attachments") or ())[:_ATTACHMENTS]
        if not one.get("from_url")  # a preview of a link
    ]
    version = (message.get("edited") or {}).get("ts")
    more = {"blocks": blocks, "files": files, "attachments": attachments, "version": version}
    return payload | {key: value for key, value in more.items() if value}


def is_own(message: Json, own_ids: frozenset[str]) -> bool:
    """Tell whether the app itself wrote a message."""
    return not own_ids.isdisjoint({message.get("bot_id"), message.get("user"), message.get("app_id")} - {None, ""})


def author_id(message: Json) -> str:
    """Return the id of who wrote a message: a user, or a bot without one."""
    return str(message.get("user") or message.get("bot_id") or "unknown")


def thread_root(message: Json) -> str | None:
    """Return the ts of the message that this one replies to."""
    root = message.get("thread_ts")
    return str(root) if root and root != message["ts"] else None


def _messages(event: Json, own_ids: frozenset[str]) -> list[RawEvent]:
    channel, subtype = str(event.get("channel")), event.get("subtype")
    if event.get("channel_type") not in _PUBLIC:
        return [_raw(f"private:{event['event_ts']}", channel, str(event["event_ts"]), {"type": "private"})]
    if subtype == "message_changed":
        return _changed(channel, event, own_ids)
    if subtype == "message_deleted":
        return [_deleted(channel, event, str(event["deleted_ts"]))]
    raw = raw_message(channel, event)
    return [] if raw is None else [raw]


def _changed(channel: str, event: Json, own_ids: frozenset[str]) -> list[RawEvent]:
    """Return an edit; previews of links, new replies and the like change a message without an edit."""
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    if message.get("subtype") == "tombstone":
        return [_deleted(channel, event, str(message["ts"]))]
    if is_own(message, own_ids):
        return []
    edited = (message.get("edited") or {}).get("ts")
    payload = kept(message) | {"type": "edit"}
    same = before and _without_version(payload) == _without_version(kept(before) | {"type": "edit"})
    if not edited or message.get("subtype") not in SHOWN or same:
        return []
    return [_raw(f"edit:{message['ts']}:{edited}", channel, edited, payload)]


def _without_version(payload: Json) -> Json:
    return {key: value for key, value in payload.items() if key != "version"}


def _deleted(channel: str, event: Json, ts: str) -> RawEvent:
    """Return the deletion of a message, by which the root of a thread becomes a tombstone."""
    return _raw(f"delete:{ts}", channel, str(event["event_ts"]), {"type": "delete", "ts": ts})


def _raw(key: str, channel: str, order_key: str, payload: Json) -> RawEvent:
    return RawEvent(key=key, remote_channel=channel, order_key=order_key, payload=payload)
