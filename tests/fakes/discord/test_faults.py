"""Each fault of REST, shown by the real client that suffers it, and the counters of rates."""

import asyncio

import aiohttp
import discord
import pytest

from tests.fakes.discord import FakeDiscord, Kind, Settings

from .conftest import Bot

GENERAL = "#general"
HOOKS = "POST /webhooks/*"


@pytest.fixture
async def hook(fake: FakeDiscord, bot: Bot) -> discord.Webhook:
    return await bot.guilds[0].text_channels[0].create_webhook(name="AirChat")


async def test_lost_response_stores_one_copy_and_echoes(fake: FakeDiscord, bot: Bot, hook: discord.Webhook) -> None:
    fake.faults.lose_response(HOOKS)
    with pytest.raises(aiohttp.ClientError):
        await hook.send("once", username="wren", wait=True)
    await fake.wait_for(lambda: bot.of("message"))
    assert [line.text for line in fake.transcript(GENERAL)] == ["once"]
    assert fake.faults.fired[0][0] is Kind.LOSE_RESPONSE


@pytest.mark.slow
async def test_error_after_storing_doubles_the_post_of_the_library(fake: FakeDiscord, hook: discord.Webhook) -> None:
    fake.faults.fail_after(HOOKS)
    await hook.send("twice", username="wren", wait=True)
    assert [line.text for line in fake.transcript(GENERAL)] == ["twice", "twice"]


async def test_echo_can_come_before_the_answer(fake: FakeDiscord, bot: Bot, hook: discord.Webhook) -> None:
    fake.faults.echo_first()
    sending = asyncio.create_task(hook.send("hello", username="wren", wait=True))
    await fake.wait_for(lambda: bot.of("message"))
    assert not sending.done()
    await sending


async def test_limit_is_told_and_kept_by_the_library(settings: Settings, fake: FakeDiscord, bot: Bot) -> None:
    settings.post_rate = (3, 0.3)
    fake.faults.rate_limit("POST /channels/*", retry_after=0.05)
    for number in range(5):
        await bot.guilds[0].text_channels[0].send(str(number))
    assert fake.violations == {}
    assert [it.outcome for it in fake.calls("POST /channels/")] == ["429"] + ["ok"] * 5


async def test_calls_over_a_limit_are_refused_and_counted(fake: FakeDiscord, settings: Settings) -> None:
    settings.channel_rate = (2, 60.0)
    url = f"{fake.api_url}/channels/{fake.channel(GENERAL).id}"
    headers = {"Authorization": "Bot MTk4-fake"}
    async with aiohttp.ClientSession() as session:
        answers = [await session.post(f"{url}/messages", json={"content": "x"}, headers=headers) for _ in range(6)]
        assert [it.status for it in answers] == [200] * 5 + [429]
        assert answers[0].headers["X-RateLimit-Remaining"] == "4"
        assert answers[5].headers["Via"]
        hook = await (await session.post(f"{url}/webhooks", json={"name": "A"}, headers=headers)).json()
        execute = f"{fake.api_url}/webhooks/{hook['id']}/{hook['token']}"
        statuses = [(await session.post(execute, json={"content": "x"})).status for _ in range(3)]
        assert statuses == [204, 204, 429]
    assert fake.violations == {
        "POST /channels/{channel}/messages": 1,
        "POST /webhooks/{webhook}/{token} hidden": 1,
    }


async def test_page_of_the_proxy_in_front_is_no_answer_of_discord(fake: FakeDiscord, bot: Bot) -> None:
    fake.faults.cloudflare("POST /channels/*")
    with pytest.raises(discord.HTTPException):
        await bot.guilds[0].text_channels[0].send("x")
    assert fake.messages(GENERAL) == []
