"""Who may have which nick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airchat.protocol.names import is_reserved
from bridges.irc.wire.names import casefold, is_free_nick

if TYPE_CHECKING:  # asked who is here
    from bridges.irc.presence.users import User
    from bridges.irc.server import IrcServer


def can_be_called(nick: str, user: User) -> bool:
    """Tell whether the user may have a nick of this form; an account may always have its own name."""
    return is_free_nick(nick) or (not user.guest and casefold(nick) == user.principal.name)


def nick_taken(server: IrcServer, nick: str, by: User | None = None) -> bool:
    """Tell whether somebody other than `by` has the nick, is about to, or has it for the name of their account.

    Names that nobody can register are the hub's own, or services': whoever had one would be taken for it.
    """
    holder = server.users.by_nick(nick)
    if holder is not None:
        return holder is not by
    principal = server.hub.directory.principal_by_name(casefold(nick))
    if principal is not None and (by is None or principal.id != by.principal.id):
        return True
    return server.reserved(nick) or is_reserved(casefold(nick))
