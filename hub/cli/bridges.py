"""`airchat-hub bridges`: links to other platforms, and what became of what should go over them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.console import AsJson, report, show, show_json
from hub.cli.session import Config, administer

if TYPE_CHECKING:  # slow import
    from hub.administration import Administration

app = typer.Typer(help="Links to Slack, Discord and IRC networks.", no_args_is_help=True)

LinkId = Annotated[str, typer.Argument(help="From `bridges status`.")]


@app.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """Show how bridges and links are, and how much waits there."""
    from hub.api.handlers.bridges import state_row  # noqa: PLC0415 - slow import
    from hub.api.handlers.links import linked_row, wanted_row  # noqa: PLC0415 - slow import

    async def work(hub: "Administration") -> dict[str, list[dict[str, Any]]]:
        overview = await hub.cases.bridges.overview(hub.actor)
        return {
            "bridges": [state_row(state) for state in overview.states],
            "links": [linked_row(linked) for linked in overview.links],
            "wanted": [wanted_row(wanted) for wanted in overview.wanted],
        }

    found = administer(config, work)
    if as_json:
        show_json(found)
        return
    show(found["bridges"], ("platform", "state", "since", "detail"), as_json=False, empty="No bridge has run.")
    columns = ("id", "channel", "platform", "remote", "direction", "paused", "received", "outgoing", "dead")
    show(found["links"], columns, as_json=False, empty="No channel is linked.")
    made = {row["source"] for row in found["links"]}
    states = {row["platform"]: row["state"] for row in found["bridges"]}
    waiting = [
        {**row, "bridge": states.get(row["platform"], "has not run")}
        for row in found["wanted"]
        if row["id"] not in made or "*" in row["channel"]
    ]
    if waiting:
        typer.echo("Asked for; what fits is linked while the bridge runs:")
        show(waiting, ("id", "channel", "platform", "remote", "bridge"), as_json=False, empty="")


@app.command()
def link(  # noqa: PLR0917 - options are named when they are used
    channel: Annotated[str, typer.Argument(help="The channel of the hub, or a pattern such as project-*.")],
    platform: Annotated[str, typer.Argument(help="slack, discord, irc or another bridge.")],
    remote: Annotated[str, typer.Argument(help="The channel there, as people write it, or its id; or a pattern.")],
    direction: Annotated[Literal["both", "in", "out"], typer.Option(help="Which way.")] = "both",
    mirror: Annotated[str | None, typer.Option(help="What beside messages, separated by commas.")] = None,
    allow: Annotated[str, typer.Option(help="Users there who are heard, by id or name; everybody if empty.")] = "",
    ignore: Annotated[str, typer.Option(help="Users there who are not.")] = "",
    commanders: Annotated[str, typer.Option(help="Users or roles there who may call agents.")] = "",
    bots: Annotated[bool, typer.Option(help="Whether bots there are heard.")] = True,
    backfill: Annotated[int, typer.Option(min=0, max=1000, help="How many messages from before are read in.")] = 0,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Link a channel, or all that fit a pattern; a running hub does so within seconds."""
    from hub.api.handlers.links import wanted_row  # noqa: PLC0415 - slow import
    from hub.relay.rules import USUAL, Mirrored, Rules  # noqa: PLC0415 - slow import

    rules = Rules(
        mirror=USUAL if mirror is None else frozenset(Mirrored.named(word) for word in _listed(mirror)),
        allow=_listed(allow),
        ignore=_listed(ignore),
        commanders=_listed(commanders),
        bots=bots,
        backfill=backfill,
    )

    async def work(hub: "Administration") -> tuple[dict[str, Any], bool]:
        bridges = hub.cases.bridges
        made = await bridges.link(hub.actor, channel, platform, remote, direction=direction, rules=rules)
        return wanted_row(made), platform in {it.platform for it in (await bridges.overview(hub.actor)).states}

    row, has_run = administer(config, work)
    when = "" if has_run else f" once there is a bridge to {platform}: none has run yet"
    text = f"{channel} will be linked to {remote}{when}; see `bridges status`. Its id is {row['id']}."
    report(text, row, as_json=as_json)


@app.command()
def unlink(link_id: LinkId, config: Config = None, as_json: AsJson = False) -> None:
    """Take a link back; what was queued for it goes."""

    async def work(hub: "Administration") -> dict[str, Any]:
        await hub.cases.bridges.unlink(hub.actor, link_id)
        return {"unlinked": link_id}

    report("It is unlinked.", administer(config, work), as_json=as_json)


@app.command()
def pause(link_id: LinkId, config: Config = None, as_json: AsJson = False) -> None:
    """Let nothing go over a link for now; what happens meanwhile waits."""
    _set_paused(link_id, config, paused=True, as_json=as_json)


@app.command()
def resume(link_id: LinkId, config: Config = None, as_json: AsJson = False) -> None:
    """Go on with a paused link."""
    _set_paused(link_id, config, paused=False, as_json=as_json)


@app.command()
def dead(config: Config = None, as_json: AsJson = False) -> None:
    """List what could not be carried, and why."""
    from hub.api.handlers.bridges import dead_row  # noqa: PLC0415 - slow import

    async def work(hub: "Administration") -> list[dict[str, Any]]:
        return [dead_row(letter) for letter in await hub.cases.bridges.dead(hub.actor)]

    columns = ("id", "direction", "what", "since", "error")
    show(administer(config, work), columns, as_json=as_json, empty="Everything was carried.")


@app.command()
def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="From `bridges dead`; all without.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Try again what could not be carried."""

    async def work(hub: "Administration") -> dict[str, Any]:
        return {"replayed": await hub.cases.bridges.replay(hub.actor, ids or None)}

    row = administer(config, work)
    report(f"{row['replayed']} are tried again.", row, as_json=as_json)


def _set_paused(link_id: str, config: Config, *, paused: bool, as_json: bool) -> None:
    from hub.api.handlers.links import linked_row  # noqa: PLC0415 - slow import

    async def work(hub: "Administration") -> dict[str, Any]:
        return linked_row(await hub.cases.bridges.pause(hub.actor, link_id, paused=paused))

    report("It is paused." if paused else "It goes on.", administer(config, work), as_json=as_json)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
