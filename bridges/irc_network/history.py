"""History: what was said meanwhile, where the network keeps it, and finding again what we posted.

https://ircv3.net/specs/extensions/chathistory
"""

from collections.abc import AsyncIterator

from airchat.protocol.timestamps import MILLISECOND
from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import format_time
from bridges.irc_network.events import Events, id_of, moment
from bridges.irc_network.session import TOKEN, Session
from bridges.irc_network.texts import Texts
from hub.relay.contract.bridge import Intake, LinkedChannel
from hub.relay.contract.errors import NotReady
from hub.relay.contract.outbound import Post
from hub.relay.turns import Pressing, never

_CAPABILITY = "draft/chathistory"
_PAGE = 100
_OVERLAP = 1_000_000
_SKEW = 5_000_000
_PAGES_AT_MOST = 1_000
_PAGES_LOOKED_THROUGH = 5


class History:
    """Reads the history of channels."""

    def __init__(self, session: Session, events: Events, texts: Texts) -> None:
        self._session = session
        self._events = events
        self._texts = texts

    @property
    def kept(self) -> bool:
        """Whether the network keeps any."""
        return self._session.has(_CAPABILITY)

    async def read_up(self, channel: LinkedChannel, intake: Intake) -> None:
        """Accept what was said since the watermark; a moment from before it is read again."""
        if not self.kept:
            return
        since = int(channel.watermark) if channel.watermark else channel.linked_at
        if channel.cursor:
            since = int(channel.cursor)
        elif channel.earlier and not channel.watermark:
            await self._accept([line async for line in self._earlier(channel, since)], intake)
        await self._later(channel, since - _OVERLAP, intake)

    async def _later(self, channel: LinkedChannel, since: int, intake: Intake) -> None:
        for _ in range(_PAGES_AT_MOST):
            page = await self._page("AFTER", channel.remote_channel, since, self._limit, channel.pressing)
            await self._accept(page, intake)
            newest = max(map(moment, page), default=since)
            # what shares its moment with the end of the page is read again, unless the page is all of one moment
            after = newest - MILLISECOND if newest - MILLISECOND > since else newest
            if len(page) < self._limit or after <= since:
                return
            since = after
            await intake.save_cursor(channel, str(since))

    async def _earlier(self, channel: LinkedChannel, before: int) -> AsyncIterator[Line]:
        """Yield the newest messages from before a moment, as many as are wanted."""
        left = channel.earlier
        while left > 0:
            page = await self._page("BEFORE", channel.remote_channel, before, left, channel.pressing)
            for line in page:
                yield line
            left -= len(page)
            if len(page) < self._limit or moment(page[0]) >= before:
                return
            before = moment(page[0])

    async def find(self, post: Post) -> str | None:
        """Return the id of what we posted, as the network has kept it."""
        bound = post.attempted_at - 60 * _OVERLAP
        async for line in self._backwards(post.remote_channel, bound):
            if line.command != "PRIVMSG" or not self._session.is_own(line) or id_of(line) in post.taken:
                continue
            token = line.tags.get(TOKEN)
            if token == post.token or (token is None and self._says(line, post)):
                return id_of(line)
        return None

    async def _backwards(self, channel: str, bound: int) -> AsyncIterator[Line]:
        page = await self._page("LATEST", channel, None, self._limit)
        for _ in range(_PAGES_LOOKED_THROUGH):
            for line in reversed(page):
                if moment(line) < bound:
                    return
                yield line
            if len(page) < self._limit:
                return
            page = await self._page("BEFORE", channel, moment(page[0]), self._limit)

    def _says(self, line: Line, post: Post) -> bool:
        """Tell whether a line whose tags the network has not kept is the post, and not one like it from before."""
        since = max(post.attempted_at - _SKEW, int(post.sent_after or 0) + 1)
        return moment(line) >= since and self._texts.is_of(line.params[-1], post.text)

    @property
    def _limit(self) -> int:
        told = self._session.support("CHATHISTORY") or ""
        return min(_PAGE, int(told)) if told.isdecimal() and int(told) > 0 else _PAGE

    async def _page(
        self, kind: str, channel: str, at: int | None, limit: int, pressing: Pressing = never
    ) -> list[Line]:
        reference = "*" if at is None else f"timestamp={format_time(at)}"
        params = (kind, channel, reference, str(min(limit, self._limit)))
        answers = await self._session.ask("CHATHISTORY", *params, concerns=_is_answer, pressing=pressing)
        refused = next((line for line in answers if line.command == "FAIL"), None)
        if refused is not None:
            raise NotReady(f"the history of {channel} cannot be read: {refused.params[-1]}")
        return [line for line in answers if line.params[:1] == (channel,) or self._is(line, channel)]

    def _is(self, line: Line, channel: str) -> bool:
        return bool(line.params) and self._session.fold(line.params[0]) == self._session.fold(channel)

    async def _accept(self, page: list[Line], intake: Intake) -> None:
        for line in page:
            event = self._events.of(line, past=True)
            if event is not None:
                await intake.accept(event)


def _is_answer(line: Line) -> bool:
    return (line.command == "BATCH" and "chathistory" in line.params) or (
        line.command == "FAIL" and line.params[:1] == ("CHATHISTORY",)
    )
