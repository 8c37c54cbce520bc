"""Reactions and pins: what others hang on a message."""

from typing import Any

from pydantic import BaseModel

from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.handlers.messages import OneMessage
from hub.api.schemas import ReactionRow
from hub.core.permissions import Action


class Reactions(BaseModel):
    """All reactions on a message."""

    reactions: list[ReactionRow]


async def react(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Add the caller's emoji."""
    await cases.reactions.add(call.actor, call.path["id"], call.path["emoji"])
    return await _reactions(cases, call)


async def unreact(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Take the caller's emoji back."""
    await cases.reactions.remove(call.actor, call.path["id"], call.path["emoji"])
    return await _reactions(cases, call)


async def pin(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Pin a message."""
    changed = await cases.pins.add(call.actor, call.path["id"])
    return {"message": views.message_row(changed.message, changed.channel, cases.directory)}


async def unpin(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Take a pin off."""
    changed = await cases.pins.remove(call.actor, call.path["id"])
    return {"message": views.message_row(changed.message, changed.channel, cases.directory)}


async def _reactions(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    found = await cases.reactions.on(call.actor, [call.path["id"]])
    return {"reactions": views.reaction_rows(found)}


_EMOJI = "/api/v2/messages/{id}/reactions/{emoji}"
_PIN = "/api/v2/messages/{id}/pin"
_TAG = "messages"

ENDPOINTS = (
    Endpoint("PUT", _EMOJI, react, _TAG, "React with an emoji", Reactions, errors=(404, 409)),
    Endpoint("DELETE", _EMOJI, unreact, _TAG, "Take a reaction back", Reactions, errors=(404, 409)),
    Endpoint("PUT", _PIN, pin, _TAG, "Pin a message", OneMessage, action=Action.PIN_MESSAGES, errors=(404, 409)),
    Endpoint("DELETE", _PIN, unpin, _TAG, "Unpin a message", OneMessage, action=Action.PIN_MESSAGES, errors=(404, 409)),
)
