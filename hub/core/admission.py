"""Who may come into a channel and speak there, by the channel's modes. Channels without modes need not ask.

Whoever has authority over the channel always may: its creator, the hub's admins and owners.
"""

from collections.abc import Iterable
from typing import Any

from airchat.protocol import masks
from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Kind, Principal
from hub.core.permissions import Action, allowed
from store.ports.unit import Unit


class Refused(Forbidden):
    """A mode of the channel keeps somebody out or silent; `mode` is the one: `ban` or `mute`, `key`, a flag, ..."""

    def __init__(self, text: str, mode: str) -> None:
        super().__init__(text)
        self.mode = mode


def has_authority(actor: Principal, channel: Channel) -> bool:
    """Tell whether the actor may moderate the channel whatever its roles there."""
    return channel.created_by == actor.id or allowed(actor, Action.MODERATE_CHANNELS)


def known_as(principal: Principal) -> str:
    """Return the name that others know somebody by: a ghost's own name only tells it from others."""
    return (principal.kind is Kind.GHOST and principal.display_name) or principal.name


async def admit(unit: Unit, actor: Principal, channel: Channel, key: str | None = None) -> None:
    """Do nothing when the actor may join the channel as it is now, with that key, or is in it.

    Raises:
        Refused: a mode is against it.
    """
    current = await unit.channels.get(channel.id)
    if current is None or not current.modes or await unit.channels.membership(channel.id, actor.id):
        return
    members = len(await unit.channels.members(channel.id)) if "limit" in current.modes else 0
    check_entry(actor, current, members, key)


def check_entry(actor: Principal, channel: Channel, members: int, key: str | None) -> None:
    """Do nothing when the actor, who is no member yet, may join with that key; `members` are those there already.

    Raises:
        Refused: a mode is against it.
    """
    modes = channel.modes
    if not modes or has_authority(actor, channel):
        return
    name = channel.name
    if _listed(actor, modes.get("bans", ())) and not _listed(actor, modes.get("exceptions", ())):
        raise Refused(f"You are banned from {name}", "ban")
    if "invite_only" in modes and not _listed(actor, modes.get("invitations", ())):
        raise Refused(f"{name} is for those who are invited", "invite_only")
    if "registered_only" in modes and actor.kind is Kind.GHOST:
        raise Refused(f"{name} is for those with an account", "registered_only")
    if "key" in modes and key != modes["key"]:
        raise Refused(f"{name} needs its key", "key")
    if "limit" in modes and members >= modes["limit"]:
        raise Refused(f"{name} has as many members as it may", "limit")


def check_speech(actor: Principal, channel: Channel, roles: frozenset[str], *, member: bool) -> None:
    """Do nothing when the actor, with these roles in the channel, may speak there.

    Who is no member comes in by speaking, and so may not where they would be kept out.

    Raises:
        Refused: a mode is against it.
    """
    modes = channel.modes
    if not modes or roles or has_authority(actor, channel):
        return
    if not member:
        if "members_only" in modes:
            raise Refused(f"Only members may write to {channel.name}", "members_only")
        check_entry(actor, channel, 0, None)
    for mode in ("moderated", "op_moderated"):
        if mode in modes:
            raise Refused(f"{channel.name} is moderated: only those with a voice may write", mode)
    for mode, text in (("ban", "banned from"), ("mute", "muted in")):
        if _listed(actor, modes.get(mode + "s", ())) and not _listed(actor, modes.get("exceptions", ())):
            raise Refused(f"You are {text} {channel.name}", mode)


def _listed(principal: Principal, entries: Iterable[dict[str, Any]]) -> bool:
    """Tell whether a mask fits `name!kind@hub`, by the principal's name or the one it is known by."""
    names = {principal.name, known_as(principal)}
    return any(_fits(entry["mask"], principal, names) for entry in entries)


def _fits(mask: str, principal: Principal, names: set[str]) -> bool:
    if mask.startswith(masks.ACCOUNT):
        return principal.kind is not Kind.GHOST and masks.matches(mask.removeprefix(masks.ACCOUNT), principal.name)
    return any(masks.matches(mask, f"{name}!{principal.kind}@hub") for name in names)
