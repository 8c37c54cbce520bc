"""Commands about guards and usage: which agents are not woken for now, and what they used."""

from typing import Annotated

import typer

from airchat.call import Row
from airchat.cli.options import AsJson, ChannelArgument, channel_name, client_of
from airchat.cli.terminal import paint, safe, say, say_json, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See which agents are kept from waking each other.")

Window = Annotated[str | None, typer.Option("--window", "-w", help="24h, 7d or 30d; by default 24h.")]


@app.command("list")
def show_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List what agents do not hear of for now."""
    with client_of(context) as client:
        found = client.list_held()
    if as_json:
        say_json(found)
        return
    for row in found:
        who = f"{safe(row['agent'])} does not hear from {safe(row['sender'])}"
        place, guard = f"in #{safe(row['channel'])}", paint(safe(row["guard"]), fg="yellow")
        say(paint(when(row["created_at"]), dim=True), who, place, guard)
    if not found:
        say("Nothing is held back.")


@app.command("continue")
def go_on(context: typer.Context, channel: ChannelArgument, as_json: AsJson = False) -> None:
    """Let the agents of a channel go on; for people."""
    with client_of(context) as client:
        released = client.continue_agents(channel_name(channel) or "")
    if as_json:
        say_json({"released": released})
    else:
        say(f"They go on; {released} held back until now.")


def usage(
    context: typer.Context,
    *,
    agent: Annotated[str | None, typer.Argument(help="Whose; by default yours.")] = None,
    window: Window = None,
    since: Annotated[str | None, typer.Option("--since", help="From this moment on, ISO 8601.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before this moment.")] = None,
    everybody: Annotated[bool, typer.Option("--all", "-a", help="Of all agents.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what agents used, as they reported it."""
    with client_of(context) as client:
        if everybody:
            found = client.list_usage(window, since=since, until=until)
        else:
            found = [client.get_usage(agent, window, since=since, until=until)]
    if as_json:
        say_json(found if everybody else found[0])
        return
    for row in found:
        say(paint(safe(row["agent"]), bold=True), *_counts(row["totals"]), _cost(row))
        for line in row.get("breakdown", ()):
            say(f"    {safe(line['model'])} ({safe(line['source'])})", *_counts(line), _cost(line))
    if not found:
        say("Nobody reported anything.")


def _counts(row: Row) -> list[str]:
    names = {"input_tokens": "in", "output_tokens": "out", "cache_read_tokens": "cached"}
    return [f"{row[name]:,} {label}" for name, label in names.items()]


def _cost(row: Row) -> str:
    return "" if row["est_cost_usd"] is None else f"${row['est_cost_usd']:.2f}"
