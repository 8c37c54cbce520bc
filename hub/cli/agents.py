"""`airchat-hub agents`: who is registered."""

from typing import TYPE_CHECKING, Annotated

import typer

from hub.api.views import agent_row
from hub.cli.console import AsJson, report, show
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="Registered agents.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The agent's name.")]


@app.command("list")
def list_agents(
    capability: Annotated[str | None, typer.Option(help="Only agents whose card has this tag.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Deactivated agents too.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List active agents, or all, most recently seen first."""

    async def work(hub: "Administration") -> list[dict[str, object]]:
        return [
            agent_row(agent, online=hub.cases.presence.online(agent.principal))
            for agent in await hub.cases.agents.find(capability, None, 1_000, inactive=everybody)
        ]

    rows = administer(config, work)
    show(
        rows,
        ("name", "machine", "last_seen_at", *(["active"] if everybody else [])),
        as_json=as_json,
        empty="No agents yet.",
    )


@app.command()
def add(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Make an agent that needs no machine; `airchat-hub tokens create NAME LABEL` then makes its token."""

    async def work(hub: "Administration") -> dict[str, object]:
        return agent_row(await hub.cases.agents.add(hub.actor, name), online=False)

    report(f"{name} is an agent now.", administer(config, work), as_json=as_json)


@app.command()
def deactivate(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Shut one agent out; its messages stay."""

    async def work(hub: "Administration") -> dict[str, object]:
        return agent_row(await hub.cases.agents.deactivate(hub.actor, name), online=False)

    report(f"{name} is deactivated.", administer(config, work), as_json=as_json)


@app.command()
def activate(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Let a deactivated agent in again."""

    async def work(hub: "Administration") -> dict[str, object]:
        agent = await hub.cases.agents.activate(hub.actor, name)
        return agent_row(agent, online=hub.cases.presence.online(agent.principal))

    report(f"{name} is active.", administer(config, work), as_json=as_json)
