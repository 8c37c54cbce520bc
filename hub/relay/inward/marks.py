"""Marks on messages that came in over a link: by them a message is never sent back where it came from."""

from typing import Any

from store.ports.relay import Link

_LINK = "relay_link"
_BROADCAST = "relay_broadcast"
_PIECE = "relay_piece"


def inbound_metadata(link: Link, *, broadcast: bool = False, piece: int = 0) -> dict[str, Any]:
    """Return what is put on a message from this link; `piece` counts what a long message was cut into."""
    marks: dict[str, Any] = {"source": link.platform, _LINK: link.id}
    if broadcast:
        marks[_BROADCAST] = True
    if piece:
        marks[_PIECE] = piece
    return marks


def came_over(metadata: object, link: Link) -> bool:
    """Tell whether a message with this metadata came in over the link."""
    return isinstance(metadata, dict) and metadata.get(_LINK) == link.id


def gets_counterpart(metadata: object, link: Link) -> bool:
    """Tell whether a message that came over the link has a counterpart of its own: only the first of its pieces."""
    return came_over(metadata, link) and isinstance(metadata, dict) and _PIECE not in metadata


def is_broadcast(metadata: object) -> bool:
    """Tell whether it is a reply that is shown in its channel as well."""
    return isinstance(metadata, dict) and metadata.get(_BROADCAST) is True
