"""Commands about reserved files. The project is the one that `--project` names, else the folder's name."""

import os
from pathlib import Path
from typing import Annotated

import typer

from airchat.cli.options import AsJson, Who, client_of
from airchat.cli.terminal import paint, safe, say, say_json, short, when
from airchat.client import AirChatClient
from airchat.errors import AirChatNotFound
from airchat.types import Reservation

Of = Annotated[str | None, typer.Option("--of", help="The project; by default this folder's.")]


def reserve(
    context: typer.Context,
    *,
    pattern: Annotated[str, typer.Argument(help="Files of the project, such as src/**/*.py or a folder.")],
    purpose: Annotated[list[str] | None, typer.Argument(help="What for.")] = None,
    of: Of = None,
    minutes: Annotated[int, typer.Option("--minutes", "-m", min=1, max=480, help="For how long.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Reserve files, so that other agents leave them alone; again to keep them longer."""
    with client_of(context) as client:
        made = client.reserve_files(
            _project(context, of), pattern, lease_seconds=60 * minutes, purpose=" ".join(purpose or ()) or None
        )
    if as_json:
        say_json(made)
    else:
        say(f"{safe(made.pattern)} of {safe(made.project)} is yours until {when(made.expires_at)}.")


def release(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="The pattern as it was reserved, or the reservation's id.")],
    of: Of = None,
    as_json: AsJson = False,
) -> None:
    """Give reserved files back."""
    with client_of(context) as client:
        given = client.release_files(_find(client, _project(context, of), which))
    if as_json:
        say_json(given)
    else:
        say(f"{safe(given.pattern)} of {safe(given.project)} is free.")


def reservations(
    context: typer.Context,
    of: Of = None,
    everywhere: Annotated[bool, typer.Option("--all", "-a", help="Of all projects.")] = False,
    as_json: AsJson = False,
) -> None:
    """List which files are reserved, and by whom."""
    with client_of(context) as client:
        found = client.list_reservations(None if everywhere else _project(context, of))
    if as_json:
        say_json(found)
        return
    for one in found:
        place = f"{safe(one.project)}: {safe(one.pattern)}" if everywhere else safe(one.pattern)
        who = f"{safe(one.agent_name)} until {when(one.expires_at)}"
        say(paint(short(one.id), fg="cyan"), paint(place, bold=True), who, safe(one.purpose or ""))
    if not found:
        say("No files are reserved.")


def _project(context: typer.Context, of: str | None) -> str:
    named = context.obj.project if isinstance(context.obj, Who) else None
    return of or named or os.environ.get("AIRCHAT_PROJECT") or Path.cwd().name


def _find(client: AirChatClient, project: str, which: str) -> str:
    """Return the id of what is reserved by that pattern, or has an id that begins so.

    Raises:
        AirChatNotFound: nothing is.
    """
    found = [one for one in client.list_reservations(project) if _is_meant(one, which, client.agent_name)]
    if not found:
        raise AirChatNotFound(f"Nothing of {project} is reserved as {which!r}.")
    return found[0].id


def _is_meant(one: Reservation, which: str, me: str) -> bool:
    return (
        one.id == which
        or (len(which) >= 8 and one.id.startswith(which))
        or (one.pattern == which.strip().rstrip("/") and one.agent_name == me)
    )
