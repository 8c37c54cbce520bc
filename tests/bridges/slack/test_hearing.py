"""Which channels are looked at for what was said and never arrived."""

from typing import Any

import pytest

from bridges.slack import hearing
from bridges.slack.hearing import Hearing
from hub.relay.contract.errors import NotReady

CHANNELS = [f"C{number:02d}" for number in range(20)]


class Pages:
    """What is newest in each channel, and which were asked for."""

    def __init__(self) -> None:
        self.there = dict.fromkeys(CHANNELS, "1.0")
        self.asked: list[str] = []

    async def newest(self, channel: str) -> str | None:
        self.asked.append(channel)
        return self.there[channel]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    monkeypatch.setattr(hearing, "_ON_ITS_WAY_SECONDS", 0.0)
    return Pages()


def listening(pages: Any) -> Hearing:
    found = Hearing(pages)
    for number, channel in enumerate(CHANNELS):
        found.watch(channel)
        found.heard(channel, f"1.{number:06d}")
    return found


async def test_lively_channels_are_looked_at_each_time_and_each_other_in_its_turn(pages: Pages) -> None:
    listens = listening(pages)
    pages.there = dict.fromkeys(CHANNELS, "0.5")
    for _ in range(4):
        await listens.check()
    assert [pages.asked.count(channel) for channel in CHANNELS[-3:]] == [4, 4, 4]
    assert set(pages.asked) == set(CHANNELS)


@pytest.mark.parametrize(("channel", "looks"), [("C19", 1), ("C00", 1), ("C16", 4)])
async def test_what_was_missed_anywhere_is_found(pages: Pages, channel: str, looks: int) -> None:
    listens = listening(pages)
    pages.there = dict.fromkeys(CHANNELS, "0.5") | {channel: "2.0"}
    for _ in range(looks - 1):
        await listens.check()
    with pytest.raises(NotReady, match="deaf"):
        await listens.check()
