"""The Web API methods by name, one module per family (https://docs.slack.dev/reference/methods)."""

from . import auth, chat, conversations, files, members, reactions, streams, views
from .call import Call, Method

METHODS: dict[str, Method] = (
    auth.METHODS
    | chat.METHODS
    | conversations.METHODS
    | files.METHODS
    | members.METHODS
    | reactions.METHODS
    | streams.METHODS
    | views.METHODS
)

__all__ = ["METHODS", "Call", "Method"]
