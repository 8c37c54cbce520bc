"""One's own account: whoami, mute and unmute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput
from airchat.protocol.principals import Kind
from bridges.irc.presence.mutes import LIMIT
from bridges.irc.service.places import counted, moment, nick_of, room_of, user_of
from bridges.irc.service.table import Question, command, require_write

if TYPE_CHECKING:  # only shown
    from bridges.irc.presence.users import User


@command("whoami", "Tell who you are to the hub, and how you are connected")
async def whoami(question: Question) -> AsyncIterator[str]:
    """Yield what the hub knows of the asker."""
    user, actor = question.user, question.actor
    if user.guest:
        yield f"You are {user.nick}, a guest with the rights of a {actor.role}; you are gone when you disconnect"
    else:
        yield f"You are {user.nick}: the account {actor.name}, {_kind(user)} with the role {actor.role}"
    device = f"as the device {question.session.device}" if question.session.device else "without a device's name"
    secure = "over TLS" if question.session.connection.secure else "in the clear"
    yield f"This connection is {secure}, {device}; you have {counted(len(user.sessions), 'connection')}"
    credential = question.session.login.credential if question.session.login is not None else None
    if credential is not None:
        until = "without an end" if credential.expires_at is None else f"until {moment(credential.expires_at)}"
        yield f'You logged in with "{credential.slot}", which may {credential.scope}, {until}'
    channels = counted(len(question.server.rooms.with_user(user)), "channel")
    yield f"You are in {channels} and have muted {_muted(question)}"


def _kind(user: User) -> str:
    kind = user.principal.kind
    return f"an {kind}" if kind is Kind.AGENT else f"a {kind}"


@command("mute [#channel|nick]", "Hide messages of a channel or of somebody; alone, tell what you have muted", most=1)
async def mute(question: Question) -> AsyncIterator[str]:
    """Mute something and say so, or yield what is muted."""
    if not question.words:
        yield f"You have muted {_muted(question)}"
        return
    require_write(question.session)
    text = question.words[0]
    target_id = _target_id(question, text)
    if target_id == question.actor.id:
        raise InvalidInput("nick: you cannot mute yourself")
    new = await question.server.mutes.change(question.user, target_id, muted=True)
    yield (
        f"Messages of {text} are not shown to you any more; undo it with: unmute {text}"
        if new
        else (f"{text} was muted already")
    )


@command("unmute #channel|nick", "Show the messages of a channel or of somebody again", least=1, most=1)
async def unmute(question: Question) -> AsyncIterator[str]:
    """Take a mute back and say so."""
    require_write(question.session)
    text = question.words[0]
    was = await question.server.mutes.change(question.user, _target_id(question, text), muted=False)
    yield f"Messages of {text} are shown to you again; read shows what you missed" if was else f"{text} was not muted"


def _target_id(question: Question, text: str) -> str:
    if text.startswith("#"):
        return room_of(question, "channel", text).channel.id
    return user_of(question, "nick", text).principal.id


def _muted(question: Question) -> str:
    found = []
    for target_id in question.server.mutes.of(question.user):
        room = question.server.rooms.of(target_id)
        found.append(room.name if room is not None else nick_of(question, target_id))
    shown = ", ".join(found[:10]) + (f" and {len(found) - 10} more" if len(found) > 10 else "")
    return f"{shown} ({len(found)} of at most {LIMIT})" if found else "nothing"
