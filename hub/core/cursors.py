"""Cursors: up to where in the log each device has certainly received everything. Written down now and then."""

from hub.core.clock import Clock
from store.ports.cursors import Cursor
from store.ports.store import Store
from store.ports.unit import Unit

DEVICES = 100
"""How many devices of a principal are known: those used last."""


class Cursors:
    """Confirmations by principal and device. `flush` must be called every few seconds and at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._unsaved: dict[str, dict[str, int]] = {}
        self._grown: set[str] = set()

    async def load(self, principal_id: str, device: str) -> int | None:
        """Return the `seq` up to which the device has everything; it is in use from now on.

        A device that is new begins where the furthest of the principal's devices is: it gets what none of them has.
        None when the principal never had any.
        """
        saved = await self._store.look_up(lambda unit: unit.cursors.get(principal_id, device))
        known = dict(self._unsaved.get(principal_id, {}))
        if saved is not None:
            known[saved.device] = max(saved.seq, known.get(saved.device, 0))
        if device not in known:
            self._grown.add(principal_id)
            if not known:
                return None
            known[device] = max(known.values())
        self.confirm(principal_id, device, known[device])
        return known[device]

    def confirm(self, principal_id: str, device: str, seq: int) -> None:
        """Note that the device has everything up to `seq`; going back changes nothing."""
        devices = self._unsaved.setdefault(principal_id, {})
        devices[device] = max(seq, devices.get(device, 0))

    async def flush(self) -> None:
        """Write down what was confirmed since, all at once; what cannot be written now stays for the next time.

        Of principals with new devices those are forgotten that were not used for the longest time, beyond `DEVICES`.
        """
        if not self._unsaved:
            return
        now, grown = self._clock(), list(self._grown)
        cursors = [
            Cursor(principal_id, device, seq, now)
            for principal_id, devices in self._unsaved.items()
            for device, seq in devices.items()
        ]

        async def save(unit: Unit) -> None:
            await unit.cursors.save(cursors)
            await unit.cursors.keep_newest(grown, DEVICES)

        await self._store.write(save)
        self._grown.difference_update(grown)
        for cursor in cursors:
            devices = self._unsaved.get(cursor.principal_id, {})
            if devices.get(cursor.device) == cursor.seq:
                del devices[cursor.device]
            if not devices:
                self._unsaved.pop(cursor.principal_id, None)
