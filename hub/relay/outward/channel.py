"""The channel itself out: its topic, that it is archived, and who comes and goes."""

from hub.core.directory import Directory
from hub.relay.contract.errors import CannotCarry
from hub.relay.contract.outbound import Author, Topic
from hub.relay.outward.notices import Notices
from hub.relay.outward.outlet import Outlet
from hub.relay.outward.references import Placed, References
from store.ports.queues import Outgoing, OutgoingState
from store.ports.store import Store
from store.ports.unit import Unit

ARCHIVED = "archived"
"""In what an event means for a link: the hub's channel was archived, or brought back."""

_ARCHIVED = "archived this channel on the hub: what is written here does not arrive there meanwhile"
_BACK = "brought this channel back on the hub"


class ChannelNews:
    """Tells of topics, of archiving, and of members."""

    def __init__(self, store: Store, directory: Directory, references: References, notices: Notices) -> None:
        self._store = store
        self._directory = directory
        self._references = references
        self._notices = notices

    async def topic(self, outlet: Outlet, outgoing: Outgoing) -> None:
        """Give the remote channel the topic that the hub's has now, unless it has it; of archiving it is only told."""
        if ARCHIVED in outgoing.detail:
            author = self._references.author(outgoing.detail["by"] or "")
            await self._notices.post(outlet, outgoing, _ARCHIVED if outgoing.detail[ARCHIVED] else _BACK, author)
            await outlet.finish(outgoing)
            return
        channel = self._directory.channel(outlet.link.channel_id)
        async with self._store.read() as unit:
            link = next((it for it in await unit.relay.links() if it.id == outlet.link.id), outlet.link)
        wanted = (channel.topic if channel else None) or ""
        if wanted != (link.topic or "") or outgoing.state is OutgoingState.SENDING:
            await outlet.attempt(outgoing)
            author = Author("", (channel.topic_by if channel else None) or "somebody")
            topic = Topic(outlet.link.remote_channel, author, wanted, channel.topic_at if channel else None)
            try:
                await outlet.change(topic)
                await self._keep(outlet.link.id, wanted)
            except CannotCarry:
                await self._notices.say(outlet, outgoing, [topic], author, Placed())
        await outlet.finish(outgoing)

    async def member(self, outlet: Outlet, outgoing: Outgoing) -> None:
        """Tell that somebody came or went, unless they did so there."""
        if outlet.identities.user_of(outgoing.subject_id) is None:
            author = self._references.author(outgoing.subject_id)
            verb = "joined" if outgoing.detail["joined"] else "left"
            await self._notices.post(outlet, outgoing, verb, author)
        await outlet.finish(outgoing)

    async def _keep(self, link_id: str, topic: str) -> None:
        async def work(unit: Unit) -> None:
            await unit.relay.save_topic(link_id, topic)

        await self._store.write(work)
