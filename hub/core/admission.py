"""Who may come into a channel and speak there, by the channel's modes. Channels without modes need not ask.

Whoever has authority over the channel always may: its creator, the hub's admins and owners.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from airchat.protocol import masks
from airchat.protocol.channels import LISTS, Channel
from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Kind, Principal
from hub.core.directory import Directory
from hub.core.permissions import Action, allowed, require
from hub.core.ranks import is_operator
from store.ports.unit import Unit

_SILENCING = frozenset({"bans", "moderated", "mutes", "op_moderated"})


class Refused(Forbidden):
    """A mode of the channel keeps somebody out or silent; `mode` is the one: `ban` or `mute`, `key`, a flag, ..."""

    def __init__(self, text: str, name: str, mode: str) -> None:
        """Refuse with a text in which `{}` stands for the channel's name."""
        super().__init__(text.format(name))
        self.mode = mode
        self._text = text

    def naming(self, name: str) -> str:
        """Return the text with the name that the channel has elsewhere."""
        return self._text.format(name)


def has_authority(actor: Principal, channel: Channel) -> bool:
    """Tell whether the actor may moderate the channel whatever its roles there."""
    return channel.created_by == actor.id or allowed(actor, Action.MODERATE_CHANNELS)


def check_removal(actor: Principal, author_id: str, channel: Channel, directory: Directory) -> None:
    """Do nothing when the actor may take away what the author wrote or shared in the channel.

    Authors may, and admins; in channels that are for more than two, whoever moderates there.

    Raises:
        Forbidden: they may not.
    """
    if actor.id == author_id:
        return
    if channel.direct or not (has_authority(actor, channel) or is_operator(directory.roles(channel.id, actor.id))):
        require(actor, Action.MODERATE_MESSAGES)


def known_as(principal: Principal) -> str:
    """Return the name that others know somebody by: a ghost's own name only tells it from others."""
    return (principal.kind is Kind.GHOST and principal.display_name) or principal.name


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody before a channel, with the key they say; `invited` when a member, or a link to elsewhere, lets them in.

    `source` is how the place they come from shows them, as `nick!user@host`, where the hub does otherwise.
    """

    principal: Principal
    key: str | None = None
    invited: bool = False
    source: str | None = None

    def fits(self, entries: Sequence[dict[str, Any]]) -> bool:
        """Tell whether one of a list's masks means them."""
        if not entries:
            return False
        name, kind = self.principal.name, self.principal.kind
        hosts = (f"{kind}/{name}", f"{name}.{kind}")  # as the hub writes it, and as IRC does
        shown = [f"{one}!{kind}@{host}" for one in {name, known_as(self.principal)} for host in hosts]
        if self.source is not None:
            shown.append(self.source)
        if kind is not Kind.GHOST:
            shown.append(masks.ACCOUNT + name)
        return any(_fits(entry["mask"], shown) for entry in entries)


async def admit(unit: Unit, visitor: Visitor, channel: Channel) -> None:
    """Do nothing when the visitor may join the channel as it is now, or is in it.

    Raises:
        Refused: a mode is against it.
    """
    current = await unit.channels.get(channel.id)
    if current is None or not current.modes or await unit.channels.membership(channel.id, visitor.principal.id):
        return
    members = len(await unit.channels.members(channel.id)) if "limit" in current.modes else 0
    check_entry(visitor, current, members)


def check_entry(visitor: Visitor, channel: Channel, members: int) -> None:
    """Do nothing when the visitor may join; `members` are those there already. The invited always may.

    Raises:
        Refused: a mode is against it.
    """
    modes, name = channel.modes, channel.name
    if not modes or visitor.invited or has_authority(visitor.principal, channel):
        return
    if visitor.fits(modes.get("bans", ())) and not visitor.fits(modes.get("exceptions", ())):
        raise Refused("You are banned from {}", name, "ban")
    if "invite_only" in modes and not visitor.fits(modes.get("invitations", ())):
        raise Refused("{} is for those who are invited", name, "invite_only")
    if "registered_only" in modes and visitor.principal.kind is Kind.GHOST:
        raise Refused("{} is for those with an account", name, "registered_only")
    if "key" in modes and visitor.key != modes["key"]:
        raise Refused("{} needs its key", name, "key")
    if "limit" in modes and members >= modes["limit"]:
        raise Refused("{} has as many members as it may", name, "limit")


def speaks_freely(actor: Principal, channel: Channel, directory: Directory) -> bool:
    """Tell whether nothing needs to be checked: the actor is a member, and no mode keeps any member silent."""
    return _SILENCING.isdisjoint(channel.modes) and directory.is_member(actor.id, channel.id)


def check_speech(visitor: Visitor, channel: Channel, directory: Directory) -> None:
    """Do nothing when the visitor may write to the channel.

    Who is no member comes in by writing, and so may not where they would be kept out.

    Raises:
        Refused: a mode is against it.
    """
    modes, name, actor = channel.modes, channel.name, visitor.principal
    if not modes or directory.roles(channel.id, actor.id) or has_authority(actor, channel):
        return
    if not visitor.invited and not directory.is_member(actor.id, channel.id):
        if "members_only" in modes:
            raise Refused("Only members may write to {}", name, "members_only")
        check_entry(visitor, channel, len(directory.members(channel.id)))
    for mode, text in (("ban", "banned from"), ("mute", "muted in")):
        if visitor.fits(modes.get(LISTS[mode], ())) and not visitor.fits(modes.get("exceptions", ())):
            raise Refused(f"You are {text} {{}}", name, mode)
    for mode in ("moderated", "op_moderated"):
        if mode in modes:
            raise Refused("{} is moderated: only those with a voice may write", name, mode)


def _fits(mask: str, shown: Sequence[str]) -> bool:
    """Tell whether the mask fits one of the texts; accounts are meant by masks that say so alone."""
    accounts = mask.startswith(masks.ACCOUNT)
    return any(masks.matches(mask, text) for text in shown if text.startswith(masks.ACCOUNT) is accounts)
