"""Links that are changed while the hub runs: in its settings, read anew at SIGHUP, and by commands beside it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.bridges.world import HUB, PLATFORMS, Link, World, world

UNPROCESSED = "SELECT payload FROM relay_inbox WHERE processed_at IS NULL"
TIMES = 500


def texts(it: World, platform: str, channel: str) -> list[str]:
    """Return what is read in a channel."""
    return [shown.text for shown in it.there(platform, channel)]


async def reload(it: World, told: str) -> None:
    """Have the hub read its settings anew, and wait until it says how that went."""
    before = len(it.hub.log)
    it.hub.reload()
    await it.until(lambda: told in it.hub.log[before:])


async def say_until_it_waits(it: World, origin: str, channel: str, arrived: Callable[[str], bool]) -> int:
    """Say something, again and again until it does not arrive: the hub follows what is changed beside it in seconds.

    Returns how often.
    """
    for number in range(TIMES):
        text = f"{origin}, once more {number}"
        await it.say(origin, text, channel)
        await it.settled(lambda text=text: not arrived(text), 1.0)  # type: ignore[misc]
        if not arrived(text):
            return number + 1
    raise AssertionError("it arrives all the same")


async def test_hub_takes_over_links_at_sighup_and_keeps_the_old_ones_when_the_file_is_broken(tmp_path: Path) -> None:
    kept, removed, added = Link("general", "slack"), Link("general", "irc"), Link("random", "irc")
    async with world(tmp_path, [kept, removed]) as it:
        await it.say(HUB, "to both")
        await it.until(lambda: all(texts(it, place, "general") == ["to both"] for place in ("slack", "irc")))

        it.configure([kept, added])
        await reload(it, "the links are as the settings say now")
        await it.until(lambda: len(it.irc.network.channel("#random").receivers) == 1)
        await it.say("irc", "from the new one", "random")
        await it.until(lambda: [stored.shown.text for stored in it.on_hub("random")] == ["from the new one"])
        await it.until(lambda: it.database.rows("SELECT COUNT(*) FROM relay_links") == [(2,)])
        await it.say(HUB, "to Slack alone")
        await it.say("irc", "nobody hears this")
        await it.until(lambda: texts(it, "slack", "general") == ["to both", "to Slack alone"])

        for broken, told in (
            ("[[links]", "not valid TOML"),
            ('[[links]]\nchanel = "x"\n', "0.chanel: unknown setting"),
        ):
            it.config.write_text(broken, encoding="utf-8")
            await reload(it, "the settings stay as they were: ")
            assert told in it.hub.log.splitlines()[-1]
        await it.say(HUB, "still to Slack")
        await it.say(HUB, "still to IRC", "random")
        await it.until(lambda: texts(it, "slack", "general")[-1] == "still to Slack")
        await it.until(lambda: texts(it, "irc", "random") == ["from the new one", "still to IRC"])
        assert texts(it, "irc", "general") == ["to both", "nobody hears this"]
        assert len(it.on_hub("general")) == 3
        await it.stop()
        assert "Traceback" not in it.hub.log


async def test_commands_beside_the_hub_link_pause_and_replay(tmp_path: Path) -> None:
    async with world(tmp_path, [Link("general", "slack")]) as it:

        async def command(*words: str) -> Any:
            return await asyncio.to_thread(it.hub.admin, "bridges", *words)

        wanted = await command("link", "random", "irc", "#random")
        await it.until(lambda: len(it.irc.network.channel("#random").receivers) == 1)
        await it.say("irc", "linked", "random")
        await it.until(lambda: len(it.on_hub("random")) == 1)
        found = await command("status")
        link = next(link for link in found["links"] if link["remote"] == "#random")
        assert (link["source"], link["paused"], link["outgoing"]) == (wanted["id"], False, 0)
        assert {state["platform"]: state["state"] for state in found["bridges"]} == dict.fromkeys(PLATFORMS, "running")

        await command("pause", link["id"])
        count = 1 + await say_until_it_waits(it, HUB, "random", lambda text: text in texts(it, "irc", "random"))
        await it.say("irc", "waits there", "random")
        await it.until(lambda: "waits there" in str(it.database.rows(UNPROCESSED)))
        link = next(link for link in (await command("status"))["links"] if link["remote"] == "#random")
        assert (link["paused"], link["outgoing"], link["received"] > 0) == (True, 1, True)
        await command("resume", link["id"])
        await it.same(count + 1, "random", ("irc",))

        it.irc.faults.refuse_words = 1
        await it.say(HUB, "blocked at first", "random")
        await it.until(lambda: it.database.rows("SELECT COUNT(*) FROM relay_outgoing WHERE state = 'dead'") == [(1,)])
        assert await command("replay") == {"replayed": 1}
        await it.same(count + 2, "random", ("irc",))

        await command("unlink", link["id"])
        await it.until(lambda: it.database.rows("SELECT COUNT(*) FROM relay_links") == [(1,)])
        await say_until_it_waits(it, "irc", "random", lambda text: text in str(it.on_hub("random")))
        await it.say("slack", "heard")
        await it.until(lambda: len(it.on_hub("general")) == 1)
        await it.stop()
        assert "Traceback" not in it.hub.log
