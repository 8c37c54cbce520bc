"""Cursors: up to where in the log each device has certainly received everything. Written down now and then."""

from hub.core.clock import Clock
from store.ports.cursors import Cursor
from store.ports.store import Store


class Cursors:
    """Confirmations by principal and device. `flush` must be called every few seconds and at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._unsaved: dict[tuple[str, str], int] = {}

    async def load(self, principal_id: str, device: str) -> int | None:
        """Return the `seq` up to which the device has everything, None for one that never confirmed anything."""
        saved = await self._store.look_up(lambda unit: unit.cursors.get(principal_id, device))
        known = [seq for seq in (saved, self._unsaved.get((principal_id, device))) if seq is not None]
        return max(known, default=None)

    def confirm(self, principal_id: str, device: str, seq: int) -> None:
        """Note that the device has everything up to `seq`; going back changes nothing."""
        key = (principal_id, device)
        if seq > self._unsaved.get(key, 0):
            self._unsaved[key] = seq

    async def flush(self) -> None:
        """Write down what was confirmed since, all at once; what cannot be written now stays for the next time."""
        if not self._unsaved:
            return
        now = self._clock()
        cursors = [Cursor(principal_id, device, seq, now) for (principal_id, device), seq in self._unsaved.items()]
        await self._store.write(lambda unit: unit.cursors.save(cursors))
        for cursor in cursors:
            key = (cursor.principal_id, cursor.device)
            if self._unsaved.get(key) == cursor.seq:
                del self._unsaved[key]
