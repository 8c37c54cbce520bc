"""What a client says, before anybody hears it: a text or tags, and what of it the hub keeps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from airchat.protocol.ids import is_id
from airchat.protocol.record import record

if TYPE_CHECKING:  # who says it
    from bridges.irc.presence.users import User

REACTIONS = {"+draft/react": True, "+react": True, "+draft/unreact": False, "+unreact": False}
"""Tags that are a reaction, and whether they add it or take it back."""

_REPLIES = ("+reply", "+draft/reply")
_KEPT_TAGS = frozenset({*REACTIONS, "+draft/persist"})
_PASSING_TAGS = frozenset({"+typing", "+draft/typing"})
_CTCP = "\x01"


@record
class Said:
    """What a client says: the command, its text, and the client-only tags that go with it.

    `cuts` are the places in a text of several lines where the client itself cut one line in two.
    """

    command: str
    text: str
    tags: dict[str, str]
    cuts: tuple[int, ...] = ()

    @property
    def reply_to(self) -> str | None:
        """Return the id of the message this answers, as far as the client says."""
        if not self.tags:
            return None
        found = next((self.tags[name] for name in _REPLIES if name in self.tags), None)
        return found if is_id(found) else None

    @property
    def ctcp(self) -> str | None:
        """Return the CTCP command that the text is, None when it is plain text."""
        if not self.text.startswith(_CTCP):
            return None
        return self.text.strip(_CTCP).partition(" ")[0].upper()

    @property
    def kept(self) -> bool:
        """Whether the hub keeps this: texts and actions, and tags that are meant to stay."""
        if self.command == "TAGMSG":
            return not _KEPT_TAGS.isdisjoint(self.tags)
        return self.ctcp in (None, "ACTION")

    @property
    def plain(self) -> str:
        """The text as the hub keeps it: an action without its CTCP dress."""
        if self.ctcp == "ACTION":
            return self.text.strip(_CTCP).partition(" ")[2] or " "
        return self.text

    @property
    def lasting_tags(self) -> dict[str, str]:
        """The tags without those that mean something at this moment alone, such as that somebody is typing."""
        return {name: text for name, text in self.tags.items() if name not in _PASSING_TAGS}

    def details(self, user: User) -> dict[str, Any] | None:
        """Return what the hub keeps of it for IRC clients alone, as far as it is not what they would think anyway."""
        found: dict[str, Any] = {}
        if self.command != "PRIVMSG":
            found["command"] = self.command
        if self.ctcp is not None:
            found["ctcp"] = self.ctcp
        if user.guest or user.nick != user.principal.name:
            found["mask"] = user.mask
        if self.tags and (lasting := self.lasting_tags):
            found["tags"] = lasting
        if self.cuts:
            found["cuts"] = list(self.cuts)
        return {"irc": found} if found else None


def parts(line: str, cuts: Sequence[int]) -> list[str]:
    """Return a line cut at these places; places where it cannot be cut, at its ends or beyond, are none."""
    places = [0, *sorted({place for place in cuts if 0 < place < len(line)}), len(line)]
    return [line[start:end] for start, end in pairwise(places)]
