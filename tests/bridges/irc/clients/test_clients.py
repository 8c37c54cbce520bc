"""Real clients log in, join, talk with somebody over HTTP, and after a lost connection see what they missed, once."""

import pytest

from tests.bridges.irc.clients.conftest import Client
from tests.bridges.irc.clients.irc_framework import IrcFramework
from tests.bridges.irc.clients.peer import Peer
from tests.waiting import until

pytestmark = pytest.mark.slow


def heard(client: Client, channel: str, text: str) -> list[tuple[str, str]]:
    """Return all that the client shows, when it shows this text."""

    def lines() -> list[tuple[str, str]]:
        found = client.lines(channel)
        return found if any(said == text for _, said in found) else []

    return until(lines, lambda: f"{text!r} is not among {client.lines(channel)}; {client.told()}")


def test_clients_talk(client: Client, peer: Peer) -> None:
    nick = client.account.nick
    room = f"project-talk-{nick}"
    peer.say(room, "Welcome")

    client.start()
    client.join(f"#{room}")
    client.say(f"#{room}", "Hello from IRC")
    until(lambda: len(peer.heard(room)) == 2, lambda: "nothing came")
    peer.say(room, "Hello from HTTP, äöü 🎉")

    expected = [(nick, "Hello from IRC"), ("peer", "Hello from HTTP, äöü 🎉")]
    assert heard(client, f"#{room}", "Hello from HTTP, äöü 🎉") == expected
    assert peer.heard(room) == [("peer", "Welcome"), *expected]
    assert client.names(f"#{room}") == {nick, "peer"}


@pytest.mark.parametrize("client", ["irssi", "weechat"], indirect=True)
def test_missed_lines_come_once(client: Client, peer: Peer) -> None:
    nick = client.account.nick
    room = f"project-missed-{nick}"
    peer.say(room, "Welcome")
    client.start()
    client.join(f"#{room}")
    client.say(f"#{room}", "before")
    until(lambda: len(peer.heard(room)) == 2, lambda: "nothing came")
    peer.say(room, "seen")
    heard(client, f"#{room}", "seen")

    client.stop()
    missed = [f"missed {number}" for number in range(1, 31)]
    for text in missed:
        peer.say(room, text)
    client.start()
    heard(client, f"#{room}", missed[-1])
    peer.say(room, "after")

    expected = [(nick, "before"), *(("peer", text) for text in ["seen", *missed, "after"])]
    assert heard(client, f"#{room}", "after") == expected
    assert nick in client.names(f"#{room}")


@pytest.mark.parametrize("client", ["irc-framework"], indirect=True)
def test_history_and_echo_agree(client: Client, peer: Peer) -> None:
    assert isinstance(client, IrcFramework)
    nick = client.account.nick
    room = f"project-history-{nick}"
    peer.say(room, "before")

    client.start()
    client.join(f"#{room}")
    client.say(f"#{room}", "from IRC")
    heard(client, f"#{room}", "from IRC")
    client.raw(f"CHATHISTORY LATEST #{room} * 10")
    batch = until(lambda: client.events("chathistory"), lambda: f"no history: {client.events('unknown')}")[0]

    registered = client.events("registered")[0]
    assert {"echo-message", "message-tags", "server-time", "batch", "draft/chathistory"} <= set(registered["caps"])
    assert client.events("loggedin") == [{"event": "loggedin", "account": nick}]
    assert client.lines(f"#{room}") == [(nick, "from IRC")]
    echo = next(event for event in client.events("privmsg") if event["batch"] is None)
    assert [line[:2] for line in batch["lines"]] == [["peer", "before"], [nick, "from IRC"]]
    assert batch["lines"][1][2] == echo["msgid"]
