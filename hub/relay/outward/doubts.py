"""Doubts: what was posted once more can come twice, when the first request was under way for longer than was waited.

So the platform is asked again, a few times, and what is there beside what is known of goes. A hub that is ended within
these minutes forgets it. What cannot be taken back is not looked for, nor what is only told in words.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hub.relay.contract.bridge import Bridge
from hub.relay.contract.outbound import Delete, Post, Reference
from store.ports.store import Store

LOOK_AFTER = (5.0, 30.0, 120.0)
"""Seconds after which it is looked for, since it was not found."""

_AGAIN_SECONDS = 30.0
_ASKED_AT_MOST = 20
_AT_MOST = 100
"""Of so many posts over one link: where more are in doubt, a platform is out of order."""

_NEAR = 1_000


@dataclass(slots=True)
class _Doubt:
    """A post that was not there when it was looked for; `known` are the ids that it has been posted under since."""

    post: Post
    looks: list[float]
    known: set[str] = field(default_factory=set)
    asked: int = 0


class Doubts:
    """The posts in doubt, by link; a link's are looked for by its lane, between two posts."""

    def __init__(self, store: Store, ticks: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._ticks = ticks
        self._doubts: dict[str, dict[str, _Doubt]] = defaultdict(dict)

    def begin(self, link_id: str, post: Post) -> None:
        """Take note of a post that is made again."""
        if post.notice or post.author is None or len(self._doubts[link_id]) >= _AT_MOST:
            return
        looks, earlier = [self._ticks() + seconds for seconds in LOOK_AFTER], self._doubts[link_id].get(post.token)
        self._doubts[link_id][post.token] = _Doubt(post, looks, earlier.known if earlier else set())

    def posted(self, link_id: str, token: str, remote_id: str) -> None:
        """Take note of an id under which a post is there."""
        doubt = self._doubts[link_id].get(token)
        if doubt is not None:
            doubt.known.add(remote_id)

    def wait(self, link_id: str) -> float:
        """Return after how many seconds there is something to look for."""
        moments = [doubt.looks[0] for doubt in self._doubts[link_id].values()]
        return max(0.0, min(moments, default=float("inf")) - self._ticks())

    async def twin(self, link_id: str, bridge: Bridge) -> Delete | None:
        """Look for one that is due; return what takes away its twin, None when there is none.

        Raises:
            BridgeError: the platform cannot be asked now; a while later it is asked again.
        """
        now = self._ticks()
        for token, doubt in list(self._doubts[link_id].items()):
            if doubt.looks[0] > now:
                continue
            doubt.looks[0], doubt.asked = now + _AGAIN_SECONDS, doubt.asked + 1
            if doubt.asked == _ASKED_AT_MOST:
                del self._doubts[link_id][token]
            found = await self._find(link_id, bridge, doubt)
            if found is None and len(doubt.looks) == 1:
                self._doubts[link_id].pop(token, None)
            elif found is None:
                doubt.looks.pop(0)
            else:  # it stays due, until it is gone
                post = doubt.post
                assert post.author is not None  # noqa: S101 - of others nothing is noted
                twin = Reference(post.message_id or "", found, post.author.name, "")
                return Delete(post.remote_channel, twin, post.author, post.thread)
        return None

    async def _find(self, link_id: str, bridge: Bridge, doubt: _Doubt) -> str | None:
        """Return the id of what looks like the post and is known as nothing else."""
        taken = doubt.known | await self._known_near(link_id, doubt.post)
        while True:
            found = await bridge.find_sent(replace(doubt.post, taken=doubt.post.taken | taken))
            if found is None or found in taken:
                return None
            async with self._store.read() as unit:
                if await unit.counterparts.of_remote(link_id, found) is None:
                    return found
            taken.add(found)

    async def _known_near(self, link_id: str, post: Post) -> set[str]:
        """Return the ids of what else was posted since: only of what nobody knows a bridge is to make it that post."""
        async with self._store.read() as unit:
            return {pair.remote_id for pair in await unit.counterparts.recent(link_id, post.attempted_at, _NEAR)}
