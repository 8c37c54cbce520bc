"""Rates: no call is made that Discord would refuse, neither by the relay's budgets nor by what answers told."""

import asyncio
import random
from contextlib import suppress

import pytest

from bridges.discord.bridge import DiscordBridge
from bridges.discord.buckets import Buckets
from bridges.discord.platform import BUDGETS
from hub.relay.contract.errors import NotReady
from hub.relay.contract.outbound import Author, Post
from hub.relay.contract.platform import Call
from hub.relay.pace import Pace
from tests.bridges.discord.people import People
from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Settings
from tests.fakes.discord.limits import Bucket, Limits

PLACE = "#general"


class Time:
    """Seconds that pass when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


async def test_budgets_never_exceed_what_discord_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    time, chance = Time(monkeypatch), random.Random(1)
    pace, limits = Pace(BUDGETS, time), Limits(Settings(clock=time))
    buckets = {Call.REACT: Bucket("react", "channel", (1, 0.25)), Call.EDIT: Bucket("edit", "hook", (5, 2.0))}
    for _ in range(300):
        call = chance.choice(list(buckets))
        await pace.wait(call, "channel")
        assert limits.check(buckets[call], by_bot=True)[0] == 0
        time.now += chance.choice([0.0, 0.0, 0.1, 3.0])
    assert limits.violations == {}


async def test_posts_never_exceed_what_discord_allows_and_flow_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    time, chance = Time(monkeypatch), random.Random(2)
    buckets, limits = Buckets(time), Limits(Settings(clock=time))
    path, bucket = "/webhooks/123456789012345678/token", Bucket("execute", "hook", (5, 2.0), ("channel", (30, 60.0)))
    moments: list[float] = []
    while len(moments) < 200:
        try:
            await buckets.wait("POST", path)
        except NotReady as error:
            time.now += error.retry_after or 0
            continue
        assert limits.check(bucket, by_bot=False)[0] == 0
        moments.append(time.now)
        time.now += chance.choice([0.0, 0.05, 0.3])
        buckets.learn("POST", path, limits.headers(bucket))
    assert limits.violations == {}
    assert moments[4] - moments[0] < 2
    assert moments[29] - moments[0] < 15
    assert moments[199] - moments[0] < 7 * 61


async def test_bucket_that_is_used_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    buckets = Buckets(time)
    path = "/channels/123456789012345678/messages/123456789012345679/reactions/👍/@me"
    headers = {"X-RateLimit-Bucket": "r", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "4.0"}
    await buckets.wait("PUT", path)
    buckets.learn("PUT", path, headers)
    await buckets.wait("PUT", path)
    assert time.now == 1_000.0
    other = path.replace("👍", "name:1").replace("345679", "345680")
    await buckets.wait("PUT", other)
    assert time.now == 1_004.0
    elsewhere = path.replace("123456789012345678", "123456789012345000")
    await buckets.wait("PUT", elsewhere)
    assert time.now == 1_004.0


async def test_bucket_that_is_used_up_for_long_is_the_relays_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets(Time(monkeypatch))
    headers = {"X-RateLimit-Bucket": "t", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "300"}
    await buckets.wait("PATCH", "/channels/123456789012345678")
    buckets.learn("PATCH", "/channels/123456789012345678", headers)
    with pytest.raises(NotReady) as caught:
        await buckets.wait("PATCH", "/channels/123456789012345678")
    assert caught.value.retry_after == 300


async def test_headers_that_cannot_be_read_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets(Time(monkeypatch))
    for headers in ({}, {"X-RateLimit-Bucket": "t"}, {"X-RateLimit-Bucket": "t", "X-RateLimit-Remaining": "x"}):
        buckets.learn("GET", "/users/@me", headers)
        await buckets.wait("GET", "/users/@me")


async def test_many_calls_at_once_keep_to_what_answers_tell(settings: Settings, discord: FakeDiscord) -> None:
    settings.webhook_rate, settings.reaction_rate = (3, 0.4), (2, 0.2)
    bridge = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await bridge.connect()
    home = discord.channel(PLACE).id
    for number in range(8):
        await bridge.post(Post(f"{number}", home, Author("w", "wren"), f"{number}", 0), People())
    assert [line.text for line in discord.transcript(PLACE)] == [str(number) for number in range(8)]
    assert discord.violations == {}


async def test_hub_that_was_ended_knows_how_much_it_has_posted_in_the_minute_before(
    settings: Settings, discord: FakeDiscord
) -> None:
    settings.webhook_rate, home = (50, 1.0), discord.channel(PLACE).id
    for start, number in ((0, 20), (20, 15)):
        bridge = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)  # with a count of its own
        await bridge.connect()
        with suppress(NotReady):
            for token in range(start, start + number):
                await bridge.post(Post(f"{token}", home, Author("w", "wren"), f"{token}", 0), People())
    assert len(discord.transcript(PLACE)) == 30
    assert discord.violations == {}


async def test_all_calls_together_stay_below_the_bots_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    buckets, limits = Buckets(time), Limits(Settings(clock=time))
    for number in range(500):
        await buckets.wait("GET", f"/users/{number}")
        wait, _ = limits.check(Bucket("users", str(number), (1_000, 1.0)), by_bot=True)
        assert wait == 0
    assert limits.violations == {}
