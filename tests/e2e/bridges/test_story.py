"""One story with real processes: a person in Slack asks an agent that a runner keeps at work; everybody has a say."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from airchat.enrol import join
from tests.e2e.bridges.world import PLATFORMS, Link, World, world
from tests.fakes.slack.messages import Message
from tests.hub_process import SCRIPTS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PLACE = "#general"
REFUSED = "SELECT COUNT(*) FROM audit WHERE action = 'approval.refused'"
TAG = re.compile(r"#([a-z0-9]{3}) \(re olga: @box-helper deploy")


@asynccontextmanager
async def runner(it: World, folder: Path) -> AsyncIterator[None]:
    """Run `box-helper`, which asks olga before it deploys."""
    (folder / "work").mkdir(parents=True)
    (folder / "runner.toml").write_text(f"""
        [runner]
        state_dir = "{folder}/state"
        [agents.helper]
        harness = "command"
        program = ["{sys.executable}", "-m", "tests.fakes.agents.command"]
        working_dir = "{folder}/work"
        instructions = '''
        @@ask Bash {{"command": "make deploy"}}
        @@say and deployed'''
        approvers = ["olga"]
    """)
    code = await asyncio.to_thread(it.hub.invite, "box")
    await asyncio.to_thread(join, code, it.hub.url, machine_name="box", home=folder / ".airchat")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [str(SCRIPTS / "airchat-runner"), "run", "--config", str(folder / "runner.toml")]
    process = await asyncio.create_subprocess_exec(*command, env=env, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def question(it: World) -> Message | None:
    """Return the message in Slack that has buttons."""
    found = [message for message in it.slack.messages(PLACE) if _buttons(message)]
    return found[0] if found else None


def streamed(it: World) -> Message | None:
    """Return the message in Slack that is shown as being written."""
    return next((message for message in it.slack.messages(PLACE) if message.streaming), None)


def _buttons(message: Message) -> list[str]:
    return [
        str(element["action_id"])
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def test_person_in_slack_asks_an_agent_lets_it_go_on_and_all_platforms_answer(tmp_path: Path) -> None:
    async with world(tmp_path, [Link("general", platform) for platform in PLATFORMS]) as it:
        alice, mallory = it.slack.person("alice"), it.slack.person("bob")
        await asyncio.to_thread(it.hub.admin, "people", "add", "olga", "--role", "admin")
        told = await asyncio.to_thread(it.hub.admin, "people", "link", "olga")
        await alice.command(PLACE, *told["command"].split(" ", 1))
        async with runner(it, tmp_path / "box"):
            await it.until(lambda: it.database.rows("SELECT 1 FROM principals WHERE name = 'box-helper'"))
            await alice.command(PLACE, "/airchat", "@box-helper deploy, please")
            await it.until(lambda: question(it))
            asked = question(it)
            assert asked is not None
            approve = _buttons(asked)[0]

            await mallory.press(asked, approve)
            assert it.slack.ephemerals[-1].user == mallory.id
            assert it.slack.ephemerals[-1].text.startswith("Only people with an account on the hub can answer")
            assert it.database.rows(REFUSED) == [(1,)]
            await it.until(lambda: streamed(it))
            progress = streamed(it)
            assert progress is not None
            assert "waiting for a person" in str(progress.blocks)
            await alice.press(asked, approve)
            await it.until(lambda: any("and deployed" in message.shown for message in it.slack.messages(PLACE)))

        root = next(message for message in it.slack.messages(PLACE) if "deploy, please" in message.shown)
        answer = next(message for message in it.slack.messages(PLACE) if "and deployed" in message.shown)
        assert (root.username, answer.username, answer.thread_ts) == ("olga", "box-helper", root.ts)
        assert answer is progress
        assert not answer.unfinished
        [began], [ended] = it.slack.calls("chat.startStream"), it.slack.calls("chat.stopStream")
        assert (began.outcome, ended.outcome) == ("ok", "ok")
        await it.until(lambda: all(_has(it, platform, "and deployed") for platform in PLATFORMS))
        there = next(message for message in it.discord.messages(PLACE) if "and deployed" in message.content)
        thread = it.discord.guild.channels[there.channel_id]
        assert thread.name.startswith("@box-helper deploy, please")
        await it.discord.person("bob").say(thread, "thanks from Discord")
        [tag] = {match[1] for event in it.irc.said(PLACE) if (match := TAG.search(_plain(event.params[0])))}
        it.irc.person("dora", "dora").say(PLACE, f"#{tag}: thanks from IRC")
        for text in ("thanks from Discord", "thanks from IRC"):
            await it.until(lambda text=text: all(_has(it, platform, text) for platform in PLATFORMS))  # type: ignore[misc]
            thanks = next(message for message in it.slack.messages(PLACE) if message.shown == text)
            assert thanks.thread_ts == root.ts
        assert it.broken_limits() == []
        await it.stop()
        assert "Traceback" not in it.hub.log


def _has(it: World, platform: str, text: str) -> bool:
    return any(text in shown.text for shown in it.there(platform))


def _plain(line: str) -> str:
    return re.sub("\x03[0-9]{2}|[\x02\x0f\x1d\u200b]", "", line)
