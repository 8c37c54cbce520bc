"""What a client is told when it is registered: who it is, what the server can do, where it is, what it missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.timestamps import to_iso
from bridges.irc.joining import show_join
from bridges.irc.speech.pace import wait_for_reader
from bridges.irc.support import rows
from bridges.irc.wire import modes
from bridges.irc.wire import numerics as n

if TYPE_CHECKING:  # sessions are welcomed
    from bridges.irc.session import Session


EXTENDED = "draft/extended-isupport"
"""https://ircv3.net/specs/extensions/extended-isupport"""


async def welcome(session: Session) -> None:
    """Send the burst that ends registration, then the user's channels, then what they missed."""
    server, user = session.server, session.server.registered(session)
    config = server.config
    session.reply(n.RPL_WELCOME, f"Welcome to the {config.network} network, {user.nick}")
    if not session.aircd:
        session.reply(n.RPL_YOURHOST, f"Your host is {config.server_name}, running {config.version}")
        session.reply(n.RPL_CREATED, f"This server was created {to_iso(server.started_at)}")
        session.reply(
            n.RPL_MYINFO, config.server_name, "AirChat", modes.USER.letters, modes.CHANNEL.letters, modes.CHANNEL.valued
        )
        show_support(session)
        show_lusers(session)
        await server.metadata.begin(session)
        show_motd(session)
    for room in server.rooms.with_user(user):
        show_join(session, room)
        await wait_for_reader(session)
    await server.metadata.catch_up(session)
    await server.replays.begin(session)


def show_support(session: Session) -> None:
    """Send what the server supports: numeric 005, in a batch for clients that know of it."""
    told = rows(session.server.config)
    if not session.has(EXTENDED):
        for row in told:
            session.reply(n.RPL_ISUPPORT, *row)
        return
    with session.batch("draft/isupport") as batch:
        for row in told:
            batch.reply(n.RPL_ISUPPORT, *row)


def show_lusers(session: Session) -> None:
    """Send how many are here."""
    server = session.server
    tally = server.tally
    count, hidden, most = tally.count, tally.modes["i"], tally.most
    unknown = sum(1 for one in server.newcomers if not one.closing)
    session.reply(n.RPL_LUSERCLIENT, f"There are {count - hidden} users and {hidden} invisible on 1 servers")
    session.reply(n.RPL_LUSEROP, str(tally.modes["o"]), "IRC Operators online")
    session.reply(n.RPL_LUSERUNKNOWN, str(unknown), "unregistered connections")
    session.reply(n.RPL_LUSERCHANNELS, str(len(server.rooms)), "channels formed")
    session.reply(n.RPL_LUSERME, f"I have {count} clients and 0 servers")
    session.reply(n.RPL_LOCALUSERS, str(count), str(most), f"Current local users {count}, max {most}")
    session.reply(n.RPL_GLOBALUSERS, str(count), str(most), f"Current global users {count}, max {most}")


def show_motd(session: Session) -> None:
    """Send the message of the day."""
    config = session.server.config
    if not config.motd:
        session.reply(n.ERR_NOMOTD, "There is no message of the day")
        return
    session.reply(n.RPL_MOTDSTART, f"- {config.server_name} Message of the day - ")
    for row in config.motd:
        session.reply(n.RPL_MOTD, f"- {row}")
    session.reply(n.RPL_ENDOFMOTD, "End of /MOTD command")
