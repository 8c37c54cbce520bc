"""Slack's message events: which are messages that people see, and how each is known.

A message is the same whether it arrives live or is read from history: its key is made of what both carry.
"""

from typing import Any

from hub.relay.contract import RawEvent

_SHOWN = frozenset({None, "bot_message", "me_message", "thread_broadcast", "file_share"})


def raw_message(channel: str, event: dict[str, Any]) -> RawEvent | None:
    """Return a message for the relay's inbox; None for other events."""
    if event.get("type") != "message" or event.get("subtype") not in _SHOWN or not event.get("ts"):
        return None
    stamp = event["ts"]
    return RawEvent(
        key=f"message:{stamp}", remote_channel=channel, order_key=stamp, payload={**event, "channel": channel}
    )


def author_id(event: dict[str, Any]) -> str:
    """Return the id of who wrote a message: a user, or a bot without one."""
    return str(event.get("user") or event.get("bot_id") or "unknown")


def thread_root(event: dict[str, Any]) -> str | None:
    """Return the ts of the message that this one replies to."""
    root = event.get("thread_ts")
    return root if root and root != event["ts"] else None
