"""The gateway (https://docs.discord.com/developers/events/gateway): sessions, sockets, resuming, faults."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count

from aiohttp import web

from tests.fakes.faults import Kind

from .apps import App
from .events import CONTENT, PRIVILEGED, Event, without_content
from .faults import Faults
from .guild import Guild
from .sessions import Session, Socket
from .settings import Json

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


class Gateway:
    """Turns what happens in the guild into dispatches; ``sessions`` remembers everything that was sent."""

    def __init__(self, guild: Guild, faults: Faults) -> None:
        self.sockets: list[Socket] = []
        self.sessions: dict[str, Session] = {}
        self.opened = 0
        """Sockets ever accepted: tells reconnects apart."""
        self.identified = 0
        self.resumed = 0
        self._guild = guild
        self._faults = faults
        self._held: dict[str, Event] = {}
        self._collected: list[Event] | None = None
        self._numbers = count(1)
        guild.listeners.append(self.announce)
        faults.on_clear.append(self.release_held)

    @property
    def ready(self) -> list[Session]:
        """Sessions that have a connection."""
        return [session for session in self.sessions.values() if session.socket is not None]

    # -- what a test does to it --------------------------------------------------------------------

    def cut(self) -> None:
        """Reset every TCP connection."""
        for socket in list(self.sockets):
            socket.cut()

    def reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        self._broadcast({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Invalidate every session (op 9)."""
        if not resumable:
            self.forget()
        self._broadcast({"op": INVALID, "d": resumable})

    def forget(self) -> None:
        """Lose all sessions, so that none can be resumed."""
        for session in self.sessions.values():
            session.lost = True

    def mute(self) -> None:
        """Make zombies of the open sockets: connected, without a frame, not even for heartbeats."""
        for socket in self.sockets:
            socket.mute = True

    def close(self, code: int) -> None:
        """Close every connection with a code."""
        for socket in list(self.sockets):
            socket.close_later(code)

    def dispatch(self, name: str, body: Json) -> None:
        """Dispatch anything to every session, however wrong it is."""
        for session in self.sessions.values():
            session.dispatch(name, body)

    # -- events ------------------------------------------------------------------------------------

    def announce(self, event: Event) -> None:
        """Send an event to every session that may see it, unless a fault changes that."""
        if self._collected is not None:
            self._collected.append(event)
            return
        if self._faults.take(Kind.DROP, event.name):
            return
        if event.name == "MESSAGE_CREATE" and self._faults.take(Kind.EDIT_FIRST, event.name):
            self._held[event.body["id"]] = event
            return
        if self._faults.take(Kind.MALFORM, event.name):
            self.dispatch(event.name, {"id": event.body.get("id"), "author": None, "thread": None, "emoji": 7})
        self._deliver(event)
        if self._faults.take(Kind.DUPLICATE, event.name):
            self._deliver(event)
        if event.name == "MESSAGE_UPDATE" and (held := self._held.pop(event.body["id"], None)):
            self._deliver(held)

    def release_held(self) -> None:
        """Dispatch messages that were held back for an edit that never came."""
        while self._held:
            self._deliver(self._held.pop(next(iter(self._held))))

    @contextmanager
    def collecting(self) -> Iterator[list[Event]]:
        """Gather the events of a (synchronous) change instead of sending them; see ``send``."""
        collected: list[Event] = []
        self._collected = collected
        try:
            yield collected
        finally:
            self._collected = None

    def send(self, events: list[Event]) -> None:
        """Announce events that were gathered, each once."""
        while events:
            self.announce(events.pop(0))

    def interaction(self, app: App, body: Json) -> bool:
        """Dispatch an interaction to the app; False when it has no connection."""
        session = next((it for it in self.ready if it.app is app), None)
        if session is None:
            return False
        session.dispatch("INTERACTION_CREATE", body)
        return True

    def _deliver(self, event: Event) -> None:
        channel = self._guild.channels.get(event.channel_id)
        for session in self.sessions.values():
            if event.intent and not session.intents & event.intent:
                continue
            if channel is not None and not self._guild.can(session.app.bot, channel, "VIEW_CHANNEL"):
                continue
            body = event.body
            if event.name.startswith("MESSAGE") and not session.intents & CONTENT:
                body = without_content(body, session.app.bot.id)
            session.dispatch(event.name, body)

    def _broadcast(self, frame: Json) -> None:
        for socket in self.sockets:
            socket.send(frame)

    # -- connections -------------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Run one connection to its end."""
        if fault := self._faults.take(Kind.REFUSE_SOCKET, "gateway"):
            return web.Response(status=fault.status)
        ws = web.WebSocketResponse(timeout=1.0)
        await ws.prepare(request)
        self.opened += 1
        socket = Socket(self.opened, request, ws)
        writer = asyncio.create_task(socket.write(), name=f"discord socket {socket.number}")
        self.sockets.append(socket)
        interval = int(self._guild.settings.heartbeat_interval * 1000)
        socket.send({"op": HELLO, "d": {"heartbeat_interval": interval, "_trace": []}})
        try:
            async for frame in ws:
                if frame.type is web.WSMsgType.TEXT and not socket.mute:
                    self._receive(socket, json.loads(frame.data))
        finally:
            self.sockets.remove(socket)
            self._leave(socket, ws.close_code)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return ws

    def _receive(self, socket: Socket, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        if op == HEARTBEAT:
            socket.beats += 1
            socket.send({"op": ACK})
        elif op == IDENTIFY and isinstance(data, dict):
            self._identify(socket, data)
        elif op == RESUME and isinstance(data, dict):
            self._resume(socket, data)

    def _identify(self, socket: Socket, data: Json) -> None:
        app = next((app for app in self._guild.apps.values() if app.token == data.get("token")), None)
        if app is None:
            socket.close_later(4004)
            return
        wanted = {name for name, bit in PRIVILEGED.items() if data["intents"] & bit}
        if wanted - self._guild.settings.privileged:
            socket.close_later(4014)
            return
        session = Session(f"session-{next(self._numbers)}", app, data["intents"])
        self.sessions[session.id] = session
        session.socket = socket
        self.identified += 1
        session.dispatch("READY", self._hello(session))
        session.dispatch("GUILD_CREATE", self._guild.render(app.bot))

    def _hello(self, session: Session) -> Json:
        return {
            "v": 10,
            "user": session.app.bot.render() | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": self._guild.id, "unavailable": True}],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": f"{self._guild.site.replace('http', 'ws', 1)}/gateway",
            "application": {
                "id": session.app.id,
                "flags": session.app.render(self._guild.settings.privileged)["flags"],
            },
            "private_channels": [],
            "presences": [],
            "relationships": [],
            "_trace": [],
        }

    def _resume(self, socket: Socket, data: Json) -> None:
        session = self.sessions.get(data.get("session_id") or "")
        if session is None or session.over(self._guild.settings):
            socket.send({"op": INVALID, "d": False})
            return
        if session.socket is not None:
            session.socket.cut()
        self.resumed += 1
        session.replay(socket, int(data.get("seq") or 0))
        session.dispatch("RESUMED", {"_trace": []})

    def _leave(self, socket: Socket, code: int | None) -> None:
        for session in self._of(socket):
            session.socket = None
            session.left_at = self._guild.settings.clock()
            if code in (1000, 1001):
                session.lost = True

    def _of(self, socket: Socket) -> Iterable[Session]:
        return [session for session in self.sessions.values() if session.socket is socket]
