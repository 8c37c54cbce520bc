"""Orders: what people of a platform say to the hub in a conversation, such as `!approve 1234abcd`."""

from airchat.protocol.errors import HubError
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Principal
from hub.core.approvals import Approvals
from hub.core.clock import Clock
from hub.core.guards import Guards
from hub.core.messages import Messages
from hub.core.spoken import Order, spoken_order
from hub.core.system import SYSTEM, system_principal
from hub.relay.inward.gate import Gate
from store.ports.store import Store


class Orders:
    """Does what somebody orders, in their name; what does not count is told below the order."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        messages: Messages,
        approvals: Approvals | None,
        guards: Guards | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages
        self._approvals = approvals
        self._guards = guards

    async def heed(self, gate: Gate, author: Principal, text: str, message_id: str) -> None:
        """Do what a message orders; most order nothing."""
        order = spoken_order(text)
        if order is None:
            return
        try:
            await self._obey(gate, author, order)
        except HubError as error:
            if error.retryable:
                raise
            system = await system_principal(self._store, self._clock, SYSTEM)
            key = f"order:{message_id}"
            text = f"@{author.name}: {error}"
            await self._messages.post(system, gate.channel.name, text, parent_id=message_id, idempotency_key=key)

    async def _obey(self, gate: Gate, author: Principal, order: Order) -> None:
        if order.name == "continue":
            if self._guards is not None:
                await self._guards.go_on(author, gate.channel.name)
        elif self._approvals is not None:
            origin = Origin(gate.link.platform, verified=True)
            await self._approvals.answer(
                author, order.subject, order.name, order.reason, origin=origin, said_in=gate.channel
            )
