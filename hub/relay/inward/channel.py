"""The channel itself in: its topic and state, and who comes and goes there."""

from airchat.protocol.limits import TOPIC_LENGTH
from airchat.protocol.messages import Origin
from hub.core.announcements import shorten
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.messages import Messages
from hub.core.system import SYSTEM, system_principal
from hub.relay.contract import inbound
from hub.relay.inward.gate import Gate
from hub.relay.inward.marks import inbound_metadata
from hub.relay.links import Links
from store.ports.store import Store
from store.ports.unit import Unit


def _stands(gate: Gate, topic: inbound.Topic, text: str, known: str | None) -> bool:
    """Tell whether the hub's topic stays as it is; `known` is what was there before.

    What was there before the link is left as it is. Where the topic changed on both sides, the later change counts;
    where the platform does not tell which is, the hub's.
    """
    here, here_at = gate.channel.topic or "", gate.channel.topic_at or 0
    from_before = known is None and (topic.set_at or 0) <= gate.link.created_at
    if topic.found and (from_before or text in {known, here}):
        return True
    if topic.set_at is None:
        return topic.found and here != (known or "")
    return here_at > topic.set_at


class Happenings:
    """Follows what happens to a remote channel."""

    def __init__(self, store: Store, channels: Channels, messages: Messages, links: Links, clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._messages = messages
        self._links = links
        self._clock = clock

    async def topic(self, gate: Gate, topic: inbound.Topic) -> None:
        """Give the hub channel the topic; it is noted first that the remote one has it, which stops the echo."""
        text = shorten("".join(char if char.isprintable() else " " for char in topic.text).strip(), TOPIC_LENGTH)

        async def note(unit: Unit) -> None:
            await unit.relay.save_topic(gate.link.id, text)

        kept = _stands(gate, topic, text, await self._known(gate))
        await self._store.write(note)
        if kept:
            return
        user = await gate.identities.principal_of(topic.user)
        await self._channels.join(user, gate.channel.name, invited=True)
        await self._channels.update(user, gate.channel.name, topic=text)

    async def _known(self, gate: Gate) -> str | None:
        """Return the topic that the remote channel had last, as far as it is known."""
        async with self._store.read() as unit:
            return next((it.topic for it in await unit.relay.links() if it.id == gate.link.id), None)

    async def state(self, gate: Gate, state: inbound.ChannelState, key: str) -> None:
        """Note the new name, untie a channel that is private now, and tell who is here what became of it there."""
        link = gate.link
        if state.name is not None:
            await self._links.rename(link.id, state.name)
        if state.private:
            verb = "is private now, and linked no longer"
        elif state.archived is None:
            return
        else:
            verb = "was archived" if state.archived else "is in use again"
        if not gate.channel.archived:
            await self._tell(gate, state.name, verb, key)
        if state.private:
            await self._links.remove(link.id)

    async def _tell(self, gate: Gate, name: str | None, verb: str, key: str) -> None:
        link = gate.link
        system = await system_principal(self._store, self._clock, SYSTEM)
        await self._messages.post(
            system,
            gate.channel.name,
            f"`{name or link.remote_name or link.remote_channel}` on {link.platform.capitalize()} {verb}.",
            metadata=inbound_metadata(link),
            idempotency_key=f"{link.id}:{key}",
            origin=Origin(link.platform, verified=True),
        )

    async def member(self, gate: Gate, member: inbound.Member) -> None:
        """Let somebody be in the hub channel as long as they are there."""
        user = await gate.identities.principal_of(member.user)
        if member.joined:
            await self._channels.join(user, gate.channel.name, invited=True)
        else:
            await self._channels.leave(user, gate.channel.name)
