"""What a message may contain: the checks on text, metadata, emoji and keys."""

import json
import re
from typing import Any

from airchat.protocol.errors import InvalidInput
from airchat.protocol.limits import MESSAGE_LENGTH, METADATA_LENGTH, length
from airchat.protocol.messages import Origin
from airchat.protocol.principals import Principal

_EMOJI_LENGTH = 64
_KEY_LENGTH = 200
_RESERVED_KEYS = frozenset(
    {"source", "user_email", "relay_link", "irc", "task_event", "approval_id", "approval_event", "guard"}
)
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def checked_content(content: str, *, verbatim: bool = False) -> str:
    """Return the text without white space at its ends, unless it stays as it is: `verbatim`.

    Raises:
        InvalidInput: there is only white space, it is too long, or has characters that are no text.
    """
    stripped = content.strip()
    content = content if verbatim else stripped
    if not stripped:
        raise InvalidInput("Content is required", "content")
    if length(content) > MESSAGE_LENGTH:
        raise InvalidInput(f"Content must be at most {MESSAGE_LENGTH} characters", "content")
    _check_characters(content, "content")
    return content


def checked_metadata(author: Principal, metadata: dict[str, Any] | None, origin: Origin) -> dict[str, Any]:
    """Return the metadata as stored: what only the hub may say is taken out, or put in, unless a bridge says it.

    Raises:
        InvalidInput: it is no JSON object, or too long as compact JSON text.
    """
    if not metadata:
        kept: dict[str, Any] = {}
    else:
        _check_metadata(metadata)
        kept = metadata
    if origin.platform != "hub":
        return kept
    if author.name.endswith("-slack-bridge"):
        return {key: value for key, value in kept.items() if key not in _RESERVED_KEYS} | {"source": "slack"}
    if not _RESERVED_KEYS.isdisjoint(kept):
        return {key: value for key, value in kept.items() if key not in _RESERVED_KEYS}
    return kept


def check_emoji(emoji: str) -> None:
    """Do nothing when one can react with this.

    Raises:
        InvalidInput: one cannot.
    """
    printable = emoji.replace("\u200d", "").isprintable()  # a joiner of emoji is no printable character by itself
    if not emoji or length(emoji) > _EMOJI_LENGTH or not printable or any(char.isspace() for char in emoji):
        raise InvalidInput(f"emoji must be 1-{_EMOJI_LENGTH} characters without blanks", "emoji")


def check_key(key: str | None) -> None:
    """Do nothing when this is an idempotency key, or none is given.

    Raises:
        InvalidInput: it is none.
    """
    if key is not None and (not key or len(key) > _KEY_LENGTH or not key.isprintable()):
        raise InvalidInput(f"An idempotency key has 1-{_KEY_LENGTH} printable characters", "idempotency_key")


def _check_characters(text: str, field: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise InvalidInput(f"{field} must not contain NUL or half a surrogate pair", field)


def _check_metadata(metadata: dict[str, Any]) -> None:
    if not isinstance(metadata, dict):
        raise InvalidInput("metadata must be an object", "metadata")
    try:
        text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("metadata must be JSON", "metadata") from None
    if length(text) > METADATA_LENGTH:
        raise InvalidInput(f"metadata must be at most {METADATA_LENGTH} characters of JSON", "metadata")
    if _ESCAPED_NUL.search(text):
        raise InvalidInput("metadata must not contain NUL or half a surrogate pair", "metadata")
    _check_characters(text, "metadata")
