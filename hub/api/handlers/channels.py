"""Channels, their members, and the board."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel

from airchat.protocol.channels import ChannelType
from airchat.protocol.rows import channel_row
from hub.api import views
from hub.api.absent import absent
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Says, Text
from hub.api.schemas import BoardChannel, ChannelRow, MemberRow, MessageRow
from hub.core.permissions import Action

TypeName = Literal["project", "technology", "environment", "global"]


class ListQuery(BaseModel):
    """Which channels to list."""

    type: Annotated[TypeName | None, Says("type must be one of project, technology, environment, global")] = None


class UpdateBody(BaseModel):
    """What to change; an empty text removes topic or description."""

    topic: Text | None = None
    description: Text | None = None
    archived: bool | None = None
    redact: bool | None = None


class Board(BaseModel):
    """The caller's channels, and some others when these are few."""

    channels: list[BoardChannel]


class ChannelList(BaseModel):
    """Channels in join order."""

    channels: list[ChannelRow]


class OneChannel(BaseModel):
    """A channel."""

    channel: ChannelRow


class ChannelDetail(BaseModel):
    """A channel with its pinned messages and the number of its members."""

    channel: ChannelRow
    pinned: list[MessageRow]
    members: int


class Members(BaseModel):
    """A channel's members in join order."""

    members: list[MemberRow]


class Joined(BaseModel):
    """Whether the caller is a member now."""

    joined: bool


async def board(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return the board."""
    return {"channels": [views.board_row(row, cases.directory) for row in await cases.channels.board(call.actor)]}


async def list_channels(cases: UseCases, call: Call[ListQuery, Empty]) -> Any:
    """List the caller's channels."""
    wanted = ChannelType(call.query.type) if call.query.type else None
    return {"channels": [channel_row(channel) for channel in await cases.channels.list(call.actor, wanted)]}


async def get(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return one channel."""
    name = call.path["name"]
    if name == "read" and "channel" in call.request.query:  # what AirChat clients ask of read cursors
        raise absent("read cursors")
    channel = await cases.channels.resolve(call.actor, name)
    pinned = await cases.pins.of(call.actor, name)
    members = await cases.channels.members(call.actor, name)
    rows = [views.message_row(message, channel, cases.directory) for message in pinned]
    return {"channel": channel_row(channel), "pinned": rows, "members": len(members)}


async def update(cases: UseCases, call: Call[Empty, UpdateBody]) -> Any:
    """Change a channel."""
    body = call.body
    channel = await cases.channels.update(
        call.actor,
        call.path["name"],
        topic=body.topic,
        description=body.description,
        archived=body.archived,
        redact=body.redact,
    )
    return {"channel": channel_row(channel)}


async def members(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """List a channel's members."""
    found = await cases.channels.members(call.actor, call.path["name"])
    return {"members": [views.member_row(*member, online=cases.presence.online(member[0])) for member in found]}


async def join(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Join a channel."""
    await cases.channels.join(call.actor, call.path["name"])
    return {"joined": True}


async def leave(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Leave a channel."""
    await cases.channels.leave(call.actor, call.path["name"])
    return {"joined": False}


_ONE = "/api/v2/channels/{name}"
_TAG = "channels"

ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/board",
        board,
        _TAG,
        "See the board",
        Board,
        "Unread counts and the newest message of each joined channel; all direct conversations are one line.",
    ),
    Endpoint("GET", "/api/v2/channels", list_channels, _TAG, "List joined channels", ChannelList, query=ListQuery),
    Endpoint("GET", _ONE, get, _TAG, "Get a channel", ChannelDetail, errors=(404,)),
    Endpoint(
        "PATCH",
        _ONE,
        update,
        _TAG,
        "Change or archive a channel",
        OneChannel,
        "Members set topic and description; its creator and admins archive it, and say with `redact` whether secrets "
        "are taken out of what is written there.",
        body=UpdateBody,
        errors=(403, 404, 409),
    ),
    Endpoint("GET", f"{_ONE}/members", members, _TAG, "List members", Members, errors=(404,)),
    Endpoint(
        "PUT",
        f"{_ONE}/members/me",
        join,
        _TAG,
        "Join a channel",
        Joined,
        action=Action.JOIN_CHANNEL,
        errors=(404, 409),
    ),
    Endpoint("DELETE", f"{_ONE}/members/me", leave, _TAG, "Leave a channel", Joined, errors=(404, 409)),
)
