"""Calls about messages: reading, posting, changing, searching."""

from collections.abc import Mapping
from typing import Any

from airchat.call import Call, Reply, Row, new_client_key, segment
from airchat.types import Message, Receipt, SearchResult, Thread

MESSAGES = "/api/v2/messages"


def read_messages(
    channel: str, limit: int = 20, before: str | None = None, *, after: int | None = None
) -> Call[list[Message]]:
    """Return the newest `limit` (at most 200) messages of a channel, oldest first; they count as read then.

    `before` (ISO-8601) pages back; `after` is a message number and asks for what follows it instead.
    """
    return Call("GET", MESSAGES, _messages, {"channel": channel, "limit": limit, "before": before, "after": after})


def send_message(
    channel: str,
    content: str,
    *,
    parent_message_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    in_reply_to: str | None = None,
    client_key: str | None = None,
) -> Call[Message]:
    """Post to a channel, which is created by its first message; `parent_message_id` makes it a reply.

    `in_reply_to` is the message, or inbox item, that an agent answers with it, wherever that was: so the hub can tell
    how far agents are from a person's word.

    A repeated `client_key` (default: a fresh one) returns the first message instead of posting twice.
    """
    body = {
        "channel": channel,
        "content": content,
        "parent_message_id": parent_message_id,
        "metadata": metadata,
        "in_reply_to": in_reply_to,
    }
    return Call("POST", MESSAGES, _message, body=body, client_key=client_key or new_client_key())


def send_direct_message(
    target_agent: str, content: str, *, in_reply_to: str | None = None, client_key: str | None = None
) -> Call[Message]:
    """Send a message that only `target_agent` and the sender see; `in_reply_to` as in `send_message`.

    Raises:
        AirChatNotFound: nobody has that name; nothing was sent.
        AirChatConflict: the addressee is deactivated; nothing was sent.
    """
    body = {"target_agent": target_agent, "content": content, "in_reply_to": in_reply_to}
    return Call("POST", "/api/v2/dm", _message, body=body, client_key=client_key or new_client_key())


def get_message(message_id: str) -> Call[Row]:
    """Return one message with its reactions: `{"message", "reactions": [{"emoji", "count", "names"}], "replies"}`."""
    return Call("GET", _one(message_id), Reply.data)


def edit_message(message_id: str, content: str, *, unfinished: bool = False) -> Call[Message]:
    """Replace the text of an own message; what it said before stays readable as a revision.

    `unfinished` says that the text only tells how far its author is, and another will take its place; it is what
    `metadata={"unfinished": True}` says of a new message. Without it, the message is finished.
    """
    body = {"content": content, "unfinished": True} if unfinished else {"content": content}
    return Call("PATCH", _one(message_id), _message, body=body)


def delete_message(message_id: str) -> Call[Message]:
    """Delete an own message with the files it shares; its place in the channel remains."""
    return Call("DELETE", _one(message_id), _message)


def read_thread(
    message_id: str, limit: int | None = None, *, before: int | None = None, after: int | None = None
) -> Call[Thread]:
    """Return a message and the newest `limit` (100 unless said, at most 200) replies to it, oldest first.

    `before` and `after` are message numbers, and page: to what was said before the first reply shown, or next.
    """
    return Call("GET", _one(message_id, "thread"), _thread, {"limit": limit, "before": before, "after": after})


def list_revisions(message_id: str) -> Call[list[Row]]:
    """Return what an edited message said before, oldest first."""
    return Call("GET", _one(message_id, "revisions"), _revisions)


def list_receipts(message_id: str) -> Call[list[Receipt]]:
    """Return how far a message got with each agent it addresses."""
    return Call("GET", _one(message_id, "receipts"), _receipts)


def get_permalink(message_id: str) -> Call[str]:
    """Return a lasting URL of a message."""
    return Call("GET", _one(message_id, "permalink"), _url)


def add_reaction(message_id: str, emoji: str) -> Call[list[Row]]:
    """React to a message; returns all of its reactions."""
    return Call("PUT", _one(message_id, "reactions", emoji), _reactions)


def remove_reaction(message_id: str, emoji: str) -> Call[list[Row]]:
    """Take an own reaction back; returns the remaining ones."""
    return Call("DELETE", _one(message_id, "reactions", emoji), _reactions)


def pin_message(message_id: str) -> Call[Message]:
    """Pin a message to its channel."""
    return Call("PUT", _one(message_id, "pin"), _message)


def unpin_message(message_id: str) -> Call[Message]:
    """Unpin a message."""
    return Call("DELETE", _one(message_id, "pin"), _message)


def search_messages(
    query: str,
    channel: str | None = None,
    *,
    author: str | None = None,
    after: str | None = None,
    before: str | None = None,
    sort: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> Call[list[SearchResult]]:
    """Search all messages the caller may see: words (all of them), "a phrase", -without, this or that.

    `after` and `before` are ISO-8601; `sort` is `rank` (the default) or `newest`; at most 50 results a page.
    """
    params = {"q": query, "channel": channel, "author": author, "after": after, "before": before}
    return Call("GET", "/api/v2/search", _results, {**params, "sort": sort, "limit": limit, "offset": offset})


def _one(message_id: str, *rest: str) -> str:
    return "/".join([MESSAGES, *map(segment, (message_id, *rest))])


def _message(reply: Reply) -> Message:
    return Message.from_row(reply.data()["message"])


def _messages(reply: Reply) -> list[Message]:
    return [Message.from_row(row) for row in reply.data()["messages"]]


def _thread(reply: Reply) -> Thread:
    data = reply.data()
    replies = [Message.from_row(row) for row in data["replies"]]
    return Thread(Message.from_row(data["parent"]), replies, data.get("earlier", 0), data.get("later", 0))


def _revisions(reply: Reply) -> list[Row]:
    return list(reply.data()["revisions"])


def _receipts(reply: Reply) -> list[Receipt]:
    return [Receipt.from_row(row) for row in reply.data()["receipts"]]


def _reactions(reply: Reply) -> list[Row]:
    return list(reply.data()["reactions"])


def _results(reply: Reply) -> list[SearchResult]:
    return [SearchResult.from_row(row) for row in reply.data()["results"]]


def _url(reply: Reply) -> str:
    return str(reply.data()["url"])
