"""Notices: words that stand for changes that a platform cannot show."""

from collections.abc import Sequence

from hub.relay.contract.outbound import Author, Change, Post
from hub.relay.counters import Count
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import Placed
from store.ports.queues import Outgoing, OutgoingState

NOTICE = -1
"""What stands for the number of a piece while a notice is posted."""


class Notices:
    """Posts notices, each once."""

    async def say(
        self, outlet: Outlet, outgoing: Outgoing, changes: Sequence[Change], author: Author, placed: Placed
    ) -> None:
        """Post the bridge's words for the changes, unless they were posted before; some need none."""
        words = outlet.bridge.in_words(changes)
        if words is not None:
            await self.post(outlet, outgoing, words, author, placed)

    async def post(
        self, outlet: Outlet, outgoing: Outgoing, text: str, author: Author | None, placed: Placed | None = None
    ) -> None:
        """Post these words, unless they were posted before."""
        if await self.settle(outlet, outgoing, author):
            return
        pieces = outlet.bridge.divide(text, author)
        if pieces:
            await outlet.post(outgoing, self._post(outlet, outgoing, pieces[0], author, placed), NOTICE)
            outlet.counters.add(outlet.link.platform, Count.WORDED)

    async def settle(self, outlet: Outlet, outgoing: Outgoing, author: Author | None) -> bool:
        """Tell whether a notice of an unclear outcome was posted."""
        if outgoing.state is not OutgoingState.SENDING or outgoing.number != NOTICE:
            return False
        return await outlet.find(outgoing, self._post(outlet, outgoing, outgoing.content, author, None)) is not None

    def _post(
        self, outlet: Outlet, outgoing: Outgoing, text: str, author: Author | None, placed: Placed | None
    ) -> Post:
        attempted_at, sent_after = outlet.first_attempt(outgoing)
        return Post(
            token=f"{outgoing.subject_id}:notice:{outgoing.seq}",
            remote_channel=outlet.link.remote_channel,
            author=author,
            text=text,
            attempted_at=attempted_at,
            sent_after=sent_after,
            thread=placed.thread if placed else None,
            reply_to=placed.reply_to if placed else None,
            notice=True,
        )
