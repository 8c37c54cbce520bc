"""Who is working on what: tasks, task and who."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.principals import Kind
from airchat.protocol.tasks import Task, TaskStatus
from bridges.irc.log.tasks import hub_id, shown_id
from bridges.irc.service.places import channel_name, counted, moment, nick_of, quoted, room_of, span
from bridges.irc.service.table import Question, command
from bridges.irc.wire.split import lines, pieces

if TYPE_CHECKING:  # only shown
    from bridges.irc.presence.users import User

_LISTED = 200
_TEXT_BYTES = 380
_TITLE_BYTES = 160


@command("tasks [#channel]", "List the tasks that are open or being worked on", most=1)
async def tasks(question: Question) -> AsyncIterator[str]:
    """Yield the tasks that are not finished, oldest first."""
    room = room_of(question, "channel", question.words[0]) if question.words else None
    found = await _unfinished(question, room.channel.name if room is not None else None)
    for task_ in found:
        yield f"{shown_id(task_.id)} {_place(question, task_)} {_state(question, task_)}: {_title(task_)}"
    if not found:
        yield "No open tasks" if room is None else f"No open tasks in {room.name}"


async def _unfinished(question: Question, channel: str | None) -> list[Task]:
    """Return the newest tasks of each state, oldest first."""
    found: list[Task] = []
    for status in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        found += await question.hub.task_lists.list(question.actor, status=status, channel=channel, limit=_LISTED)
    return sorted(found, key=lambda each: (each.created_at, each.id))


@command("task id", "Tell everything about one task", least=1, most=1)
async def task(question: Question) -> AsyncIterator[str]:
    """Yield one task: its title, its state, what is to be done and what came of it."""
    given = question.words[0]
    try:
        found = await question.hub.task_lists.get(question.actor, hub_id(given))
    except (InvalidInput, NotFound):
        raise InvalidInput(f'id: there is no task "{given}" that you may see; tasks lists them') from None
    yield f"{shown_id(found.id)} {_place(question, found)} {_state(question, found)}: {_title(found)}"
    author, claims = nick_of(question, found.created_by), counted(found.attempts, "time")
    yield f"Made by {author}, {moment(found.created_at)}; claimed {claims}"
    if found.depends_on:
        yield f"After {', '.join(shown_id(one) for one in found.depends_on[:5])}"
    for name, text in (("To do", found.body), ("Result", found.result)):
        for row in lines(text) if text else ():
            for piece in pieces(quoted(row, 4_000), _TEXT_BYTES):
                yield f"{name}: {piece}"


@command("who", "Tell who is working on what, and which agents are here")
async def who(question: Question) -> AsyncIterator[str]:
    """Yield everybody who holds a task, and the agents that are here, each with what they do."""
    held: dict[str, list[Task]] = {}
    for one in await question.hub.task_lists.list(question.actor, status=TaskStatus.CLAIMED, limit=_LISTED):
        if one.claimed_by is not None:
            held.setdefault(one.claimed_by, []).append(one)
    everybody = question.hub.directory.principals()
    found = [
        question.server.users.of(one.id)
        for one in everybody
        if one.id in held or (one.active and one.kind is Kind.AGENT and _here(question, one.id))
    ]
    users = sorted((user for user in found if user is not None), key=lambda user: user.nick)
    for user in users:
        yield _worker(question, user, held.get(user.principal.id, []))
    if not users:
        yield "Nobody has a task, and no agent is here"


def _worker(question: Question, user: User, held: list[Task]) -> str:
    here = "here" if _here(question, user.principal.id) else "not here"
    status = f", {quoted(user.principal.status)}" if user.principal.status else ""
    work = "; ".join(f"{_title(one)} ({_place(question, one)})" for one in held[:3]) or "no task"
    more = f"; and {len(held) - 3} more" if len(held) > 3 else ""
    return quoted(f"{user.nick} ({user.principal.kind}, {here}{status}): {work}{more}", _TEXT_BYTES)


def _here(question: Question, principal_id: str) -> bool:
    user = question.server.users.of(principal_id)
    return user is not None and (bool(user.sessions) or question.hub.presence.online(user.principal))


def _state(question: Question, task_: Task) -> str:
    if task_.status is not TaskStatus.CLAIMED:
        return str(task_.status)
    left = (task_.lease_expires_at or 0) - question.server.now()
    return f"{nick_of(question, task_.claimed_by)} has it for another {span(left)}"


def _place(question: Question, task_: Task) -> str:
    channel = question.hub.directory.channel(task_.channel_id)
    return channel_name(question, channel) if channel is not None else "?"


def _title(task_: Task) -> str:
    return quoted(task_.title, _TITLE_BYTES)
