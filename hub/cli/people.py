"""`airchat-hub people`: humans with an account."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airchat.protocol.principals import Role
from hub.api.views import person_row
from hub.cli.console import AsJson, report, show, show_one
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="People with an account.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The person's name on the hub.")]


@app.command("list")
def list_people(config: Config = None, as_json: AsJson = False) -> None:
    """List people."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        return [person_row(person) for person in await hub.cases.people.list(hub.actor)]

    rows = administer(config, work)
    show(rows, ("name", "display_name", "role", "active", "email"), as_json=as_json, empty="Nobody yet.")


@app.command()
def add(  # noqa: PLR0917 - options are named when they are used
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.MEMBER,
    display_name: Annotated[str | None, typer.Option(help="How they are shown.")] = None,
    email: Annotated[str | None, typer.Option(help="Used to recognise them on other platforms.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Create an account; `airchat-hub people login NAME` then makes a link to log in with."""

    async def work(hub: "Administration") -> dict[str, object]:
        person = await hub.cases.people.create(hub.actor, name, display_name, email, role, None)
        return person_row(person)

    show_one(administer(config, work), as_json=as_json)


@app.command()
def login(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Make a link that logs the person in once, within 15 minutes."""

    async def work(hub: "Administration") -> dict[str, object]:
        secret = await hub.cases.people.login_link(hub.actor, name)
        return {"url": f"{hub.address}/login/{secret}", "minutes": 15}

    show_one(administer(config, work), as_json=as_json)


@app.command()
def link(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Make a code that makes the person known on Slack or Discord, once, within 15 minutes: `/airchat link CODE`."""

    async def work(hub: "Administration") -> dict[str, object]:
        code = await hub.cases.link_codes.create(hub.actor, name)
        return {"command": f"/airchat link {code}", "minutes": 15}

    show_one(administer(config, work), as_json=as_json)


@app.command()
def password(
    name: Name,
    password_file: Annotated[
        Path | None,
        typer.Option(help="Read it from this file's first line.", exists=True, dir_okay=False, show_default=False),
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Set a person's password: asked for at a terminal, else the first line of standard input or of a file."""
    new = _new_password(password_file)

    async def work(hub: "Administration") -> dict[str, object]:
        return person_row(await hub.cases.people.set_password(hub.actor, name, new))

    report(f"{name} has a new password.", administer(config, work), as_json=as_json)


@app.command()
def role(
    name: Name,
    new: Annotated[Role, typer.Argument(metavar="ROLE", help="owner, admin, member or guest.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Give a person another role."""

    async def work(hub: "Administration") -> dict[str, object]:
        return person_row(await hub.cases.people.set_role(hub.actor, name, new))

    report(f"{name} is now {new.value}.", administer(config, work), as_json=as_json)


def _new_password(file: Path | None) -> str:
    """Return the password; it is never an argument, which every user of the machine could read."""
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        return lines[0] if lines else ""
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
