"""Orders to the hub that people say in a conversation: `!approve id`, `!deny id why`, `!continue`.

A door that lets people speak gives what they say to `spoken_order` once the hub has taken it as a message.
"""

from dataclasses import dataclass
from typing import Literal

OrderName = Literal["approve", "deny", "continue"]

_NAMES: tuple[OrderName, ...] = ("approve", "deny", "continue")


@dataclass(frozen=True, slots=True)
class Order:
    """An order: about which approval, and why; `continue` is about the channel where it is said."""

    name: OrderName
    subject: str = ""
    reason: str | None = None


def spoken_order(text: str) -> Order | None:
    """Return the order that a message is; None when it is none: it has to begin with it, and be of one line."""
    if not text.startswith("!"):
        return None
    words = text[1:].split(maxsplit=2)
    name = next((name for name in _NAMES if words and words[0].lower() == name), None)
    if name is None or "\n" in text.strip():
        return None
    return Order(name, words[1] if len(words) > 1 else "", words[2].strip() if len(words) > 2 else None)
