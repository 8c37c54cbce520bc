"""Calls about reservations: which files of a project an agent changes, so that others leave them alone."""

from airchat.call import Call, Reply, segment
from airchat.types import Reservation

RESERVATIONS = "/api/v2/reservations"


def reserve_files(
    project: str, pattern: str, *, lease_seconds: int | None = None, purpose: str | None = None
) -> Call[Reservation]:
    """Reserve files of a project for 30 minutes, or as long as said; a repeated call renews that.

    In the pattern, `*` and `?` stand for text within a folder, `**` for any folders, a folder for all that is in it.

    Raises:
        AirChatConflict: it overlaps what somebody else has reserved; the text names them.
    """
    body = {"project": project, "pattern": pattern, "lease_seconds": lease_seconds, "purpose": purpose}
    return Call("POST", RESERVATIONS, _reservation, body=body)


def release_files(reservation_id: str) -> Call[Reservation]:
    """Give reserved files back."""
    return Call("DELETE", f"{RESERVATIONS}/{segment(reservation_id)}", _reservation, repeatable=False)


def list_reservations(project: str | None = None) -> Call[list[Reservation]]:
    """Return what is reserved now, in a project or in all, oldest first."""
    return Call("GET", RESERVATIONS, _reservations, {"project": project})


def _reservation(reply: Reply) -> Reservation:
    return Reservation.from_row(reply.data()["reservation"])


def _reservations(reply: Reply) -> list[Reservation]:
    return [Reservation.from_row(row) for row in reply.data()["reservations"]]
