"""Permissions that the bot needs, and the address under which an admin of a server grants them.

https://docs.discord.com/developers/topics/permissions
"""

from collections.abc import Iterable
from typing import Any

NEEDED = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Send Messages in Threads": 1 << 38,
    "Create Public Threads": 1 << 35,
    "Read Message History": 1 << 16,
    "Manage Webhooks": 1 << 29,
}
"""Without one of these, messages do not go through."""

WANTED = {
    "Add Reactions": 1 << 6,
    "Use External Emoji": 1 << 18,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Manage Messages": 1 << 13,
    "Manage Channels": 1 << 4,
}
"""Without one of these, something is put in words: reactions, large files, deletions of others' messages, topics."""

_ADMINISTRATOR = 1 << 3
_INVITE = "https://discord.com/oauth2/authorize"


def invitation(application_id: str) -> str:
    """Return the address under which an admin of a server lets the bot in, with all permissions."""
    total = sum(NEEDED.values()) + sum(WANTED.values())
    return f"{_INVITE}?client_id={application_id}&scope=bot+applications.commands&permissions={total}"


def missing(granted: int, wanted: Iterable[tuple[str, int]]) -> list[str]:
    """Return which of the wanted permissions are not among those granted."""
    return [] if granted & _ADMINISTRATOR else [name for name, bit in wanted if not granted & bit]


def granted(guild: dict[str, Any], member: dict[str, Any], channel: dict[str, Any]) -> int:
    """Return what a member may in a channel: the roles' permissions, and the channel's exceptions over them."""
    roles = {str(role["id"]): int(role["permissions"]) for role in guild["roles"]}
    mine = [str(role) for role in member["roles"]]
    total = roles.get(str(guild["id"]), 0)
    for role in mine:
        total |= roles.get(role, 0)
    exceptions = {str(it["id"]): it for it in channel.get("permission_overwrites") or []}
    of_roles = [exceptions[role] for role in mine if role in exceptions]
    for group in ([exceptions.get(str(guild["id"]))], of_roles, [exceptions.get(str(member["user"]["id"]))]):
        present = [it for it in group if it is not None]
        for it in present:
            total &= ~int(it["deny"])
        for it in present:
            total |= int(it["allow"])
    return total
