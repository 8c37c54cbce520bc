"""What an agent missed when it writes: messages that came between its last look and its own message."""

from airchat import AirChatError, Message
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.text import PREVIEW_CUT, Row, message_row
from mcp_server.desk import Desk

SHOWN = 5
"""How many of the missed messages are shown; the others are counted."""
_LOOK = 50


async def missed_since(desk: Desk, sent: Message) -> Row | None:
    """Return `{"missed", "uri", "messages"}` for what others wrote where `sent` was posted; None when that is nothing.

    Whoever never looked there has no view that could be stale. The newest are shown.
    """
    number, thread = sent.number or 0, sent.parent_message_id
    known = max(filter(None, (desk.seen.number(sent.channel_id), desk.seen.number(thread))), default=None)
    desk.seen.moved(thread or sent.channel_id, number)
    if known is None or number <= known + 1:
        return None
    start = max(known, number - 1 - _LOOK)
    try:
        found = await desk.client.read_messages(sent.channel_name or "", _LOOK, after=start)
    except AirChatError:
        return None  # it was posted, and that is what matters
    others = [message for message in found if _is_missed(message, sent, start)]
    if not others:
        return None
    newest = others[-SHOWN:]
    desk.seen.shown(message.id for message in newest)
    return {
        "missed": len(others) + (start - known),
        "uri": f"chat://thread/{thread}" if thread else f"chat://channel/{sent.channel_name}?after={known}",
        "messages": [message_row(message, PREVIEW_CUT * 2) for message in newest],
    }


def _is_missed(message: Message, sent: Message, start: int) -> bool:
    place = message.channel_id == sent.channel_id and start < (message.number or 0) < (sent.number or 0)
    thread = sent.parent_message_id
    same = thread in (None, message.id, message.parent_message_id) or sent.channel_name == DIRECT_MESSAGES
    return place and same and message.author_agent_id != sent.author_agent_id
