"""The sweep: how known messages stand now, so that edits, deletions and reactions that were missed are made up for."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bridges.discord import ids
from bridges.discord.errors import Refusal
from bridges.discord.guild import Guild
from bridges.discord.history import PAGE, Pages
from bridges.discord.messages import Messages, emoji_of
from bridges.discord.rest import Rest
from bridges.discord.users import Users
from hub.relay.contract.bridge import Names, Window
from hub.relay.contract.inbound import Current, User

Body = dict[str, Any]

_THREAD_STARTER = 21
"""https://docs.discord.com/developers/resources/message#message-object-message-types"""


class Sweep:
    """Looks through the messages of a window."""

    def __init__(self, rest: Rest, guild: Guild, users: Users, messages: Messages, pages: Pages) -> None:
        self._rest = rest
        self._guild = guild
        self._users = users
        self._messages = messages
        self._pages = pages

    async def of(self, window: Window, names: Names) -> AsyncIterator[Current]:
        """Yield how each message stands, place by place; none of which that is not known for certain.

        Raises:
            BridgeError: Discord cannot be read.
        """
        home = window.remote_channel
        forum = self._guild.is_forum(home)
        places: dict[str, dict[str, str]] = {}
        for called in window.remote_ids:
            place, message_id = ids.place_of(called, home, forum=forum)
            places.setdefault(place, {})[message_id] = called
        for place, wanted in places.items():
            found = await self._read(place, sorted(wanted, key=int))
            for message_id, called in wanted.items():
                if message_id in found:
                    body = found[message_id]
                    message = await self._messages.message(body, home, names)
                    if message is not None:
                        yield Current(called, message, await self._reactions(body))
                elif not await self._begins_thread(message_id, place):
                    yield Current(called, None)

    async def _read(self, place: str, wanted: Sequence[str]) -> dict[str, Body]:
        """Return those of the wanted messages that are there."""
        first, last = int(wanted[0]), int(wanted[-1])
        keep = set(wanted)
        return {it["id"]: it async for it in self._pages.after(place, first - 1, last) if it["id"] in keep}

    async def _begins_thread(self, message_id: str, place: str) -> bool:
        """Tell whether what is missing is the stand-in of a thread that began without a message.

        Whatever becomes of the message that a thread began with, the thread begins with a reference to it.
        """
        if message_id == place or await self._guild.find_home(message_id) is None:
            return False
        async for first in self._pages.after(message_id, 0):
            return bool(first["type"] != _THREAD_STARTER)
        return True

    async def _reactions(self, body: Body) -> frozenset[tuple[User, str]] | None:
        """Return who hung what on a message, but for the bot itself; None when that cannot be read."""
        marks: set[tuple[User, str]] = set()
        for reaction in body.get("reactions") or []:
            if reaction["count"] == 1 and reaction.get("me"):
                continue
            emoji = reaction["emoji"]
            key = f"{emoji['name']}:{emoji['id']}" if emoji.get("id") else emoji["name"]
            try:
                async for user in self._who(f"/channels/{body['channel_id']}/messages/{body['id']}/reactions/{key}"):
                    marks.add((user, emoji_of(emoji)))
            except Refusal:
                return None
        return frozenset(marks)

    async def _who(self, path: str) -> AsyncIterator[User]:
        after = "0"
        while True:
            page = await self._rest.get(path, limit=PAGE, after=after)
            for body in page:
                if body["id"] not in self._messages.own:
                    yield await self._users.get(body)
            if len(page) < PAGE:
                return
            after = page[-1]["id"]
