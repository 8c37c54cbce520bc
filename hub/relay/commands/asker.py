"""Who asks, as the hub knows them, and what they may ask for from where they are."""

from dataclasses import dataclass

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Forbidden
from airchat.protocol.principals import Kind, Principal
from hub.relay.commands.cases import Cases
from hub.relay.contract.desk import Place
from hub.relay.contract.inbound import User
from hub.relay.rules import Rules, rules_of
from store.ports.relay import Link

_WITH_SLASH = frozenset({"slack", "discord"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody of a platform: an account that was linked, else a ghost. `link` is that of the channel they are in.

    `commands` tells whether agents hear them from there.
    """

    user: User
    place: Place
    principal: Principal
    link: Link | None
    channel: Channel | None
    commands: bool = True

    @property
    def has_account(self) -> bool:
        """Whether it is known which account on the hub is theirs."""
        return self.principal.kind is Kind.PERSON

    @property
    def display_name(self) -> str | None:
        """What stands beside their messages in place of their name on the hub."""
        return None if self.has_account else self.user.name

    def typed(self, text: str) -> str:
        """Return how the command `text` is typed where they are, as code; on IRC the hub is spoken to."""
        slash = "/airchat " if self.place.platform in _WITH_SLASH else ""
        return f"`{slash}{text.replace('`', '')}`"

    @property
    def known_as(self) -> str:
        """What they are called across platforms, for counting."""
        return f"{self.place.platform}:{self.place.workspace}:{self.user.id}"


async def recognise(cases: Cases, user: User, place: Place) -> Asker:
    """Return who asks, introducing them to the hub if need be.

    Raises:
        Forbidden: their account is deactivated, or they are not heard in the channel where they are.
    """
    identities = await cases.workspaces.of(place.platform, place.workspace)
    principal = await identities.principal_of(user)
    if not principal.active:
        raise Forbidden("Your account on the hub is deactivated; an admin can let you in again.")
    link = cases.links.of_remote(place.platform, place.workspace, place.remote_channel)
    channel = cases.directory.channel(link.channel_id) if link is not None else None
    known = link if channel is not None else None
    rules = _rules_at(cases, place, known)
    if rules and not any(it.takes(user) for it in rules):
        raise Forbidden("You are not heard from here: the settings of the link (`allow`, `ignore`, `bots`) say who is.")
    commands = not rules or any(it.may_command(user) for it in rules)
    return Asker(user, place, principal, known, channel, commands)


def require_commander(asker: Asker) -> None:
    """Do nothing when agents hear the asker from where they are.

    Raises:
        Forbidden: the link's settings name others.
    """
    if not asker.commands:
        raise Forbidden("You may not command agents from here: the settings of the link (`commanders`) name who may.")


def require_way_in(asker: Asker) -> None:
    """Do nothing when what is said where the asker is comes to the hub.

    Raises:
        Forbidden: the channel is linked outwards only.
    """
    if asker.link is not None and asker.link.direction == "out":
        raise Forbidden("Nothing goes to the hub from here: this channel only shows what is said there.")


def _rules_at(cases: Cases, place: Place, link: Link | None) -> list[Rules]:
    """Return the rules of the link; of a place without one those of all of its workspace, any of which will do."""
    links = [link] if link else [it for it in cases.links.all(place.platform) if it.workspace == place.workspace]
    return [rules_of(it) for it in links]


def require_account(asker: Asker) -> None:
    """Do nothing when the asker has an account.

    Raises:
        Forbidden: none is known; the text says how to make it known.
    """
    if not asker.has_account:
        raise Forbidden(
            "This needs an account on the hub, and none is known to be yours. Get a code with "
            f"`airchat-hub people link YOUR-NAME`, or from an admin; then type {asker.typed('link CODE')}."
        )
