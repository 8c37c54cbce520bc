"""A desk for hubs that have no commands: it says so."""

from airchat.protocol.messages import Message
from hub.relay.contract.desk import Button, Command, Place, Press, Reply, Submission

_CLOSED = Reply("This hub takes no commands here.")


class NoDesk:
    """See `hub.relay.contract.desk.Desk`."""

    async def command(self, command: Command) -> Reply:
        """Do nothing."""
        return _CLOSED

    async def press(self, press: Press) -> Reply:
        """Do nothing."""
        return _CLOSED

    async def submit(self, submission: Submission) -> Reply:
        """Do nothing."""
        return _CLOSED

    async def complete(self, place: Place, text: str) -> list[str]:
        """Return nothing."""
        return []

    async def buttons(self, message: Message) -> tuple[Button, ...]:
        """Return none."""
        return ()
