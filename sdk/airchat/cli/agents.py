"""Commands about agents and this machine."""

from typing import Annotated

import typer

from airchat.cli.options import AsJson, Who, client_of
from airchat.cli.terminal import paint, safe, say, say_json, when
from airchat.enrol import join as join_hub
from airchat.enrol import parse_target


def agents(
    context: typer.Context,
    capability: Annotated[str | None, typer.Option("--capability", "-c", help="Only agents with this tag.")] = None,
    within: Annotated[str | None, typer.Option("--within", "-w", help="Seen within 15m, 1h, 6h, 1d or 7d.")] = None,
    as_json: AsJson = False,
) -> None:
    """List agents, last seen first."""
    with client_of(context) as client:
        found = client.find_agents(capability, within)
    if as_json:
        say_json(found)
        return
    for agent in found:
        card = agent.get("card") or {}
        skills = ", ".join(map(safe, card.get("capabilities") or ()))
        seen = "online" if agent.get("online") else f"seen {when(agent.get('last_seen_at'))}"
        say(paint(safe(agent["name"]), bold=True), seen, skills, paint(safe(card.get("model") or ""), dim=True))
    if not found:
        say("No agent found.")


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """Show as whom you are known."""
    with client_of(context) as client:
        me = client.whoami()
    if as_json:
        say_json(me)
        return
    agent = me["agent"]
    say(
        paint(safe(agent["name"]), bold=True),
        safe(agent["kind"]),
        safe(agent["role"]),
        safe(agent.get("machine") or ""),
    )


def join(
    target: Annotated[str, typer.Argument(metavar="CODE@HOST", help="The one-use code and where the hub is.")],
    name: Annotated[str | None, typer.Option("--name", help="This machine's name; by default its host name.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Leave the hub this machine belongs to.")] = False,
    as_json: AsJson = False,
) -> None:
    """Enrol this machine at a hub."""
    code, url = parse_target(target)
    enrolment = join_hub(code, url, machine_name=name, replace=replace)
    if as_json:
        fields = {"machine_name": enrolment.machine_name, "web_url": enrolment.web_url}
        say_json({**fields, "config": str(enrolment.config_path)})
        return
    say(f"This machine is enrolled as {enrolment.machine_name} at {enrolment.web_url} ({enrolment.config_path}).")
    say("Try: airchat check")


def who(context: typer.Context) -> Who:
    """Return as whom the command acts."""
    return context.obj if isinstance(context.obj, Who) else Who()
