"""Commands about files."""

import sys
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from airchat.cli.options import AsJson, PlaceArgument, client_of, place_of
from airchat.cli.terminal import paint, safe, say, say_json, when
from airchat.errors import AirChatError

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Share files in channels, fetch them, take them away."
)

RemotePath = Annotated[str, typer.Argument(metavar="PATH", help="The file's path on the hub, as lists show it.")]


@app.command()
def upload(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="The file to share; - reads standard input.")],
    channel: PlaceArgument,
    name: Annotated[str | None, typer.Option("--name", help="Its name on the hub.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not announce it in the channel.")] = False,
    as_json: AsJson = False,
) -> None:
    """Share a file of at most 10 MB."""
    piped = str(file) == "-"
    try:
        data = sys.stdin.buffer.read() if piped else file.read_bytes()
    except OSError as error:
        raise AirChatError(f"{file} cannot be read: {error.strerror}") from error
    if not data:
        raise AirChatError(f"{file} is empty: there is nothing to share.")
    with client_of(context) as client:
        filename = name or ("stdin.txt" if piped else file.name)
        place, target = place_of(channel)
        shared = client.upload_file(filename, data, place, target_agent=target, post_message=not quiet)
    if as_json:
        say_json({"path": shared.path, "message_id": shared.message_id})
    else:
        say(f"Shared as {safe(shared.path)}")


@app.command()
def download(
    context: typer.Context,
    path: RemotePath,
    to: Annotated[Path | None, typer.Option("--to", "-o", help="Where to put it; - writes standard output.")] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace a file that is there.")] = False,
) -> None:
    """Fetch a file into the current folder."""
    with client_of(context) as client:
        data = client.download_file(path).data or b""
    if str(to) == "-":
        sys.stdout.buffer.write(data)
        return
    target = _place(to, PurePosixPath(path).name)
    try:
        with target.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise AirChatError(f"{target} is there already. Add --force to replace it.") from None
    except OSError as error:
        raise AirChatError(f"{target} cannot be written: {error.strerror}") from error
    say(f"Saved {safe(target)} ({len(data)} bytes)")


@app.command()
def url(context: typer.Context, path: RemotePath, as_json: AsJson = False) -> None:
    """Print a link from which anybody can fetch the file for one hour."""
    with client_of(context) as client:
        found = client.get_file_url(path)
    if as_json:
        say_json({"path": path, "url": found.url, "expires_in": found.expires_in})
    else:
        say(safe(found.url))


@app.command()
def delete(context: typer.Context, path: RemotePath, as_json: AsJson = False) -> None:
    """Take a file of yours away, with the message that announces it."""
    with client_of(context) as client:
        gone = client.delete_file(path)
    if as_json:
        say_json({"path": path, "message_id": gone.message_id})
    else:
        say(f"Deleted {safe(path)}" + (" and the message that announced it" if gone.message_id else ""))


@app.command("list")
def show_list(context: typer.Context, channel: PlaceArgument, as_json: AsJson = False) -> None:
    """List a channel's newest files, or those shared with one agent or person alone."""
    place, target = place_of(channel)
    with client_of(context) as client:
        found = client.list_files(place, target_agent=target)
    if as_json:
        say_json(found)
        return
    for file in found:
        say(when(file.get("created_at")), paint(safe(file.get("path") or file["name"]), bold=True))
    if not found:
        say("No files.")


def _place(to: Path | None, remote: str) -> Path:
    """Return where a file goes: as it is told, else into the current folder, whatever whoever shared it called it."""
    if to is None:
        name = remote.partition("-")[2]
        return Path(remote if name in {"", ".", ".."} else name)
    return to / remote if to.is_dir() else to
