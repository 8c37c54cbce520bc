"""The fake hub's reservations. They never lapse here."""

from airchat.call import Row
from airchat.protocol.errors import Conflict, Forbidden, NotFound
from airchat.protocol.globs import normal_pattern, overlap
from airchat.protocol.ids import new_id
from airchat.protocol.reservations import Reservation
from airchat.protocol.rows import reservation_row
from airchat.protocol.timestamps import SECOND
from airchat.testing.state import Given, State


def reserve(state: State, given: Given) -> Row:
    """Answer POST /reservations."""
    me, project, now = given.actor.principal, given.text("project"), state.now()
    pattern, seconds = normal_pattern(given.text("pattern")), int(given.body.get("lease_seconds") or 1800)
    present = [one for one in state.reservations.values() if one.project == project]
    for other in present:
        if other.agent_id != me.id and overlap(other.pattern, pattern):
            raise Conflict(f"{other.agent_name} has reserved {other.pattern}, which overlaps")
    ids = [one.id for one in present if (one.agent_id, one.pattern) == (me.id, pattern)]
    until, purpose = now + seconds * SECOND, given.body.get("purpose")
    made = Reservation((ids or [new_id(now)])[0], project, pattern, me.id, me.name, seconds, now, until, purpose)
    state.reservations[made.id] = made
    return {"reservation": reservation_row(made)}


def reservations(state: State, given: Given) -> Row:
    """Answer GET /reservations."""
    wanted = given.params.get("project")
    return {
        "reservations": [reservation_row(one) for one in state.reservations.values() if wanted in (None, one.project)]
    }


def release(state: State, given: Given) -> Row:
    """Answer DELETE /reservations/{id}."""
    known = state.reservations.get(given.path["id"])
    if known is None:
        raise NotFound("There is no such reservation, or not any more")
    if known.agent_id != given.actor.principal.id:
        raise Forbidden(f"{known.agent_name} holds it")
    del state.reservations[known.id]
    return {"reservation": reservation_row(known)}
