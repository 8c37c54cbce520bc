"""Rules of a link: what is mirrored over it, from whom, and who may command agents from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from airchat.protocol.errors import InvalidInput
from hub.relay.contract.inbound import User
from store.ports.relay import Link


class Mirrored(StrEnum):
    """What can be mirrored beside messages. `threads` are replies, `joins` who comes and goes."""

    EDITS = "edits"
    DELETES = "deletes"
    REACTIONS = "reactions"
    FILES = "files"
    THREADS = "threads"
    TOPIC = "topic"
    JOINS = "joins"

    @classmethod
    def named(cls, word: str) -> "Mirrored":
        """Return what goes by that word.

        Raises:
            InvalidInput: nothing does.
        """
        try:
            return cls(word)
        except ValueError:
            raise InvalidInput(f"mirror may list {', '.join(cls)}; {word!r} is none of them", "mirror") from None


USUAL = frozenset(Mirrored) - {Mirrored.JOINS}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a link was told.

    `allow`, `ignore` and `commanders` name the platform's users by id or name, or their roles by id; an empty `allow`
    takes everybody, empty `commanders` let everybody command agents. `backfill` is how many messages from before the
    link are read in.
    """

    mirror: frozenset[Mirrored] = USUAL
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    commanders: tuple[str, ...] = ()
    bots: bool = True
    backfill: int = 0

    def row(self) -> dict[str, Any]:
        """Return the rules as they are stored."""
        return {
            "mirror": sorted(self.mirror),
            "allow": list(self.allow),
            "ignore": list(self.ignore),
            "commanders": list(self.commanders),
            "bots": self.bots,
            "backfill": self.backfill,
        }

    def takes(self, user: User) -> bool:
        """Tell whether what the user does is mirrored."""
        if (user.bot and not self.bots) or _names(self.ignore, user):
            return False
        return not self.allow or _names(self.allow, user)

    def may_command(self, user: User) -> bool:
        """Tell whether agents hear when the user mentions them."""
        return not self.commanders or _names(self.commanders, user)


def rules_of(link: Link) -> Rules:
    """Return a link's rules."""
    return rules_from(link.rules)


def rules_from(row: Mapping[str, Any]) -> Rules:
    """Return rules as `Rules.row` has written them; what is not there is as usual."""
    return Rules(
        mirror=frozenset(Mirrored(word) for word in row.get("mirror", USUAL)),
        allow=tuple(row.get("allow", ())),
        ignore=tuple(row.get("ignore", ())),
        commanders=tuple(row.get("commanders", ())),
        bots=bool(row.get("bots", True)),
        backfill=int(row.get("backfill", 0)),
    )


def _names(listed: tuple[str, ...], user: User) -> bool:
    """Tell whether a list names the user; by name only as a whole, whatever its case."""
    known = {user.id, *user.roles}
    shown = user.name.casefold()
    return any(entry in known or entry.removeprefix("@").casefold() == shown for entry in listed)
