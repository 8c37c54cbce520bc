"""What the fake server does with each line."""

from collections.abc import Callable

from bridges.irc.wire.lines import Line

from . import history
from .client import SERVER, Client


def take(client: Client, line: Line) -> None:
    """Do what a line says."""
    handler = _HANDLERS.get(line.command)
    if handler is None:
        client.numeric("421", line.command, "Unknown command")
    else:
        handler(client, line)


def _cap(client: Client, line: Line) -> None:
    settings = client.server.settings
    match line.params:
        case ("LS", *_):
            client.negotiating = True
            offered = sorted(settings.capabilities)
            offered += ["sasl=PLAIN,EXTERNAL"] if settings.accounts else []
            client.send("CAP", "*", "LS", "*", " ".join(offered[:4]))
            client.send("CAP", "*", "LS", " ".join(offered[4:]))
        case ("REQ", names):
            known = settings.capabilities | {"sasl"}
            answer = "ACK" if set(names.split()) <= {it.partition("=")[0] for it in known} else "NAK"
            client.capabilities |= set(names.split()) if answer == "ACK" else set()
            client.send("CAP", "*", answer, names)
        case ("END", *_):
            client.negotiating = False
            client.server.welcome(client)


def _authenticate(client: Client, line: Line) -> None:
    if line.params[0] in {"PLAIN", "EXTERNAL"}:
        client.mechanism = line.params[0]
        client.send("AUTHENTICATE", "+")
    elif client.answer_sasl(line.params[0]):
        client.numeric("900", "x", str(client.account), "logged in")
        client.numeric("903", "SASL worked")
    else:
        client.numeric("904", "SASL failed")


def _nick(client: Client, line: Line) -> None:
    server, nick = client.server, line.params[0]
    if nick in server.settings.taken or any(it.nick == nick for it in server.clients if it is not client):
        client.numeric("433", nick, "in use")
        return
    before, client.nick = client.nick, nick
    if client.registered:
        client.send("NICK", nick, source=f"{before}!x@host.example")
        for channel in server.network.channels.values():
            if before in channel.members:
                channel.members.discard(before)
                channel.members.add(nick)
    else:
        server.welcome(client)


def _user(client: Client, line: Line) -> None:
    client.has_user = True
    client.server.welcome(client)


def _pass(client: Client, line: Line) -> None:
    client.password = line.params[0]


def _join(client: Client, line: Line) -> None:
    channel = client.server.network.channel(line.params[0])
    if client.nick in channel.banned:
        client.numeric("474", channel.name, "Cannot join (+b)")
        return
    if channel.refusal:
        client.numeric(channel.refusal, channel.name, "Cannot join")
        return
    if channel.key and line.params[1:2] != (channel.key,):
        client.numeric("475", channel.name, "Cannot join channel (+k)")
        return
    if client not in channel.receivers:
        channel.receivers.append(client)
        channel.members.add(client.nick)
        client.server.network.happen(client.server.network.event(client.nick, "JOIN", channel.name))
    if channel.topic:
        client.numeric("332", channel.name, channel.topic)
        client.numeric("333", channel.name, f"{channel.topic_by}!x@host.example", str(channel.topic_at // 1_000_000))
    client.numeric("353", "=", channel.name, " ".join(sorted(channel.members)))
    client.numeric("366", channel.name, "End of names")


def _words(client: Client, line: Line) -> None:
    server, (target, text) = client.server, line.params
    if not target.startswith("#"):
        server.private.append((client.nick, line.command, target, text))
        return
    channel = server.network.channel(target)
    if client not in channel.receivers or (channel.moderated and client.nick not in channel.operators):
        client.numeric("404", target, "Cannot send to channel")
        return
    if server.faults.refuse_words > 0:
        server.faults.refuse_words -= 1
        client.numeric("404", target, "Your message was blocked")
        return
    if server.faults.cut_before_reading > 0:
        server.faults.cut_before_reading -= 1
        client.cut()
        return
    if hold := server.faults.take_hold("before saying"):
        client.hold(hold)
        return
    _say(client, line, client.nick, text, client_tags(line))


def _relaymsg(client: Client, line: Line) -> None:
    target, nick, text = line.params
    if client.nick not in client.server.settings.relayers:
        client.send("FAIL", "RELAYMSG", "PRIVS_NEEDED", target, "You are not a channel operator")
        return
    _say(client, line, nick, text, {**client_tags(line), "draft/relaymsg": client.nick})


def _say(client: Client, line: Line, nick: str, text: str, tags: dict[str, str]) -> None:
    server, target = client.server, line.params[0]
    command = "PRIVMSG" if line.command == "RELAYMSG" else line.command
    event = server.network.event(nick, command, target, text, account=client.account, tags=tags)
    if server.faults.cut_before_answer > 0:
        server.faults.cut_before_answer -= 1
        client.cut()
    server.network.happen(event, skip=client)
    if hold := server.faults.take_hold("after saying"):
        client.hold(hold)
    if "echo-message" in client.capabilities:
        client.echo(event)


def _tagmsg(client: Client, line: Line) -> None:
    event = client.server.network.event(client.nick, "TAGMSG", line.params[0], tags=client_tags(line))
    client.server.network.happen(event, skip=client)
    if "echo-message" in client.capabilities:
        client.echo(event)


def _redact(client: Client, line: Line) -> None:
    channel = client.server.network.channel(line.params[0])
    found = next((it for it in channel.history if it.msgid == line.params[1]), None)
    if found is None:
        client.send("FAIL", "REDACT", "UNKNOWN_MSGID", *line.params[:2], "There is no such message")
    elif found.by != client.nick or client.server.faults.refuse_redactions:
        client.send("FAIL", "REDACT", "REDACT_FORBIDDEN", *line.params[:2], "It is not yours")
    else:
        channel.history.remove(found)
        client.server.network.happen(client.server.network.event(client.nick, "REDACT", channel.name, line.params[1]))


def _topic(client: Client, line: Line) -> None:
    channel = client.server.network.channel(line.params[0])
    if channel.topic_locked and client.nick not in channel.operators:
        client.numeric("482", channel.name, "You're not a channel operator")
        return
    network = client.server.network
    network.set_topic(network.event(client.nick, "TOPIC", channel.name, line.params[1]))


def _ping(client: Client, line: Line) -> None:
    client.send("PONG", SERVER, line.params[-1])


def _mode(client: Client, line: Line) -> None:
    client.modes = line.params[1]


def _nothing(client: Client, line: Line) -> None:
    pass


def _quit(client: Client, line: Line) -> None:
    client.cut()


def client_tags(line: Line) -> dict[str, str]:
    """Return the tags that are passed on."""
    return {name: text for name, text in line.tags.items() if name.startswith("+")}


_HANDLERS: dict[str, Callable[[Client, Line], None]] = {
    "AUTHENTICATE": _authenticate,
    "CAP": _cap,
    "CHATHISTORY": history.chathistory,
    "JOIN": _join,
    "MODE": _mode,
    "NICK": _nick,
    "NOTICE": _words,
    "PASS": _pass,
    "PING": _ping,
    "PONG": _nothing,
    "PRIVMSG": _words,
    "QUIT": _quit,
    "REDACT": _redact,
    "RELAYMSG": _relaymsg,
    "TAGMSG": _tagmsg,
    "TOPIC": _topic,
    "USER": _user,
}
