"""AUTHENTICATE: logging in by SASL, before registration and after.

https://ircv3.net/specs/extensions/sasl-3.2
"""

from airchat.protocol.errors import HubError
from bridges.irc.accounts import sasl
from bridges.irc.accounts.identity import log_in
from bridges.irc.accounts.login import Login
from bridges.irc.commands.table import command
from bridges.irc.session import Session
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line


@command("AUTHENTICATE", 1, early=True)
async def authenticate(session: Session, line: Line) -> None:
    """Begin an attempt with a mechanism's name, go on with its data, or give up with `*`."""
    word, conversation = line.params[0], session.conversation
    if word == "*":
        session.conversation = None
        session.reply(n.ERR_SASLABORTED, "SASL authentication aborted")
    elif conversation is None:
        _begin(session, word.upper())
    else:
        await _go_on(session, conversation, word)


def _begin(session: Session, name: str) -> None:
    connection = session.connection
    usable = sasl.mechanisms(connection.certificate)
    if name not in usable:
        session.reply(n.RPL_SASLMECHS, ",".join(usable), "are available SASL mechanisms")
        _fail(session, "SASL authentication failed: unknown mechanism")
        return
    mechanism = sasl.MECHANISMS[name](session.server.hub.accounts, connection.address, connection.certificate)
    session.conversation = sasl.Conversation(mechanism)
    session.command("AUTHENTICATE", "+")


async def _go_on(session: Session, conversation: sasl.Conversation, chunk: str) -> None:
    try:
        answer = await conversation.take(chunk)
    except sasl.ChunkTooLong:
        session.conversation = None
        session.reply(n.ERR_SASLTOOLONG, "SASL message too long")
        return
    except HubError as error:
        _fail(session, f"SASL authentication failed: {error}")
        return
    if isinstance(answer, Login):
        session.conversation = None
        await log_in(session, answer, sasl=True)
    elif answer is not None:
        for part in sasl.chunks(answer):
            session.command("AUTHENTICATE", part)


def _fail(session: Session, text: str) -> None:
    session.conversation = None
    session.reply(n.ERR_SASLFAIL, text)
