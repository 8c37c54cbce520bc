"""Hearing: finds a connection that is deaf, open and answering pings but without events.

What stands in a channel and never arrived tells it.
"""

import asyncio
from collections import deque

from bridges.slack.pages import Pages
from hub.relay.contract.errors import NotReady

_LIVELY_AT_ONCE = 3
_OTHERS_AT_ONCE = 5
"""How many channels are looked at: in which most was said lately each time, of the others some in turn."""
_ON_ITS_WAY_SECONDS = 3.0


class Hearing:
    """Compares the newest message of linked channels with what was heard of them."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._heard: dict[str, str] = {}
        self._turn: deque[str] = deque()

    def watch(self, channel: str) -> None:
        """Have the channel looked at from now on: it was read up."""
        if channel not in self._turn:
            self._turn.append(channel)

    def heard(self, channel: str, ts: str) -> None:
        """Note a message that arrived, or was read."""
        self._heard[channel] = max(ts, self._heard.get(channel, ""))

    async def check(self) -> None:
        """Look at a few channels: those that are lively, where something missed is likeliest, and others each time.

        Raises:
            NotReady: something was said that has not arrived, although it had the time.
        """
        for channel in self._next():
            newest = await self._pages.newest(channel)
            if self._missed(channel, newest):
                await asyncio.sleep(_ON_ITS_WAY_SECONDS)
                if self._missed(channel, newest):
                    raise NotReady("the connection to Slack is deaf: messages do not arrive")

    def _next(self) -> list[str]:
        lively = sorted(self._turn, key=lambda channel: self._heard.get(channel, ""), reverse=True)[:_LIVELY_AT_ONCE]
        others = [channel for channel in self._turn if channel not in lively][:_OTHERS_AT_ONCE]
        for channel in others:
            self._turn.remove(channel)
            self._turn.append(channel)
        return lively + others

    def _missed(self, channel: str, newest: str | None) -> bool:
        return newest is not None and newest > self._heard.get(channel, "")
