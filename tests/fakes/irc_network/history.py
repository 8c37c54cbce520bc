"""CHATHISTORY as the fake server answers it."""

from bridges.irc.wire.lines import Line
from bridges.irc.wire.timestamps import parse_time

from .client import Client


def chathistory(client: Client, line: Line) -> None:
    """Send a page."""
    kind, target, reference, limit = line.params
    client.server.pages += 1
    if hold := client.server.faults.take_hold("history"):
        client.hold(hold)
        return
    channel = client.server.network.channel(target)
    if client not in channel.receivers:
        client.send("FAIL", "CHATHISTORY", "INVALID_TARGET", kind, target, "Messages could not be retrieved")
        return
    events = [it for it in channel.history if it.command in {"PRIVMSG", "NOTICE", "TAGMSG", "REDACT", "TOPIC"}]
    at = 0 if reference == "*" else parse_time(reference.removeprefix("timestamp="))
    count = min(int(limit), client.server.settings.page)
    match kind:
        case "AFTER":
            page = [it for it in events if it.at > at][:count]
        case "BEFORE":
            page = [it for it in events if it.at < at][-count:]
        case _:
            page = [it for it in events if it.at > at][-count:]
    client.send("BATCH", "+h", "chathistory", target)
    for event in page:
        client.replay(event, "h")
    client.send("BATCH", "-h")
