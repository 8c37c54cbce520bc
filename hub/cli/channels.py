"""`airchat-hub channels`: every channel, and archiving."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from airchat.protocol.rows import channel_row
from hub.cli.console import AsJson, report, show, show_one
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="Channels.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The channel's name, without #.")]


@app.command("list")
def list_channels(config: Config = None, as_json: AsJson = False) -> None:
    """List public channels."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        channels = hub.cases.directory.channels()
        return [channel_row(channel) | {"messages": channel.last_number} for channel in channels if not channel.direct]

    rows = administer(config, work)
    show(rows, ("name", "type", "messages", "archived", "topic"), as_json=as_json, empty="No channels yet.")


@app.command()
def create(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Create a channel; its type follows from its name."""

    async def work(hub: "Administration") -> dict[str, object]:
        return channel_row(await hub.cases.channels.open(hub.actor, name))

    show_one(administer(config, work), as_json=as_json)


@app.command()
def archive(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Close a channel to new messages; what was written stays readable."""
    report(f"#{name} is archived.", _set_archived(name, config, archived=True), as_json=as_json)


@app.command()
def unarchive(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Open an archived channel again."""
    report(f"#{name} is open.", _set_archived(name, config, archived=False), as_json=as_json)


@app.command()
def redact(
    name: Name,
    switch: Annotated[Literal["on", "off"], typer.Argument(help="Whether secrets are taken out.")],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take secrets out of what is written to a channel, as everywhere, or leave them in."""

    async def work(hub: "Administration") -> dict[str, object]:
        return channel_row(await hub.cases.channels.update(hub.actor, name, redact=switch == "on"))

    done = "taken out of" if switch == "on" else "left in"
    report(f"Secrets are {done} what is written to #{name}.", administer(config, work), as_json=as_json)


def _set_archived(name: str, config: Config, *, archived: bool) -> dict[str, object]:
    async def work(hub: "Administration") -> dict[str, object]:
        return channel_row(await hub.cases.channels.update(hub.actor, name, archived=archived))

    return administer(config, work)
