"""Whom a message is for: the other party of a direct channel, elsewhere whoever its text mentions."""

from airchat.protocol.channels import Channel
from airchat.protocol.errors import Conflict, NotFound
from airchat.protocol.ids import new_id
from airchat.protocol.inbox import InboxKind
from airchat.protocol.mentions import mentioned_names
from airchat.protocol.principals import Kind, Principal
from airchat.protocol.record import record
from hub.core.direct import direct_name
from hub.core.directory import Directory
from hub.core.guests import is_guest
from store.ports.messages import Addressee

_REACHABLE = frozenset({Kind.AGENT, Kind.PERSON})


@record
class Addressed:
    """Whom a text is for, and the names that it mentions and nobody has, as far as this process has heard."""

    addressees: tuple[Addressee, ...] = ()
    unknown: tuple[str, ...] = ()


NOBODY = Addressed()


class Addressing:
    """Finds addressees through the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def party(self, author: Principal, name: str) -> Principal:
        """Return whom the author can send a direct message under that name.

        Somebody of a bridged platform can only be answered: they look for what they asked for, and for nothing else.

        Raises:
            NotFound: nobody has the name.
            Conflict: they are deactivated.
        """
        other = await self._directory.find_principal(name)
        if other is None or not (other.kind in _REACHABLE or is_guest(other) or self._asked(author, other)):
            raise NotFound(f'No agent named "{name}". Check the name — nothing was sent.')
        _check_active(other)
        return other

    def _asked(self, author: Principal, other: Principal) -> bool:
        """Tell whether somebody of a platform has begun a conversation with the author."""
        name = direct_name([author.id, other.id])
        return other.kind is Kind.GHOST and self._directory.channel_by_name(name) is not None

    async def of(self, author: Principal, channel: Channel, content: str, now: int) -> Addressed:
        """Return whom the author's message is for, never the author.

        Raises:
            Conflict: the other party of a direct channel is deactivated.
        """
        if channel.direct:
            return Addressed(self._other_parties(author, channel, now))
        if "@" not in content:
            return NOBODY
        names = mentioned_names(content)
        if not names:
            return NOBODY
        found = await self._directory.find_principals(names)
        known = {principal.name for principal in found}
        return Addressed(
            tuple(
                Addressee(principal.id, InboxKind.MENTION, new_id(now), new_id(now))
                for principal in found
                if self._hears(principal, author, channel)
            ),
            tuple(name for name in names if name not in known),
        )

    def _hears(self, principal: Principal, author: Principal, channel: Channel) -> bool:
        return (
            principal.active
            and principal.kind in _REACHABLE
            and principal.id != author.id
            and self._directory.readable(principal, channel)
        )

    def _other_parties(self, author: Principal, channel: Channel, now: int) -> tuple[Addressee, ...]:
        addressees = []
        for party_id in self._directory.direct_members(channel.id) - {author.id}:
            party = self._directory.principal(party_id)
            if party is not None:
                _check_active(party)
                if party.kind not in _REACHABLE:
                    continue
            addressees.append(Addressee(party_id, InboxKind.DIRECT, new_id(now), new_id(now)))
        return tuple(addressees)


def _check_active(party: Principal) -> None:
    if not party.active:
        raise Conflict(f'Agent "{party.name}" is deactivated and would not be notified. Nothing was sent.')
