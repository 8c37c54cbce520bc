"""Texts: Slack's mrkdwn and rich text to and from the hub's CommonMark, people and channels under their names."""

from dataclasses import dataclass

from bridges.slack.blocks import SECTION_LENGTH
from bridges.slack.events import Json
from bridges.slack.users import Users
from hub.relay.contract.bridge import Names
from hub.relay.markup import (
    Asked,
    Document,
    Known,
    Nobody,
    Resolver,
    divide,
    parse_commonmark,
    parse_rich_text,
    parse_slack,
    render_commonmark,
    render_slack,
)
from hub.relay.markup.slack import escaped, unescaped

LENGTH = 3_500
"""How much mrkdwn one message has: chat.update takes no more than 4,000 characters."""


class Texts:
    """Reads what people of one workspace wrote."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def read(self, message: Json, names: Names) -> str:
        """Return what a message says, in CommonMark; what only attachments say is told as well."""
        asked = Asked()
        _parse(message, asked)
        found = Known()
        for user_id in asked.user_ids:
            found.users[user_id] = await names.name_of(await self._users.get(user_id))
        for channel_id in asked.channel_ids:
            name = names.channel_of(channel_id)
            if name is not None:
                found.channels[channel_id] = name
        return render_commonmark(_parse(message, found))


@dataclass(frozen=True, slots=True)
class ByNames(Nobody):
    """Knows whom and what the hub's names stand for in this workspace."""

    names: Names

    def user_of(self, name: str) -> str | None:
        """Return the id of whoever the hub calls so; what another app posts in names of its own is nobody's."""
        user_id = self.names.remote_id_of(name)
        return user_id if user_id is not None and user_id.isalnum() else None

    def channel_of(self, name: str) -> str | None:
        """Return the id of the channel that is linked to the hub's channel of that name."""
        return self.names.remote_channel_of(name)


def written(text: str, names: Names) -> str:
    """Return a text of the hub as mrkdwn; it can address nobody but those whom the workspace knows by these names."""
    return render_slack(parse_commonmark(text), ByNames(names))


def typed(text: str) -> str:
    """Return in CommonMark what was typed behind a command, or quoted by a shortcut."""
    return render_commonmark(parse_slack(text, Nobody()))


def plain(text: str) -> str:
    """Return a text without markup, such as a topic, with its escapes undone."""
    return unescaped(text)


def shown(text: str) -> str:
    """Return a reply of the hub as mrkdwn; it addresses nobody."""
    return render_slack(parse_commonmark(text), Nobody())


def topic(text: str, limit: int) -> str:
    """Return a topic as Slack takes it: one line, cut, in which nothing is an entity."""
    line = " ".join(text.split())
    return escaped(line if len(line) <= limit else f"{line[: limit - 1]}…")


def title(text: str, limit: int) -> str:
    """Return a text of the hub in one line without markup, for a title; nothing in it is an entity."""
    lines = (line.strip().strip("_*`") for line in text.splitlines())
    words = " · ".join(line for line in lines if line)
    room = limit
    while len(shown := topic(words, room)) > limit:  # an escape is longer than what it stands for
        room -= len(shown) - limit
    return shown


def parts(text: str, names: Names) -> list[str]:
    """Return a text as mrkdwn in parts that fit into a section each."""
    return [written(part, names) for part in divided(text, SECTION_LENGTH)]


def divided(text: str, limit: int = LENGTH) -> list[str]:
    """Return a text of the hub in pieces, each of which is as mrkdwn no longer than `limit`."""

    def fits(document: Document) -> bool:
        return len(render_slack(document, Nobody())) <= limit

    return [render_commonmark(part) for part in divide(parse_commonmark(text), fits)]


def _parse(message: Json, resolver: Resolver) -> Document:
    blocks = message.get("blocks") or ()
    document = parse_rich_text(blocks, resolver) if blocks else Document()
    if not document.blocks:
        document = parse_slack(message.get("text") or "", resolver)
    if document.blocks:
        return document
    told = [line for it in message.get("attachments") or () for line in _attachment(it)]
    return parse_slack("\n".join(told), resolver)


def _attachment(attachment: Json) -> list[str]:
    """Return the lines of what another app hung below its message."""
    title, link = attachment.get("title"), attachment.get("title_link")
    heading = f"<{link}|{title}>" if title and link else title
    lines = [attachment.get("pretext"), heading, attachment.get("text")]
    return [str(line) for line in lines if line] or [str(attachment.get("fallback") or "")]
