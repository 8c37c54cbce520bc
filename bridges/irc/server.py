"""The IRC server: what it is made of, who is here, and how what they say is executed."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from airchat.protocol.events import EventKind
from bridges.irc.accounts import scope
from bridges.irc.accounts.access import Access
from bridges.irc.aircd import dialect as aircd
from bridges.irc.causes import Cause, Causes, Causing
from bridges.irc.commands import all_commands, messages
from bridges.irc.config import IrcConfig
from bridges.irc.hub import Hub
from bridges.irc.log import members, moderation, tasks
from bridges.irc.log.feed import Feed
from bridges.irc.log.metadata import Metadata
from bridges.irc.log.replay import Replays
from bridges.irc.outgoing import Outgoing
from bridges.irc.presence.attendance import Attendance
from bridges.irc.presence.monitors import Monitors
from bridges.irc.presence.mutes import Mutes
from bridges.irc.presence.rooms import Room, Rooms
from bridges.irc.presence.tally import Tally
from bridges.irc.presence.users import User, Users
from bridges.irc.presence.whowas import Whowas
from bridges.irc.rules import Rules
from bridges.irc.session import Session
from bridges.irc.speech import batches
from bridges.irc.transport.departures import Departures
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.names import casefold
from hub.core.credentials import ACCESS

if TYPE_CHECKING:  # transports and services know the server
    from bridges.irc.transport.connection import Connection


class IrcServer:
    """One server on one hub. `start` before the first connection, `close` at the end."""

    def __init__(self, hub: Hub, config: IrcConfig) -> None:
        self.hub = hub
        self.config = config
        self.users = Users(hub.directory)
        self.rooms = Rooms(hub.directory, self.users)
        self.rules = Rules(self)
        self.feed = Feed(self)
        members.follow(self)
        moderation.follow(self)
        tasks.follow(self)
        self.access = Access(self)
        self.replays = Replays(self)
        self.attendance = Attendance(self)
        self.monitors = Monitors(self)
        self.metadata = Metadata(self)
        self.mutes = Mutes(hub)
        self.whowas = Whowas()
        self.departures = Departures()
        self.sessions: set[Session] = set()
        self.newcomers: set[Session] = set()
        self.tally = Tally()
        self.started_at = hub.clock()
        self.causes = Causes(hub.bus)
        self._reserved: set[str] = set()
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take over what the hub knows, and follow it from here on."""
        self.rooms.load()
        self.hub.bus.add_listener(self.mutes.observe, [EventKind.METADATA_CHANGED])
        self.hub.bus.add_listener(self.feed.observe)
        self.hub.bus.add_listener(self.access.observe, ACCESS)
        self._keepers = [
            asyncio.create_task(self.replays.run(), name="irc pings"),
            asyncio.create_task(self.access.run(), name="irc expiry"),
        ]

    async def close(self, reason: str = "The server is stopping; come back and go on where you were") -> None:
        """Say goodbye to everybody, and write down what they have read."""
        for session in list(self.sessions):
            session.end(reason)
            if session.user is not None and session.user.guest:
                self.attendance.detach(session, reason)
        for keeper in self._keepers:
            keeper.cancel()
        await self.replays.all_read()
        await self.attendance.settled()
        await self.hub.cursors.flush()

    def accept(self, connection: Connection) -> Session:
        """Return the session of a new connection."""
        session = Session(self, connection)
        self.sessions.add(session)
        self.newcomers.add(session)
        session.start()
        return session

    def now(self) -> int:
        """Return the time in microseconds."""
        return self.hub.clock()

    # Executing commands

    async def execute(self, session: Session, line: lines.Line) -> None:
        """Execute one line of a client."""
        self.replays.heard(session)
        if session.user is not None and session not in session.user.sessions:
            return  # it was ended by somebody else, and hears of it as soon as everybody has
        if "batch" in line.tags and batches.take(session, line):
            return
        entry = all_commands.COMMANDS.get(line.command)
        if session.aircd:
            entry = aircd.COMMANDS.get(line.command, entry)
        if entry is None:
            if session.user is None:
                session.reply(n.ERR_NOTREGISTERED, "You have not registered")
            else:
                session.reply(n.ERR_UNKNOWNCOMMAND, line.command, "Unknown command")
        elif session.user is None and not entry.early:
            session.reply(n.ERR_NOTREGISTERED, "You have not registered")
        elif session.login is not None and session.login.scope != "write" and not scope.only_reads(line):
            session.fail(line.command, "READ_ONLY", text="Your token may read, but not write")
        elif len(line.params) < entry.params:
            session.reply(n.ERR_NEEDMOREPARAMS, line.command, "Not enough parameters")
        else:
            if session.user is not None and line.command not in ("PING", "PONG"):
                session.user.idle_since = self.now()
            await entry.handler(session, line)

    def ahead(self, session: Session, line: lines.Line) -> Coroutine[Any, Any, None] | None:
        """Return what executes a line without waiting for those before it; None when it has to wait, as most have."""
        if session.user is None or session not in session.user.sessions or session.aircd:
            return None
        if session.login is not None and session.login.scope != "write":
            return None
        work = messages.ahead(session, line)
        if work is not None:
            self.replays.heard(session)
            session.user.idle_since = self.now()
        return work

    def registered(self, session: Session) -> User:
        """Return the user of a session that is registered."""
        if session.user is None:
            raise RuntimeError("the session is not registered")
        return session.user

    # Who caused what

    def causing(self, cause: Cause, session: Session) -> Causing:
        """Within, what the log tells of `cause` is this session's doing; at the end, all of it has been told."""
        return Causing(self.causes, cause, session)

    async def caught_up(self) -> None:
        """Return when all that clients have caused up to now can be seen, whoever it was."""
        await self.causes.over()

    def cause_of(self, *cause: object) -> Session | None:
        """Return whose present command made this happen."""
        return self.causes.of(cause)

    # Nicks

    def reserve(self, nick: str) -> None:
        """Keep a nick for somebody who is about to have it."""
        self._reserved.add(casefold(nick))

    def release(self, nick: str) -> None:
        """Give a nick free again."""
        self._reserved.discard(casefold(nick))

    def reserved(self, nick: str) -> bool:
        """Tell whether somebody is about to have the nick."""
        return casefold(nick) in self._reserved

    def renamed(self, session: Session | None, user: User, nick: str) -> None:
        """Show that somebody has another nick, by the doing of a session or of none."""
        out = Outgoing(lines.text("NICK", nick, source=user.mask), at=self.now())
        self.whowas.add(user, self.now())
        neighbours = self.neighbours(user)
        same = casefold(nick) == casefold(user.nick)
        if not same:
            self.monitors.went(user)
        self.users.rename(user, nick)
        for other in neighbours:
            other.deliver(out, caused=other is session)
        if not same:
            self.monitors.came(user)

    # Showing what the log does not tell

    def neighbours(self, user: User) -> set[Session]:
        """Return the sessions that see the user: of everybody they share a channel with, and their own."""
        found = set(user.sessions)
        for room in self.rooms.with_user(user):
            found.update(room.watchers(user))
        return found

    def tell_neighbours(self, user: User, out: Outgoing, capability: str | None = None, *, own: bool = False) -> None:
        """Show something about a user to whoever sees them, and to whoever watches them with extended-monitor."""
        watching = self.monitors.extended(user)
        for session in self.neighbours(user) | watching:
            if session.user is user and not own:
                continue
            if capability is None or session.has(capability):
                session.deliver(out)

    def show_away(self, user: User) -> None:
        """Tell whoever wants to know that somebody is away, or back."""
        text = user.away_text
        params = () if text is None else (text,)
        self.tell_neighbours(
            user, Outgoing(lines.text("AWAY", *params, source=user.mask), at=self.now()), "away-notify"
        )

    def author_tags(self, user: User) -> dict[str, str]:
        """Return the tags that say who somebody is."""
        tags = {} if user.account is None else {"account": user.account}
        return tags | ({"bot": ""} if user.bot else {})

    # What commands ask

    def visible_room(self, session: Session, name: str) -> Room | None:
        """Return the channel of that name, if the client may know of it."""
        room = self.rooms.by_name(name)
        if room is None or not self.rules.may_know(room, self.registered(session)):
            return None
        return room

    @staticmethod
    def same_secret(one: str, other: str) -> bool:
        """Compare secrets in constant time."""
        return hmac.compare_digest(one.encode(), other.encode())

    def audience_of(self, users: Iterable[User]) -> list[Session]:
        """Return the sessions of these users, each once."""
        return list(dict.fromkeys(session for user in users for session in user.sessions))
