"""Metadata as clients see it: short texts by key about people and channels, and who is told when they change.

Clients of draft/metadata-3 are told by numerics, those of draft/metadata-2 by METADATA.

https://ircv3.net/specs/extensions/metadata
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from airchat.protocol.channels import Channel
from airchat.protocol.errors import HubError
from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Principal
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # the server owns it
    from bridges.irc.presence.rooms import Room
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session
    from hub.core.metadata import Subject

CURRENT = "draft/metadata-3"
OLDER = "draft/metadata-2"
WANTED_KEYS = 50
VALUE_BYTES = 300
"""A value fits into one line with the longest names before it."""

_KIND = "metadata"
_CROWD = 500
"""Members of a channel whose values a client must ask for itself."""

_LATER_SECONDS = "3"


def speaks(session: Session) -> bool:
    """Tell whether the client knows of metadata."""
    return session.has(CURRENT) or session.has(OLDER)


def shown_value(value: str) -> str:
    """Return as much of a value as fits into a line."""
    return first(value, VALUE_BYTES)


def _told(session: Session, name: str, key: str, value: str | None) -> Outgoing:
    """Return how a client is told of a value it did not ask for."""
    if not session.has(CURRENT):
        text = lines.text("METADATA", name, key, "*", shown_value(value or ""), source=session.server_name)
        return Outgoing(text, at=session.server.now())
    if value is None:
        return session.numeric(n.RPL_KEYNOTSET, name, key, "key not set")
    return session.numeric(n.RPL_KEYVALUE, name, key, "*", shown_value(value))


class Metadata:
    """Tells clients of the values whose keys they want to follow."""

    def __init__(self, server: IrcServer) -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()
        server.feed.handle(EventKind.METADATA_CHANGED, self._changed)

    def name_of(self, subject: Subject) -> str:
        """Return what clients call a person or channel."""
        if isinstance(subject, Channel):
            room = self._server.rooms.of(subject.id)
            return room.name if room is not None else subject.name
        user = self._server.users.of(subject.id)
        return user.nick if user is not None else subject.name

    async def begin(self, session: Session) -> None:
        """Keep what a client set before it was registered, and show what is kept of its user."""
        if not speaks(session):
            return
        metadata, user = self._server.hub.metadata, self._server.registered(session)
        early, session.metadata_values = session.metadata_values, {}
        if early and session.login is not None and session.login.scope != "write":
            session.fail("METADATA", "READ_ONLY", text="Your token may read, but not write")
            early = {}
        for key, value in early.items():
            try:
                async with self._server.causing((EventKind.METADATA_CHANGED, user.principal.id), session):
                    await metadata.set(user.principal, user.principal, key, value)
            except HubError as error:
                session.fail("METADATA", "LIMIT_REACHED", user.nick, text=str(error))
        own = await metadata.get(user.principal, user.principal)
        with session.batch(_KIND, user.nick) as batch:
            for key, value in own.items():
                batch.send(_told(session, user.nick, key, value))

    async def catch_up(self, session: Session, keys: Iterable[str] | None = None) -> None:
        """Tell a client the values it follows, of its user's channels and everybody there; or of some keys only."""
        wanted = set(session.metadata_keys if keys is None else keys)
        if not wanted or not speaks(session):
            return
        user = self._server.registered(session)
        await self.sync(session, user.nick, [user.principal], wanted)
        for room in self._server.rooms.with_user(user):
            if len(room.members) > _CROWD:
                session.reply(n.RPL_METADATASYNCLATER, room.name, _LATER_SECONDS)
            else:
                await self.sync(session, room.name, self.subjects(session, room), wanted)

    def subjects(self, session: Session, room: Room) -> list[Subject]:
        """Return a channel and everybody in it whom the client sees."""
        viewer = self._server.registered(session)
        return [room.channel, *(user.principal for user in room.users() if room.shows(viewer, user))]

    async def sync(
        self, session: Session, name: str, subjects: Sequence[Subject], keys: set[str], *, always: bool = False
    ) -> None:
        """Send the values of these keys in a batch about `name`; an empty one only if `always`."""
        told = await self._values(session, subjects, keys)
        if not told and not always:
            return
        with session.batch(_KIND, name) as batch:
            for out in told:
                batch.send(out)

    async def _values(self, session: Session, subjects: Sequence[Subject], keys: set[str]) -> list[Outgoing]:
        actor = self._server.registered(session).principal
        found = await self._server.hub.metadata.of(actor, subjects, keys)
        return [
            _told(session, self.name_of(subject), key, value)
            for subject in subjects
            for key, value in found.get(subject.id, {}).items()
        ]

    # What happens to others

    def _changed(self, event: Event, row: dict[str, Any]) -> None:
        subject = self._subject(row["subject"])
        if subject is None or event.recipient_id is not None:  # private ones are nobody else's
            return
        cause = self._server.cause_of(event.kind, subject.id)
        name, key = self.name_of(subject), row["key"]
        for session in self._watching(subject):
            if session is not cause and key in session.metadata_keys and speaks(session):
                session.deliver(_told(session, name, key, row["value"]))

    def _subject(self, subject_id: str) -> Subject | None:
        directory = self._server.hub.directory
        return directory.principal(subject_id) or directory.channel(subject_id)

    def _watching(self, subject: Subject) -> Iterable[Session]:
        if isinstance(subject, Principal):
            user = self._server.users.of(subject.id)
            return self._server.neighbours(user) | self._server.monitors.watching(user) if user is not None else ()
        room = self._server.rooms.of(subject.id)
        return room.audience() if room is not None else ()

    def joined(self, room: Room, user: User) -> None:
        """Tell somebody who came into a channel what they follow there, and those in it what they follow of them."""
        told = _followers(room.watchers(user))
        if told:
            self._begin(self._introduce(room, user, told), room.name)

    def came(self, user: User, watching: Iterable[Session]) -> None:
        """Tell those who watch for somebody that is here now what they follow of them."""
        told = _followers(watching)
        if told:
            self._begin(self._tell_of(user, told), user.nick)

    async def watched(self, session: Session, users: Sequence[User]) -> None:
        """Tell a client that begins to watch for these what it follows of them."""
        for follower in _followers([session]):
            for out in await self._values(follower, [user.principal for user in users], set(follower.metadata_keys)):
                follower.send(out)

    def _begin(self, telling: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(telling, name=f"irc metadata of {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until everybody was told of whoever joined."""
        if self._tasks:
            await asyncio.gather(*self._tasks)

    async def _introduce(self, room: Room, user: User, told: Sequence[Session]) -> None:
        await self._tell_of(user, [session for session in told if session.user is not user])
        for session in told:
            if session.user is not user:
                continue
            if len(room.members) > _CROWD:
                session.deliver(session.numeric(n.RPL_METADATASYNCLATER, room.name, _LATER_SECONDS))
            else:
                for out in await self._values(session, self.subjects(session, room), set(session.metadata_keys)):
                    session.deliver(out)

    async def _tell_of(self, user: User, told: Sequence[Session]) -> None:
        wanted = {key for session in told for key in session.metadata_keys}
        own = await self._server.hub.metadata.of(user.principal, [user.principal], wanted)
        for session in told:
            for key, value in own.get(user.principal.id, {}).items():
                if key in session.metadata_keys:
                    session.deliver(_told(session, user.nick, key, value))


def _followers(sessions: Iterable[Session]) -> list[Session]:
    """Return those of the sessions that follow any key."""
    return [session for session in sessions if session.metadata_keys and speaks(session)]


async def show_profile(session: Session, user: User) -> None:
    """Send what is kept of somebody as a part of WHOIS, to clients that know of metadata."""
    if not speaks(session):
        return
    actor = session.server.registered(session).principal
    for key, value in (await session.server.hub.metadata.get(actor, user.principal)).items():
        session.reply(n.RPL_WHOISKEYVALUE, user.nick, key, "*", shown_value(value))
