"""Who is on the server: one `User` per principal, with any number of sessions, and the registry that finds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airchat.protocol.principals import Kind, Principal
from bridges.irc.wire.names import casefold
from hub.core.guests import is_guest

if TYPE_CHECKING:  # they refer to each other
    from bridges.irc.session import Session
    from hub.core.directory import Directory

HUB_HOST = "hub"
AWAY_OFFLINE = "offline"
ABSENT = "*"
"""What a session says for AWAY that is nobody's presence, such as a client that only fetches what was missed."""

_ACCEPTED = 100
_USERNAMES = {Kind.AGENT: "agent", Kind.PERSON: "person", Kind.GHOST: "ghost", Kind.SYSTEM: "system"}


class User:
    """Somebody as IRC clients see them. Times are in microseconds.

    `account` is the name they are logged in to, None for guests. Accounts stay when their last session ends; guests go.
    `accepted` are the principals who may write to them though they take messages from accounts alone.
    """

    def __init__(self, principal: Principal, nick: str, *, account: str | None, username: str, host: str) -> None:
        self.principal = principal
        self.nick = nick
        self.account = account
        self.username = username
        self.host = host
        self.realname = principal.display_name or nick
        self.sessions: list[Session] = []
        self.modes: set[str] = set()
        self.accepted: dict[str, None] = {}
        self.markers: dict[str, int] = {}
        self.signed_on = 0
        self.idle_since = 0

    @property
    def mask(self) -> str:
        """Return `nick!user@host`."""
        return f"{self.nick}!{self.username}@{self.host}"

    @property
    def guest(self) -> bool:
        """Whether they have no account and go with their connection."""
        return self.account is None

    @property
    def bot(self) -> bool:
        """Whether clients mark them as a bot."""
        return self.principal.automatic or "B" in self.modes

    @property
    def away_text(self) -> str | None:
        """Return why they are away, None when they are here: away are those all of whose sessions are."""
        texts = [session.away for session in self.sessions]
        if texts and None in texts:
            return None
        return next((text for text in reversed(texts) if text not in (None, ABSENT)), AWAY_OFFLINE)

    @property
    def operator(self) -> bool:
        """Whether they have the rights of a server operator now."""
        return "o" in self.modes

    def accept(self, other: User) -> None:
        """Let somebody write to them whatever their modes; too many of those end the oldest."""
        self.accepted[other.principal.id] = None
        if len(self.accepted) > _ACCEPTED:
            del self.accepted[next(iter(self.accepted))]


def account_user(principal: Principal) -> User:
    """Return the user for a principal that is known to the hub, with or without a session."""
    kind = _USERNAMES[principal.kind]
    account = spelled(principal) if principal.kind in (Kind.AGENT, Kind.PERSON) else None
    nick = (is_guest(principal) and principal.display_name) or principal.name
    return User(principal, nick, account=account, username=kind, host=f"{principal.name}.{kind}")


def spelled(principal: Principal) -> str:
    """Return the principal's name, in the spelling in which it is shown where that differs in case alone."""
    shown = principal.display_name or ""
    return shown if casefold(shown) == principal.name else principal.name


def guest_user(principal: Principal, nick: str, username: str, place: str) -> User:
    """Return the user for somebody without an account; `place` says whether two come from one address, not which."""
    return User(principal, nick, account=None, username=username, host=f"{place}.guest")


class Users:
    """Everybody, by principal and by nick."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._by_id: dict[str, User] = {}
        self._by_nick: dict[str, User] = {}

    def of(self, principal_id: str) -> User | None:
        """Return the user for a principal, made on first sight; None when the hub does not know it."""
        user = self._by_id.get(principal_id)
        if user is None:
            principal = self._directory.principal(principal_id)
            if principal is None:
                return None
            user = account_user(principal)
            self._by_id[principal_id] = user
            if user.guest and principal.active:
                self._find_by_nick(user)
        return user

    def by_nick(self, nick: str) -> User | None:
        """Return whoever has the nick, else the active principal of that name, whatever its nick is."""
        folded = casefold(nick)
        user = self._by_nick.get(folded)
        if user is not None and (user.sessions or user.principal.active):
            return user
        principal = self._directory.principal_by_name(folded)
        if principal is None or not principal.active or principal.kind is Kind.SYSTEM:
            return None
        return self.of(principal.id)

    def named(self, nick: str) -> User | None:
        """Return whoever has the nick, whether or not there is an account of that name."""
        return self._by_nick.get(casefold(nick))

    def online(self) -> Iterator[User]:
        """Yield everybody with a session."""
        return (user for user in list(self._by_nick.values()) if user.sessions)

    def enter(self, user: User) -> None:
        """Take in somebody who is here now, under their nick."""
        self._by_id[user.principal.id] = user
        self._by_nick[casefold(user.nick)] = user

    def rename(self, user: User, nick: str) -> None:
        """Give somebody another nick."""
        self._free(user)
        user.nick = nick
        self.enter(user)

    def renamed_elsewhere(self, user: User, nick: str) -> None:
        """Follow a guest of another hub to a nick, which somebody may have here."""
        self._free(user)
        user.nick = nick
        self._find_by_nick(user)

    def leave(self, user: User) -> None:
        """Forget a guest who is gone; somebody with an account is still a member of channels, and keeps their nick."""
        if user.guest:
            self._free(user)
            self._by_id.pop(user.principal.id, None)

    def present(self, principal_id: str) -> User | None:
        """Return the user for a principal if anybody has looked at it."""
        return self._by_id.get(principal_id)

    def _find_by_nick(self, user: User) -> None:
        holder = self._by_nick.get(casefold(user.nick))
        if holder is None or not (holder.sessions or holder.principal.active):
            self._by_nick[casefold(user.nick)] = user

    def _free(self, user: User) -> None:
        if self._by_nick.get(casefold(user.nick)) is user:
            del self._by_nick[casefold(user.nick)]

    def refresh(self, principal: Principal) -> None:
        """Follow a change of a principal."""
        user = self._by_id.get(principal.id)
        if user is not None:
            user.principal = principal
