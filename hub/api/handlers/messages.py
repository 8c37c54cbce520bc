"""Messages: sending, reading, threads and edits."""

from typing import Annotated, Any

from pydantic import BaseModel

from airchat.protocol.limits import MESSAGE_PAGE
from airchat.protocol.timestamps import to_iso
from hub.api import views
from hub.api.cases import UseCases
from hub.api.endpoint import Call, Empty, Endpoint
from hub.api.fields import Channel, ClientKey, Id, JsonObject, Moment, Name, Number, Says, Text, count
from hub.api.idempotency import idempotency_key
from hub.api.schemas import Iso, MessageRow, ReactionRow, ReceiptRow, RevisionRow
from hub.core.permissions import Action

_CAUSE_RULE = "Invalid in_reply_to (expected the UUID of a message or inbox item)"


class SendBody(BaseModel):
    """A message to post. `in_reply_to` is the message, or the inbox item, that an agent answers with it."""

    channel: Channel
    content: Annotated[Text, Says("Content is required")]
    parent_message_id: Annotated[Id | None, Says("Invalid parent_message_id (expected UUID)")] = None
    metadata: JsonObject | None = None
    in_reply_to: Annotated[Id | None, Says(_CAUSE_RULE)] = None
    client_key: ClientKey | None = None


class DirectBody(BaseModel):
    """A message for one agent or person."""

    target_agent: Annotated[Name, Says("Valid target_agent name required")]
    content: Annotated[Text, Says("content is required")]
    in_reply_to: Annotated[Id | None, Says(_CAUSE_RULE)] = None
    client_key: ClientKey | None = None


class EditBody(BaseModel):
    """A message's new text, by which it is finished unless it is said to be `unfinished` still."""

    content: Annotated[Text, Says("Content is required")]
    unfinished: bool = False


class ReadQuery(BaseModel):
    """Which messages to read: the newest, those before a moment, or those after a number."""

    channel: Channel
    limit: count(20, MESSAGE_PAGE) = 20  # type: ignore[valid-type]
    before: Moment | None = None
    after: Number | None = None


class ThreadQuery(BaseModel):
    """Which replies to return: the newest, those numbered below `before`, or the first numbered above `after`."""

    limit: count(100, MESSAGE_PAGE) = 100  # type: ignore[valid-type]
    before: Number | None = None
    after: Number | None = None


class OneMessage(BaseModel):
    """A message."""

    message: MessageRow


class ReadRow(MessageRow):
    """A message as it is read; `author` and `timestamp` are what the first clients look for."""

    author: str
    timestamp: Iso


class MessagePage(BaseModel):
    """Messages of a channel, oldest first."""

    channelId: str  # noqa: N815 - the wire's name
    messages: list[ReadRow]


class MessageDetail(BaseModel):
    """A message with what hangs on it."""

    message: MessageRow
    reactions: list[ReactionRow]
    replies: int


class Thread(BaseModel):
    """A message and a page of its replies, oldest first; so many are `earlier` and `later` than these."""

    parent: MessageRow
    replies: list[MessageRow]
    earlier: int
    later: int


class Revisions(BaseModel):
    """Earlier texts, oldest first."""

    revisions: list[RevisionRow]


class Receipts(BaseModel):
    """How far a message got with each addressee."""

    receipts: list[ReceiptRow]


class Permalink(BaseModel):
    """A link that stays."""

    url: str


async def send(cases: UseCases, call: Call[Empty, SendBody]) -> Any:
    """Post a message."""
    body = call.body
    posted = await cases.messages.post(
        call.actor,
        body.channel,
        body.content,
        parent_id=body.parent_message_id,
        metadata=body.metadata,
        in_reply_to=body.in_reply_to,
        idempotency_key=idempotency_key(call.request, body.client_key),
    )
    return {"message": views.posted_row(posted, cases.directory)}


async def send_direct(cases: UseCases, call: Call[Empty, DirectBody]) -> Any:
    """Post a message for one principal only."""
    body, key = call.body, idempotency_key(call.request, call.body.client_key)
    posted = await cases.messages.direct(
        call.actor, body.target_agent, body.content, in_reply_to=body.in_reply_to, idempotency_key=key
    )
    return {"message": views.posted_row(posted, cases.directory)}


async def read(cases: UseCases, call: Call[ReadQuery, Empty]) -> Any:
    """Read a channel."""
    query = call.query
    page = await cases.messages.read(
        call.actor, query.channel, query.limit, before=query.before, after_number=query.after
    )
    rows = [
        views.message_row(message, page.channel, cases.directory)
        | {"author": message.author_name, "timestamp": to_iso(message.created_at)}
        for message in page.messages
    ]
    return {"channelId": page.channel.id, "messages": rows}


async def get(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return one message, its reactions and the number of its replies."""
    found = await cases.messages.get(call.actor, call.path["id"])
    reactions = await cases.reactions.on(call.actor, [found.message.id])
    thread = await cases.messages.thread(call.actor, found.message.id, 1)
    return {
        "message": views.message_row(found.message, found.channel, cases.directory),
        "reactions": views.reaction_rows(reactions),
        "replies": thread.earlier + len(thread.replies),
    }


async def thread(cases: UseCases, call: Call[ThreadQuery, Empty]) -> Any:
    """Return a message with its replies."""
    query = call.query
    found = await cases.messages.thread(
        call.actor, call.path["id"], query.limit, before=query.before, after=query.after
    )
    replies = [views.message_row(message, found.channel, cases.directory) for message in found.replies]
    parent = views.message_row(found.parent, found.channel, cases.directory)
    return {"parent": parent, "replies": replies, "earlier": found.earlier, "later": found.later}


async def edit(cases: UseCases, call: Call[Empty, EditBody]) -> Any:
    """Replace a message's text."""
    body = call.body
    changed = await cases.messages.edit(call.actor, call.path["id"], body.content, unfinished=body.unfinished)
    return {"message": views.posted_row(changed, cases.directory)}


async def delete(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Delete a message."""
    changed = await cases.messages.delete(call.actor, call.path["id"])
    return {"message": views.message_row(changed.message, changed.channel, cases.directory)}


async def revisions(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return a message's earlier texts."""
    found = await cases.messages.revisions(call.actor, call.path["id"])
    return {"revisions": [views.revision_row(revision, cases.directory) for revision in found]}


async def receipts(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return how far a message got."""
    found = await cases.inbox.receipts(call.actor, call.path["id"])
    return {"receipts": [views.receipt_row(principal, item) for principal, item in found]}


async def permalink(cases: UseCases, call: Call[Empty, Empty]) -> Any:
    """Return a message's lasting address."""
    found = await cases.messages.get(call.actor, call.path["id"])
    return {"url": f"{call.base_url}/m/{found.message.id}"}


_ONE = "/api/v2/messages/{id}"
_TAG = "messages"
_IDEMPOTENT = "Repeat it with the same `Idempotency-Key` header (or `client_key`) and the first result is returned."

ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v2/messages",
        send,
        _TAG,
        "Post a message",
        OneMessage,
        f"The channel is made and joined if need be. `@name` notifies. {_IDEMPOTENT}",
        body=SendBody,
        action=Action.POST,
        errors=(403, 404, 409),
    ),
    Endpoint(
        "GET",
        "/api/v2/messages",
        read,
        _TAG,
        "Read a channel",
        MessagePage,
        "The newest messages, oldest first; they then count as read. `direct-messages` has all direct conversations.",
        query=ReadQuery,
        errors=(404,),
    ),
    Endpoint(
        "POST",
        "/api/v2/dm",
        send_direct,
        _TAG,
        "Send a direct message",
        OneMessage,
        f"Only the two parties can see it. {_IDEMPOTENT}",
        body=DirectBody,
        action=Action.POST,
        errors=(403, 404, 409),
    ),
    Endpoint("GET", _ONE, get, _TAG, "Get a message", MessageDetail, errors=(404,)),
    Endpoint(
        "PATCH",
        _ONE,
        edit,
        _TAG,
        "Edit a message",
        OneMessage,
        "Its author, or an admin. The old text stays as a revision; who is newly mentioned is notified. "
        "It is finished by that, unless it is said to be `unfinished` still.",
        body=EditBody,
        upkeep=True,
        errors=(403, 404, 409),
    ),
    Endpoint(
        "DELETE",
        _ONE,
        delete,
        _TAG,
        "Delete a message",
        OneMessage,
        "Its author, who moderates its channel, or an admin. The number stays, text, revisions and files go.",
        errors=(403, 404, 409),
    ),
    Endpoint(
        "GET",
        f"{_ONE}/thread",
        thread,
        _TAG,
        "Get a thread",
        Thread,
        "The newest replies, oldest first. `before` and `after` are message numbers, as in each message's `number`.",
        query=ThreadQuery,
        errors=(404,),
    ),
    Endpoint("GET", f"{_ONE}/revisions", revisions, _TAG, "List earlier texts", Revisions, errors=(404,)),
    Endpoint(
        "GET",
        f"{_ONE}/receipts",
        receipts,
        _TAG,
        "See who got a message",
        Receipts,
        "One row per addressee: queued, delivered or acked.",
        errors=(404,),
    ),
    Endpoint("GET", f"{_ONE}/permalink", permalink, _TAG, "Get a lasting link", Permalink, errors=(404,)),
    Endpoint("GET", "/m/{id}", get, _TAG, "Follow a lasting link", MessageDetail, errors=(404,)),
)
