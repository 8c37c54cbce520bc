"""Changes: edits, deletions, reactions and topics. Each can be made again with the same effect."""

from airchat.protocol.limits import length
from bridges.discord import components, ids
from bridges.discord.errors import (
    BAD_WEBHOOK_TOKEN,
    NOT_THE_AUTHOR,
    UNKNOWN_CHANNEL,
    UNKNOWN_EMOJI,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refusal,
    changing,
)
from bridges.discord.guild import Guild
from bridges.discord.rest import Rest
from bridges.discord.text import TEXT_LENGTH, Texts, is_quoting
from bridges.discord.webhooks import Webhooks
from hub.relay.contract.bridge import Intake, Names
from hub.relay.contract.errors import CannotCarry, NotReady, Refused, SlowDown
from hub.relay.contract.outbound import Change, Delete, Edit, React, Topic

_TOPIC_LENGTH = 1_024
_TOPICS, _TOPIC_SECONDS = 2, 630.0
"""Ten minutes, and a little for what is late on its way."""
"""Discord takes no more new topics of a channel in that time, which no header tells."""
_PATIENCE_SECONDS = 30.0
_NOT_OURS = frozenset({UNKNOWN_MESSAGE, NOT_THE_AUTHOR, UNKNOWN_WEBHOOK, BAD_WEBHOOK_TOKEN})
_NO_REACTION = frozenset({UNKNOWN_EMOJI, UNKNOWN_MESSAGE})
"""What there is to say when one is taken back that is not there: that is fine."""
_NOT_THERE = frozenset({UNKNOWN_MESSAGE, UNKNOWN_CHANNEL})


class Changes:
    """Makes changes in the channels of one guild. `intake` remembers how many topics were set, once there is one."""

    def __init__(self, rest: Rest, guild: Guild, webhooks: Webhooks, texts: Texts) -> None:
        self.intake: Intake | None = None
        self._rest = rest
        self._guild = guild
        self._webhooks = webhooks
        self._texts = texts

    async def make(self, change: Change, names: Names) -> None:
        """Make one change.

        Raises:
            BridgeError: NotReady, OutcomeUnknown, AuthFailed, Gone, CannotCarry or another Refused.
        """
        with changing():
            match change:
                case Edit():
                    await self._edit(change, names)
                case Delete():
                    await self._delete(change)
                case React():
                    await self._react(change)
                case Topic():
                    await self._topic(change)

    async def _edit(self, edit: Edit, names: Names) -> None:
        path, query = await self._own(edit.remote_channel, edit.target.remote_id)
        resolver = self._texts.outwards(names)
        text = self._texts.to_discord(edit.text, resolver)
        if edit.thread is not None:
            before = None if edit.before is None else self._texts.to_discord(edit.before, self._texts.outwards(names))
            text = await self._behind_quote(path, query, text, before)
        body = {
            "content": text[:TEXT_LENGTH],
            "allowed_mentions": resolver.allowed,
            "components": components.rows(edit.buttons),
        }
        try:
            await self._rest.send("PATCH", path, body, query={"with_components": "true", **query})
        except Refusal as error:
            if error.code in _NOT_OURS:
                await self._another_wrote_it(edit)
            raise

    async def _another_wrote_it(self, edit: Edit) -> None:
        """Raise CannotCarry when the message is there, but not the webhook's."""
        self._webhooks.forget(edit.remote_channel)
        place, message_id = self._place(edit.remote_channel, edit.target.remote_id)
        await self._rest.get(f"/channels/{place}/messages/{message_id}")
        raise CannotCarry("only who posted a message can edit it")

    async def _behind_quote(self, path: str, query: dict[str, str], text: str, before: str | None) -> str:
        """Return the new text behind the line that shows what the message answers, when it has one.

        What was nothing but its text `before` has none, whatever it quoted.
        """
        shown = str((await self._rest.get(path, **query))["content"])
        if shown == before or not is_quoting(shown):
            return text
        quoting = f"{shown.splitlines()[0]}\n{text}"
        return quoting if length(quoting) <= TEXT_LENGTH else text

    async def _delete(self, delete: Delete) -> None:
        """Delete through the webhook, else as the bot, which may delete what others wrote."""
        place, message_id = self._place(delete.remote_channel, delete.target.remote_id)
        try:
            path, query = await self._own(delete.remote_channel, delete.target.remote_id)
            await self._rest.send("DELETE", path, query=query)
        except Refusal as error:
            if error.code not in _NOT_OURS:
                raise
        else:
            return
        try:
            await self._rest.send("DELETE", f"/channels/{place}/messages/{message_id}")
        except Refusal as error:
            if error.code not in _NOT_THERE:
                raise

    async def _react(self, react: React) -> None:
        place, message_id = self._place(react.remote_channel, react.target.remote_id)
        path = f"/channels/{place}/messages/{message_id}/reactions/{self._emoji(react.emoji)}/@me"
        try:
            await self._rest.send("PUT" if react.added else "DELETE", path)
        except Refusal as error:
            if react.added or error.code not in _NO_REACTION:
                raise

    async def _topic(self, topic: Topic) -> None:
        channel = self._guild.channel(topic.remote_channel)
        text = topic.text[:_TOPIC_LENGTH]
        if channel is not None and channel.topic == text:
            return
        await self._count_topic(topic.remote_channel)
        before = channel.topic if channel else ""
        self._guild.topic_is(topic.remote_channel, text)
        try:
            await self._rest.send("PATCH", f"/channels/{topic.remote_channel}", {"topic": text})
        except (NotReady, Refused) as error:
            self._guild.topic_is(topic.remote_channel, before)
            if isinstance(error, SlowDown) and (error.retry_after or 0) > _PATIENCE_SECONDS and not error.everywhere:
                raise CannotCarry("Discord takes a new topic only twice in ten minutes") from error
            raise

    async def _count_topic(self, channel_id: str) -> None:
        """Take one of the places of ten minutes, which a fresh bridge and a hub that starts again know of too."""
        if self.intake is None:
            return
        for number in range(_TOPICS):
            place = f"topic {channel_id} {number}"
            if self.intake.closed_for(place) <= 0:
                await self.intake.close(place, _TOPIC_SECONDS)
                return
        raise CannotCarry("Discord takes a new topic only twice in ten minutes")

    def _emoji(self, emoji: str) -> str:
        if not emoji.startswith(":"):
            if emoji.isascii() or "/" in emoji:
                raise CannotCarry(f"{emoji} is no emoji")  # it becomes part of an address
            return emoji
        written = self._guild.emoji.get(emoji.strip(":"))
        if written is None:
            raise CannotCarry(f"the Discord server has no emoji {emoji}")
        return written.strip("<>").removeprefix("a:").removeprefix(":")

    def _place(self, home: str, called: str | None) -> tuple[str, str]:
        return ids.place_of(called or "0", home, forum=self._guild.is_forum(home))

    async def _own(self, home: str, called: str | None) -> tuple[str, dict[str, str]]:
        """Return the path of a message of the webhook's, and the thread it is in."""
        place, message_id = self._place(home, called)
        hook = await self._webhooks.of(home)
        return f"{hook.path}/messages/{message_id}", {} if place == home else {"thread_id": place}
