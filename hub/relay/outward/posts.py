"""Posts: puts pieces of messages on a platform, and finds out what became of one whose outcome is unclear."""

from dataclasses import replace

from airchat.protocol.messages import is_unfinished
from airchat.protocol.timestamps import HOUR
from hub.relay.contract.bridge import Capability
from hub.relay.contract.errors import Gone
from hub.relay.contract.outbound import Post
from hub.relay.inward.marks import is_broadcast
from hub.relay.outward.bodies import hash_of
from hub.relay.outward.errand import Errand
from hub.relay.outward.notices import NOTICE
from hub.relay.outward.references import HOLD_SECONDS, Held, References
from hub.relay.outward.unfinished import Unfinished, with_hash
from store.ports.counterparts import Pair
from store.ports.queues import Outgoing, OutgoingKind
from store.ports.store import Store

_NEAR = HOUR
_MANY = 1_000


class Posts:
    """Posts pieces, each once."""

    def __init__(self, store: Store, references: References, unfinished: Unfinished) -> None:
        self._store = store
        self._references = references
        self._unfinished = unfinished

    async def settle(self, errand: Errand) -> Errand:
        """Find out what became of a post of an unclear outcome."""
        outlet, outgoing = errand.outlet, errand.outgoing
        if outgoing.number <= NOTICE:
            return errand
        post = await self._post(errand, outgoing.number, outgoing.content)
        remote_id = await outlet.find(outgoing, replace(post, taken=await self._taken(errand)))
        if remote_id is None:
            return errand
        # What was posted may not be what the message says by now: then its hash does not fit, and it is edited.
        now = self._now_says(errand, outgoing.number, outgoing.content)
        pair = self._pair(errand, outgoing.number, remote_id, hash_of(errand.message.content) if now else "")
        after = await outlet.record(outgoing, pair, last=False)
        return replace(errand, outgoing=after, pairs=[*errand.pairs, pair])

    async def send(self, errand: Errand, number: int, text: str, *, last: bool) -> Outgoing:
        """Post one piece, and keep its counterpart; return what is left of the errand in the queue.

        Raises:
            BridgeError: it was not posted, or may have been; Held when it has to be posted elsewhere.
        """
        post = await self._post(errand, number, text)
        try:
            remote_id, post = await errand.outlet.post(errand.outgoing, post, number)
        except Gone as error:
            if post.thread is None:
                raise
            self._references.lose(errand.outlet.link, post.thread.message_id)
            raise Held("its thread is gone: it is said in the channel", HOLD_SECONDS) from error
        pair = self._pair(errand, number, remote_id, "")
        pair = with_hash(pair, hash_of(errand.message.content), still_open=post.unfinished)
        after = await errand.outlet.record(errand.outgoing, pair, last=last)
        self._unfinished.note(pair)
        return after

    async def _taken(self, errand: Errand) -> frozenset[str]:
        """Return the remote ids near it that are known as other messages'."""
        link, since = errand.outlet.link, (errand.outgoing.attempted_at or errand.outgoing.planned_at) - _NEAR
        async with self._store.read() as unit:
            return frozenset(pair.remote_id for pair in await unit.counterparts.recent(link.id, since, _MANY))

    async def _post(self, errand: Errand, number: int, text: str) -> Post:
        outgoing, message, thread = errand.outgoing, errand.message, errand.placed.thread
        quoted = bool(errand.body.prefix)
        token = f"{message.id}:{number}"
        attempted_at, sent_after = errand.outlet.first_attempt(outgoing)
        asked_by = await self._asked_by(errand) if number == 0 and not quoted else None
        return Post(
            token=token if outgoing.kind is OutgoingKind.MESSAGE else f"{token}:{outgoing.seq}",
            remote_channel=errand.outlet.link.remote_channel,
            author=errand.author,
            text=text,
            attempted_at=attempted_at,
            sent_after=sent_after,
            message_id=message.id,
            thread=None if quoted else thread,
            reply_to=None if quoted else errand.placed.reply_to,
            broadcast=is_broadcast(message.metadata) and number == 0,
            files=errand.body.attached if number == 0 else (),
            buttons=errand.buttons if number == 0 else (),
            unfinished=asked_by is not None,
            asked_by=asked_by,
        )

    async def _asked_by(self, errand: Errand) -> str | None:
        """Return for whom the message can be shown as being written, if it is, and that can be shown."""
        message, outlet, thread = errand.message, errand.outlet, errand.placed.thread
        alone = not errand.body.attached and not errand.buttons and thread is not None and thread.remote_id is not None
        shown = outlet.can(Capability.STREAM) and errand.shows_edits and alone
        if not shown or not is_unfinished(message.metadata) or len(errand.body.pieces(message.content)) != 1:
            return None
        return await self._references.asked_by(message, outlet.identities.user_of)

    def _pair(self, errand: Errand, number: int, remote_id: str, hash_now: str) -> Pair:
        return Pair(
            link_id=errand.outlet.link.id,
            message_id=errand.message.id,
            number=number,
            remote_id=remote_id,
            inbound=False,
            created_at=errand.outlet.clock(),
            hash=hash_now,
            thread=errand.placed.thread.remote_id if errand.placed.thread else None,
        )

    def _now_says(self, errand: Errand, number: int, content: str) -> bool:
        """Tell whether the piece of that number would be this text now."""
        wanted = errand.body.pieces(errand.message.content)
        return number < len(wanted) and wanted[number] == content
