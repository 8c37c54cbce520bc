"""How clients see tasks: a notice in the channel for everything that happens to one, whoever made it happen.

The texts and tags are those of aircd, whose clients read them; tasks end, lapse and have fences here as well.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from airchat.protocol.events import Event, EventKind
from airchat.protocol.principals import Kind
from bridges.irc.log.happenings import event_id, one_line
from bridges.irc.outgoing import Outgoing
from bridges.irc.wire import lines
from bridges.irc.wire.split import first

if TYPE_CHECKING:  # only looked at
    from airchat.protocol.tasks import Task
    from bridges.irc.presence.rooms import Room
    from bridges.irc.server import IrcServer
    from bridges.irc.session import Session

DIALECT_SERVER = "aircd"
"""What the server calls itself to clients of aircd's dialect."""

DONE = "Done."
"""The result of a task that was finished without one."""

TASK_KINDS = (
    EventKind.TASK_CREATED,
    EventKind.TASK_CLAIMED,
    EventKind.TASK_RELEASED,
    EventKind.TASK_LAPSED,
    EventKind.TASK_COMPLETED,
    EventKind.TASK_CANCELLED,
)
"""What is shown of tasks; that a claim was renewed concerns nobody but its holder."""

DIALECT_KINDS = tuple(kind for kind in TASK_KINDS if kind is not EventKind.TASK_LAPSED)
"""What is shown to clients of aircd's dialect: there a lease ends without a word, and each costs an agent a turn."""

_PREFIX = "task_"
_HEX = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Words:
    """How a change is called in tags and texts."""

    action: str
    verb: str


_WORDS = {
    EventKind.TASK_CREATED: _Words("create", "created"),
    EventKind.TASK_CLAIMED: _Words("claim", "claimed"),
    EventKind.TASK_RELEASED: _Words("release", "released"),
    EventKind.TASK_LAPSED: _Words("lapse", "lapsed"),
    EventKind.TASK_COMPLETED: _Words("done", "completed"),
    EventKind.TASK_CANCELLED: _Words("cancel", "cancelled"),
}


def shown_id(task_id: str) -> str:
    """Return the task's id as IRC clients know it: `task_` and 32 hex digits."""
    return _PREFIX + task_id.replace("-", "")


def hub_id(text: str) -> str:
    """Return the hub's id for what a client says: its own form or the hub's; other texts as they are."""
    digits = text.removeprefix(_PREFIX).replace("-", "").lower()
    return str(uuid.UUID(digits)) if _HEX.fullmatch(digits) else text


def success_text(task_id: str, verb: str, actor: str | None, title: str) -> str:
    """Return what a notice says of a change; nobody makes a lease lapse."""
    by = f" by {actor}" if actor is not None else ""
    return f"TASK {shown_id(task_id)} {verb}{by}: {one_line(title)}"


def task_tags(task_id: str, action: str, status: str, actor: str, **more: str) -> dict[str, str]:
    """Return the tags by which programs read a notice about a task; `task_id` as clients know it."""
    return {"task-id": task_id, "task-action": action, "task-status": status, "task-actor": actor, **more}


def changed_tags(task: Task, action: str, actor: str) -> dict[str, str]:
    """Return the tags of a change that succeeded."""
    fence = {"task-fence": str(task.fence)} if task.fence else {}
    return task_tags(shown_id(task.id), action, "success", actor, **{"task-title": one_line(task.title)}, **fence)


@dataclass(frozen=True, slots=True)
class TaskNotice:
    """A notice about a task: one line for clients of the dialect, one for everybody else."""

    dialect: Outgoing
    standard: Outgoing

    def out_for(self, session: Session) -> Outgoing:
        """Return the line for this client."""
        return self.dialect if session.aircd else self.standard


def notice(server: IrcServer, target: str, event: Event, row: dict[str, Any], *, past: bool = False) -> TaskNotice:
    """Return what clients see of an event of TASK_KINDS, now or as part of the past."""
    words, actor = _WORDS[event.kind], _actor(server, event)
    text = success_text(row["id"], words.verb, actor, row["title"])
    more = {"task-title": one_line(row["title"])}
    if row.get("fence"):
        more["task-fence"] = str(row["fence"])
    tags = task_tags(shown_id(row["id"]), words.action, "success", actor or DIALECT_SERVER, **more)
    replayed = {"replay": "1"} if past else {}

    def line(source: str, aircd: Mapping[str, str]) -> Outgoing:
        body = first(lines.text("NOTICE", target, text, source=source), lines.BODY_LIMIT)
        return Outgoing(body, {"msgid": event_id(event), **tags}, at=event.created_at, seq=event.seq, aircd=aircd)

    return TaskNotice(line(DIALECT_SERVER, replayed | tags), line(server.config.server_name, {}))


def told_by_notice(row: dict[str, Any]) -> bool:
    """Tell whether a message of a channel only says what a notice about a task says, too.

    The hub posts such lines for those who read messages alone. A task's result is told by none but the message.
    """
    metadata = row.get("metadata")
    kind = metadata.get("task_event") if metadata else None
    return kind in {"created", "cancelled"} or (kind == "completed" and str(row["content"]).endswith(f"\n{DONE}"))


def follow(server: IrcServer) -> None:
    """Let the server's feed show what happens to tasks."""
    for kind in TASK_KINDS:
        server.feed.handle(kind, partial(_show, server))


def _show(server: IrcServer, event: Event, row: dict[str, Any]) -> None:
    room = server.rooms.of(event.channel_id)
    if room is None:
        return
    cause = server.cause_of(event.kind, event.actor_id, row["id"]) or server.cause_of(event.kind, event.actor_id)
    told = notice(server, room.name, event, row)
    for session in server.mutes.hearing(_audience(room, cause), room.channel.id, event.actor_id):
        if session.aircd and event.kind not in DIALECT_KINDS:
            continue
        session.deliver(told.out_for(session), caused=session is cause)


def _audience(room: Room, cause: Session | None) -> list[Session]:
    """Return who is in the channel, and who made it happen wherever they are."""
    audience = list(room.audience())
    if cause is not None and cause not in audience:
        audience.append(cause)
    return audience


def _actor(server: IrcServer, event: Event) -> str | None:
    """Return the nick of who did it; None when the hub did."""
    user = server.users.of(event.actor_id or "")
    return None if user is None or user.principal.kind is Kind.SYSTEM else user.nick
