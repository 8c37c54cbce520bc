"""Commands about messages and channels."""

from collections.abc import Callable
from typing import Annotated

import typer

from airchat.cli.options import (
    AsJson,
    ChannelArgument,
    ChannelOption,
    Content,
    Watch,
    channel_name,
    client_of,
    content_of,
)
from airchat.cli.terminal import message_lines, paint, safe, say, say_json, when
from airchat.client import AirChatClient
from airchat.errors import AirChatError
from airchat.follow import EventStream
from airchat.types import BoardChannel, Message

NEW = "message.created"


def check(context: typer.Context, as_json: AsJson = False, watch: Watch = False) -> None:
    """Show mentions, unread counts and the newest message of each channel."""
    with client_of(context) as client:
        if watch:
            with client.stream(kind=NEW) as stream:
                _check(client, as_json=as_json)
                _follow(stream, as_json=as_json, shown=lambda _: True)
        _check(client, as_json=as_json)


def read(
    context: typer.Context,
    *,
    channel: ChannelArgument,
    limit: Annotated[int, typer.Option("--limit", "-n", "-l", min=1, max=200, help="How many messages.")] = 20,
    before: Annotated[
        str | None, typer.Option(help="Only messages before this moment (ISO-8601); in a thread, before this number.")
    ] = None,
    after: Annotated[int | None, typer.Option(min=0, help="The first messages above this message number.")] = None,
    thread: Annotated[str | None, typer.Option("--thread", "-t", help="Show this message and its replies.")] = None,
    as_json: AsJson = False,
    watch: Watch = False,
) -> None:
    """Show the newest messages of a channel; they count as read then."""
    name = channel_name(channel) or ""
    with client_of(context) as client:
        if thread is not None:
            _print_thread(client, _message_id(client, name, thread), limit, before, after, as_json=as_json)
        elif watch:
            with client.stream(name, kind=NEW) as stream:
                page = client.read_messages(name, limit)
                _print(page, as_json=as_json, lines=True)
                known = {message.id for message in page}
                _follow(stream, as_json=as_json, shown=lambda message: message.id not in known)
        else:
            _print(client.read_messages(name, limit, before, after=after), as_json=as_json)


def post(
    context: typer.Context,
    channel: ChannelArgument,
    content: Content,
    thread: Annotated[
        str | None, typer.Option("--thread", "-t", help="Reply to this message: its number in the channel, or its id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Post a message; the channel is made by its first one."""
    name = channel_name(channel) or ""
    with client_of(context) as client:
        parent = _message_id(client, name, thread) if thread else None
        sent = client.send_message(name, content_of(content), parent_message_id=parent)
    _sent(sent, as_json=as_json)


def delete(
    context: typer.Context,
    channel: ChannelArgument,
    which: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its number in the channel, or its id.")],
    as_json: AsJson = False,
) -> None:
    """Delete a message of yours, with the files it shares."""
    name = channel_name(channel) or ""
    with client_of(context) as client:
        deleted = client.delete_message(_message_id(client, name, which))
    if as_json:
        say_json(deleted)
    else:
        say(f"Deleted message {deleted.number} of #{safe(deleted.channel_name or name)}")


def dm(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="The addressee's name, with or without @.")],
    content: Content,
    as_json: AsJson = False,
) -> None:
    """Send a message that only its addressee and you can see."""
    with client_of(context) as client:
        sent = client.send_direct_message(target.removeprefix("@"), content_of(content))
    _sent(sent, as_json=as_json)


def search(
    context: typer.Context,
    *,
    query: Annotated[list[str], typer.Argument(help='Words, all of them; "a phrase", -without, this or that.')],
    channel: ChannelOption = None,
    author: Annotated[str | None, typer.Option("--author", "-a", help="Only by this author.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first instead of best first.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50, help="How many results.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Search the messages you may see."""
    with client_of(context) as client:
        sort = "newest" if newest else None
        found = client.search_messages(" ".join(query), channel_name(channel), author=author, sort=sort, limit=limit)
    if as_json:
        say_json(found)
        return
    for hit in found:
        message = Message(hit.id, hit.channel_id, "", hit.author_name, hit.content, hit.created_at)
        say(f"#{paint(safe(hit.channel_name), fg='cyan')} {message_lines(message)}")
    if not found:
        say("Nothing found.")


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show who you are, where, and what is unread."""
    with client_of(context) as client:
        me, board = client.whoami(), client.check_board()
        url = client.config.web_url
    if as_json:
        say_json({"url": url, **me, "channels": board})
        return
    say(f"{paint(safe(me['agent']['name']), bold=True)} at {safe(url)}")
    _board([entry for entry in board if entry.role != "none"])


def channels(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option("--type", "-t", help="project, technology, environment or global.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the channels you are in."""
    with client_of(context) as client:
        found = client.list_channels(kind)
    if as_json:
        say_json(found)
        return
    for channel in found:
        note = "archived" if channel.archived else safe(channel.topic or channel.description or "")
        say(f"#{paint(safe(channel.name), fg='cyan')}", safe(channel.type), paint(note, dim=True))
    if not found:
        say("You are in no channel yet: read or post to one.")


def _check(client: AirChatClient, *, as_json: bool) -> None:
    mentions, board = client.check_mentions(), client.check_board()
    if as_json:
        say_json({"mentions": mentions, "channels": board})
        return
    for mention in mentions:
        project = f" ({safe(mention.from_project)})" if mention.from_project else ""
        author = paint(safe(mention.from_agent), bold=True)
        say(f"{paint('@', fg='yellow')} {author}{project} in #{safe(mention.channel)}: {safe(mention.content)[:200]}")
    _board(board)


def _board(board: list[BoardChannel]) -> None:
    for entry in board:
        latest = entry.latest_message
        unread = paint(f"{entry.unread_count} unread", fg="yellow") if entry.unread_count else ""
        text = f"{when(latest.created_at)} {safe(latest.author_name)}: {safe(latest.content)[:80]}" if latest else ""
        say(f"#{paint(safe(entry.channel_name), fg='cyan')}", unread, paint(text, dim=True))
    if not board:
        say("The board is empty.")


def _print(messages: list[Message], *, as_json: bool, lines: bool = False) -> None:
    if as_json and not lines:
        say_json(messages)
        return
    for message in messages:
        _print_one(message, as_json=as_json)


def _print_thread(
    client: AirChatClient, message_id: str, limit: int, before: str | None, after: int | None, *, as_json: bool
) -> None:
    """Print a page of a thread, and how to see the pages beside it."""
    if before is not None and not before.isdecimal():
        raise AirChatError("--before takes a message number where --thread is given.")
    found = client.read_thread(message_id, limit, before=int(before) if before else None, after=after)
    if as_json:
        say_json(found)
        return
    _print_one(found.parent, as_json=False)
    if found.earlier and found.replies:
        say(paint(f"… {found.earlier} earlier: --before {found.replies[0].number}", dim=True))
    _print(found.replies, as_json=False)
    if found.later and found.replies:
        say(paint(f"… {found.later} later: --after {found.replies[-1].number}", dim=True))


def _print_one(message: Message, *, as_json: bool, channel: bool = False) -> None:
    if as_json:
        say_json(message, indent=None)
    else:
        say(message_lines(message, channel=channel))


def _follow(stream: EventStream, *, as_json: bool, shown: Callable[[Message], bool]) -> None:
    """Print new messages until interrupted."""
    for event in stream:
        message = Message.from_row(event.data)
        if shown(message):
            _print_one(message, as_json=as_json, channel=True)


def _sent(message: Message, *, as_json: bool) -> None:
    if as_json:
        say_json(message)
    else:
        say(f"Sent to #{safe(message.channel_name or '')} as message {message.number} ({safe(message.id)}).")
        if message.unknown_mentions:
            say(f"Nobody is called {safe(', '.join(message.unknown_mentions))}: nobody was notified by that name.")
        if message.redacted:
            say(f"It was stored without what looks like a secret: {safe(', '.join(message.redacted))}.")
        if message.not_woken:
            say(f"{safe(', '.join(message.not_woken))} will not hear of it until a person speaks, or for a while.")


def _message_id(client: AirChatClient, channel: str, text: str) -> str:
    """Return the id of a message given as its number in the channel, or as an id."""
    if not text.isdecimal():
        return text
    found = client.read_messages(channel, 1, after=int(text) - 1) if int(text) else []
    if not found or found[0].number != int(text):
        raise AirChatError(f"#{channel} has no message {text}.")
    return found[0].id
