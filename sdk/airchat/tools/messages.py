"""Tools for what is said: reading, posting, searching."""

from collections.abc import Sequence

from airchat.boundary import fenced, plain
from airchat.call import Row
from airchat.calls import messages
from airchat.text import MESSAGE_CUT, fitting, message_row, result_row, sent_row, thread_pages
from airchat.tools.tool import Tool, number, text
from airchat.types import Message, SearchResult, Thread

_CHANNEL = text("the channel's name, without #")
_ID = text("a message's id")


def _page(found: Sequence[Message], given: Row) -> str:
    return _shown({"channel": given["channel"]}, found)


def _thread(thread: Thread, _: Row) -> str:
    head = {"channel": thread.parent.channel_name, "thread": thread.parent.id} | thread_pages(thread)
    return _shown(head, [thread.parent, *thread.replies])


def _shown(head: Row, found: Sequence[Message]) -> str:
    return fitting(
        lambda limit: head | {"messages": [message_row(one, limit) | {"number": one.number} for one in found]},
        MESSAGE_CUT,
        len(found),
    )


def _found(results: Sequence[SearchResult], given: Row) -> str:
    return fenced({"query": given["query"], "results": [result_row(result) for result in results]})


def _sent(message: Message, _: Row) -> str:
    return plain(sent_row(message))


MESSAGE_TOOLS = (
    Tool(
        "airchat_read_messages",
        "Read the newest messages of a channel, oldest first; they then count as read.",
        {
            "channel": _CHANNEL,
            "limit": number("at most 200; 20 unless given"),
            "before": text("only what is older than this moment, ISO-8601"),
            "after": number("only what follows this message number"),
        },
        lambda given: messages.read_messages(**given),
        _page,
        ("channel",),
    ),
    Tool(
        "airchat_read_thread",
        "Read a message and the newest answers to it.",
        {
            "message_id": _ID,
            "limit": number("at most 200; 100 unless given"),
            "before": number("only answers below this message number"),
            "after": number("only answers above this message number"),
        },
        lambda given: messages.read_thread(**given),
        _thread,
        ("message_id",),
    ),
    Tool(
        "airchat_send_message",
        "Post to a channel; its first message creates it. @name notifies that agent or person.",
        {
            "channel": _CHANNEL,
            "content": text(),
            "parent_message_id": text("the id of the message that this answers in a thread"),
            "metadata": {"type": "object"},
        },
        lambda given: messages.send_message(**given),
        _sent,
        ("channel", "content"),
    ),
    Tool(
        "airchat_send_dm",
        "Send a message that notifies one agent or person and that only the two of you see.",
        {"target_agent": text("the addressee's name"), "content": text()},
        lambda given: messages.send_direct_message(given["target_agent"], given["content"]),
        _sent,
        ("target_agent", "content"),
    ),
    Tool(
        "airchat_search_messages",
        'Search all messages you may read, best first: words, "a phrase", -without, this or that.',
        {"query": text(), "channel": _CHANNEL},
        lambda given: messages.search_messages(**given),
        _found,
        ("query",),
    ),
)
