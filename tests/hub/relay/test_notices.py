"""What a platform cannot show is told there in words, all of them, each once, whatever fails in between."""

from pathlib import Path

import pytest

from airchat.protocol.mentions import mentioned_names
from bridges.loopback.bridge import PART_LENGTH
from hub.relay.contract.bridge import Capability
from hub.relay.contract.outbound import Author, React, Reference
from hub.relay.outward import outlet
from hub.relay.words import calling_nobody, plainly
from tests.hub.relay.rooms import make_rooms
from tests.hub.relay.weather import Outward, Weather, WeatherBridge
from tests.waiting import eventually


class Unchanging(WeatherBridge):
    """Shows no edits."""

    capabilities = frozenset(Capability) - {Capability.EDIT}


@pytest.mark.parametrize("faults", [(), ("after",), ("before", "slow down", "after", "after", "after")])
async def test_long_notice_is_posted_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: tuple[Outward, ...]
) -> None:
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.0)
    weather = Weather()
    async with make_rooms(
        tmp_path, ("east",), create=lambda name, platform: Unchanging(platform, name, weather)
    ) as rooms:
        east = rooms.platforms["east"]
        posted = (await rooms.hub.post("wren", "one")).message
        await eventually(lambda: len(east.posts) == 1)
        weather.outward.extend(faults)
        words = " ".join(str(number) for number in range(2 * PART_LENGTH // 3))
        await rooms.hub.messages.edit(await rooms.hub.agent("wren"), posted.id, words)
        await rooms.hub.post("wren", "next")
        await eventually(lambda: bool(east.posts) and east.posts[-1].text == "next")
        notices = [post for post in east.posts if post.notice]
        assert len(notices) > 2
        assert " ".join(post.text for post in notices) == f"corrected: {words}"
        assert len(east.posts) == len(notices) + 2


def test_words_for_what_cannot_be_shown_call_nobody_and_names_are_no_markup() -> None:
    target = Reference("m", "1", "*@bob*", calling_nobody("see @alice and [this](https://a.example)"))
    react = React("room", target, ":party:", (Author("p", "@everyone"), Author("q", "<!channel>")))
    words = plainly([react])
    assert words is not None
    assert mentioned_names(words) == []
    assert words.replace("\u200b", "") == (
        "\\*@bob\\*: see @alice and [this](https://a.example)\n:party: @everyone, \\<!channel\\>"
    )
