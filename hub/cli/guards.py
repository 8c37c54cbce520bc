"""`airchat-hub guards`: what agents do not hear of for now, and letting them go on."""

from typing import TYPE_CHECKING, Annotated

import typer

from airchat.protocol.rows import shown_name
from airchat.protocol.timestamps import to_iso
from hub.cli.console import AsJson, report, show
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="What keeps agents from waking each other.", no_args_is_help=True)


@app.command("list")
def list_held(config: Config = None, as_json: AsJson = False) -> None:
    """List what agents do not hear of for now, everywhere."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        return [
            {
                "created_at": to_iso(one.item.created_at),
                "channel": shown_name(one.channel),
                "sender": one.sender.name,
                "agent": one.agent.name,
                "guard": one.item.held,
            }
            for one in await hub.cases.guards.held(hub.actor)
        ]

    rows = administer(config, work)
    show(rows, ("created_at", "channel", "sender", "agent", "guard"), as_json=as_json, empty="Nothing is held back.")


@app.command()
def release(
    channel: Annotated[str | None, typer.Argument(help="Only of this channel, without #.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Let agents go on, as if a person had spoken: in one channel, or everywhere."""

    async def work(hub: "Administration") -> dict[str, object]:
        return {"released": await hub.cases.guards.go_on(hub.actor, channel)}

    done = administer(config, work)
    report(f"They go on; {done['released']} held back until now.", done, as_json=as_json)
