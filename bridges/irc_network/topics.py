"""Topics: what they are now, and which were set while we were away: a server tells at JOIN, as 332 and 333."""

from dataclasses import dataclass, replace

from airchat.protocol.timestamps import SECOND
from bridges.irc.wire.lines import Line
from bridges.irc.wire.names import split_source
from bridges.irc_network.events import Events, moment
from bridges.irc_network.session import Session
from hub.relay.contract.bridge import RawEvent


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a topic is, since when, and whether we set it."""

    text: str
    at: int
    own: bool


class Topics:
    """The topics of one session's channels."""

    def __init__(self, session: Session, events: Events) -> None:
        self._session = session
        self._events = events
        self._topics: dict[str, _Topic] = {}

    def hear(self, line: Line) -> RawEvent | None:
        """Take note of a line; return the topic of a channel that we came into, once it is told who set it, and when.

        A channel without one tells nothing, and may have lost it with its server: that is no change.
        """
        source, fold = split_source(line.source or "").nick, self._session.fold
        match line.command, line.params:
            case "JOIN", (channel, *_) if self._session.is_us(source):
                self._topics.pop(fold(channel), None)
            case "TOPIC", (channel, text):
                self._topics[fold(channel)] = _Topic(text, moment(line), self._session.is_own(line))
            case "332", (_, channel, text):
                self._topics[fold(channel)] = _Topic(text, 0, own=True)
            case "333", (_, channel, setter, at) if at.isdecimal() and fold(channel) in self._topics:
                nick, set_at = split_source(setter).nick, min(int(at[:12]) * SECOND, moment(line))
                found = replace(self._topics[fold(channel)], at=set_at, own=self._session.is_ours(nick))
                self._topics[fold(channel)] = found
                return None if found.own else self._events.topic(line, nick, channel, found.text, set_at)
        return None

    def is_past(self, channel: str, text: str) -> bool:
        """Tell whether a channel has another topic by now."""
        now = self._topics.get(channel)
        return now is not None and now.text != text

    def changed_since(self, channel: str, moment: int) -> bool:
        """Tell whether somebody there set the topic after that."""
        now = self._topics.get(self._session.fold(channel))
        return now is not None and not now.own and now.at > moment
