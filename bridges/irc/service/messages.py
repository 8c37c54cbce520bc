"""Finding messages: search, read and link."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from airchat.protocol.errors import InvalidInput, NotFound
from bridges.irc.log.targets import channel_of
from bridges.irc.service.places import channel_name, moment, nick_of, quoted, room_of, user_of
from bridges.irc.service.table import Question, command
from store.ports.messages import Numbered

if TYPE_CHECKING:  # only shown
    from airchat.protocol.channels import Channel
    from airchat.protocol.messages import Message

PAGE = 18
"""As many messages as one answer shows."""

_WORDS = 100
_FILTERS = ("in", "from")


@command("search words... [in:#channel] [from:nick]", "Find messages, newest first", least=1, most=_WORDS)
async def search(question: Question) -> AsyncIterator[str]:
    """Yield messages with all of the words; the hub's query syntax holds for them."""
    words, filters = _filters(question.words)
    if not words:
        raise InvalidInput("words: say at least one to search for, as in: search deploy in:#general")
    room = room_of(question, "in", filters["in"]) if "in" in filters else None
    author = user_of(question, "from", filters["from"]) if "from" in filters else None
    offset = 0
    while True:
        hits = await question.hub.search.messages(
            question.actor,
            " ".join(words),
            channel=room.channel.name if room is not None else None,
            author=author.principal.name if author is not None else None,
            newest_first=True,
            limit=PAGE,
            offset=offset,
        )
        for hit in hits:
            channel = question.hub.directory.channel(hit.message.channel_id)
            if channel is not None:
                yield f"{_shown(question, channel, hit.message)} ({hit.message.id})"
        offset += len(hits)
        if len(hits) < PAGE:
            break
    if not offset:
        yield "Nothing found"


def _filters(words: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return the words to search for, and the filters among them."""
    kept, found = [], {}
    for word in words:
        name, colon, text = word.partition(":")
        if not colon or name.lower() not in _FILTERS:
            kept.append(word)
        elif not text:
            raise InvalidInput(f"{name}: a name must follow, without a blank, as in in:#general or from:ann")
        elif name.lower() in found:
            raise InvalidInput(f"{name}: give it once")
        else:
            found[name.lower()] = text
    return kept, found


@command("read #channel|nick", "Show the latest messages there; more goes further back", least=1, most=1)
async def read(question: Question) -> AsyncIterator[str]:
    """Yield the latest messages of a channel or of a conversation, each page in the order of time."""
    text = question.words[0]
    channel = _conversation(question, text)
    before = None
    while channel is not None:
        page = await question.hub.history.page(question.actor, channel, PAGE, before=before)
        entries = [entry for entry in page if isinstance(entry, Numbered)]
        for entry in entries:
            yield _shown(question, channel, entry.message)
        if len(entries) < PAGE:
            break
        before = entries[0].seq
    if before is None and (channel is None or not entries):
        yield f"Nothing was said there yet: {text}"


def _conversation(question: Question, text: str) -> Channel | None:
    if text.startswith("#"):
        return room_of(question, "channel", text).channel
    user_of(question, "nick", text)
    return channel_of(question.session, text)


@command("link message", "Show where a message stands, by its id, and its address on the web", least=1, most=1)
async def link(question: Question) -> AsyncIterator[str]:
    """Yield a message and its lasting address."""
    message_id = question.words[0]
    try:
        found = await question.hub.messages.get(question.actor, message_id)
    except NotFound:
        raise InvalidInput(f'message: there is none with the id "{message_id}" that you may read') from None
    if found.message.deleted_at is not None:
        yield f"The message was deleted: {channel_name(question, found.channel)}, {moment(found.message.created_at)}"
    else:
        yield _shown(question, found.channel, found.message)
    base = question.server.config.web_url
    if base is None:
        yield "The hub has no address on the web: its administrator can set hub.public_url"
    else:
        yield f"{base}/m/{found.message.id}"


def _shown(question: Question, channel: Channel, message: Message) -> str:
    author = message.author_display or nick_of(question, message.author_id)
    text = quoted(_text(question, channel, message))
    return f"{moment(message.created_at)} {channel_name(question, channel)} <{author}> {text}"


def _text(question: Question, channel: Channel, message: Message) -> str:
    """Return what was said; a direct message without the name it begins with."""
    parties = question.hub.directory.direct_members(channel.id)
    other = next((one for one in parties if one != message.author_id), message.author_id)
    recipient = question.hub.directory.principal(other) if parties else None
    return message.content.removeprefix(f"@{recipient.name} ") if recipient is not None else message.content
