"""The same conversation in Discord, where somebody else reads it and has the last word."""

from collections.abc import Callable

from tests.fakes.discord import BOT_TOKEN, FakeDiscord
from tests.fakes.slack import FakeSlack

Expect = Callable[[object, object, str], None]


def discord_toml(discord: FakeDiscord, channel: str) -> str:
    """Return the settings that link the channel to Discord."""
    return f"""
[discord]
token = "{BOT_TOKEN}"
api_url = "{discord.api_url}"

[[links]]
channel = "{channel}"
platform = "discord"
remote = "#{channel}"
"""


async def play_in_discord(
    discord: FakeDiscord, slack: FakeSlack, channel: str, authors: list[str], expect: Expect, *, seconds: float
) -> None:
    """Show the channel as Discord does, and let Bob answer there; Slack has his answer in the thread."""
    place = f"#{channel}"
    await discord.wait_for(lambda: len(discord.transcript(place)) == len(authors), timeout=seconds)
    lines, messages = discord.transcript(place), [it for it in discord.messages(place) if it.type in {0, 19}]
    print(f"\n{place} as people see it in Discord:")
    for line, message in zip(lines, messages, strict=True):
        files = "".join(f"\n📎 {file.filename}" for file in message.attachments)
        print(f"    {'  ↳ ' if line.thread else ''}{line.author}: {line.text}{files}".rstrip())
    expect([line.author for line in lines], authors, "Discord shows the same authors in the same order")
    expect([line.thread for line in lines][-1], lines[0].text, "the answer is in a thread of the question")

    bob = discord.person("bob")
    thread = discord.guild.channels[messages[-1].channel_id]
    await bob.say(thread, "That is **more** than last week.")
    said = ("Bob", "That is *more* than last week.")
    await slack.wait_for(lambda: slack.transcript(place)[-1][:2] == said, timeout=seconds)
    print("\n  Bob answers in that thread in Discord; in Slack, in Alice's thread:")
    print(f"      ↳ {said[0]}: {said[1]}")
    expect(slack.transcript(place)[-1].thread, slack.transcript(place)[0].text, "Bob's answer is in the thread")
    expect(dict(discord.violations), {}, "Discord's rate limits are kept")
