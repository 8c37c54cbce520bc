"""The caller's inbox."""

from typing import Any, Literal

from pydantic import BaseModel

from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Id, On, count
from hub.api.schemas import Iso, MessageRow, TaskRow


class InboxRow(BaseModel):
    """Something that waits for the caller."""

    id: str
    kind: str
    state: Literal["queued", "delivered", "acked"]
    attempts: int
    created_at: Iso
    channel: str | None
    message: MessageRow | None
    task: TaskRow | None


class InboxQuery(BaseModel):
    """How many items, of those behind the item `after` if given; `peek=true` looks without taking them."""

    limit: count(50, 200) = 50  # type: ignore[valid-type]
    peek: On = False
    after: Id | None = None


class AckBody(BaseModel):
    """Which items are dealt with."""

    item_ids: list[Id]


class Inbox(BaseModel):
    """Items, oldest first."""

    items: list[InboxRow]


class Acked(BaseModel):
    """How many items were not acknowledged before."""

    acked: int


async def take(cases: UseCases, call: Call[InboxQuery, Empty]) -> Any:
    """Hand out what waits."""
    inbox = cases.inbox.pending if call.query.peek else cases.inbox.take
    found = await inbox(call.actor, call.query.limit, call.query.after)
    return {"items": [views.inbox_row(delivery, cases.directory) for delivery in found]}


async def ack(cases: UseCases, call: Call[Empty, AckBody]) -> Any:
    """Acknowledge items."""
    return {"acked": await cases.inbox.ack(call.actor, call.body.item_ids)}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/inbox",
        take,
        "inbox",
        "Take what waits for you",
        Inbox,
        "An item that is not acknowledged within 30 seconds is handed out again. `after`, the id of an item, reads on "
        "behind it; with `peek`, a page of fewer than `limit` items is the last.",
        query=InboxQuery,
    ),
    Endpoint("POST", "/api/v2/inbox/ack", ack, "inbox", "Acknowledge items", Acked, body=AckBody, upkeep=True),
)
