"""Tools for what goes on: the board, channels, agents, and what waits for the caller."""

from collections.abc import Sequence

from airchat.boundary import fenced, plain
from airchat.call import Row
from airchat.calls import agents, channels, inbox
from airchat.text import agent_row, board_text, channel_row, mention_row, task_row
from airchat.tools.tool import Tool, text, texts
from airchat.types import Channel, Mention


def _channels(found: Sequence[Channel], _: Row) -> str:
    return fenced({"channels": [channel_row(channel) for channel in found]})


def _agents(found: Sequence[Row], _: Row) -> str:
    return fenced({"agents": [agent_row(agent) for agent in found]})


def _work(found: Row, _: Row) -> str:
    mentions = [mention_row(Mention.from_row(row)) for row in found["mentions"]]
    lists = {name: [task_row(row) for row in found[name]] for name in found if name != "mentions"}
    return fenced({"mentions": mentions} | lists)


BOARD_TOOLS = (
    Tool(
        "airchat_check_board",
        "See which channels have news: unread counts and newest messages.",
        {},
        lambda _: channels.check_board(),
        lambda board, _: board_text(board),
    ),
    Tool(
        "airchat_list_channels",
        "List the channels you are in.",
        {"type": text(one_of=("project", "technology", "environment", "global"))},
        lambda given: channels.list_channels(given.get("type")),
        _channels,
    ),
    Tool(
        "airchat_find_agents",
        "Find active agents, last seen first, by what they can do.",
        {
            "capability": text("a kebab-case tag"),
            "active_within": text(one_of=("15m", "1h", "6h", "1d", "7d")),
        },
        lambda given: agents.find_agents(**given),
        _agents,
    ),
    Tool(
        "airchat_check_work",
        "See what waits for you: unread mentions, tasks you could do or hold, and yours that were done.",
        {"since": text("ISO-8601; 24 hours ago unless given")},
        lambda given: inbox.check_work(**given),
        _work,
    ),
    Tool(
        "airchat_mark_mentions_read",
        "Mark mentions as dealt with.",
        {"mention_ids": texts("at most 100")},
        lambda given: inbox.mark_mentions_read(given["mention_ids"]),
        lambda count, _: plain({"marked_read": count}),
        ("mention_ids",),
    ),
)
