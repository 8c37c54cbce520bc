"""Webhooks: one per channel, which the bot makes and finds again, and the names that may be used with them.

https://docs.discord.com/developers/resources/webhook
"""

import asyncio
import re
from dataclasses import dataclass

from bridges.discord.rest import Rest
from hub.relay.words import one_line

NAME = "AirChat"
_NAME_LENGTH = 80
_TOKEN = re.compile(r"[\w.-]+")
_REFUSED_WORDS = re.compile("clyde|discord", re.IGNORECASE)
_REFUSED_NAMES = frozenset({"everyone", "here"})
_ALIKE = str.maketrans({"c": "\u0441", "C": "\u0421", "e": "\u0435", "E": "\u0415"})
"""Letters of another alphabet that look the same."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook, as it is used; who knows the token can post."""

    id: str
    token: str

    @property
    def path(self) -> str:
        """Where it is posted to."""
        return f"/webhooks/{self.id}/{self.token}"


class Webhooks:
    """The bot's webhooks, by channel."""

    def __init__(self, rest: Rest) -> None:
        self.application_id = ""
        self.ids: set[str] = set()
        """Those that are the bot's, as far as it has met them."""
        self._rest = rest
        self._known: dict[str, Webhook] = {}
        self._turn = asyncio.Lock()

    async def of(self, channel_id: str) -> Webhook:
        """Return the channel's webhook, made if there is none.

        Raises:
            BridgeError: Refusal when the bot may not make one, or the channel has no room for it.
        """
        async with self._turn:
            if channel_id not in self._known:
                self._known[channel_id] = await self._find(channel_id) or await self._make(channel_id)
                self.ids.add(self._known[channel_id].id)
            return self._known[channel_id]

    def forget(self, channel_id: str) -> None:
        """Look for the channel's webhook again next time: somebody deleted it."""
        self._known.pop(channel_id, None)

    async def _find(self, channel_id: str) -> Webhook | None:
        for hook in await self._rest.get(f"/channels/{channel_id}/webhooks"):
            token = hook.get("token") or ""
            if hook.get("application_id") == self.application_id and _TOKEN.fullmatch(token):
                return Webhook(hook["id"], token)
        return None

    async def _make(self, channel_id: str) -> Webhook:
        hook = await self._rest.send("POST", f"/channels/{channel_id}/webhooks", {"name": NAME})
        return Webhook(hook["id"], hook["token"])


def user_name(name: str) -> str:
    """Return a name that Discord takes for a webhook's message: some words are refused within one."""
    shown = one_line(name.replace("```", "'''"))[:_NAME_LENGTH].strip()
    if shown.lower() in _REFUSED_NAMES:
        return shown.translate(_ALIKE)
    return _REFUSED_WORDS.sub(lambda word: word.group().translate(_ALIKE), shown) or "somebody"
