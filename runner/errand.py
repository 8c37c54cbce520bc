"""An errand: one thing an agent is to deal with, which conversation it belongs to, and where its answer goes."""

from dataclasses import dataclass
from typing import Any, Literal

from airchat import InboxItem, Message
from airchat.protocol.inbox import InboxKind
from airchat.protocol.names import DIRECT_MESSAGES
from runner.state import Target

SessionScope = Literal["thread", "channel"]


@dataclass(frozen=True, slots=True)
class Errand:
    """What waits. `again` tells that an earlier attempt may have broken off.

    It is about a `message` or a `task`, and then `item` is what is acknowledged in the inbox; or it is a `prompt` of
    the agent's own schedule, and `due` says of which, and when.
    """

    id: str
    conversation: str
    target: Target
    item: str | None = None
    message: Message | None = None
    task: dict[str, Any] | None = None
    prompt: str | None = None
    due: tuple[str, float] | None = None
    again: bool = False

    @property
    def cause(self) -> str | None:
        """The message that is answered."""
        return self.message.id if self.message else None


def errand_of(item: InboxItem, scope: SessionScope, *, again: bool = False) -> Errand | None:
    """Return the errand an inbox item is; None for what the runner has no part in."""
    if item.message is not None and item.kind in {InboxKind.MENTION, InboxKind.DIRECT}:
        message = item.message
        channel = item.channel or message.channel_name or ""
        target = _target(message, channel)
        return Errand(item.id, _conversation(message, channel, scope), target, item.id, message, again=again)
    if item.task is not None and item.kind == InboxKind.TASK:
        return task_errand(item.task, item.id, again=again)
    return None


def task_errand(task: dict[str, Any], item_id: str | None = None, *, again: bool = False) -> Errand:
    """Return the errand that a task is; `item_id` is its offer in the inbox, if it is still there."""
    target = Target((task.get("channels") or {}).get("name", ""))
    return Errand(f"task-{task['id']}", f"task:{task['id']}", target, item_id, task=task, again=again)


def _target(message: Message, channel: str) -> Target:
    """An answer goes below the message; in a direct conversation beside it, unless it is a thread there already."""
    if channel == DIRECT_MESSAGES and message.parent_message_id is None:
        return Target(channel, to=message.author_name)
    return Target(channel, parent=message.parent_message_id or message.id)


def _conversation(message: Message, channel: str, scope: SessionScope) -> str:
    if channel == DIRECT_MESSAGES:
        return f"direct:{message.author_name}"
    return f"channel:{channel}" if scope == "channel" else f"thread:{message.parent_message_id or message.id}"
