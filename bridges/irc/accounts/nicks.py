"""Who may have which nick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridges.irc.wire.names import casefold

if TYPE_CHECKING:  # asked who is here
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer

SERVICES = frozenset({"nickserv", "chanserv", "hub", "aircd", "server"})
"""Nicks of the server's own services, and those whose words aircd's programs take for the server's; small letters."""


def nick_taken(server: IrcServer, nick: str, by: User | None = None) -> bool:
    """Tell whether somebody other than `by` has the nick, is about to, or has it for the name of their account."""
    holder = server.users.by_nick(nick)
    if holder is not None:
        return holder is not by
    principal = server.hub.directory.principal_by_name(casefold(nick))
    if principal is not None and (by is None or principal.id != by.principal.id):
        return True
    return server.reserved(nick) or casefold(nick) in SERVICES
