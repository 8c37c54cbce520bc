"""Guards: what they hold back, and letting agents go on."""

from typing import Any

from pydantic import BaseModel

from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel
from hub.core.guards import Held
from hub.core.permissions import Action


class ContinueBody(BaseModel):
    """Where agents may go on."""

    channel: Channel


class HeldRow(BaseModel):
    """An agent does not hear of something for now."""

    item_id: str
    guard: str
    agent: str
    sender: str
    channel: str
    message_id: str | None
    task_id: str | None
    created_at: str


class HeldList(BaseModel):
    """What is held back, oldest first."""

    held: list[HeldRow]


class Released(BaseModel):
    """How much was held back and is not any more."""

    released: int


async def held(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """List what is held back."""
    return {"held": [held_row(one) for one in await cases.guards.held(call.actor)]}


async def go_on(cases: UseCases, call: Call[Empty, ContinueBody]) -> Any:
    """Let agents go on."""
    return {"released": await cases.guards.go_on(call.actor, call.body.channel)}


def held_row(one: Held) -> dict[str, Any]:
    """Return what is held back as clients see it."""
    return {
        "item_id": one.item.id,
        "guard": one.item.held,
        "agent": one.agent.name,
        "sender": one.sender.name,
        "channel": shown_name(one.channel),
        "message_id": one.item.message_id,
        "task_id": one.item.task_id,
        "created_at": to_iso(one.item.created_at),
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/guards",
        held,
        "guards",
        "See which agents are not woken",
        HeldList,
        "Where the caller may see it. It goes on when a person writes there, or when the time of a budget is over.",
    ),
    Endpoint(
        "POST",
        "/api/v2/guards/continue",
        go_on,
        "guards",
        "Let agents go on",
        Released,
        "For people, as if one had written to the channel.",
        body=ContinueBody,
        action=Action.RELEASE_AGENTS,
        errors=(403, 404),
    ),
)
