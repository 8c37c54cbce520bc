"""REDACT: taking back what was said.

https://ircv3.net/specs/extensions/message-redaction
"""

from airchat.protocol.errors import Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventKind
from bridges.irc.commands.table import command
from bridges.irc.log.targets import channel_of
from bridges.irc.session import Session
from bridges.irc.wire.lines import Line


@command("REDACT", 2)
async def redact(session: Session, line: Line) -> None:
    """Delete a message: one's own, or as one of the channel's operators anybody's."""
    target, msgid = line.params[:2]
    reason = line.params[2] if len(line.params) > 2 else None
    server, actor = session.server, session.server.registered(session).principal
    channel = channel_of(session, target)
    if channel is None:
        session.fail("REDACT", "INVALID_TARGET", target, text="There is nothing you may delete")
        return
    try:
        place = await server.hub.history.locate(actor, msgid)
        if place.channel.id != channel.id:
            raise NotFound("There is no such message here")
        async with server.causing((EventKind.MESSAGE_DELETED, actor.id, channel.id), session):
            await server.hub.messages.delete(actor, msgid, reason)
    except NotFound:
        session.fail("REDACT", "UNKNOWN_MSGID", target, msgid, text="There is no such message here")
    except Forbidden:
        session.fail("REDACT", "REDACT_FORBIDDEN", target, msgid, text="It is not yours, and you are no operator here")
    except InvalidInput as error:
        session.fail("REDACT", "INVALID_PARAMS", target, msgid, text=str(error))
