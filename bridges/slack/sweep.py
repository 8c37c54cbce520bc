"""Sweep: how messages that are known stand now, read from the channel's history."""

from collections.abc import AsyncIterator

from bridges.slack.decoding import Decoder, shown_emoji
from bridges.slack.events import SHOWN, Json, kept
from bridges.slack.pages import Pages
from bridges.slack.users import Users
from hub.relay.contract import inbound
from hub.relay.contract.bridge import Names, Window
from hub.relay.contract.errors import Refused


class Sweep:
    """Looks through windows of the channels of one workspace."""

    def __init__(self, pages: Pages, decoder: Decoder, users: Users) -> None:
        self._pages = pages
        self._decoder = decoder
        self._users = users

    async def run(self, window: Window, names: Names) -> AsyncIterator[inbound.Current]:
        """Yield each message of the window that was found, and each that certainly is not there any more."""
        found = await self._channel(window)
        for root in dict.fromkeys(window.threads.values()):
            inside = [ts for ts, thread in window.threads.items() if thread == root and ts not in found]
            if inside:
                found |= await self._thread(window, root, inside)
        for ts in window.remote_ids:
            message = found.get(ts)
            if message is None or message.get("subtype") == "tombstone":
                yield inbound.Current(ts, None)
            elif message.get("subtype") in SHOWN:
                yield await self._current(message, names)

    async def _channel(self, window: Window) -> dict[str, Json]:
        ids = [ts for ts in window.remote_ids if ts not in window.threads]
        if not ids:
            return {}
        first, last = min(map(float, ids)), max(map(float, ids))
        pages = self._pages.history(window.remote_channel, first - 0.000_01, f"{last + 0.000_01:.6f}")
        return {message["ts"]: message async for page in pages for message in page}

    async def _thread(self, window: Window, root: str, inside: list[str]) -> dict[str, Json]:
        first, last = min(map(float, inside)), max(map(float, inside))
        replies = self._pages.replies(window.remote_channel, root, first - 0.000_01, f"{last + 0.000_01:.6f}")
        try:
            return {message["ts"]: message async for message in replies}
        except Refused:
            return {}  # the thread is gone, and all that was in it

    async def _current(self, message: Json, names: Names) -> inbound.Current:
        decoded = await self._decoder.message(kept(message), names)
        if decoded is None:  # there is nothing in it that can be shown, but it is there
            decoded = inbound.Message(message["ts"], await self._decoder.author(message), "")
        return inbound.Current(message["ts"], decoded, await self._reactions(message))

    async def _reactions(self, message: Json) -> frozenset[tuple[inbound.User, str]] | None:
        """Return who hung which emoji on a message; None when Slack does not tell of all of them."""
        found = set()
        for reaction in message.get("reactions") or ():
            users = reaction.get("users") or ()
            if len(users) < reaction.get("count", 0):
                return None
            for user_id in users:
                if user_id not in self._decoder.own_ids:
                    found.add((await self._users.get(user_id), shown_emoji(reaction["name"])))
        return frozenset(found)
