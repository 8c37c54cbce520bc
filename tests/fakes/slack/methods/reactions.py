"""``reactions.*``: the bot's own reactions, and reading everybody's."""

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.messages import Message
from tests.fakes.slack.settings import Json

from .call import Call, Method


def add(call: Call) -> Json:
    """React; raises ``already_reacted``."""
    message, name = _message(call), _name(call)
    call.timeline.react(message, call.app.user.id, name)
    return {}


def remove(call: Call) -> Json:
    """Take the bot's reaction back; raises ``no_reaction``."""
    message, name = _message(call), _name(call)
    call.timeline.unreact(message, call.app.user.id, name)
    return {}


def get(call: Call) -> Json:
    """A message with its reactions."""
    message = _message(call)
    return {"type": "message", "channel": message.channel, "message": call.workspace.render(message)}


def _message(call: Call) -> Message:
    channel = call.channel()
    return call.workspace.message(channel, call.arguments.required("timestamp"))


def _name(call: Call) -> str:
    name = call.arguments.required("name")
    if ":" in name.replace("::", "") or not name.isascii():
        raise SlackError("invalid_name")
    return name


METHODS = {
    "reactions.add": Method(add, "reactions:write"),
    "reactions.get": Method(get, "reactions:read"),
    "reactions.remove": Method(remove, "reactions:write", tier=20),
}
