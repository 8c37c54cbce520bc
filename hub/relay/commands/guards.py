"""`continue`: letting agents go on that were held back."""

from airchat.protocol.errors import Conflict
from hub.relay.commands.table import Question, command
from hub.relay.contract.desk import Reply


@command("continue", "Let agents go on that talked among themselves for too long in this channel", account=True)
async def go_on(question: Question) -> Reply:
    """Begin a new streak for the agents of the channel."""
    channel = question.asker.channel
    if channel is None:
        raise Conflict("This channel is not linked to the hub: no agents talk in it.")
    released = await question.cases.guards.go_on(question.asker.principal, channel.name)
    return Reply(f"Agents go on in `#{channel.name}`; {released} of what they were asked was held back.")
