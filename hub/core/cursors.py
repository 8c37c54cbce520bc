"""Cursors: up to where in the log each device has certainly received everything. Written down now and then."""

from hub.core.clock import Clock
from store.ports.cursors import Cursor
from store.ports.store import Store


class Cursors:
    """Confirmations by principal and device. `flush` must be called every few seconds and at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._unsaved: dict[str, dict[str, int]] = {}

    async def load(self, principal_id: str, device: str) -> int | None:
        """Return the `seq` up to which the device has everything.

        A device that is new begins where the furthest of the principal's devices is: it gets what none of them has.
        None when the principal never had any.
        """
        saved = await self._store.look_up(lambda unit: unit.cursors.get(principal_id, device))
        known = dict(self._unsaved.get(principal_id, {}))
        if saved is not None:
            known[saved.device] = max(saved.seq, known.get(saved.device, 0))
        if device not in known and known:
            known[device] = max(known.values())
            self.confirm(principal_id, device, known[device])
        return known.get(device)

    def confirm(self, principal_id: str, device: str, seq: int) -> None:
        """Note that the device has everything up to `seq`; going back changes nothing."""
        devices = self._unsaved.setdefault(principal_id, {})
        devices[device] = max(seq, devices.get(device, 0))

    async def flush(self) -> None:
        """Write down what was confirmed since, all at once; what cannot be written now stays for the next time."""
        if not self._unsaved:
            return
        now = self._clock()
        cursors = [
            Cursor(principal_id, device, seq, now)
            for principal_id, devices in self._unsaved.items()
            for device, seq in devices.items()
        ]
        await self._store.write(lambda unit: unit.cursors.save(cursors))
        for cursor in cursors:
            devices = self._unsaved.get(cursor.principal_id, {})
            if devices.get(cursor.device) == cursor.seq:
                del devices[cursor.device]
            if not devices:
                self._unsaved.pop(cursor.principal_id, None)
