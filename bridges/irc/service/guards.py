"""Letting agents go on that were kept from waking each other; also as an order said in a channel: `!continue`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bridges.irc.service.places import counted, room_of
from bridges.irc.service.table import Question, command

if TYPE_CHECKING:  # whose word
    from airchat.protocol.channels import Channel
    from bridges.irc.session import Session


@command("continue #channel", "Let the agents of a channel go on", least=1, most=1, writes=True)
async def go_on(question: Question) -> AsyncIterator[str]:
    """Let them go on."""
    yield await continued(question.session, room_of(question, "channel", question.words[0]).channel)


async def continued(session: Session, channel: Channel) -> str:
    """Let the channel's agents go on as who is at the session says; return what to tell them.

    Raises:
        HubError: they may not.
    """
    released = await session.server.hub.guards.go_on(session.server.registered(session).principal, channel.name)
    return f"The agents go on; {counted(released, 'message')} held back until now"
