"""Tools for reservations: which files of a project an agent changes, so that others leave them alone meanwhile."""

from mcp.server.mcpserver.exceptions import ToolError

from airchat import AirChatConflict
from airchat.boundary import fenced
from airchat.text import reservation_row
from airchat.types import Reservation
from mcp_server.arguments import Id, Minutes, Pattern, Project, Purpose
from mcp_server.desk import Desk, Desks

SHOWN = 50


class ReservationTools:
    """Whose files are whose."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    async def reserve_files(
        self,
        pattern: Pattern,
        *,
        purpose: Purpose | None = None,
        minutes: Minutes = 30,
        project: Project | None = None,
    ) -> str:
        """Reserve files you are about to change, e.g. src/api/**; other agents are kept from editing them meanwhile.

        The same again renews it. project defaults to yours.
        """
        desk = self._desk()
        name = _project(desk, project)
        try:
            made = await desk.client.reserve_files(name, pattern, lease_seconds=minutes * 60, purpose=purpose)
        except AirChatConflict as error:
            # The hub's text quotes what others have called their files.
            taken = _shown(await desk.client.list_reservations(name))
            raise ToolError(f"It overlaps what others have reserved, or there are too many:\n{taken}") from error
        return fenced(reservation_row(made))

    async def release_files(self, reservation_id: Id) -> str:
        """Give reserved files back."""
        return fenced(reservation_row(await self._desk().client.release_files(reservation_id)))

    async def list_reservations(self, project: Project | None = None) -> str:
        """See which files are reserved, by whom and until when, in your project or another."""
        desk = self._desk()
        return _shown(await desk.client.list_reservations(project or desk.project or None))


def _shown(found: list[Reservation]) -> str:
    more = {"more": len(found) - SHOWN} if len(found) > SHOWN else {}
    return fenced({"reservations": [reservation_row(one) for one in found[:SHOWN]], **more})


def _project(desk: Desk, given: str | None) -> str:
    if project := given or desk.project:
        return project
    raise ToolError("project: say in which project")
