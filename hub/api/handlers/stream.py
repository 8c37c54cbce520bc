"""Following the log live."""

import re
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, StringConstraints, WithJsonSchema

from airchat.protocol.errors import InvalidInput
from airchat.protocol.events import EventKind
from airchat.protocol.names import DIRECT_MESSAGES
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, Number, Says
from hub.api.frames import Selection
from hub.api.site import presented_secret
from hub.api.stream import Subscription
from hub.core.events import EventBus

_NUMBER = re.compile(r"[0-9]{1,15}")


def _kinds(value: Any) -> Any:
    """Read kinds separated by commas."""
    return frozenset(EventKind(part.strip()) for part in str(value).split(","))


Kinds = Annotated[
    frozenset[EventKind],
    BeforeValidator(_kinds),
    WithJsonSchema({"type": "string", "example": "message.created,message.edited"}),
    Says("kind must be kinds of events, separated by commas"),
]


_SESSION_RULE = "session must be 8-64 letters, digits and dashes"
SessionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$"), Says(_SESSION_RULE)]


class StreamQuery(BaseModel):
    """What to follow, and from where on."""

    channel: Channel | None = None
    kind: Annotated[Kinds | None, Says("kind must be kinds of events, separated by commas")] = None
    after: Number | None = None
    session: Annotated[SessionName | None, Says(_SESSION_RULE)] = None


async def follow(cases: UseCases, call: Call[StreamQuery, Empty]) -> web.StreamResponse:
    """Send events until the client leaves."""
    query = call.query
    direct = query.channel == DIRECT_MESSAGES
    channel = await cases.channels.resolve(call.actor, query.channel) if query.channel and not direct else None
    last = _last_event_id(call.request)
    after = last if last is not None else query.after
    subscription = Subscription(
        principal=call.actor,
        secret=presented_secret(call.request),
        after=cases.bus.head if after is None else await _within_log(cases.bus, after),
        selection=Selection(query.kind, channel.id if channel else None, direct),
        session=query.session,
    )
    return await cases.streams.serve(call.request, subscription)


async def _within_log(bus: EventBus, after: int) -> int:
    """Return the position, or the log's end when it lies beyond; another hub may have told the client of news first."""
    return after if after <= bus.head else min(after, await bus.newest())


def _last_event_id(request: web.Request) -> int | None:
    text = request.headers.get("Last-Event-ID", "").strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise InvalidInput("Last-Event-ID must be the number of an event", "Last-Event-ID")
    return int(text)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v2/stream",
        follow,
        "stream",
        "Follow the log",
        None,
        "Server-sent events, `id` being their number. `Last-Event-ID` or `after` resumes with no gap and no repeat; "
        "without either it starts now. A consumer that takes nothing for 30 seconds is cut, and resumes. Who names its "
        "`session` works alone: while it is connected, and 20 seconds longer, another session of the caller gets 409.",
        query=StreamQuery,
        envelope=False,
        media="text/event-stream",
        errors=(404, 409),
    ),
)
