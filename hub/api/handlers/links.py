"""Links between channels and those of platforms: asked for, taken back, paused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from airchat.protocol.timestamps import to_iso
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Text
from hub.core.permissions import Action
from hub.relay.bridges import Linked
from hub.relay.rules import USUAL, Mirrored, Rules
from store.ports.relay import Wanted

_LISTED = 100

Names = Annotated[list[Text], Field(max_length=_LISTED)]


class LinkBody(BaseModel):
    """A link to make; `channel` and `remote` may be patterns with one `*` each."""

    channel: Text
    platform: Text
    remote: Text
    direction: Literal["both", "in", "out"] = "both"
    mirror: Annotated[list[str], Field(max_length=_LISTED)] | None = None
    allow: Names = []
    ignore: Names = []
    commanders: Names = []
    bots: bool = True
    backfill: Annotated[int, Field(ge=0, le=1_000)] = 0


class PauseBody(BaseModel):
    """Whether anything goes over the link."""

    paused: bool


class LinkRow(BaseModel):
    """A link, and how much waits there."""

    id: str
    channel: str
    platform: str
    workspace: str
    remote: str
    remote_id: str
    direction: str
    paused: bool
    source: str
    rules: dict[str, Any]
    received: int
    outgoing: int
    dead: int
    oldest: str | None
    created_at: str


class WantedRow(BaseModel):
    """A link that a command asked for."""

    id: str
    channel: str
    platform: str
    remote: str
    direction: str
    rules: dict[str, Any]
    created_at: str


class OneWanted(BaseModel):
    """What is asked for now."""

    wanted: WantedRow


class OneLink(BaseModel):
    """A link."""

    link: LinkRow


class Unlinked(BaseModel):
    """It is gone."""

    unlinked: bool


async def link(cases: UseCases, call: Call[Empty, LinkBody]) -> Any:
    """Ask for a link."""
    body = call.body
    rules = Rules(
        mirror=USUAL if body.mirror is None else frozenset(Mirrored.named(word) for word in body.mirror),
        allow=tuple(body.allow),
        ignore=tuple(body.ignore),
        commanders=tuple(body.commanders),
        bots=body.bots,
        backfill=body.backfill,
    )
    wanted = await cases.bridges.link(
        call.actor, body.channel, body.platform, body.remote, direction=body.direction, rules=rules
    )
    return {"wanted": wanted_row(wanted)}


async def unlink(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Take a link back."""
    await cases.bridges.unlink(call.actor, call.path["id"])
    return {"unlinked": True}


async def pause(cases: UseCases, call: Call[Empty, PauseBody]) -> Any:
    """Pause or resume a link."""
    return {"link": linked_row(await cases.bridges.pause(call.actor, call.path["id"], paused=call.body.paused))}


def linked_row(linked: Linked) -> dict[str, Any]:
    """Return a link as clients see it."""
    link, backlog = linked.link, linked.backlog
    return {
        "id": link.id,
        "channel": linked.channel,
        "platform": link.platform,
        "workspace": link.workspace,
        "remote": link.remote_name or link.remote_channel,
        "remote_id": link.remote_channel,
        "direction": link.direction,
        "paused": link.paused,
        "source": link.source,
        "rules": link.rules,
        "received": backlog.received,
        "outgoing": backlog.outgoing,
        "dead": backlog.dead,
        "oldest": None if backlog.oldest is None else to_iso(backlog.oldest),
        "created_at": to_iso(link.created_at),
    }


def wanted_row(wanted: Wanted) -> dict[str, Any]:
    """Return what is asked for as clients see it."""
    return {
        "id": wanted.id,
        "channel": wanted.channel,
        "platform": wanted.platform,
        "remote": wanted.remote,
        "direction": wanted.direction,
        "rules": wanted.rules,
        "created_at": to_iso(wanted.created_at),
    }


_TAG = "bridges"

ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/bridges/links",
        link,
        _TAG,
        "Link a channel",
        OneWanted,
        "The platform's bridge makes the link as soon as it runs; until then only `wanted` shows it.",
        body=LinkBody,
        action=Action.MANAGE_BRIDGES,
        errors=(403, 409),
    ),
    Endpoint(
        "DELETE",
        "/api/v2/bridges/links/{id}",
        unlink,
        _TAG,
        "Unlink a channel",
        Unlinked,
        "By the id of what was asked for, or of a link that it made.",
        action=Action.MANAGE_BRIDGES,
        errors=(403, 404, 409),
    ),
    Endpoint(
        "PATCH",
        "/api/v2/bridges/links/{id}",
        pause,
        _TAG,
        "Pause or resume a link",
        OneLink,
        body=PauseBody,
        action=Action.MANAGE_BRIDGES,
        errors=(403, 404),
    ),
)
