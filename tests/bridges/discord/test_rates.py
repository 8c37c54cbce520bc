"""Rates: no call is made that Discord would refuse, neither by the relay's budgets nor by what answers told."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bridges.discord.bridge import DiscordBridge
from bridges.discord.buckets import Buckets
from bridges.discord.platform import BUDGETS, discord_platform
from hub.relay.contract.errors import NotReady
from hub.relay.contract.outbound import Author, Post
from hub.relay.contract.platform import Budget, Call, Quota
from hub.relay.linking import ConfiguredLink
from hub.relay.pace import Pace
from tests import virtual_time
from tests.bridges.discord.people import People
from tests.bridges.discord.world import World
from tests.bridges.traffic import Act, Killed, Way
from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Settings
from tests.fakes.discord.limits import Bucket, Limits
from tests.hub.relay.hub import Hub

PLACE = "#general"
CHANNELS = [f"12345678901234567{number}" for number in range(8)]


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
        async with pace.turn(call, "channel"):
            assert limits.check(buckets[call], by_bot=True)[0] == 0
        time.now += chance.choice([0.0, 0.0, 0.1, 3.0])
    assert limits.violations == {}


@pytest.mark.parametrize("seed", range(4))
def test_posts_keep_to_discords_limits_whatever_is_late_and_killed_and_flow_as_fast(seed: int) -> None:
    chance = random.Random(seed)

    async def story() -> tuple[list[str], int]:
        way, limits = Way(chance), Limits(Settings(clock=virtual_time.now))
        known: list[Buckets] = []

        def start() -> Pace:
            known.append(Buckets(virtual_time.now))
            return Pace(BUDGETS, virtual_time.now)

        async def make(call: Call, channel: str) -> None:
            path, buckets = f"/webhooks/{channel}/token", known[-1]
            bucket = Bucket("execute", channel, (5, 2.0), (channel, (30, 60.0)))
            headers: dict[str, str] = {}

            def arrive() -> None:
                limits.check(bucket, by_bot=True)
                headers.update(limits.headers(bucket))

            async with buckets.turn("POST", path):
                await way.call(arrive)
                buckets.learn("POST", path, headers)

        hub = Killed(start, chance)
        await hub.live(300.0, CHANNELS, Act(lambda: Call.POST, make), most_starts=1 + seed % 4)
        return limits.broken, sum(map(len, hub.recorded.values()))

    broken, posts = virtual_time.run(story())
    assert broken == []
    assert posts > 5 * len(CHANNELS) * 24  # thirty a minute is what Discord takes


@pytest.mark.parametrize("seed", range(2))
def test_calls_of_many_at_once_keep_to_the_bots_limit_and_to_what_answers_tell_whatever_is_late(seed: int) -> None:
    chance = random.Random(seed)

    async def story() -> list[str]:
        way, limits, buckets = Way(chance), Limits(Settings(clock=virtual_time.now)), Buckets(virtual_time.now)

        async def ask(channel: str, number: int) -> None:
            bucket, headers = Bucket("messages", channel, chance.choice([(5, 5.0), (1, 0.25)])), dict[str, str]()

            def arrive() -> None:
                limits.check(bucket, by_bot=True)
                headers.update(limits.headers(bucket))

            await asyncio.sleep(number * chance.choice([0.0, 0.1]))
            async with buckets.turn("GET", f"/channels/{channel}/messages"):
                await way.call(arrive)
                buckets.learn("GET", f"/channels/{channel}/messages", headers)

        await asyncio.gather(*(ask(channel, number) for channel in CHANNELS for number in range(8)))
        return limits.broken

    assert virtual_time.run(story()) == []


async def test_bucket_that_is_used_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    buckets = Buckets(time)
    path = "/channels/123456789012345678/messages/123456789012345679/reactions/👍/@me"
    headers = {"X-RateLimit-Bucket": "r", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "4.0"}
    async with buckets.turn("PUT", path):
        buckets.learn("PUT", path, headers)
    async with buckets.turn("PUT", path):
        assert time.now == 1_000.0
    other = path.replace("👍", "name:1").replace("345679", "345680")
    async with buckets.turn("PUT", other):
        assert time.now == 1_004.0
    elsewhere = path.replace("123456789012345678", "123456789012345000")
    async with buckets.turn("PUT", elsewhere):
        assert time.now == 1_004.0


async def test_bucket_that_is_used_up_for_long_is_the_relays_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets(Time(monkeypatch))
    headers = {"X-RateLimit-Bucket": "t", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "300"}
    async with buckets.turn("PATCH", "/channels/123456789012345678"):
        buckets.learn("PATCH", "/channels/123456789012345678", headers)
    with pytest.raises(NotReady) as caught:
        async with buckets.turn("PATCH", "/channels/123456789012345678"):
            raise AssertionError("it may not be made")
    assert caught.value.retry_after == 300


async def test_headers_that_cannot_be_read_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets(Time(monkeypatch))
    for headers in ({}, {"X-RateLimit-Bucket": "t"}, {"X-RateLimit-Bucket": "t", "X-RateLimit-Remaining": "x"}):
        buckets.learn("GET", "/users/@me", headers)
        async with buckets.turn("GET", "/users/@me"):
            continue


async def test_many_calls_at_once_keep_to_what_answers_tell(settings: Settings, discord: FakeDiscord) -> None:
    settings.webhook_rate, settings.reaction_rate = (3, 0.4), (2, 0.2)
    bridge = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await bridge.connect()
    home = discord.channel(PLACE).id
    for number in range(8):
        await bridge.post(Post(f"{number}", home, Author("w", "wren"), f"{number}", 0), People())
    assert [line.text for line in discord.transcript(PLACE)] == [str(number) for number in range(8)]
    assert discord.violations == {}


async def test_all_calls_together_stay_below_the_bots_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    buckets, limits = Buckets(time), Limits(Settings(clock=time))
    for number in range(500):
        async with buckets.turn("GET", f"/users/{number}"):
            wait, _ = limits.check(Bucket("users", str(number), (1_000, 1.0)), by_bot=True)
            assert wait == 0
    assert limits.violations == {}


async def test_hub_that_was_ended_knows_what_it_has_posted_in_the_minute_before_also_what_is_gone_and_in_threads(
    settings: Settings, discord: FakeDiscord, tmp_path: Path
) -> None:
    settings.channel_rate, quota = (6, 30.0), Budget(quotas=(Quota(6, 30.5),))
    platform = replace(discord_platform(BOT_TOKEN, api_url=discord.api_url), budgets={Call.POST: quota})
    hub = Hub(tmp_path, [platform], [ConfiguredLink("general", "discord", PLACE)])
    await hub.start()
    try:
        await hub.linked()
        first = await hub.post("wren", "first")
        await hub.post("wren", "in a thread", parent=first.message)
        gone = await hub.post("wren", "gone")
        await discord.wait_for(lambda: _posts(discord) == 3, what="three posts")
        await hub.messages.delete(await hub.agent("wren"), gone.message.id)
        await discord.wait_for(
            lambda: "gone" not in {line.text for line in discord.transcript(PLACE)}, what="its deletion"
        )
        await hub.restart()
        for number in range(5):
            await hub.post("wren", f"later {number}")
        await discord.wait_for(lambda: _posts(discord) == 6, what="six posts")
        await asyncio.sleep(0.5)  # in which a seventh would be too much
        assert _posts(discord) == 6
        assert discord.violations == {}
    finally:
        await hub.stop()


def _posts(discord: FakeDiscord) -> int:
    return sum(record.call.startswith("POST /webhooks/") for record in discord.calls())


async def test_topics_of_the_ten_minutes_before_are_known_to_the_next_start(
    world: World, discord: FakeDiscord, hub: Hub
) -> None:
    wren = await hub.agent("wren")
    await hub.channels.join(wren, "general")
    for topic in ("one", "two"):
        await hub.channels.update(wren, "general", topic=topic)
        await discord.wait_for(lambda topic=topic: discord.channel(PLACE).topic == topic, what=topic)  # type: ignore[misc]
        await hub.restart()
        await discord.wait_for(lambda: discord.connected)
    await hub.channels.update(wren, "general", topic="three")
    await discord.wait_for(lambda: any("three" in line.text for line in discord.transcript(PLACE)), what="words")
    assert discord.channel(PLACE).topic == "two"
    assert discord.limits.broken == []
