"""Push as it runs beside the MCP server, in threads of its own, through everything that passes."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from airchat import AirChatClient, AirChatError, StreamEvent
from airchat.calls.approvals import ENDED
from airchat.doctor import Finding, Level
from airchat.protocol.names import DIRECT_MESSAGES
from airchat.protocol.trust import Trust
from airchat.types import Approval
from airchat.wake import Wakes, session_key, wake_lock
from mcp_server.desk import Desk
from mcp_server.push.answers import Answers
from mcp_server.push.pusher import Pusher, SessionSilent
from mcp_server.push.session import Place, Session
from mcp_server.push.transcript import Transcript

LOCK_SECONDS = 5.0
"""Between two tries to get the session from somebody else who wakes it."""
LONGEST_PAUSE = 60.0
"""Between two tries: shorter than other sessions leave alone what this one is dealing with."""
KINDS = f"message.created,inbox.queued,{ENDED}"

_OPEN = (
    "Unset AIRCHAT_PUSH, or open the channel when Claude Code is started: "
    "claude --dangerously-load-development-channels server:airchat"
)

logger = logging.getLogger(__name__)


def start_pushing(client: AirChatClient, ways: Sequence[Session], place: Place, desk: Desk, began: float) -> None:
    """Push what waits for the agent of `client` into its session for as long as this process lives.

    Of the one or two ways into the session the second is for when it takes nothing by the first. `began` is when the
    session began, by `time.monotonic`, before the agent could be seen to be there. The client is for nobody else. What
    the desk shows the agent counts as seen.
    """
    transcript, key = Transcript(place.transcripts, place.id), session_key(os.environ, place.id)
    session, instead = ways[0], ways[1] if len(ways) > 1 else None
    pusher = Pusher(
        client,
        session,
        transcript,
        began,
        interactive=place.interactive,
        instead=instead,
        answers=Answers(desk.asked),
        wakes=Wakes(client.config.home, client.agent_name, key),
    )
    desk.seen.watch(pusher.shown)
    desk.push = lambda: used(pusher)
    threading.Thread(target=_push, args=[client, pusher, key], name="airchat push", daemon=True).start()


def used(pusher: Pusher) -> Finding:
    """Return how what is addressed to the agent reaches its session."""
    way = pusher.session.way
    if pusher.gave_up:
        text = f"Nothing that is pushed reaches this session by {way}; the plugin's hook waits instead"
        return Finding(Level.WARNING, text, _OPEN)
    if pusher.dropped:
        text = f"Push: by {way}, as nothing came through by {pusher.dropped}"
        return Finding(Level.WARNING, text, _OPEN)
    return Finding(Level.OK, f"Push: by {way}")


def _push(client: AirChatClient, pusher: Pusher, session: str) -> None:
    while True:
        with wake_lock(client.config.home, client.agent_name, session) as taken:
            if taken:
                threading.Thread(target=_listen, args=[client, pusher], name="airchat stream", daemon=True).start()
                try:
                    _go_on(pusher)
                except SessionSilent as error:
                    logger.warning("%s; the plugin's hook waits instead, from the end of the next turn on", error)
                    return
        time.sleep(LOCK_SECONDS)


def _go_on(pusher: Pusher) -> None:
    failures = 0
    while True:
        pusher.wake.clear()
        try:
            pause = pusher.step()
            failures = 0
        except (AirChatError, OSError) as error:
            failures += 1
            pause = _pause(failures)
            logger.warning("nothing can be pushed now: %s", error)
            time.sleep(1.0)  # whatever wakes us, it is too early
        pusher.wake.wait(pause)


def _listen(client: AirChatClient, pusher: Pusher) -> None:
    """Follow the hub's stream, which goes on by itself where it broke off; the hub may be away at the start."""
    failures, after = 0, None
    while not pusher.gave_up:
        with suppress(AirChatError):
            name = client.agent_name or client.whoami()["agent"]["name"]
            with client.stream(kind=KINDS, after=after) as events:
                pusher.heard()  # what came while there was no stream
                for event in events:
                    failures, after = 0, event.seq
                    hear(event, name, pusher)
        failures += 1
        time.sleep(_pause(failures))


def hear(event: StreamEvent, name: str, pusher: Pusher) -> None:
    """Have the pusher look when an event may come with something in the inbox; the hub alone knows."""
    if event.kind in ENDED.split(","):
        with suppress(KeyError):  # an event of another hub than this library knows
            pusher.ended(Approval.from_row({"trust": Trust.AGENT.value, **event.data}))  # it was this agent who asked
        return
    addressed = f"@{name}" in str(event.data.get("content", "")).lower()
    queued = event.kind == "inbox.queued"
    if addressed or queued or event.channel == DIRECT_MESSAGES:
        pusher.heard(among_old=queued)  # a guard may have let go what is old


def _pause(failures: int) -> float:
    return min(LONGEST_PAUSE, 2.0 ** min(failures, 16))
