"""What each platform shows of a channel, as its people read it: who wrote it, and what."""

import re
from html import unescape
from typing import NamedTuple

from tests.fakes.discord import FakeDiscord
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import FakeSlack

_FORMATS = re.compile("\x03[0-9]{2}|[\x02\x0f\x1d\u200b]")
_SAID_FOR = re.compile(r"<([^>]*)> (.*)")


class Shown(NamedTuple):
    """A message as people read it."""

    author: str
    text: str


def on_slack(slack: FakeSlack, place: str) -> list[Shown]:
    """Return a channel of Slack."""
    return [Shown(author, unescape(text)) for author, text, _ in slack.transcript(place)]


def on_discord(discord: FakeDiscord, place: str) -> list[Shown]:
    """Return a channel of Discord."""
    return [Shown(line.author, line.text) for line in discord.transcript(place)]


def on_irc(irc: FakeIrcNetwork, place: str) -> list[Shown]:
    """Return a channel of the IRC network; what the hub says there begins with who said it."""
    lines = [(event.by, _FORMATS.sub("", event.params[0])) for event in irc.said(place)]
    relayed = [(by, line, _SAID_FOR.fullmatch(line)) for by, line in lines]
    return [Shown(match[1], match[2]) if match else Shown(by, line) for by, line, match in relayed]
