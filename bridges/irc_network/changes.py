"""Changes: taking back, reacting and setting topics, where the network can; and words for what it cannot."""

from collections.abc import Sequence

from bridges.irc.wire.lines import Line
from bridges.irc_network.network import Network
from bridges.irc_network.rooms import Rooms
from bridges.irc_network.session import Session
from bridges.irc_network.texts import Texts, said, visible
from bridges.irc_network.topics import Topics
from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import CannotCarry, Gone
from hub.relay.contract.outbound import Author, Change, Delete, Edit, React, Topic

REDACTION = "draft/message-redaction"
_REFUSALS = frozenset({"401", "403", "404", "412", "415", "421", "442", "482", "FAIL"})
_SHORT = 40
_NAMES_AT_MOST = 5


class Changes:
    """Makes changes over one session."""

    def __init__(self, session: Session, rooms: Rooms, texts: Texts, *, topics: Topics, network: Network) -> None:
        self._session = session
        self._rooms = rooms
        self._texts = texts
        self._topics = topics
        self._network = network

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this network can show."""
        found = {Capability.TOPIC}
        if self._session.has(REDACTION):
            found.add(Capability.DELETE)
        if self._network.reactions == "tags" and self._session.has("message-tags"):
            found.add(Capability.REACTION)
        return frozenset(found)

    async def make(self, change: Change) -> None:
        """Make one change.

        Raises:
            CannotCarry: the network does not let us.
            Gone: the message is not there any more.
            BridgeError: as posts.
        """
        room = await self._rooms.enter(change.remote_channel)
        match change:
            case Delete(target=target):
                await self._ask("REDACT", room.name, _msgid(target.remote_id))
            case React(target=target, emoji=emoji):
                msgid, kind = _msgid(target.remote_id), "react" if change.added else "unreact"
                tags = {f"+draft/{kind}": emoji, "+draft/reply": msgid}
                await self._ask("TAGMSG", room.name, tags=tags)
            case Topic(set_at=set_at) if set_at is not None and self._topics.changed_since(room.name, set_at):
                return  # which comes in
            case Topic(text=text):
                await self._ask("TOPIC", room.name, self._texts.plainly(text))
            case Edit():
                raise CannotCarry("nothing can be edited on IRC")

    async def _ask(self, command: str, channel: str, *params: str, tags: dict[str, str] | None = None) -> None:
        def concerns(line: Line) -> bool:
            return line.command in _REFUSALS and (channel in line.params or command in line.params)

        answers = await self._session.ask(command, channel, *params, concerns=concerns, tags=tags)
        refusal = next((line for line in answers if line.command in _REFUSALS), None)
        if refusal is not None and "UNKNOWN_MSGID" in refusal.params:
            raise Gone(f"{channel}: {refusal.params[-1]}")
        if refusal is not None:
            raise CannotCarry(f"{channel}: {refusal.params[-1]}")


def in_words(changes: Sequence[Change]) -> str | None:
    """Return one line of words, which follow the author's name: `corrects: …`."""
    first = changes[0]
    match first:
        case Edit(text=text, before=before):
            return f"corrects: {_correction(before, text)}"
        case Delete():
            return "takes back a message"  # not what it said: that may be why
        case Topic(text=text):
            return f"sets the topic: {said(text)}" if text else "removes the topic"
        case React(target=target):
            added = [it for it in changes if isinstance(it, React) and it.added]
            if not added:
                return None
            listed = " ".join(f"{it.emoji}{_others(it.authors)}" for it in added)
            return f"reacts {listed} to {said(visible(target.author_name))}: {target.excerpt}"


def _others(authors: Sequence[Author]) -> str:
    """Return who reacts beside the one in whose name it is said."""
    names = [said(visible(author.name)) for author in authors[1:_NAMES_AT_MOST]]
    more = len(authors) - 1 - len(names)
    listed = ", ".join([*names, f"{more} more"] if more > 0 else names)
    return f" (with {listed})" if listed else ""


def _correction(before: str | None, after: str) -> str:
    """Return what was corrected: `s/old/new/` where little was, else the whole first line."""
    if before is not None and "\n" not in before + after:
        olds, news = before.split(" "), after.split(" ")
        start = _common(olds, news)
        end = _common(olds[start:][::-1], news[start:][::-1])
        old, new = " ".join(olds[start : len(olds) - end]), " ".join(news[start : len(news) - end])
        if old and new and len(old) + len(new) <= _SHORT and "/" not in old + new:
            return f"s/{old}/{new}/"
    lines = [line for line in after.split("\n") if line.strip()]
    return lines[0] + (" …" if len(lines) > 1 else "") if lines else ""


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many words both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _msgid(remote_id: str | None) -> str:
    if remote_id is None or remote_id.startswith("~"):
        raise CannotCarry("the network gave that message no id")
    return remote_id
