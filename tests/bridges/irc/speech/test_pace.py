import time
from pathlib import Path

import pytest

from airchat.protocol.principals import Kind, Principal, Role
from bridges.irc.config import IrcConfig
from bridges.irc.presence.users import account_user
from bridges.irc.speech.pace import Exchange, pace_of
from bridges.irc.transport import flood
from tests.bridges.irc.aircd.client import agent
from tests.bridges.irc.server import running_irc_server


@pytest.mark.parametrize(
    ("kind", "name", "profile"),
    [
        (Kind.PERSON, "ada", flood.PERSON),
        (Kind.GHOST, "eve-guest-0123", flood.PERSON),
        (Kind.AGENT, "agent-a", flood.AGENT),
        (Kind.AGENT, "matterbridge", flood.BRIDGE),
    ],
)
def test_who_somebody_is_says_how_fast_they_may_talk(kind: Kind, name: str, profile: flood.FloodProfile) -> None:
    user = account_user(Principal("id", kind, name, Role.MEMBER, 0))
    assert pace_of(IrcConfig(bridges=frozenset({"matterbridge"})), user) == profile
    assert pace_of(IrcConfig(limits=False), user) == flood.NONE


def test_who_has_said_nothing_yet_is_as_slow_as_a_person() -> None:
    assert pace_of(IrcConfig(), None) == flood.PERSON


def test_a_bot_alone_is_never_slowed_down_and_two_are() -> None:
    exchange = Exchange()
    for _ in range(500):
        exchange.heard("a", bot=True)
    assert exchange.delay("a") == 0
    for _ in range(70):
        exchange.heard("b", bot=True)
    assert exchange.delay("a") == pytest.approx(10, abs=1)
    exchange.heard("ann", bot=False)
    assert exchange.delay("a") == exchange.delay("b") == 0


async def test_who_floods_waits_and_loses_nothing(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path, limits="normal") as irc:
        ann, one = await irc.client("ann"), await agent(irc, "agent-a")
        await one.join("#work")
        await ann.join("#work")
        texts = [f"line {number}" for number in range(100)]
        began = time.monotonic()
        for text in texts:
            one.send(f"PRIVMSG #work :{text}")
        await one.sync()
        assert time.monotonic() - began < 20  # a person would take twice as long
        assert [line.params[1] for line in await ann.sync()] == texts
        began = time.monotonic()
        ann.send(*(f"PRIVMSG #work :{text}" for text in texts[:20]))
        await one.until(lambda: [heard.content for heard in one.heard if heard.sender == "ann"] == texts[:20])
        assert time.monotonic() - began > 1
