"""Workspaces: the identities of each workspace of each platform, held once for all who need them."""

import asyncio

from hub.core.clock import Clock
from hub.core.directory import Directory
from hub.relay.identities import Identities
from hub.relay.links import Links
from store.ports.store import Store


class Workspaces:
    """Makes the identities of a workspace when they are first asked for."""

    def __init__(self, store: Store, directory: Directory, links: Links, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._links = links
        self._clock = clock
        self._known: dict[tuple[str, str], Identities] = {}
        self._lock = asyncio.Lock()

    def avatar_of(self, principal_id: str) -> str | None:
        """Return the address of the picture that a principal has on some platform."""
        found = (identities.avatar_of(principal_id) for identities in self._known.values())
        return next((url for url in found if url), None)

    async def of(self, platform: str, workspace: str) -> Identities:
        """Return the identities of a workspace."""
        async with self._lock:
            known = self._known.get((platform, workspace))
            if known is None:
                known = Identities(
                    self._store, self._directory, self._links, self._clock, platform=platform, workspace=workspace
                )
                await known.load()
                self._known[platform, workspace] = known
            return known
