"""What the fake hub remembers, and the rules that several nouns share."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from airchat.call import Row
from airchat.protocol.approvals import Approval
from airchat.protocol.channels import Channel, ChannelType
from airchat.protocol.errors import InvalidInput, NotFound
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxItem, InboxKind
from airchat.protocol.mentions import mentioned_names
from airchat.protocol.messages import Mention, Message
from airchat.protocol.names import CHANNEL_RULE, DIRECT_MESSAGES, channel_type, is_name
from airchat.protocol.principals import Agent
from airchat.protocol.reservations import Reservation
from airchat.protocol.rows import task_row as bare_task_row
from airchat.protocol.tasks import Task
from airchat.protocol.trust import trust_of


@dataclass(frozen=True, slots=True)
class Given:
    """A request as a handler sees it: who asks, the variable parts of the path, the query and the body."""

    actor: Agent
    path: Mapping[str, str]
    params: Mapping[str, str]
    body: Row

    def text(self, name: str) -> str:
        """Return a required text of the body."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise InvalidInput(f"{name} is required", name)
        return value

    def number(self, name: str, default: int) -> int:
        """Return a number of the query."""
        return int(self.params.get(name) or default)


@dataclass(slots=True)
class State:
    """All rows, by id unless said otherwise.

    `read` holds the last read number by (agent, channel); `files`, by path, what is told of a file, its bytes and its
    uploader's id.
    """

    clock: Callable[[], int] = lambda: time.time_ns() // 1000
    agents: dict[str, Agent] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    revisions: dict[str, list[Row]] = field(default_factory=dict)
    reactions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    mentions: dict[str, Mention] = field(default_factory=dict)
    inbox: dict[str, InboxItem] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    usage: list[tuple[str, Row]] = field(default_factory=list)
    files: dict[str, tuple[Row, bytes, str]] = field(default_factory=dict)
    read: dict[tuple[str, str], int] = field(default_factory=dict)
    last_moment: int = 0

    def now(self) -> int:
        """Return a moment later than every one before, so that rows sort by their times."""
        self.last_moment = max(self.clock(), self.last_moment + 1)
        return self.last_moment

    def agent_by_name(self, name: str) -> Agent | None:
        """Return the agent of that name."""
        return next((agent for agent in self.agents.values() if agent.principal.name == name), None)

    def channel(self, actor: Agent, name: object) -> Channel:
        """Return a channel, which the actor then is a member of."""
        if not is_name(name):
            raise InvalidInput(CHANNEL_RULE, "channel")
        found = next((channel for channel in self.channels.values() if channel.name == name), None)
        if found is None or (found.direct and actor.principal.id not in self.members[found.id]):
            raise NotFound("Channel not found")
        self.join(actor, found)
        return found

    def open(self, actor: Agent, name: object) -> Channel:
        """Return a channel, made if there is none."""
        if not is_name(name):
            raise InvalidInput(CHANNEL_RULE, "channel")
        if name not in {channel.name for channel in self.channels.values()}:
            self.add(actor, str(name), channel_type(str(name)))
        return self.channel(actor, name)

    def place(self, actor: Agent, body: Row) -> Channel:
        """Return the channel that a body names, or that with its `target_agent`."""
        name = body.get("target_agent")
        if (body.get("channel") == DIRECT_MESSAGES) is (name is None):
            raise InvalidInput(f"target_agent says for whom it is in {DIRECT_MESSAGES}, and only there", "target_agent")
        if name is None:
            return self.open(actor, body.get("channel"))
        target = self.agent_by_name(str(name))
        if target is None:
            raise NotFound(f'No agent named "{name}". Check the name — nothing was sent.')
        return self.direct(actor, target)

    def add(self, actor: Agent, name: str, kind: ChannelType) -> Channel:
        """Make a channel."""
        now = self.now()
        channel = Channel(new_id(now), name, kind, now, actor.principal.id)
        self.channels[channel.id] = channel
        self.members[channel.id] = []
        return channel

    def direct(self, one: Agent, other: Agent) -> Channel:
        """Return the channel of two agents."""
        ids = sorted({one.principal.id, other.principal.id})
        name = "dm-" + hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
        found = next((channel for channel in self.channels.values() if channel.name == name), None)
        if found is None:
            found = self.add(one, name, ChannelType.DIRECT)
            self.members[found.id] = ids
        return found

    def join(self, actor: Agent, channel: Channel) -> None:
        """Make the actor a member."""
        if actor.principal.id not in self.members[channel.id]:
            self.members[channel.id].append(actor.principal.id)

    def visible(self, actor: Agent) -> dict[str, Channel]:
        """Return the channels that the actor may see, by id."""
        me = actor.principal.id
        return {id: channel for id, channel in self.channels.items() if not channel.direct or me in self.members[id]}

    def read_channels(self, actor: Agent, name: object) -> list[Channel]:
        """Return what is read under a name: one channel, or all of the actor's direct ones."""
        if name == DIRECT_MESSAGES:
            return [channel for channel in self.visible(actor).values() if channel.direct]
        return [self.channel(actor, name)]

    def message(self, actor: Agent, message_id: str) -> Message:
        """Return a message that the actor may see."""
        message = self.messages.get(message_id)
        if message is None or message.channel_id not in self.visible(actor):
            raise NotFound("Message not found")
        return message

    def live(self) -> list[Message]:
        """Return the messages that are not deleted, in the order in which they were posted."""
        return [message for message in self.messages.values() if message.deleted_at is None]

    def post(self, actor: Agent, channel: Channel, content: str, **rest: Any) -> Message:
        """Store a message and tell whom it addresses."""
        now, principal = self.now(), actor.principal
        number = channel.last_number + 1
        message = Message(new_id(now), channel.id, number, principal.id, principal.name, content.strip(), now, **rest)
        self.messages[message.id] = message
        self.channels[channel.id] = replace(channel, last_number=number)
        self.read[principal.id, channel.id] = number
        for id in self._addressees(message, channel):
            kind = InboxKind.DIRECT if channel.direct else InboxKind.MENTION
            mention = Mention(new_id(now), message.id, channel.id, id, principal.id, now)
            self.mentions[mention.id] = mention
            self.queue(id, kind, now, message_id=message.id, channel_id=channel.id)
        return message

    def queue(self, agent_id: str, kind: InboxKind, now: int, **rest: Any) -> None:
        """Put something into an agent's inbox."""
        item = InboxItem(new_id(now), agent_id, kind, now, **rest)
        self.inbox[item.id] = item

    def _addressees(self, message: Message, channel: Channel) -> list[str]:
        if channel.direct:
            named = self.members[channel.id]
        else:
            agents = map(self.agent_by_name, mentioned_names(message.content))
            named = [agent.principal.id for agent in agents if agent is not None]
        return [id for id in dict.fromkeys(named) if id != message.author_id]


def task_row(state: State, task: Task) -> Row:
    """Return a task as the hub sends it."""
    author, holder = state.agents.get(task.created_by), state.agents.get(task.claimed_by or "")
    return bare_task_row(task, state.channels[task.channel_id]) | {
        "created_by_name": author.principal.name if author else None,
        "claimed_by_name": holder.principal.name if holder else None,
        "trust": trust_of(author.principal.kind if author else None).value,
    }
