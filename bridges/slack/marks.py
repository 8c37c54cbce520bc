"""Marks: by what a post is known in Slack for certain, which its text and its author do not tell."""

from typing import Any

METADATA_TYPE = "airchat_hub"


def metadata(token: str) -> dict[str, Any]:
    """Return the metadata of a post; `token_of` finds the token in it."""
    return {"event_type": METADATA_TYPE, "event_payload": {"token": token}}


def token_of(message: dict[str, Any]) -> str | None:
    """Return the token that a message carries in its metadata; None without one."""
    token = ((message.get("metadata") or {}).get("event_payload") or {}).get("token")
    return None if token is None else str(token)
