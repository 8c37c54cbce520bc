"""TASK: work that is posted in a channel, claimed under a lease and finished.

    TASK CREATE <channel> :<title>
    TASK LIST [<channel>]
    TASK CLAIM|DONE|RELEASE|RENEW|CANCEL|SHOW <task>
    TASK RESULT <task> [:<result>]        finish it with a result, or read the result

What succeeds is told by a notice to the channel, and to whoever did it; what fails to its caller alone. `task-fence`,
a tag of claims, may be given back as a tag of the commands that end or renew one.
"""

from collections.abc import Awaitable, Callable, Mapping

from airchat.protocol.errors import Conflict, Forbidden, HubError, InvalidInput, NotFound, StaleFence
from airchat.protocol.events import EventKind
from airchat.protocol.principals import Principal
from airchat.protocol.tasks import Task, TaskStatus
from airchat.protocol.timestamps import SECOND, to_iso
from bridges.irc.commands.table import command
from bridges.irc.log.tasks import DONE, changed_tags, hub_id, shown_id, success_text, task_tags
from bridges.irc.outgoing import Outgoing
from bridges.irc.session import Session
from bridges.irc.wire import lines
from bridges.irc.wire import numerics as n
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import hub_channel_name
from bridges.irc.wire.split import first, pieces

_LISTED = 200
_TEXT_BYTES = 400
_ATTEMPTS = 100
"""As many as may be: clients of aircd know no limit."""
_TITLE_NEEDED = "title is required"
_TAKEN = "task is already claimed or done"
_NOT_HELD = "task is not claimed by this principal"


@command("TASK")
async def task(session: Session, line: Line) -> None:
    """Make, change or list tasks."""
    action = line.params[0].upper() if line.params else ""
    handler = _SUBCOMMANDS.get(action)
    if handler is None:
        session.command(n.ERR_UNKNOWNCOMMAND, "*", "TASK", *line.params[:1], "Unknown command")
    else:
        await handler(session, line)


async def _create(session: Session, line: Line) -> None:
    hub, actor = session.server.hub, session.server.registered(session).principal
    title = " ".join(line.params[2:]).strip()
    if len(line.params) < 2 or not title:
        _tell(session, f"TASK CREATE failed: {_TITLE_NEEDED}")
        return
    config = session.server.config
    try:
        async with session.server.causing((EventKind.TASK_CREATED, actor.id), session):
            await hub.tasks.create(
                actor,
                hub_channel_name(channel_text(line.params[1])),
                title,
                lease_seconds=config.task_lease_seconds,
                max_attempts=_ATTEMPTS,
                source=session.server.registered(session).mask,
            )
    except HubError as error:
        _tell(session, f"TASK CREATE failed: {error}")


async def _claim(session: Session, line: Line) -> None:
    tasks = session.server.hub.tasks
    await _change(session, line, "CLAIM", EventKind.TASK_CLAIMED, tasks.claim, refusal=_TAKEN)


async def _done(session: Session, line: Line) -> None:
    await _complete(session, line, "DONE")


async def _result(session: Session, line: Line) -> None:
    if len(line.params) > 2:
        await _complete(session, line, "RESULT")
        return
    found = await _find(session, line, "RESULT")
    if found is None:
        return
    if found.result is None:
        _tell(session, f"TASK {shown_id(found.id)} has no result")
    _tell_lines(session, f"TASK {shown_id(found.id)} result:", found.result)


async def _complete(session: Session, line: Line, word: str) -> None:
    tasks = session.server.hub.tasks
    result = " ".join(line.params[2:]).strip() or DONE
    fence = _fence(line)
    await _change(
        session,
        line,
        word,
        EventKind.TASK_COMPLETED,
        lambda actor, task_id: tasks.complete(actor, task_id, result, fence),
        refusal=_NOT_HELD,
    )


async def _release(session: Session, line: Line) -> None:
    tasks, fence = session.server.hub.tasks, _fence(line)
    await _change(
        session,
        line,
        "RELEASE",
        EventKind.TASK_RELEASED,
        lambda actor, task_id: tasks.release(actor, task_id, fence),
        refusal=_NOT_HELD,
    )


async def _cancel(session: Session, line: Line) -> None:
    tasks = session.server.hub.tasks
    await _change(session, line, "CANCEL", EventKind.TASK_CANCELLED, tasks.cancel)


async def _renew(session: Session, line: Line) -> None:
    """Renew a claim; the log tells nobody of it, so the answer is for the caller alone."""
    hub, user = session.server.hub, session.server.registered(session)

    async def renew(actor: Principal, task_id: str) -> Task:
        fence = _fence(line)
        if fence is None:
            fence = (await hub.task_lists.get(actor, task_id)).fence
        return await hub.tasks.renew(actor, task_id, fence)

    renewed = await _change(session, line, "RENEW", EventKind.TASK_RENEWED, renew)
    if renewed is not None:
        text = success_text(renewed.id, "renewed", user.nick, renewed.title)
        until = {"task-lease-expires-at": str((renewed.lease_expires_at or 0) // SECOND)}
        _tell(session, text, changed_tags(renewed, "renew", user.nick) | until)


async def _change(
    session: Session,
    line: Line,
    word: str,
    kind: EventKind,
    change: Callable[[Principal, str], Awaitable[Task]],
    *,
    refusal: str | None = None,
) -> Task | None:
    """Change a task and return it, or tell why not: in the words of aircd (`refusal`) where it has some."""
    user, given = session.server.registered(session), _given(line)
    task_id = hub_id(given)
    try:
        async with session.server.causing((kind, user.principal.id, task_id), session):
            return await change(user.principal, task_id)
    except HubError as error:
        usual = isinstance(error, Conflict | NotFound | InvalidInput) or (
            isinstance(error, Forbidden | StaleFence) and refusal == _NOT_HELD
        )
        reason = refusal if usual and refusal is not None else str(error)
        _fail(session, given, word, reason)
        return None


async def _show(session: Session, line: Line) -> None:
    found = await _find(session, line, "SHOW")
    if found is None:
        return
    _tell(session, _listed_text(session, found))
    name = shown_id(found.id)
    needs = ",".join(shown_id(one) for one in found.depends_on) or "-"
    facts = (
        f"created_by={_nick(session, found.created_by)} created_at={to_iso(found.created_at)} fence={found.fence} "
        f"attempts={found.attempts}/{found.max_attempts} priority={found.priority} "
        f"tags={','.join(found.tags) or '-'} depends_on={needs}"
    )
    _tell(session, f"TASK {name} {facts}")
    _tell_lines(session, f"TASK {name} body:", found.body)
    _tell_lines(session, f"TASK {name} result:", found.result)


async def _list(session: Session, line: Line) -> None:
    hub, actor = session.server.hub, session.server.registered(session).principal
    asked = channel_text(line.params[1]) if len(line.params) > 1 else None
    name = None if asked is None else hub_channel_name(asked)
    found: list[Task] = []
    try:
        for status in (TaskStatus.OPEN, TaskStatus.CLAIMED):
            found += await hub.task_lists.list(actor, status=status, channel=name, limit=_LISTED)
    except NotFound:
        found = []
    for one in sorted(found, key=lambda each: (each.created_at, each.id)):
        _tell(session, _listed_text(session, one))
    if not found:
        room = session.server.visible_room(session, asked) if asked is not None else None
        _tell(session, f"No open tasks in {room.name if room is not None else asked}" if asked else "No open tasks")


def channel_text(name: str) -> str:
    """Return a channel's name as IRC writes it; clients of aircd may leave the `#` away."""
    return name if name.startswith("#") else f"#{name}"


def _listed_text(session: Session, found: Task) -> str:
    """Return the line that shows a task in a list; programs read its fields by their order."""
    room = session.server.rooms.of(found.channel_id)
    holder = _nick(session, found.claimed_by) if found.claimed_by is not None else "-"
    until = "-" if found.lease_expires_at is None else str(found.lease_expires_at // SECOND)
    return (
        f"TASK {shown_id(found.id)} channel={room.name if room is not None else '-'} status={found.status.value} "
        f"claimed_by={holder} lease_expires_at={until} title=:{found.title}"
    )


def _nick(session: Session, principal_id: str) -> str:
    user = session.server.users.of(principal_id)
    return user.nick if user is not None else "-"


async def _find(session: Session, line: Line, word: str) -> Task | None:
    try:
        return await session.server.hub.task_lists.get(
            session.server.registered(session).principal, hub_id(_given(line))
        )
    except HubError as error:
        _fail(session, _given(line), word, str(error))
        return None


def _given(line: Line) -> str:
    return line.params[1] if len(line.params) > 1 else ""


def _fence(line: Line) -> int | None:
    """Return the fence that the command carries as a tag, if any."""
    text = line.tags.get("task-fence") or line.tags.get("+task-fence") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _fail(session: Session, given: str, word: str, reason: str) -> None:
    nick = session.server.registered(session).nick
    action = "done" if word == "RESULT" else word.lower()
    _tell(session, f"TASK {word} {given} failed: {reason}", task_tags(given, action, "failed", nick))


def _tell(session: Session, text: str, tags: Mapping[str, str] | None = None) -> None:
    """Send the caller a notice; it is no line of the log, and so has no place in it."""
    body = lines.text("NOTICE", session.nick, text, source=session.server_name)
    session.send(Outgoing(first(body, lines.BODY_LIMIT), tags or {}, aircd=tags or {}))


def _tell_lines(session: Session, what: str, text: str | None) -> None:
    """Send the caller a text of any length, in lines that fit."""
    for row in (text or "").splitlines():
        for piece in pieces(row, _TEXT_BYTES):
            _tell(session, f"{what} {piece}")


_SUBCOMMANDS = {
    "CANCEL": _cancel,
    "CLAIM": _claim,
    "CREATE": _create,
    "DONE": _done,
    "LIST": _list,
    "RELEASE": _release,
    "RENEW": _renew,
    "RESULT": _result,
    "SHOW": _show,
}
