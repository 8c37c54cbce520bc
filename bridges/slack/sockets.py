"""Sockets: two Socket Mode connections of one app, so that Slack's refresh of one leaves no gap.

An envelope is acknowledged only after its event is stored: one that is not is delivered again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

Take = Callable[[dict[str, Any]], Awaitable[None]]
"""Stores one event durably."""

_SOCKETS = 2


class Sockets:
    """`reconnected` is set whenever a socket greets us after the first time: something may have been missed."""

    def __init__(self, app: AsyncApp, app_token: str, ping_seconds: float, take: Take) -> None:
        self.reconnected = asyncio.Event()
        self._greetings = 0
        self._handlers = [_Handler(app, app_token, ping_seconds, take) for _ in range(_SOCKETS)]

    async def __aenter__(self) -> Self:
        """Open both sockets."""
        for handler in self._handlers:
            handler.client.on_message_listeners.append(self._frame)
            await handler.connect_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close both sockets."""
        for handler in self._handlers:
            await handler.close_async()

    async def _frame(self, frame: WSMessage) -> None:
        if '"type":"hello"' not in str(frame.data).replace(" ", ""):
            return
        self._greetings += 1
        if self._greetings > _SOCKETS:
            self.reconnected.set()


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, except that events are stored before they are acknowledged."""

    def __init__(self, app: AsyncApp, app_token: str, ping_seconds: float, take: Take) -> None:
        super().__init__(app, app_token, ping_interval=ping_seconds)
        self._take = take

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        if req.type != "events_api":
            await super().handle(client, req)
            return
        await self._take(req.payload.get("event") or {})
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
