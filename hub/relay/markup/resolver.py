"""Resolvers: what stands for a name of the hub on a platform, and the other way round."""

from dataclasses import dataclass, field
from typing import Protocol


class Resolver(Protocol):
    """Translates between a platform's ids and the hub's names. Names are asked for in lower case."""

    def name_of(self, user_id: str) -> str | None:
        """Return the hub name of a platform's user."""
        ...

    def user_of(self, name: str) -> str | None:
        """Return the platform's user id of whoever the hub calls `name`; None when they are not there."""
        ...

    def channel_name_of(self, channel_id: str) -> str | None:
        """Return the hub's name of a platform's channel."""
        ...

    def channel_of(self, name: str) -> str | None:
        """Return the platform's id of what the hub calls `#name`."""
        ...

    def emoji_of(self, name: str) -> str | None:
        """Return how the platform writes its own emoji of that name within a text."""
        ...


class Nobody:
    """Knows nothing: everything stays plain text."""

    def name_of(self, user_id: str) -> str | None:
        """Return None."""
        return None

    def user_of(self, name: str) -> str | None:
        """Return None."""
        return None

    def channel_name_of(self, channel_id: str) -> str | None:
        """Return None."""
        return None

    def channel_of(self, name: str) -> str | None:
        """Return None."""
        return None

    def emoji_of(self, name: str) -> str | None:
        """Return None."""
        return None


@dataclass(slots=True)
class Asked(Nobody):
    """Knows nothing, and keeps what it was asked for, each once, in order.

    Read or write a text with it first, look the ids up (which may take a while), then do it again with what was found.
    """

    user_ids: dict[str, None] = field(default_factory=dict)
    channel_ids: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)

    def name_of(self, user_id: str) -> str | None:
        """Keep the id."""
        self.user_ids[user_id] = None
        return None

    def user_of(self, name: str) -> str | None:
        """Keep the name."""
        self.names[name] = None
        return None

    def channel_name_of(self, channel_id: str) -> str | None:
        """Keep the id."""
        self.channel_ids[channel_id] = None
        return None


@dataclass(slots=True)
class Known(Nobody):
    """Knows what it was given: hub names by user id, hub channel names by channel id, written emoji by name."""

    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    emoji: dict[str, str] = field(default_factory=dict)

    def name_of(self, user_id: str) -> str | None:
        """Return the name given for the user."""
        return self.users.get(user_id)

    def user_of(self, name: str) -> str | None:
        """Return the first user given that name."""
        return next((user_id for user_id, known in self.users.items() if known == name), None)

    def channel_name_of(self, channel_id: str) -> str | None:
        """Return the name given for the channel."""
        return self.channels.get(channel_id)

    def channel_of(self, name: str) -> str | None:
        """Return the first channel given that name."""
        return next((channel_id for channel_id, known in self.channels.items() if known == name), None)

    def emoji_of(self, name: str) -> str | None:
        """Return how the emoji of that name was given."""
        return self.emoji.get(name)
