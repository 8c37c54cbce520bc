"""What an agent has been shown: how far it has read, and whom to tell that it saw something."""

from collections import OrderedDict
from collections.abc import Callable, Iterable

PLACES = 500
"""Channels and threads whose place is remembered; beyond, the one looked at longest ago is forgotten."""

Watcher = Callable[[frozenset[str]], None]


class Seen:
    """One agent's view of the hub, as its tools gave it.

    A place is a channel or a thread, by its id; everything up to its number was there when the agent looked.
    """

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._watchers: list[Watcher] = []

    def number(self, place: str | None) -> int | None:
        """Return up to which message number of its channel the agent knows a place; None if it never looked."""
        return self._numbers.get(place) if place is not None else None

    def moved(self, place: str, number: int) -> None:
        """Note that the agent knows the place up to `number`."""
        self._numbers[place] = max(number, self._numbers.get(place, 0))
        self._numbers.move_to_end(place)
        if len(self._numbers) > PLACES:
            self._numbers.popitem(last=False)

    def shown(self, ids: Iterable[str | None]) -> None:
        """Tell who watches that the agent saw, answered or dealt with these messages, mentions or inbox items."""
        known = frozenset(id for id in ids if id is not None)
        for watcher in self._watchers:
            watcher(known)

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` called with the ids of what the agent sees from now on; it must return at once."""
        self._watchers.append(watcher)
