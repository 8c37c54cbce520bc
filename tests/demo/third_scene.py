"""The same conversation on an IRC network, where a third person answers by the short tag of the thread."""

import re
from collections.abc import Callable

from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import FakeSlack

Expect = Callable[[object, object, str], None]


def irc_toml(irc: FakeIrcNetwork, channel: str) -> str:
    """Return the settings that link the channel to the network."""
    return f"""
[[irc_networks]]
name = "irc"
host = "127.0.0.1"
port = {irc.port}
tls = false
per_second = 90
burst = 20

[[links]]
channel = "{channel}"
platform = "irc"
remote = "#{channel}"
"""


async def play_on_irc(
    irc: FakeIrcNetwork, slack: FakeSlack, channel: str, authors: list[str], expect: Expect, *, seconds: float
) -> None:
    """Show the channel as IRC does, and let Carol answer there; Slack has her answer in the thread."""
    place = f"#{channel}"
    await irc.wait_for(lambda: len(_spoken(irc, place)) >= len(authors), seconds=seconds)
    print(f"\n{place} as people see it on IRC:")
    for author, text in _spoken(irc, place):
        print(f"    <{author}> {text}")
    expect([author for author, _ in _spoken(irc, place)], authors, "IRC shows the same authors in the same order")

    tag = re.match(r"#(\w{3}) ", _spoken(irc, place)[-1][1])
    expect(tag is not None, True, "answers show the tag of their thread")
    irc.person("carol").say(place, f"#{tag[1] if tag else ''}: and it is only \x02Monday\x02")
    said = ("carol", "and it is only *Monday*")
    await slack.wait_for(lambda: slack.transcript(place)[-1][:2] == said, timeout=seconds)
    print("\n  Carol answers by the tag of the thread on IRC; in Slack, in Alice's thread:")
    print(f"      ↳ {said[0]}: {said[1]}")
    expect(slack.transcript(place)[-1].thread, slack.transcript(place)[0].text, "Carol's answer is in the thread")
    expect(irc.flood_violations, 0, "the network is never flooded")


def _spoken(irc: FakeIrcNetwork, place: str) -> list[tuple[str, str]]:
    """Return who said what, the first line of each message."""
    found: list[tuple[str, str]] = []
    tokens: set[str] = set()
    for event in irc.said(place):
        message = event.tags.get("+airchat/token", event.msgid).partition(":")[0]
        line = re.sub("\x03[0-9]{2}|[\x02\x0f\x1d\u200b]", "", event.params[0])
        relayed = re.fullmatch(r"<([^>]*)> (.*)", line)
        if message not in tokens:
            found.append((relayed[1], relayed[2]) if relayed else (event.by, line))
        tokens.add(message)
    return found
