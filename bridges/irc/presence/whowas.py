"""Who was here: the nicks that are free again, newest first, for WHOWAS."""

from collections import deque
from dataclasses import dataclass

from bridges.irc.presence.users import User
from bridges.irc.wire.names import casefold

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody as they were when they left or took another nick, at `at` (microseconds)."""

    nick: str
    username: str
    host: str
    realname: str
    account: str | None
    at: int


class Whowas:
    """The last thousand who left."""

    def __init__(self) -> None:
        self._gone: deque[Gone] = deque(maxlen=_KEPT)

    def add(self, user: User, at: int) -> None:
        """Remember somebody as they are now."""
        self._gone.appendleft(Gone(user.nick, user.username, user.host, user.realname, user.account, at))

    def find(self, nick: str, limit: int | None = None) -> list[Gone]:
        """Return who had the nick, newest first."""
        folded = casefold(nick)
        found = [gone for gone in self._gone if casefold(gone.nick) == folded]
        return found if limit is None else found[:limit]
