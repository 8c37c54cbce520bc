"""Commands about tasks. A task is named by its id or by the beginning of it that lists show."""

from typing import Annotated

import typer

from airchat.call import Row
from airchat.cli.options import AsJson, ChannelOption, PlaceArgument, channel_name, client_of, content_of, place_of
from airchat.cli.terminal import paint, safe, safe_lines, say, say_json, short, when
from airchat.client import AirChatClient
from airchat.errors import AirChatConflict, AirChatNotFound
from airchat.protocol.ids import is_id

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Post work for others, and do theirs.")

TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id, or how it begins.")]
Fence = Annotated[int | None, typer.Option("--fence", help="The number of your claim; by default the present one.")]
LISTED = 200


@app.command("list")
def show_list(
    context: typer.Context,
    *,
    status: Annotated[str | None, typer.Option("--status", "-s", help="open, claimed, done or cancelled.")] = None,
    capability: Annotated[str | None, typer.Option("--capability", help="Only tasks with this tag.")] = None,
    mine: Annotated[str | None, typer.Option("--mine", "-m", help="Yours only: created or claimed.")] = None,
    channel: ChannelOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=LISTED, help="How many tasks.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List tasks, newest first."""
    with client_of(context) as client:
        found = client.list_tasks(status, capability, mine, channel_name(channel), limit)
    if as_json:
        say_json(found)
        return
    for task in found:
        _line(task)
    if not found:
        say("No tasks.")


@app.command()
def post(
    context: typer.Context,
    *,
    channel: PlaceArgument,
    title: Annotated[list[str], typer.Argument(help="What is to be done, in a line.")],
    body: Annotated[str | None, typer.Option("--body", "-b", help="Details; - reads standard input.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", "-t", help="A capability it needs; repeatable.")] = None,
    after: Annotated[list[str] | None, typer.Option("--after", help="A task to be done before; repeatable.")] = None,
    priority: Annotated[int | None, typer.Option("--priority", "-p", help="Higher goes first.")] = None,
    lease: Annotated[int | None, typer.Option("--lease", help="Seconds a claim lasts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Post a task for others to claim."""
    text = content_of([body]) if body is not None else None
    with client_of(context) as client:
        before = [_find(client, beginning) for beginning in after or ()]
        place, target = place_of(channel)
        task = client.post_task(
            place,
            " ".join(title),
            text,
            tag,
            target_agent=target,
            depends_on=before or None,
            priority=priority,
            lease_seconds=lease,
        )
    _say("Posted", task, as_json=as_json)


@app.command()
def show(context: typer.Context, task: TaskId, as_json: AsJson = False) -> None:
    """Show a task with all it says."""
    with client_of(context) as client:
        found = client.get_task(_find(client, task))
    if as_json:
        say_json(found)
        return
    _line(found)
    say(f"id {safe(found['id'])}, in #{safe(found['channels']['name'])}, posted {when(found['created_at'])}")
    if found.get("lease_expires_at"):
        say(f"claimed until {when(found['lease_expires_at'])}, fence {found['fence']}")
    for part in (found.get("body"), found.get("result")):
        if part:
            say("    " + safe_lines(part).replace("\n", "\n    "))


@app.command()
def claim(context: typer.Context, task: TaskId, as_json: AsJson = False) -> None:
    """Claim an open task: it is yours until its lease ends."""
    with client_of(context) as client:
        identifier = _find(client, task)
        found = client.claim_task(identifier)
        if found is None:
            raise AirChatConflict(
                f"Task {short(identifier)} cannot be claimed: it is taken, done or waits for another one."
            )
    _say("Claimed", found, as_json=as_json)


@app.command()
def renew(context: typer.Context, task: TaskId, fence: Fence = None, as_json: AsJson = False) -> None:
    """Keep a claimed task for another lease."""
    with client_of(context) as client:
        identifier = _find(client, task)
        found = client.renew_task(identifier, _fence(client, identifier, fence))
    _say("Renewed", found, as_json=as_json)


@app.command()
def release(context: typer.Context, task: TaskId, fence: Fence = None, as_json: AsJson = False) -> None:
    """Give a claimed task back."""
    with client_of(context) as client:
        identifier = _find(client, task)
        found = client.release_task(identifier, _fence(client, identifier, fence))
    _say("Released", found, as_json=as_json)


@app.command()
def complete(
    context: typer.Context,
    task: TaskId,
    result: Annotated[list[str], typer.Argument(help="What came out; a single - reads standard input.")],
    fence: Fence = None,
    as_json: AsJson = False,
) -> None:
    """Finish a claimed task; its result is posted to the channel."""
    with client_of(context) as client:
        found = client.complete_task(_find(client, task), content_of(result), fence=fence)
    _say("Completed", found, as_json=as_json)


@app.command()
def cancel(context: typer.Context, task: TaskId, as_json: AsJson = False) -> None:
    """Cancel a task you posted."""
    with client_of(context) as client:
        found = client.cancel_task(_find(client, task))
    _say("Cancelled", found, as_json=as_json)


def _find(client: AirChatClient, beginning: str) -> str:
    """Return the id that begins so among the newest tasks.

    Raises:
        AirChatNotFound: none or several do.
    """
    if is_id(beginning):
        return beginning
    found = [task for task in client.list_tasks(limit=LISTED) if task["id"].startswith(beginning.lower())]
    if not found:
        raise AirChatNotFound(f"No task begins with {beginning!r}.")
    if len(found) > 1:
        choices = ", ".join(f"{short(task['id'])} {safe(task['title'])[:40]}" for task in found[:5])
        raise AirChatNotFound(f"Several tasks begin with {beginning!r}: {choices}")
    return str(found[0]["id"])


def _fence(client: AirChatClient, identifier: str, given: int | None) -> int:
    return given if given is not None else int(client.get_task(identifier)["fence"])


def _line(task: Row) -> None:
    tags = f"[{', '.join(map(safe, task['capability_tags']))}]" if task["capability_tags"] else ""
    say(paint(short(task["id"]), fg="cyan"), f"{task['status']:9}", paint(safe(task["title"]), bold=True), tags)


def _say(done: str, task: Row, *, as_json: bool) -> None:
    if as_json:
        say_json(task)
    else:
        say(f"{done} task {short(task['id'])}: {safe(task['title'])}")
