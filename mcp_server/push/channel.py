"""Claude Code's channels: a way into a session that its user has opened for this server, by a flag at its start.

A channel needs a connection with a handshake, so a server that is one speaks the protocols before 2026-07-28 only. What
is pushed is not answered, and dropped where the user has not opened the channel: whether the session has taken it shows
in its transcript alone.
"""

import asyncio
import threading
from typing import Any

from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp_types import NotificationParams
from pydantic import BaseModel

from mcp_server.server import AgentServer

CAPABILITY = "claude/channel"
METHOD = "notifications/claude/channel"
SECONDS = 5.0


class Params(BaseModel):
    """What is pushed, and from where."""

    content: str
    meta: dict[str, str]


class Event(BaseModel):
    """The notification."""

    method: str = METHOD
    params: Params


class Channel:
    """The session at the other end of a channel; none before its handshake."""

    way = "Claude Code's channel"
    silent = True

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: Any = None
        self._ready = threading.Event()

    def push(self, text: str) -> None:
        """Send a text; called from another thread than the one that serves.

        Raises:
            OSError: there is no session, or it takes nothing.
        """
        if not self._ready.wait(SECONDS) or self._loop is None:
            raise ConnectionError("The session has not said hello yet")
        event = Event(params=Params(content=text, meta={"from": "airchat"}))
        sending = asyncio.run_coroutine_threadsafe(self._session.send_notification(event), self._loop)
        try:
            sending.result(SECONDS)
        except Exception as error:
            raise ConnectionError(f"The session takes nothing: {error!r}") from error

    async def serve(self, server: AgentServer) -> None:
        """Serve on standard input and output, as a channel."""
        low = server.lowlevel
        low.add_notification_handler("notifications/initialized", NotificationParams, self._opened)
        options = low.create_initialization_options(experimental_capabilities={CAPABILITY: {}})
        async with stdio_server() as (reading, writing), low.lifespan(low) as state:
            await serve_loop(low, reading, writing, lifespan_state=state, init_options=options)

    async def _opened(self, context: Any, _params: NotificationParams) -> None:
        self._session, self._loop = context.session, asyncio.get_running_loop()
        self._ready.set()
