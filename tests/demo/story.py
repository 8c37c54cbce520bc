"""A person in Slack asks an agent for numbers; it has an agent on another machine fetch them, and answers; in
Discord and on IRC the same is read, and answered."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from airchat import AirChatClient
from airchat.config import load_config
from airchat.enrol import join
from tests.demo.second_scene import discord_toml, play_in_discord
from tests.demo.third_scene import irc_toml, play_on_irc
from tests.fakes.discord import FakeDiscord
from tests.fakes.irc_network import FakeIrcNetwork
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack, Line, Message
from tests.hub_process import HubProcess
from tests.waiting import SECONDS

CHANNEL = "project-report"
NUMBERS = '{"orders": 1204, "refunds": 17}'

Result = TypeVar("Result")


class Surprise(Exception):
    """Something did not happen as told."""


async def tell(folder: Path) -> None:
    """Play the story in `folder` and print it.

    Raises:
        Surprise: something went differently.
    """
    async with FakeSlack() as slack, FakeDiscord() as discord, FakeIrcNetwork() as irc:
        slack.create_channel(CHANNEL)
        discord.create_channel(CHANNEL)
        config = folder / "hub.toml"
        config.write_text(_hub_toml(slack) + discord_toml(discord, CHANNEL) + irc_toml(irc, CHANNEL), encoding="utf-8")
        hub = HubProcess(folder)
        _say("hub", f"starting on SQLite at {hub.url}, linked to a channel in Slack, Discord and on IRC")
        await asyncio.to_thread(hub.start, config)
        try:
            await slack.wait_for(
                lambda: slack.sockets.open and discord.connected and irc.network.channel(f"#{CHANNEL}").receivers,
                what="the bridges connect",
            )
            with (
                await asyncio.to_thread(_enrolled, hub, folder, "laptop", "web") as laptop,
                await asyncio.to_thread(_enrolled, hub, folder, "server", "etl") as server,
            ):
                await _play(slack, laptop, server)
                authors = ["Alice", laptop.agent_name, server.agent_name, server.agent_name, laptop.agent_name]
                await play_in_discord(discord, slack, CHANNEL, authors, _expect, seconds=SECONDS)
                await play_on_irc(irc, slack, CHANNEL, [*authors, "Bob"], _expect, seconds=SECONDS)
        finally:
            code = await asyncio.to_thread(hub.stop)
        _expect(code, 0, "the hub stops cleanly")


async def _play(slack: FakeSlack, laptop: AirChatClient, server: AirChatClient) -> None:
    await asyncio.to_thread(server.set_card, {"capabilities": ["etl"]})
    alice = slack.person("alice")
    asked = time.monotonic()
    await alice.say(f"#{CHANNEL}", f"@{laptop.agent_name} how did yesterday go?")
    _say("alice, in Slack", f"@{laptop.agent_name} how did yesterday go?")

    item = await _until(lambda: next(iter(laptop.take_inbox()), None), "the mention reaches the agent")
    _say(laptop.agent_name, f"woken after {time.monotonic() - asked:.2f} s by {item.kind} in #{item.channel}")
    await asyncio.to_thread(laptop.ack_inbox, [item.id])
    task = await asyncio.to_thread(laptop.post_task, CHANNEL, "Yesterday's orders and refunds", None, ["etl"])
    _say(laptop.agent_name, f"posts a task for whoever can do etl: {task['title']}")

    await _until(lambda: next((it for it in server.take_inbox() if it.kind == "task"), None), "the offer arrives")
    claimed = await asyncio.to_thread(server.claim_task, task["id"])
    if claimed is None:
        raise Surprise("the task could not be claimed")
    _expect(await asyncio.to_thread(laptop.claim_task, task["id"]), None, "nobody else can claim it")
    shared = await asyncio.to_thread(server.upload_file, "numbers.json", NUMBERS, CHANNEL)
    await asyncio.to_thread(server.complete_task, task["id"], f"In {shared.path}", fence=claimed["fence"])
    _say(server.agent_name, f"claims it, shares {shared.path}, and completes it")

    done = await _until(lambda: next(iter(laptop.check_work()["completed_for_me"]), None), "the result is reported")
    _expect(done["result"], f"In {shared.path}", "the result is what was written")
    numbers = json.loads((await asyncio.to_thread(laptop.download_file, shared.path)).content or "")
    await asyncio.to_thread(
        laptop.send_message,
        CHANNEL,
        f"@alice-slack {numbers['orders']} orders, {numbers['refunds']} refunds",
        parent_message_id=item.message.id if item.message else None,
    )
    _say(laptop.agent_name, "reads the file and answers in Alice's thread")
    await _check_slack(slack, laptop, server, task, shared.path)


async def _check_slack(
    slack: FakeSlack, laptop: AirChatClient, server: AirChatClient, task: dict[str, object], path: str
) -> None:
    question = f"@{laptop.agent_name} how did yesterday go?"
    answer = f"{slack.person('alice').mention} 1204 orders, 17 refunds"
    await slack.wait_for(lambda: any(line.text == answer for line in slack.transcript(f"#{CHANNEL}")), timeout=SECONDS)
    await asyncio.sleep(0.5)
    lines = [_with_files(line, message) for line, message in zip(*_seen(slack), strict=True)]
    print("\n#" + CHANNEL + " as people see it in Slack:")
    for line in lines:
        print(f"    {'  ↳ ' if line.thread else ''}{line.author}: {line.text}")
    short = str(task["id"])[:8]
    _expect([line.author for line in lines].count("Alice"), 1, "Alice's question stands there once")
    wanted = [
        ("Alice", question),
        (laptop.agent_name, f"[task {short}] Yesterday's orders and refunds"),
        (server.agent_name, "📎 numbers.json"),
        (server.agent_name, f"[task {short} done] Yesterday's orders and refunds\nIn {path}"),
        (laptop.agent_name, answer),
    ]
    for (author, text), line in zip(wanted, lines, strict=False):
        _expect((line.author, line.text[: len(text)]), (author, text), "each line is the expected one")
    _expect(len(lines), len(wanted), "nothing is doubled or missing")
    _expect(dict(slack.violations), {}, "Slack's rate limits are kept")


def _seen(slack: FakeSlack) -> tuple[list[Line], list[Message]]:
    return slack.transcript(f"#{CHANNEL}"), slack.messages(f"#{CHANNEL}")


def _with_files(line: Line, message: Message) -> Line:
    """Return the line with the names of the files below it."""
    return line._replace(text="\n".join([line.text, *(f"📎 {file.name}" for file in message.files)]).strip())


def _hub_toml(slack: FakeSlack) -> str:
    return f"""
[slack]
enabled = true
bot_token = "{BOT_TOKEN}"
app_token = "{APP_TOKEN}"
api_url = "{slack.api_url}"

[[links]]
channel = "{CHANNEL}"
platform = "slack"
remote = "#{CHANNEL}"
"""


def _enrolled(hub: HubProcess, folder: Path, machine: str, project: str) -> AirChatClient:
    """Enrol a machine with a home of its own, and return its agent's client."""
    home = folder / machine / ".airchat"
    enrolment = join(hub.invite(machine), hub.url, machine_name=machine, home=home)
    client = AirChatClient(load_config(config_path=enrolment.config_path), project=project)
    client.whoami()
    _say("hub", f"{machine} is enrolled with a one-use code; its agent is {client.agent_name}")
    return client


async def _until(look: Callable[[], Result | None], what: str) -> Result:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = await asyncio.to_thread(look)
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise Surprise(f"{what}: not within {SECONDS:.0f} s")


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Surprise(f"{what}: expected {wanted!r}, found {found!r}")


def _say(who: str, text: str) -> None:
    print(f"  {who:<16} {text}")
