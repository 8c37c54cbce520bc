"""Port: channels and their members."""

from dataclasses import dataclass
from typing import Protocol

from airchat.protocol.channels import Channel, Membership
from airchat.protocol.messages import Message


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One channel of a principal's board. `unread` counts messages above the read number, at most 1,000."""

    channel: Channel
    role: str | None
    joined: bool
    unread: int
    latest: Message | None


class Channels(Protocol):
    """Channels by id and name. Whether somebody may see a direct channel is the caller's question to `membership`."""

    async def insert(self, channel: Channel) -> bool:
        """Insert the channel; False (and nothing changes) when the name is taken."""
        ...

    async def save(self, channel: Channel) -> None:
        """Replace description, topic (with who set it, and when), metadata, modes and the archived flag."""
        ...

    async def rename(self, channel_id: str, name: str) -> bool:
        """Give the channel another name; False (and nothing changes) when the name is taken."""
        ...

    async def get(self, channel_id: str) -> Channel | None:
        """Return the channel with that id."""
        ...

    async def by_name(self, name: str) -> Channel | None:
        """Return the channel with that name."""
        ...

    async def all(self) -> list[Channel]:
        """Return every channel, direct ones included, by name."""
        ...

    async def count_created_by(self, principal_id: str) -> int:
        """Return how many channels the principal created, direct ones excepted."""
        ...

    async def join(self, membership: Membership) -> bool:
        """Add the member; False when it is one already."""
        ...

    async def leave(self, channel_id: str, principal_id: str) -> bool:
        """Remove the member; False when it was none."""
        ...

    async def set_role(self, channel_id: str, principal_id: str, role: str) -> bool:
        """Replace the member's role; False when there is no such member."""
        ...

    async def membership(self, channel_id: str, principal_id: str) -> Membership | None:
        """Return the membership."""
        ...

    async def members(self, channel_id: str) -> list[Membership]:
        """Return the channel's members in join order."""
        ...

    async def all_members(self) -> list[Membership]:
        """Return every membership of every channel."""
        ...

    async def memberships_of(self, principal_id: str) -> list[Membership]:
        """Return where the principal is a member, in join order."""
        ...

    async def mark_read(self, channel_id: str, principal_id: str, number: int, at: int) -> bool:
        """Move the member's read number forward to `number`, never back; False when it did not move."""
        ...

    async def latest_between(self, principal_id: str, since: int, until: int, limit: int) -> list[tuple[Channel, int]]:
        """Return where the principal is a member and the newest message was created from `since` to before `until`.

        With the time of that message, deleted ones not counted, the first `limit` by this time.
        """
        ...

    async def board(self, principal_id: str, others: int) -> list[BoardEntry]:
        """Return the principal's channels in join order, then up to `others` further public channels by newest message.

        As many queries whatever the number of channels; `latest` is the newest message that is not deleted. A public
        channel without such a message is listed to its members only.
        """
        ...
