"""Orders: what people of a platform say to the hub in a conversation, such as `!approve 1234abcd`."""

from airchat.protocol.errors import HubError
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Principal
from hub.core.approvals import Approvals
from hub.core.clock import Clock
from hub.core.messages import Messages
from hub.core.spoken import spoken_order
from hub.core.system import SYSTEM, system_principal
from hub.relay.inward.messages import Gate
from store.ports.store import Store


class Orders:
    """Answers approvals in the name of whoever says so; what does not count is told below the order."""

    def __init__(self, store: Store, clock: Clock, messages: Messages, approvals: Approvals | None) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages
        self._approvals = approvals

    async def heed(self, gate: Gate, author: Principal, text: str, message_id: str) -> None:
        """Do what a message orders; most order nothing."""
        order = spoken_order(text)
        if order is None or self._approvals is None:
            return
        origin = Origin(gate.link.platform, verified=True)
        try:
            await self._approvals.answer(author, order.subject, order.name, order.reason, origin=origin)
        except HubError as error:
            if error.retryable:
                raise
            system = await system_principal(self._store, self._clock, SYSTEM)
            key = f"order:{message_id}"
            text = f"@{author.name} {error}"
            await self._messages.post(system, gate.channel.name, text, parent_id=message_id, idempotency_key=key)
