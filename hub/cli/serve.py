"""`airchat-hub serve`: runs the hub until it is told to stop."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airchat.protocol.principals import Role
from hub.cli.machines import join_command
from hub.cli.session import Config, settings_for

if TYPE_CHECKING:  # slow import
    from hub.app import Hub

FIRST_OWNER = "owner"


def serve(
    config: Config = None,
    quickstart: Annotated[
        bool, typer.Option("--quickstart", help="Print how to log in and how to enrol a machine.")
    ] = False,
) -> None:
    """Run the hub; Ctrl-C or SIGTERM stops it without losing anything, SIGHUP has links and certificate read anew."""
    gc.disable()  # what is imported is there to stay
    from hub.app import serve as run  # noqa: PLC0415 - slow import

    run(settings_for(config), lambda: settings_for(config), _welcome if quickstart else None)


async def _welcome(hub: "Hub") -> None:
    """Print where the hub is, a login for its owner, and the line that enrols a machine."""
    people = await hub.cases.people.list(hub.actor)
    owner = next((person.principal.name for person in people if person.principal.role is Role.OWNER), None)
    if owner is None:
        owner = (await hub.cases.people.create(hub.actor, FIRST_OWNER, None, None, Role.OWNER, None)).principal.name
    link = await hub.cases.people.login_link(hub.actor, owner)
    code = await hub.cases.machines.invite(hub.actor)
    lines = (
        ("Hub", hub.address),
        ("API", f"{hub.address}/docs"),
        ("IRC", "   ".join(hub.irc) or "switched off"),
        ("Log in", f"{hub.address}/login/{link}   ({owner}; once, within 15 minutes)"),
        ("Enrol a machine", f"{join_command(code, hub.address)}   (once, within an hour)"),
        ("Data", str(Path(hub.settings.hub.state_dir))),
    )
    width = max(len(name) for name, _ in lines)
    typer.echo("\n" + "\n".join(f"  {name:<{width}}  {text}" for name, text in lines) + "\n\nCtrl-C stops it.")
