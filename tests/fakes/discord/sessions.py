"""Sessions, which outlive connections, and the connections themselves."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import web

from .apps import App
from .settings import Json, Settings


class Socket:
    """One WebSocket. Frames go out in the order they were given, from a task of its own."""

    def __init__(self, number: int, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.number = number
        self.mute = False
        """Carries nothing any more, and takes nothing: a zombie."""
        self.beats = 0
        self._request = request
        self._ws = ws
        self._frames: asyncio.Queue[str | int] = asyncio.Queue()

    def send(self, frame: Json) -> None:
        """Queue a frame; a mute socket swallows it."""
        if not self.mute:
            self._frames.put_nowait(json.dumps(frame))

    def close_later(self, code: int) -> None:
        """Close with this code once everything before it was sent."""
        self._frames.put_nowait(code)

    async def write(self) -> None:
        """Send queued frames until cancelled, told to close, or the connection is gone."""
        while isinstance(frame := await self._frames.get(), str):
            try:
                await self._ws.send_str(frame)
            except ConnectionError:
                return
        await self._ws.close(code=frame)

    def cut(self) -> None:
        """Reset the TCP connection, as a dead network would."""
        if self._request.transport is not None:
            self._request.transport.abort()


@dataclass(slots=True)
class Session:
    """What one IDENTIFY began: its dispatches, numbered, to be sent again from any number on."""

    id: str
    app: App
    intents: int
    frames: list[Json] = field(default_factory=list)
    socket: Socket | None = None
    left_at: float = 0.0
    lost: bool = False

    def dispatch(self, name: str, body: Json) -> None:
        """Number a dispatch, keep it, and send it if there is somebody to take it."""
        if self.lost:
            return
        frame = {"op": 0, "t": name, "s": len(self.frames) + 1, "d": body}
        self.frames.append(json.loads(json.dumps(frame)))
        if self.socket is not None:
            self.socket.send(frame)

    def replay(self, socket: Socket, sequence: int) -> None:
        """Go on over another connection, with everything behind that number."""
        self.socket = socket
        for frame in self.frames[sequence:]:
            socket.send(frame)

    def over(self, settings: Settings) -> bool:
        """Whether it can no longer be resumed."""
        gone = self.socket is None and settings.clock() - self.left_at > settings.resume_window
        return self.lost or gone
