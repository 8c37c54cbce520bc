"""Reservations: an agent says which files of a project it changes, and others learn whose they are before they do.

It is a courtesy under a lease: the hub keeps no files. Who edits asks the hub's list, or a copy of it.
"""

from airchat.protocol import limits
from airchat.protocol.errors import Conflict, Forbidden, InvalidInput, NotFound
from airchat.protocol.events import EventDraft, EventKind
from airchat.protocol.globs import normal_pattern, overlap
from airchat.protocol.ids import new_id
from airchat.protocol.principals import Principal
from airchat.protocol.reservations import Reservation
from airchat.protocol.rows import reservation_row
from airchat.protocol.timestamps import HOUR, SECOND
from hub.core.audit import Audit
from hub.core.budgets import clock_time
from hub.core.clock import Clock
from hub.core.permissions import Action, allowed, require
from hub.core.secrets import Secrets
from hub.core.text import checked_line
from store.ports.store import Store
from store.ports.unit import Unit

LEASE_SECONDS = 1_800
_LEASE = range(60, 8 * HOUR // SECOND + 1)
_OF_AN_AGENT = 50
_OF_A_PROJECT = 200
_BATCH = 100
_PROJECT_LENGTH = 100


class Reservations:
    """Reserving, giving back and looking up."""

    def __init__(self, store: Store, clock: Clock, secrets: Secrets | None = None) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets or Secrets(store, clock)

    async def reserve(
        self,
        actor: Principal,
        project: str,
        pattern: str,
        *,
        lease_seconds: int = LEASE_SECONDS,
        purpose: str | None = None,
    ) -> Reservation:
        """Reserve what the pattern covers; what the actor has reserved by the same pattern already gets a new lease.

        Raises:
            InvalidInput: a field breaks its rule.
            Conflict: it overlaps what somebody else has reserved, whom the text names; or there are too many.
            Forbidden: the actor may not.
        """
        require(actor, Action.RESERVE_FILES)
        project, pattern = checked_line(project, "project", _PROJECT_LENGTH), _checked_pattern(pattern)
        if lease_seconds not in _LEASE:
            raise InvalidInput(f"lease_seconds must be between {_LEASE[0]} and {_LEASE[-1]}", "lease_seconds")
        why = checked_line(purpose, "purpose", limits.TITLE_LENGTH) if purpose and purpose.strip() else None
        why = await self._secrets.clean(why, limits.TITLE_LENGTH)
        now = self._clock()
        wanted = Reservation(
            id=new_id(now),
            project=project,
            pattern=pattern,
            agent_id=actor.id,
            agent_name=actor.name,
            lease_seconds=lease_seconds,
            created_at=now,
            expires_at=now + lease_seconds * SECOND,
            purpose=why,
        )
        return await self._store.write(lambda unit: _reserve(unit, actor, wanted))

    async def release(self, actor: Principal, reservation_id: str) -> Reservation:
        """Give it back; admins give back anybody's.

        Raises:
            NotFound: there is none.
            Forbidden: it is somebody else's.
        """
        now = self._clock()

        async def release(unit: Unit) -> Reservation:
            known = await unit.reservations.get(reservation_id)
            if known is None:
                raise NotFound("There is no such reservation, or not any more")
            if known.agent_id != actor.id:
                if not allowed(actor, Action.MANAGE_AGENTS):
                    raise Forbidden(f"{known.agent_name} holds it")
                detail = {"project": known.project, "pattern": known.pattern, "holder": known.agent_name}
                await Audit.record(unit, now, actor.id, "reservation.released", known.id, detail)
            await unit.reservations.delete(known.id)
            await _log(unit, EventKind.RESERVATION_RELEASED, actor, known, now)
            return known

        return await self._store.write(release)

    async def list(self, project: str | None = None) -> list[Reservation]:
        """Return what is reserved now, in a project or in all, oldest first."""
        if project is not None:
            project = checked_line(project, "project", _PROJECT_LENGTH)
        async with self._store.read() as unit:
            return await unit.reservations.live(self._clock(), _OF_A_PROJECT, project)

    async def sweep(self) -> int:
        """Remove what has not been renewed in time; return how many there were."""
        swept = 0
        while True:
            now = self._clock()
            async with self._store.read() as unit:
                due = await unit.reservations.lapsed(now, _BATCH)
            if not due:
                return swept
            swept += await self._store.write(lambda unit, due=due, now=now: _lapse(unit, due, now))  # type: ignore[misc]


async def _reserve(unit: Unit, actor: Principal, wanted: Reservation) -> Reservation:
    now = wanted.created_at
    present = await unit.reservations.live(now, _OF_A_PROJECT, wanted.project)
    for other in present:
        if other.agent_id == actor.id and other.pattern == wanted.pattern:
            await unit.reservations.renew(other.id, wanted.lease_seconds, wanted.expires_at)
            renewed = await unit.reservations.get(other.id) or other
            await _log(unit, EventKind.RESERVATION_RENEWED, actor, renewed, now)
            return renewed
    for other in present:
        if other.agent_id != actor.id and overlap(other.pattern, wanted.pattern):
            until = clock_time(other.expires_at)
            raise Conflict(f"{other.agent_name} has reserved {other.pattern} until {until}, which overlaps")
    if len(present) >= _OF_A_PROJECT or await unit.reservations.count_of(actor.id, now) >= _OF_AN_AGENT:
        raise Conflict(f"At most {_OF_AN_AGENT} reservations of an agent and {_OF_A_PROJECT} of a project are possible")
    await unit.reservations.insert(wanted)
    await _log(unit, EventKind.RESERVATION_MADE, actor, wanted, now)
    return wanted


async def _lapse(unit: Unit, due: list[Reservation], now: int) -> int:
    count = 0
    for one in due:
        known = await unit.reservations.get(one.id)
        if known is not None and known.expires_at <= now:
            await unit.reservations.delete(known.id)
            await _log(unit, EventKind.RESERVATION_LAPSED, None, known, now)
            count += 1
    return count


async def _log(unit: Unit, kind: EventKind, actor: Principal | None, reservation: Reservation, now: int) -> None:
    actor_id = actor.id if actor is not None else None
    data = reservation_row(reservation)
    await unit.events.append([EventDraft(kind, now, actor_id, subject_id=reservation.id, data=data)])


def _checked_pattern(text: str) -> str:
    try:
        return normal_pattern(text)
    except ValueError as error:
        raise InvalidInput(f"pattern {error}", "pattern") from error
