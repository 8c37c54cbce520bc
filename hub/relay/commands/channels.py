"""`channels` and `read`: where things are said, and what."""

from airchat.protocol.channels import Channel
from airchat.protocol.errors import InvalidInput
from hub.core.direct import direct_name
from hub.relay.commands import lookup
from hub.relay.commands.table import Question, command
from hub.relay.commands.wording import bullets, plain, quoted, span
from hub.relay.contract.desk import Reply
from store.ports.messages import Numbered

_LISTED = 100
_READ = 10
_LONGEST = 1_000


@command("channels", "List the channels, and which of them are linked to this workspace")
async def channels(question: Question) -> Reply:
    """List what the asker may read."""
    found = readable(question)
    if not found:
        return Reply("There is no channel that you may read.")
    more = f"\n\nand {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return Reply(bullets(_row(question, it) for it in found[:_LISTED]) + more)


def readable(question: Question) -> list[Channel]:
    """Return the channels that the asker may read, by name, archived and direct ones left out."""
    directory, actor = question.cases.directory, question.asker.principal
    found = (it for it in directory.channels() if not it.direct and not it.archived)
    return sorted((it for it in found if directory.readable(actor, it)), key=lambda it: it.name)


@command("read #channel|@agent", "Show what was said last there, only to you", least=1, most=1)
async def read(question: Question) -> Reply:
    """Show the newest messages of a channel or of a conversation."""
    place, shown = _conversation(question, question.words[0])
    page = [] if place is None else await question.cases.history.page(question.asker.principal, place, _READ)
    rows = [_said(question, it) for it in page if isinstance(it, Numbered) and it.message.deleted_at is None]
    return Reply("\n\n".join(rows) or f"Nothing was said there yet: `{shown}`")


def _conversation(question: Question, text: str) -> tuple[Channel | None, str]:
    if text.startswith("#"):
        found = lookup.channel(question, text[1:])
        return found, f"#{found.name}"
    if text.startswith("@"):
        other = lookup.addressee(question, text[1:])
        name = direct_name([question.asker.principal.id, other.id])
        return question.cases.directory.channel_by_name(name), f"@{other.name}"
    typed = question.asker.typed
    raise InvalidInput(f"Say which: {typed('read #channel')} or {typed('read @agent')}")


def _said(question: Question, entry: Numbered) -> str:
    message = entry.message
    ago = span(max(0, question.cases.clock() - message.created_at))
    who = plain(message.author_display or message.author_name)
    return f"**{who}**, {ago} ago:\n{quoted(message.content, _LONGEST)}"


def _row(question: Question, channel: Channel) -> str:
    place = question.asker.place
    links = [it for it in question.cases.links.of_channel(channel.id) if it.platform == place.platform]
    here = any(it.remote_channel == place.remote_channel and it.workspace == place.workspace for it in links)
    linked = ", linked to this one" if here else f", linked to {place.platform.capitalize()}" if links else ""
    topic = f": {plain(channel.topic)}" if channel.topic else ""
    return f"`#{channel.name}`{linked}{topic}"
