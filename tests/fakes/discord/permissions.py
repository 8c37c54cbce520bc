"""Permissions: bits of roles, and a channel's overwrites (https://docs.discord.com/developers/topics/permissions)."""

from collections.abc import Iterable

BITS = {
    "ADD_REACTIONS": 1 << 6,
    "ADMINISTRATOR": 1 << 3,
    "ATTACH_FILES": 1 << 15,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "EMBED_LINKS": 1 << 14,
    "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_MESSAGES": 1 << 13,
    "MANAGE_THREADS": 1 << 34,
    "MANAGE_WEBHOOKS": 1 << 29,
    "MENTION_EVERYONE": 1 << 17,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "SEND_MESSAGES": 1 << 11,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "USE_EXTERNAL_EMOJIS": 1 << 18,
    "VIEW_CHANNEL": 1 << 10,
}


def bits(names: Iterable[str]) -> int:
    """The names as one number."""
    total = 0
    for name in names:
        total |= BITS[name]
    return total


EVERYBODY = bits(
    (
        "ADD_REACTIONS",
        "ATTACH_FILES",
        "CREATE_PUBLIC_THREADS",
        "EMBED_LINKS",
        "READ_MESSAGE_HISTORY",
        "SEND_MESSAGES",
        "SEND_MESSAGES_IN_THREADS",
        "USE_APPLICATION_COMMANDS",
        "VIEW_CHANNEL",
    )
)
"""What members may by default."""

BOT = bits(name for name in BITS if name not in {"ADMINISTRATOR", "MENTION_EVERYONE"})
"""What the app's own role grants."""
