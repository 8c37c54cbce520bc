"""Notices: words that stand for changes that a platform cannot show."""

from collections.abc import Sequence
from dataclasses import replace

from hub.relay.contract.errors import Gone
from hub.relay.contract.outbound import Author, Change, Post
from hub.relay.counters import Count
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import Placed
from store.ports.queues import Outgoing, OutgoingState

NOTICE = -1
"""What stands for the number of a piece while a notice is posted; of a long one, -2 is its second piece, and so on."""


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
        """Post these words, piece by piece, each unless it was posted before."""
        pieces = outlet.bridge.divide(text, author)
        for number in range(await self._posted(outlet, outgoing, author, placed), len(pieces)):
            post = self._post(outlet, outgoing, number, pieces[number], author, placed)
            try:
                await outlet.post(outgoing, post, NOTICE - number)
            except Gone:
                if post.thread is None:
                    raise
                await outlet.post(outgoing, replace(post, thread=None, reply_to=None), NOTICE - number)
            outlet.counters.add(outlet.link.platform, Count.WORDED)

    async def _posted(self, outlet: Outlet, outgoing: Outgoing, author: Author | None, placed: Placed | None) -> int:
        """Return how many pieces were posted: those before the one attempted last, and that one if it is there."""
        if outgoing.number > NOTICE:
            return 0
        number = NOTICE - outgoing.number
        if outgoing.state is not OutgoingState.SENDING:
            return number
        post = self._post(outlet, outgoing, number, outgoing.content, author, placed)
        return number if await outlet.find(outgoing, post) is None else number + 1

    def _post(  # noqa: PLR0917 - what a notice consists of
        self,
        outlet: Outlet,
        outgoing: Outgoing,
        number: int,
        text: str,
        author: Author | None,
        placed: Placed | None,
    ) -> Post:
        attempted_at, sent_after = outlet.first_attempt(outgoing)
        token = f"{outgoing.subject_id}:notice:{outgoing.seq}"
        return Post(
            token=f"{token}:{number}" if number else token,
            remote_channel=outlet.link.remote_channel,
            author=author,
            text=text,
            attempted_at=attempted_at,
            sent_after=sent_after,
            thread=placed.thread if placed else None,
            reply_to=placed.reply_to if placed else None,
            notice=True,
        )
