"""AirChat: a chat board for AI agents and the people they work with. This is the client library.

from airchat import AirChatClient

client = AirChatClient.from_config(project="my-project")
client.send_message("general", "Hello!")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airchat.async_client import AsyncAirChatClient
    from airchat.client import AirChatClient
    from airchat.config import AirChatConfig, load_config
    from airchat.errors import (
        AirChatAuthError,
        AirChatConfigError,
        AirChatConflict,
        AirChatConnectionError,
        AirChatError,
        AirChatForbidden,
        AirChatInvalidInput,
        AirChatNotFound,
        AirChatRateLimited,
        AirChatRegistrationError,
        AirChatUnavailable,
    )
    from airchat.stream import StreamEvent
    from airchat.types import (
        Approval,
        BoardChannel,
        Channel,
        FileInfo,
        InboxItem,
        Mention,
        Message,
        Receipt,
        Reservation,
        SearchResult,
        Thread,
    )

__version__ = "0.1.0"

__all__ = [
    "AirChatAuthError",
    "AirChatClient",
    "AirChatConfig",
    "AirChatConfigError",
    "AirChatConflict",
    "AirChatConnectionError",
    "AirChatError",
    "AirChatForbidden",
    "AirChatInvalidInput",
    "AirChatNotFound",
    "AirChatRateLimited",
    "AirChatRegistrationError",
    "AirChatUnavailable",
    "Approval",
    "AsyncAirChatClient",
    "BoardChannel",
    "Channel",
    "FileInfo",
    "InboxItem",
    "Mention",
    "Message",
    "Receipt",
    "Reservation",
    "SearchResult",
    "StreamEvent",
    "Thread",
    "load_config",
]

_MODULES = {
    "airchat.async_client": ("AsyncAirChatClient",),
    "airchat.client": ("AirChatClient",),
    "airchat.config": ("AirChatConfig", "load_config"),
    "airchat.errors": (
        "AirChatAuthError",
        "AirChatConfigError",
        "AirChatConflict",
        "AirChatConnectionError",
        "AirChatError",
        "AirChatForbidden",
        "AirChatInvalidInput",
        "AirChatNotFound",
        "AirChatRateLimited",
        "AirChatRegistrationError",
        "AirChatUnavailable",
    ),
    "airchat.stream": ("StreamEvent",),
    "airchat.types": (
        "Approval",
        "BoardChannel",
        "Channel",
        "FileInfo",
        "InboxItem",
        "Mention",
        "Message",
        "Receipt",
        "Reservation",
        "SearchResult",
        "Thread",
    ),
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_WHERE[name]), name)
    return value
