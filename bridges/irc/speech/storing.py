"""Words and tags on their way into the hub. Who hears of them, the sender too, hears it from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.errors import NotFound
from airchat.protocol.events import EventKind
from airchat.protocol.ids import new_id
from bridges.irc.presence.rooms import Room
from bridges.irc.speech.said import REACTIONS, Said

if TYPE_CHECKING:  # whose words, and where
    from airchat.protocol.channels import Channel
    from bridges.irc.presence.users import User
    from bridges.irc.session import Session


async def post(session: Session, said: Said, place: Room | User) -> tuple[str, ...]:
    """Post what a client says to a channel or to somebody; return the kinds of secrets that were taken out of it.

    Raises:
        HubError: the hub refuses it.
    """
    server, user = session.server, session.server.registered(session)
    hub, actor = server.hub, user.principal
    message_id = new_id(server.now())
    display = user.nick if user.nick != actor.name else None
    details = said.details(user)
    async with server.causing(("message", message_id), session):
        if not isinstance(place, Room):
            posted = await hub.messages.direct(
                actor,
                place.principal.name,
                said.plain,
                door=details,
                author_display=display,
                message_id=message_id,
                verbatim=True,
            )
            return posted.redacted
        posted = await hub.messages.post(
            actor,
            place.channel.name,
            said.plain,
            parent_id=await _parent(session, said, place.channel),
            door=details,
            author_display=display,
            message_id=message_id,
            source=user.mask,
            verbatim=True,
        )
        return posted.redacted


async def channel_of(session: Session, place: Room | User) -> Channel:
    """Return the channel in which a client talks to others, or to somebody."""
    if isinstance(place, Room):
        return place.channel
    user = session.server.registered(session)
    return await session.server.hub.channels.direct_between(user.principal, place.principal)


async def post_tags(session: Session, said: Said, place: Room | User) -> tuple[str, ...]:
    """Keep tags in the log: as a reaction when they are one to a message of the hub. Returns and raises as `post`."""
    channel = await channel_of(session, place)
    server, user = session.server, session.server.registered(session)
    hub = server.hub
    name = next((name for name in REACTIONS if name in said.tags), None)
    if name is not None and said.reply_to is not None and await _is_in(session, said.reply_to, channel):
        adds = REACTIONS[name]
        kind = EventKind.REACTION_ADDED if adds else EventKind.REACTION_REMOVED
        react = hub.reactions.add if adds else hub.reactions.remove
        async with server.causing((kind, user.principal.id, channel.id), session):
            await react(user.principal, said.reply_to, said.tags[name])
        return ()
    details = Said("TAGMSG", "", {}).details(user) or {}
    async with server.causing((EventKind.MESSAGE_TAGGED, user.principal.id, channel.id), session):
        await hub.tags.post(user.principal, channel, said.lasting_tags, details)
    return ()


async def _is_in(session: Session, message_id: str, channel: Channel) -> bool:
    try:
        place = await session.server.hub.history.locate(session.server.registered(session).principal, message_id)
    except NotFound:
        return False
    return place.channel.id == channel.id


async def _parent(session: Session, said: Said, channel: Channel) -> str | None:
    """Return the message that this answers, if it is one of this channel."""
    if said.reply_to is None:
        return None
    return said.reply_to if await _is_in(session, said.reply_to, channel) else None
