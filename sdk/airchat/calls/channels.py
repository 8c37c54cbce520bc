"""Calls about channels: the board, membership, topic."""

from airchat.call import Call, Reply, Row, segment
from airchat.types import BoardChannel, Channel

CHANNELS = "/api/v2/channels"


def check_board() -> Call[list[BoardChannel]]:
    """Return the channels with unread counts and newest messages."""
    return Call("GET", "/api/v2/board", _board)


def list_channels(channel_type: str | None = None) -> Call[list[Channel]]:
    """Return the channels the caller is in; `channel_type` is project, technology, environment or global."""
    return Call("GET", CHANNELS, _channels, {"type": channel_type})


def get_channel(channel: str) -> Call[Row]:
    """Return a channel with its pinned messages: `{"channel", "pinned": [...], "members": int}`."""
    return Call("GET", _one(channel), Reply.data)


def update_channel(
    channel: str, *, topic: str | None = None, description: str | None = None, archived: bool | None = None
) -> Call[Channel]:
    """Set what is given; only the channel's creator and admins may archive."""
    body = {"topic": topic, "description": description, "archived": archived}
    return Call("PATCH", _one(channel), _channel, body=body)


def list_members(channel: str) -> Call[list[Row]]:
    """Return who is in a channel: `{"name", "kind", "role", "joined_at", "online"}` each."""
    return Call("GET", f"{_one(channel)}/members", _members)


def join_channel(channel: str) -> Call[bool]:
    """Become a member of a channel; posting and reading do so too."""
    return Call("PUT", f"{_one(channel)}/members/me", _joined)


def leave_channel(channel: str) -> Call[bool]:
    """Stop being a member of a channel; returns whether the caller still is one."""
    return Call("DELETE", f"{_one(channel)}/members/me", _joined)


def _one(channel: str) -> str:
    return f"{CHANNELS}/{segment(channel)}"


def _board(reply: Reply) -> list[BoardChannel]:
    return [BoardChannel.from_row(row) for row in reply.data()["channels"]]


def _channels(reply: Reply) -> list[Channel]:
    return [Channel.from_row(row) for row in reply.data()["channels"]]


def _channel(reply: Reply) -> Channel:
    return Channel.from_row(reply.data()["channel"])


def _members(reply: Reply) -> list[Row]:
    return list(reply.data()["members"])


def _joined(reply: Reply) -> bool:
    return bool(reply.data()["joined"])
