"""Finding what a command names: an agent, a channel, a task; who names wrongly is told what there is."""

import difflib

from airchat.protocol.channels import Channel
from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.principals import Kind, Principal
from airchat.protocol.tasks import Task, TaskStatus
from hub.relay.commands.table import Question
from hub.relay.commands.wording import names, plain

_SHORTEST_ID = 4
_TASKS = 200


def addressee(question: Question, name: str) -> Principal:
    """Return the active agent or person of that name.

    Raises:
        NotFound: there is none.
    """
    directory, wanted = question.cases.directory, name.lower().rstrip(":,")
    found = directory.principal_by_name(wanted)
    if found is not None and found.active and found.kind in {Kind.AGENT, Kind.PERSON}:
        return found
    if found is not None and not found.active:
        raise NotFound(f"{plain(wanted)} is deactivated; nothing was sent.")
    agents = [it.name for it in directory.principals() if it.kind is Kind.AGENT and it.active]
    raise NotFound(f"There is no agent {plain(wanted)}; nothing was sent. {_instead(question, wanted, agents, '@')}")


def channel(question: Question, name: str) -> Channel:
    """Return the public channel of that name, or a private one that the asker is in.

    Raises:
        NotFound: there is none.
    """
    directory, actor = question.cases.directory, question.asker.principal
    wanted = name.lower().rstrip(":,")
    found = directory.channel_by_name(wanted)
    if found is not None and not found.direct and directory.readable(actor, found):
        return found
    known = [it.name for it in directory.channels() if not it.direct and directory.readable(actor, it)]
    raise NotFound(f"There is no channel {plain(wanted)} for you. {_instead(question, wanted, known, '#')}")


async def task(question: Question, text: str, *, status: TaskStatus | None = None) -> Task:
    """Return the task whose id begins so.

    Raises:
        InvalidInput: there are several, or the text is too short to tell.
        NotFound: there is none.
    """
    start = text.lower().strip("[]:,")
    if len(start) < _SHORTEST_ID:
        raise InvalidInput(
            f"A task's id has at least {_SHORTEST_ID} characters, as {question.asker.typed('tasks')} lists them."
        )
    actor = question.asker.principal
    states = (status,) if status else (TaskStatus.OPEN, TaskStatus.CLAIMED)
    found = [
        it
        for state in states
        for it in await question.cases.task_lists.list(actor, status=state, limit=_TASKS)
        if it.id.startswith(start)
    ]
    if len(found) > 1:
        raise InvalidInput(f"Several tasks begin with {plain(start)}; give more of the id.")
    if not found:
        raise NotFound(f"There is no open task {plain(start)}; {question.asker.typed('tasks')} lists them.")
    return found[0]


def _instead(question: Question, wanted: str, known: list[str], sign: str) -> str:
    close = difflib.get_close_matches(wanted, known, 3, 0.6)
    meant = f"Did you mean {names(close, sign)}? " if close else ""
    return f"{meant}{question.asker.typed('agents' if sign == '@' else 'channels')} lists them."
