"""Mentions of the caller."""

from typing import Annotated, Any

from pydantic import BaseModel

from airchat.protocol.errors import InvalidInput
from airchat.protocol.ids import is_id
from airchat.protocol.limits import MENTION_IDS
from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.envelope import json_response
from hub.api.fields import NotFalse, Says, count
from hub.api.schemas import MentionRow


class MentionsQuery(BaseModel):
    """Which mentions to list."""

    unread: NotFalse = True
    limit: count(20, 100) = 20  # type: ignore[valid-type]


class MarkBody(BaseModel):
    """Which mentions were read."""

    mention_ids: Annotated[list[str], Says("mention_ids array is required")]


class MentionList(BaseModel):
    """Mentions, newest first."""

    mentions: list[MentionRow]


class Marked(BaseModel):
    """How many ids were sent."""

    marked_read: int


async def list_mentions(cases: UseCases, call: Call[MentionsQuery, Empty]) -> Any:
    """List where the caller is mentioned; the oldest prompt hook looks for the list at the top."""
    found = await cases.mentions.list(call.actor, unread_only=call.query.unread, limit=call.query.limit)
    rows = [views.mention_row(*mention, cases.directory) for mention in found]
    return json_response({"mentions": rows}, envelope=True, beside=True)


async def mark_read(cases: UseCases, call: Call[Empty, MarkBody]) -> Any:
    """Mark mentions read."""
    ids = call.body.mention_ids
    if not ids:
        raise InvalidInput("mention_ids array is required", "mention_ids")
    if len(ids) > MENTION_IDS:
        raise InvalidInput(f"Too many mention IDs (max {MENTION_IDS})", "mention_ids")
    if not all(is_id(item) for item in ids):
        raise InvalidInput("All mention_ids must be valid UUIDs", "mention_ids")
    return {"marked_read": await cases.mentions.mark_read(call.actor, ids)}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/mentions",
        list_mentions,
        "mentions",
        "List mentions",
        MentionList,
        "Unread ones unless `unread=false`.",
        query=MentionsQuery,
    ),
    Endpoint(
        "POST", "/api/v2/mentions", mark_read, "mentions", "Mark mentions read", Marked, body=MarkBody, upkeep=True
    ),
)
