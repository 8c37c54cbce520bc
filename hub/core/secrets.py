"""Secrets in what people and agents write: replaced before it is stored, unless the channel is spared."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from airchat.protocol.cards import CARD_TEXT_LENGTH
from airchat.protocol.channels import Channel
from airchat.protocol.limits import MESSAGE_LENGTH
from airchat.protocol.principals import Card
from airchat.protocol.signing import hash_secret
from hub.core.announcements import shorten
from hub.core.clock import Clock
from hub.core.redaction import SPARED, Redacted, possible_keys, redact, redact_bytes, redact_values
from store.ports.store import Store

_KEY = "AirChat key"
_LOOKED_UP = 10
_LARGE = 1024 * 1024


class Secrets:
    """Takes secrets out of texts; `enabled` for the whole hub."""

    def __init__(self, store: Store, clock: Clock, *, enabled: bool = True) -> None:
        self._store = store
        self._clock = clock
        self._enabled = enabled

    def covers(self, channel: Channel | None) -> bool:
        """Tell whether what is written to the channel, or in none, is looked through."""
        return self._enabled and (channel is None or channel.metadata.get(SPARED) is not False)

    async def clean(self, text: str | None, limit: int = MESSAGE_LENGTH, channel: Channel | None = None) -> str | None:
        """Return a text that is no message, such as a topic or a reason, as `redact` does; None stays None."""
        return text and (await self.redact(channel, text, limit)).text

    async def clean_card(self, card: Card) -> Card:
        """Return a card whose texts hold no secrets."""
        return replace(
            card,
            model=await self.clean(card.model, CARD_TEXT_LENGTH),
            harness=await self.clean(card.harness, CARD_TEXT_LENGTH),
        )

    async def redact(self, channel: Channel | None, text: str, limit: int = MESSAGE_LENGTH) -> Redacted:
        """Return the text without secrets, cut to `limit` should it have grown beyond that."""
        if not self.covers(channel):
            return Redacted(text)
        redacted = redact(text)
        if words := possible_keys(redacted.text):
            redacted = await self._without_keys(redacted, words)
        return Redacted(shorten(redacted.text, limit), redacted.kinds) if redacted.kinds else redacted

    def redact_metadata(self, channel: Channel, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return a message's metadata without secrets."""
        if not metadata or not self.covers(channel):
            return metadata
        redacted: dict[str, Any] = redact_values(metadata)[0]
        return redacted

    async def redact_file(
        self, channel: Channel, source: AsyncIterator[bytes]
    ) -> tuple[AsyncIterator[bytes], tuple[str, ...]]:
        """Return what a file holds, and the kinds of secrets taken out of it: of texts of at most a megabyte."""
        if not self.covers(channel):
            return source, ()
        head = bytearray()
        async for piece in source:
            head += piece
            if len(head) > _LARGE:
                return _joined(bytes(head), source), ()
        data, kinds = await asyncio.to_thread(redact_bytes, bytes(head))
        return _joined(data, None), kinds

    async def _without_keys(self, redacted: Redacted, words: list[str]) -> Redacted:
        """Return the text without those of its words that are keys of agents of this hub."""
        now, text = self._clock(), redacted.text
        async with self._store.read() as unit:
            for word in list(dict.fromkeys(words))[:_LOOKED_UP]:
                if await unit.credentials.authenticate(hash_secret(word), now) is not None:
                    text = text.replace(word, f"[redacted: {_KEY}]")
        return redacted if text == redacted.text else Redacted(text, (*redacted.kinds, _KEY))


async def _joined(head: bytes, rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    yield head
    if rest is not None:
        async for piece in rest:
            yield piece
