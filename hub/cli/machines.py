"""`airchat-hub machines`: the hosts that may register agents."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from airchat.protocol.rows import machine_row
from airchat.protocol.timestamps import MINUTE
from hub.cli.console import AsJson, report, show, show_one
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="Hosts that may register agents.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The machine's name.")]


@app.command("list")
def list_machines(config: Config = None, as_json: AsJson = False) -> None:
    """List machines."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        return [machine_row(machine) for machine in await hub.cases.machines.list(hub.actor)]

    rows = administer(config, work)
    show(rows, ("name", "active", "created_at"), as_json=as_json, empty="No machines yet: airchat-hub machines invite")


@app.command()
def add(
    name: Name,
    public_key: Annotated[str, typer.Argument(help="Its Ed25519 public key, 64 hex digits (~/.airchat/machine.pub).")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a machine by its public key, or give a known one a new key."""

    async def work(hub: "Administration") -> dict[str, object]:
        return machine_row(await hub.cases.machines.add(hub.actor, name, public_key.strip().lower()))

    show_one(administer(config, work), as_json=as_json)


@app.command()
def invite(
    name: Annotated[str | None, typer.Argument(help="Only a machine of this name may use the code.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=10_080, help="How long the code is good for.")] = 60,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-use code with which a machine enrols itself: `airchat join CODE@host`."""

    async def work(hub: "Administration") -> dict[str, object]:
        code = await hub.cases.machines.invite(hub.actor, name, minutes * MINUTE)
        return {"code": code, "minutes": minutes, "command": join_command(code, hub.address)}

    show_one(administer(config, work), as_json=as_json)


@app.command()
def revoke(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Shut a machine out: it can register nobody, and its agents' keys stop working."""

    async def work(hub: "Administration") -> dict[str, object]:
        return machine_row(await hub.cases.machines.revoke(hub.actor, name))

    text = f"{name} is revoked; its agents can no longer call the hub."
    report(text, administer(config, work), as_json=as_json)


def join_command(code: str, address: str) -> str:
    """Return the one line that enrols a machine; `http://` may be left out where nothing but host and port follow."""
    plain = re.fullmatch(r"http://([^/]+:\d+)", address)
    return f"airchat join {code}@{plain[1] if plain else address}"
