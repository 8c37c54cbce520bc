"""Bridges: how they and their links are, and what was put aside."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from airchat.protocol.timestamps import to_iso
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Text
from hub.api.handlers.links import LinkRow, WantedRow, linked_row, wanted_row
from hub.core.permissions import Action
from hub.relay.bridges import DeadLetter
from store.ports.relay import BridgeState


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


class BridgesAnswer(BaseModel):
    """All bridges, all links, and what commands asked for."""

    bridges: list[BridgeRow]
    links: list[LinkRow]
    wanted: list[WantedRow]


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
