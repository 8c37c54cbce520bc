"""How many are here: kept up with who comes, goes and changes, since everybody who comes is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # users are counted
    from bridges.irc.presence.users import User


class Tally:
    """Users with a session: how many, how many there were at most, and how many have each mode."""

    def __init__(self) -> None:
        self.count = self.most = 0
        self.modes: Counter[str] = Counter()

    def came(self, user: User) -> None:
        """Count somebody with their first session."""
        self.count += 1
        self.most = max(self.count, self.most)
        self.modes.update(user.modes)

    def went(self, user: User) -> None:
        """Count somebody no longer, whose last session is over."""
        self.count -= 1
        self.modes.subtract(user.modes)

    @contextmanager
    def changing(self, user: User) -> Iterator[None]:
        """Count the modes anew of somebody here, which change inside."""
        self.modes.subtract(user.modes)
        yield
        self.modes.update(user.modes)
