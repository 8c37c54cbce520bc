"""The state of the network: channels, who is in them, and what was said."""

import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridges.irc.wire.timestamps import format_time


class Receiver(Protocol):
    """A connection that hears of a channel."""

    nick: str

    def hear(self, event: "Event") -> None:
        """Show an event, as far as what was negotiated allows."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a line to all in the channel. `by` is the nick; `tags` are those of its client."""

    msgid: str
    at: int
    by: str
    account: str | None
    command: str
    channel: str
    params: tuple[str, ...]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Who it is from."""
        return f"{self.by}!{self.by.partition('/')[0]}@host.example"

    @property
    def all_tags(self) -> dict[str, str]:
        """All that a client can be told."""
        account = {"account": self.account} if self.account else {}
        return {"msgid": self.msgid, "time": format_time(self.at), **account, **self.tags}


@dataclass(slots=True)
class Channel:
    """A channel; `banned` nicks cannot join, nor who has not its `key`; nobody can as long as there is a `refusal`."""

    name: str
    members: set[str] = field(default_factory=set)
    operators: set[str] = field(default_factory=set)
    banned: set[str] = field(default_factory=set)
    receivers: list[Receiver] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    topic_locked: bool = False
    moderated: bool = False
    key: str = ""
    refusal: str = ""


class Network:
    """Channels by name, and a growing count from which ids are made."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self._count = 0
        self._at = 0

    def channel(self, name: str) -> Channel:
        """Return a channel, made if need be."""
        return self.channels.setdefault(name.lower(), Channel(name))

    def event(self, by: str, command: str, channel: str, *params: str, **more: Any) -> Event:
        """Return an event that happens now, after all before it."""
        self._count += 1
        now = time.time_ns() // 1_000
        self._at = max(now - now % 1_000, self._at + 1_000)
        account = more.get("account")
        return Event(f"m{self._count:08d}", self._at, by, account, command, channel, params, more.get("tags") or {})

    def set_topic(self, event: Event) -> None:
        """Keep the topic of an event, with who set it, and when; tell everybody in its channel."""
        channel = self.channel(event.channel)
        channel.topic, channel.topic_by, channel.topic_at = event.params[0], event.by, event.at
        self.happen(event)

    def happen(self, event: Event, *, skip: Receiver | None = None) -> None:
        """Keep an event, and tell everybody in its channel but one."""
        channel = self.channel(event.channel)
        channel.history.append(event)
        for receiver in list(channel.receivers):
            if receiver is not skip:
                receiver.hear(event)
