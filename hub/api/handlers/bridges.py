"""Bridges: how they are, links asked for and paused, and what was put aside."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from airchat.protocol.timestamps import to_iso
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Text
from hub.core.permissions import Action
from hub.relay.bridges import DeadLetter, Linked
from hub.relay.rules import USUAL, Mirrored, Rules
from store.ports.relay import BridgeState, Wanted

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


class ReplayBody(BaseModel):
    """Which dead letters to try again, by id; all when none are named."""

    ids: Annotated[list[Text], Field(max_length=1_000)] | None = None


class BridgeRow(BaseModel):
    """A bridge: `running`, `starting`, `waiting` (it tries again) or `stopped` (somebody has to act)."""

    platform: str
    state: str
    since: str
    workspace: str | None
    detail: str | None


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


class BridgesAnswer(BaseModel):
    """All bridges, all links, and what commands asked for."""

    bridges: list[BridgeRow]
    links: list[LinkRow]
    wanted: list[WantedRow]


class OneWanted(BaseModel):
    """What is asked for now."""

    wanted: WantedRow


class OneLink(BaseModel):
    """A link."""

    link: LinkRow


class Unlinked(BaseModel):
    """It is gone."""

    unlinked: bool


class DeadRow(BaseModel):
    """Something that could not be sent (`out`), or an event that could not be used (`in`), and why."""

    id: str
    link_id: str
    direction: str
    what: str
    error: str
    since: str


class DeadAnswer(BaseModel):
    """What was put aside."""

    dead: list[DeadRow]


class Replayed(BaseModel):
    """How many are tried again."""

    replayed: int


async def show(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Tell how everything is."""
    overview = await cases.bridges.overview(call.actor)
    return {
        "bridges": [state_row(state) for state in overview.states],
        "links": [linked_row(linked) for linked in overview.links],
        "wanted": [wanted_row(wanted) for wanted in overview.wanted],
    }


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


async def dead(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """List what was put aside."""
    return {"dead": [dead_row(letter) for letter in await cases.bridges.dead(call.actor)]}


async def replay(cases: UseCases, call: Call[Empty, ReplayBody]) -> Any:
    """Try again."""
    return {"replayed": await cases.bridges.replay(call.actor, call.body.ids)}


def state_row(state: BridgeState) -> dict[str, Any]:
    """Return a bridge as clients see it."""
    return {
        "platform": state.platform,
        "state": state.state,
        "since": to_iso(state.since),
        "workspace": state.workspace,
        "detail": state.detail,
    }


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


def dead_row(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter as clients see it."""
    return {
        "id": letter.id,
        "link_id": letter.link_id,
        "direction": letter.direction,
        "what": letter.what,
        "error": letter.error,
        "since": to_iso(letter.since),
    }


_TAG = "bridges"

ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/bridges",
        show,
        _TAG,
        "Tell how bridges and links are",
        BridgesAnswer,
        action=Action.MANAGE_BRIDGES,
        errors=(403,),
    ),
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
    Endpoint(
        "GET",
        "/api/v2/bridges/dead",
        dead,
        _TAG,
        "List what could not be carried",
        DeadAnswer,
        action=Action.MANAGE_BRIDGES,
        errors=(403,),
    ),
    Endpoint(
        "POST",
        "/api/v2/bridges/dead/replay",
        replay,
        _TAG,
        "Try again what could not be carried",
        Replayed,
        body=ReplayBody,
        action=Action.MANAGE_BRIDGES,
        errors=(403, 404),
    ),
)
