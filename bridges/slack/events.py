"""Slack's message events: which are messages that people see, and how each is known.

A message is the same whether it arrives live or is read from history: its key is made of what both carry.
"""

from typing import Any

from hub.relay.contract.bridge import RawEvent

_SHOWN = frozenset({None, "bot_message", "me_message", "thread_broadcast", "file_share"})
_KEPT = ("type", "subtype", "ts", "thread_ts", "text", "user", "bot_id", "app_id", "username", "bot_profile", "files")
"""What of an event is stored: no blocks or attachments, which can be large and say the same again."""


def raw_message(channel: str, event: dict[str, Any]) -> RawEvent | None:
    """Return a message for the relay's inbox; None for other events."""
    if event.get("type") != "message" or event.get("subtype") not in _SHOWN or not event.get("ts"):
        return None
    payload = {key: event[key] for key in _KEPT if event.get(key)}
    return RawEvent(
        key=f"message:{event['ts']}",
        remote_channel=channel,
        order_key=event["ts"],
        payload={**payload, "channel": channel},
    )


def author_id(event: dict[str, Any]) -> str:
    """Return the id of who wrote a message: a user, or a bot without one."""
    return str(event.get("user") or event.get("bot_id") or "unknown")


def thread_root(event: dict[str, Any]) -> str | None:
    """Return the ts of the message that this one replies to."""
    root = event.get("thread_ts")
    return root if root and root != event["ts"] else None
