"""Decoding: what a stored event means to the relay."""

from typing import Any

from bridges.discord import events, ids
from bridges.discord.errors import Refusal
from bridges.discord.files import described
from bridges.discord.guild import Guild
from bridges.discord.readable import SAID, THREAD_BEGAN, files_of, text_of
from bridges.discord.rest import Rest
from bridges.discord.text import Texts
from bridges.discord.users import Users
from bridges.discord.webhooks import Webhooks
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Names
from hub.relay.contract.inbound import User

Body = dict[str, Any]


class Messages:
    """Reads events of one guild; `own` are the ids of the bridge's own account and application."""

    def __init__(self, rest: Rest, guild: Guild, users: Users, texts: Texts, webhooks: Webhooks) -> None:
        self.own: frozenset[str] = frozenset()
        self._rest = rest
        self._guild = guild
        self._users = users
        self._texts = texts
        self._webhooks = webhooks

    async def decode(self, payload: Body, names: Names) -> inbound.Inbound | None:
        """Say what an event means; None when it is nothing to mirror, or the bridge's own doing.

        Raises:
            BridgeError: Discord cannot be asked who somebody is.
        """
        name, body, home = payload["t"], payload["d"], payload["home"]
        if name == events.MESSAGE:
            return None if self.is_ours(body) else await self.message(body, home, names)
        if name == events.CHANNEL:
            return self._channel(body, home)
        if name == events.EDIT:
            return await self._edit(body, home, names)
        if name == events.DELETE:
            return inbound.Delete(ids.remote_id(body["id"], body["channel_id"], home))
        return await self._reaction(name, body, home)

    def is_ours(self, body: Body) -> bool:
        """Tell whether the bridge wrote a message, be it by its bot or by a webhook of its application."""
        author = (body.get("author") or {}).get("id")
        return bool({body.get("application_id"), author} & self.own) or body.get("webhook_id") in self._webhooks.ids

    async def message(self, body: Body, home: str, names: Names) -> inbound.Message | None:
        """Return a message, whoever wrote it; None for notices of Discord's."""
        if body["type"] == THREAD_BEGAN:
            return await self._thread_began(body, home, names)
        text = await self._text(body, names)
        files = tuple(described(it, body) for it in files_of(body))
        if body["type"] not in SAID or not (text.strip() or files):
            return None
        return inbound.Message(
            remote_id=ids.remote_id(body["id"], body["channel_id"], home),
            author=await self._users.author(body),
            text=text,
            thread_id=ids.thread_of(body["id"], body["channel_id"], home),
            reply_to=self._reply(body, home),
            files=files,
            version=events.version_of(body),
        )

    async def _thread_began(self, body: Body, home: str, names: Names) -> inbound.Message | None:
        """A thread that began without a message: the notice of it stands for one, under the thread's id.

        Of one that began at an older message there is a notice as well. It stands for nothing where that is the
        bridge's own, which the hub has, even if it does not know yet under which id.
        """
        thread = (body.get("message_reference") or {}).get("channel_id")
        if not thread or await self._began_at_ours(home, str(thread)):
            return None
        author, text = await self._users.author(body), await self._text(body, names)
        return inbound.Message(thread, author, text)

    async def _began_at_ours(self, home: str, message_id: str) -> bool:
        try:
            return self.is_ours(await self._rest.get(f"/channels/{home}/messages/{message_id}"))
        except Refusal:  # there is no such message
            return False

    async def _edit(self, body: Body, home: str, names: Names) -> inbound.Edit | None:
        if self.is_ours(body) or body.get("type", 0) not in SAID:
            return None
        remote_id = ids.remote_id(body["id"], body["channel_id"], home)
        return inbound.Edit(remote_id, await self._text({"type": 0} | body, names), events.version_of(body))

    async def _reaction(self, name: str, body: Body, home: str) -> inbound.Inbound | None:
        remote_id = ids.remote_id(body["message_id"], body["channel_id"], home)
        if name in {events.CLEAR, events.CLEAR_EMOJI}:
            return inbound.ClearReactions(remote_id, emoji_of(body["emoji"]) if body.get("emoji") else None)
        if body["user_id"] in self.own:
            return None
        member = body.get("member")
        if member and member.get("user"):
            user = await self._users.get(member["user"], member)
        else:
            user = await self._users.by_id(body["user_id"])
        return inbound.React(remote_id, user, emoji_of(body["emoji"]), added=name == events.REACT)

    def _channel(self, body: Body, home: str) -> inbound.Inbound | None:
        if "topic" in body:
            channel = self._guild.channel(home)
            if channel is not None and channel.topic != body["topic"]:
                return None  # it is another one by now: that is told, or the bridge has set it
            user = User(f"guild:{self._guild.id}", self._guild.name)
            return inbound.Topic(user, body["topic"], found=bool(body.get("found")))
        return inbound.ChannelState(f"#{body['name']}" if body.get("name") else None, body.get("archived"))

    async def _text(self, body: Body, names: Names) -> str:
        told = {it["id"]: await self._users.get(it, it.get("member")) for it in body.get("mentions") or []}
        return await self._texts.from_discord(text_of(body), told, names)

    def _reply(self, body: Body, home: str) -> str | None:
        reference = body.get("message_reference") or {}
        if reference.get("type", 0) != 0 or not reference.get("message_id"):
            return None
        place = str(reference.get("channel_id") or body["channel_id"])
        if self._guild.home(place) != home:
            return None
        return ids.remote_id(reference["message_id"], place, home)


def emoji_of(emoji: Body) -> str:
    """Return an emoji as the relay writes it."""
    return f":{emoji['name']}:" if emoji.get("id") else str(emoji["name"])
