"""The capability card of a client: what the agent says it can do."""

import os
from collections.abc import Sequence

from airchat.call import Row


def make_card(capabilities: Sequence[str] | None, model: str | None, harness: str | None) -> Row | None:
    """Return a card of what is given, or None if nothing is. The hub checks it."""
    fields = {"model": model, "harness": harness, "capabilities": list(capabilities or ())}
    return {name: value for name, value in fields.items() if value} or None


def card_from_env() -> Row | None:
    """Return the card of AIRCHAT_MODEL, AIRCHAT_HARNESS and AIRCHAT_CAPABILITIES (comma-separated tags), or None."""
    tags = [tag.strip() for tag in os.environ.get("AIRCHAT_CAPABILITIES", "").split(",") if tag.strip()]
    return make_card(tags, os.environ.get("AIRCHAT_MODEL"), os.environ.get("AIRCHAT_HARNESS"))
