"""Socket Mode connections of one app (https://docs.slack.dev/apis/events-api/using-socket-mode)."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Literal

from aiohttp import web

from .settings import Json, Settings

Reason = Literal["warning", "refresh_requested", "too_many_websockets", "link_disabled"]


class Socket:
    """One WebSocket. Frames go out in the order they were given, from a task of its own."""

    def __init__(self, number: int, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.number = number
        self.retiring = False
        """Told to go away: used only while there is no other."""
        self.mute = False
        """Answers pings but carries no frames: a zombie."""
        self._request = request
        self._ws = ws
        self._frames: asyncio.Queue[Json | None] = asyncio.Queue()
        self._closing: asyncio.TimerHandle | None = None

    def send(self, frame: Json) -> None:
        """Queue a frame; a mute or closed socket swallows it."""
        if not self.mute:
            self._frames.put_nowait(frame)

    async def write(self) -> None:
        """Send queued frames until cancelled, told to close, or the connection is gone."""
        while (frame := await self._frames.get()) is not None:
            try:
                await self._ws.send_str(json.dumps(frame))
            except ConnectionError:
                return
        await self.close()

    def retire(self, grace: float) -> None:
        """Take no new envelopes if another socket can, and close after ``grace`` seconds."""
        self.retiring = True
        self._closing = asyncio.get_running_loop().call_later(grace, self._frames.put_nowait, None)

    def ended(self) -> None:
        """The connection is over: nothing is left to do later."""
        if self._closing is not None:
            self._closing.cancel()

    def cut(self) -> None:
        """Reset the TCP connection, as a dead network would."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self) -> None:
        """Close politely, with a close frame."""
        await self._ws.close(code=1001)


class Sockets:
    """The sockets and one-time tickets of one app; an envelope goes to any one socket."""

    def __init__(self, app_id: str, settings: Settings) -> None:
        self.app_id = app_id
        self.open: list[Socket] = []
        self.opened = 0
        """Sockets ever accepted: tells reconnects apart."""
        self._tickets: set[str] = set()
        self._settings = settings
        self._turn = 0

    def ticket(self) -> str:
        """A secret that opens one socket, once."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    def redeem(self, ticket: str) -> bool:
        """Whether the ticket was good; it no longer is."""
        if ticket not in self._tickets:
            return False
        self._tickets.remove(ticket)
        return True

    def choose(self) -> Socket | None:
        """The socket the next envelope goes to, in turn; None when nobody is connected."""
        candidates = [socket for socket in self.open if not socket.retiring] or self.open
        if not candidates:
            return None
        self._turn += 1
        return candidates[self._turn % len(candidates)]

    def cut(self) -> None:
        """Reset every TCP connection of this app."""
        for socket in list(self.open):
            socket.cut()

    def disconnect(self, reason: Reason = "refresh_requested") -> None:
        """Send every socket a ``disconnect`` frame; unless it is only a warning, Slack closes the socket later."""
        for socket in self.open:
            socket.send(disconnect_frame(reason))
            if reason != "warning":
                socket.retire(self._settings.refresh_grace)

    def mute(self) -> None:
        """Make zombies of the open sockets: still answering pings, but without events."""
        for socket in self.open:
            socket.mute = True

    async def serve(self, request: web.Request, receive: Callable[[Socket, str], None]) -> web.WebSocketResponse:
        """Run one connection to its end; ``receive`` gets every text frame."""
        ws = web.WebSocketResponse(timeout=1.0)
        await ws.prepare(request)
        self.opened += 1
        socket = Socket(self.opened, request, ws)
        writer = asyncio.create_task(socket.write(), name=f"slack socket {socket.number}")
        crowded = len(self.open) >= self._settings.max_sockets
        if crowded:
            socket.send(disconnect_frame("too_many_websockets"))
        else:
            self.open.append(socket)
            socket.send(self._hello())
        try:
            async for frame in ws:
                if frame.type is web.WSMsgType.TEXT and not socket.mute:
                    receive(socket, frame.data)
        finally:
            if not crowded:
                self.open.remove(socket)
            socket.ended()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060},
        }


def disconnect_frame(reason: Reason) -> Json:
    """The frame that tells a client to reconnect, or (``link_disabled``) not to."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}}
