"""A channel as a person reads it."""

from typing import NamedTuple

from .channels import Channel
from .workspace import Workspace


class Line(NamedTuple):
    """One message: the name shown beside it, its text, and the text of the thread root it replies to."""

    author: str
    text: str
    thread: str | None = None


def read(workspace: Workspace, channel: Channel, *, system: bool = False) -> list[Line]:
    """All messages in order of time, replies among them; joins, leaves and topics only with ``system``."""
    lines = []
    for message in channel.messages.values():
        if message.subtype.startswith("channel_") and not system:
            continue
        root = channel.messages.get(message.thread_ts) if message.is_reply else None
        lines.append(Line(workspace.author(message), message.shown, root.shown if root else None))
    return lines
