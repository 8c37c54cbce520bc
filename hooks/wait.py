"""Waiting beside an interactive session that is idle, to wake it when somebody addresses its agent (`asyncRewake`).

Ending with exit code 2 starts a turn that shows what stands on standard error. What was shown is acknowledged when the
turn that saw it has ended.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from airchat.boundary import OPENING, fenced_lines, quoted
from airchat.client import AirChatClient
from airchat.errors import AirChatError
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.stream import StreamEvent
from airchat.types import InboxItem
from airchat.wake import session_key, wake_lock
from hooks import hub
from hooks.agent import find_agent
from hooks.digest import name
from hooks.event import read_event, session_of
from hooks.seen import acknowledge, note, wakes_of
from hooks.told import Told

GRACE = 10.0
"""Seconds that the session's MCP server has to take over, where it can push into the session by itself."""
POLL = 60.0
"""Seconds between looks that nothing gave rise to: for items that somebody else took and did not deal with."""
CONTENT = 4000
ITEMS = 10
"""How much goes into one turn; the rest follows in the next."""
PAGE = 200
"""Items that the hub is asked for at a time."""
WAKES = 2
"""The exit code that wakes the session."""

ENDS = (
    "send_message answers in a channel, with parent_message_id in the thread of a message; send_direct_message answers "
    "a direct message. mark_mentions_read and check_work are there as well."
)


def run() -> int:
    """Wait until there is something to wake the session for; 0 where this is not for a waiter to do."""
    if os.environ.get("CLAUDE_CODE_ENTRYPOINT") != "cli" or os.environ.get("AIRCHAT_PUSH") == "off":
        return 0  # a session that nobody sits at would wait for this process at its end
    event, agent = read_event(), find_agent()
    if agent is None or not session_of(event):
        return 0
    threading.Thread(target=_end_with, args=[_owner()], daemon=True).start()
    session = session_key(os.environ, session_of(event))
    shown = Told(agent, "wake", session)
    with hub.connect(agent, seconds=30.0, patience=30.0) as client:
        with suppress(AirChatError):
            acknowledge(client, shown, event)
        if os.environ.get("CLAUDE_CODE_MESSAGING_SOCKET"):
            time.sleep(GRACE)
        with wake_lock(Path(agent.home), client.agent_name, session) as taken:
            if not taken:
                return 0
            items = wait(client, shown)
            text = describe(client.agent_name, items)
            note(client, shown, items, _code(text))
    sys.stderr.write(text)
    sys.stderr.flush()
    return WAKES


def wait(client: AirChatClient, shown: Told, pause: float = POLL) -> list[InboxItem]:
    """Return the items to wake the session for, as soon as there are some.

    Raises:
        AirChatError: the hub does not want this agent any more.
    """
    news = threading.Event()
    threading.Thread(target=_listen, args=[client, news.set], daemon=True).start()
    while True:
        news.clear()
        try:
            if items := _take(client, shown):
                return items
        except AirChatError as error:
            if not error.transient:
                raise
        news.wait(pause)


def describe(me: str, items: list[InboxItem]) -> str:
    """Return what the session is shown."""
    whom = f"@{me}" if me else "you"
    lines = [line for item in items if (line := _line(item))]
    return f"In AirChat, somebody has addressed {whom}:\n{fenced_lines(lines)}\n{ENDS}\n"


def _line(item: InboxItem) -> str:
    message = item.message
    if message is None:
        return ""
    author = f"{name(message.author_name or '')} ({message.trust})"
    kind = {"mention": "Mention", "direct": "Direct message", "approval": "Approval"}.get(item.kind, item.kind)
    thread = f" in the thread of {message.parent_message_id}" if message.parent_message_id else ""
    place = f" in #{item.channel}{thread}" if item.kind != "direct" else ""
    return f"{kind}, message {message.id}, from {author}{place}: {quoted(message.content, CONTENT)}"


def _take(client: AirChatClient, shown: Told) -> list[InboxItem]:
    """Take what is worth a turn: no offers of tasks, which wait for the next prompt, and nothing others deal with."""
    known = shown.notes.keys() | wakes_of(client, shown).elsewhere()

    def worth(item: InboxItem) -> bool:
        return item.message is not None and item.kind != "task" and item.id not in known

    before = None
    while page := client.take_inbox(PAGE, peek=True, after=before):
        for item in page:
            if worth(item):
                return _taken(client, worth, before)
            before = item.id
    return []


def _taken(client: AirChatClient, worth: Callable[[InboxItem], bool], before: str | None) -> list[InboxItem]:
    """Take items from a place on until some are worth it, or none is left that nobody else has."""
    while taken := client.take_inbox(ITEMS, after=before):
        if found := list(filter(worth, taken)):
            return found
        before = taken[-1].id
    return []


def _listen(client: AirChatClient, ring: Callable[[], None]) -> None:
    """Ring at whatever may have been put into the inbox; goes on through all that passes."""
    while True:
        with suppress(AirChatError):
            for event in client.stream(kind="message.created,inbox.queued"):
                if _concerns(event, client.agent_name):
                    ring()
        time.sleep(POLL)


def _concerns(event: StreamEvent, me: str) -> bool:
    """Tell whether an event may come with something in our inbox; the hub alone knows."""
    addressed = f"@{me}" in str(event.data.get("content", "")).lower()
    return event.kind != "message.created" or event.channel == DIRECT_MESSAGES or addressed


def _code(text: str) -> str:
    opening = OPENING.search(text)
    return opening[1] if opening else ""


def _owner() -> int:
    """Return the process whose end is ours: the session."""
    pid = os.environ.get("CLAUDE_PID", "")
    return int(pid) if pid.isdigit() else os.getppid()


def _end_with(owner: int, pause: float = 2.0) -> None:
    """End this process when its owner is gone: nobody would read what it says."""
    parent = os.getppid()
    while os.getppid() == parent and _lives(owner):
        time.sleep(pause)
    os._exit(0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
