"""Trust: how sure a reader can be of who wrote a text. The hub knows it; texts cannot say it of themselves."""

from enum import StrEnum

from airchat.protocol.principals import Kind


class Trust(StrEnum):
    """From the hub's own words to those of anybody at all."""

    HUB = "hub"
    AGENT = "agent"
    VERIFIED = "person verified"
    UNVERIFIED = "person unverified"
    OUTSIDE = "outside"


def trust_of(kind: Kind | str | None, platform: str = "hub", *, verified: bool = True, bot: bool = False) -> Trust:
    """Return how far an author can be trusted, by the kind of principal and by the origin of what was written.

    A person is verified who has an account here and, on a platform, is linked to it. Whom only the platform knows is
    unverified; whom nobody vouches for, such as a guest, a nick of an outside network or a platform's bot, is from
    outside: an agent is only who is registered here.
    """
    match kind:
        case Kind.SYSTEM:
            return Trust.HUB
        case Kind.AGENT:
            return Trust.AGENT if verified else Trust.OUTSIDE
        case Kind.PERSON:
            return Trust.VERIFIED if verified else Trust.UNVERIFIED
        case Kind.GHOST if verified and platform != "hub" and not bot:
            return Trust.UNVERIFIED
        case _:
            return Trust.OUTSIDE
