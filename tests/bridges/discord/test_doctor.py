"""What the doctor says of a token, an intent, a server and permissions."""

from pathlib import Path

from bridges.discord.doctor import Problem, examine
from bridges.discord.permissions import NEEDED, WANTED, granted, invitation
from tests.fakes.discord import BOT_TOKEN, FakeDiscord

PLACE = "#general"
ROOT = Path(__file__).parents[3]


async def found(discord: FakeDiscord, *remotes: str, token: str = BOT_TOKEN, guild: str | None = None) -> list[Problem]:
    return await examine(token, guild, discord.api_url, remotes)


async def test_nothing_is_wrong_and_nothing_is_made(discord: FakeDiscord) -> None:
    assert await found(discord, PLACE, discord.channel(PLACE).id) == []
    assert {record.call.split(" ")[0] for record in discord.calls()} == {"GET"}


async def test_token_intent_server_and_channel_are_named(discord: FakeDiscord) -> None:
    [token] = await found(discord, token="nonsense")
    [guild] = await found(discord, guild="Elsewhere")
    [channel] = await found(discord, "#nowhere")
    discord.settings.privileged = frozenset()
    [intent] = await found(discord)
    assert "token" in token.text
    assert "discord.guild" in guild.text
    assert "#nowhere" in channel.text
    assert "Message Content" in intent.text
    assert all(problem.broken for problem in (token, guild, channel, intent))


async def test_missing_permissions_are_named_by_what_people_read(discord: FakeDiscord) -> None:
    discord.deny(PLACE, "MANAGE_WEBHOOKS", "READ_MESSAGE_HISTORY", "MANAGE_CHANNELS")
    needed, wanted = await found(discord, PLACE)
    assert (needed.broken, wanted.broken) == (True, False)
    assert needed.text == "in #general the bot lacks Read Message History, Manage Webhooks"
    assert wanted.text == "in #general the bot lacks Manage Channels"
    assert discord.app.id in needed.fix


async def test_discord_that_is_away_is_no_fault_of_the_settings(discord: FakeDiscord) -> None:
    await discord.stop()
    [problem] = await found(discord, PLACE)
    assert not problem.broken


def test_exceptions_of_a_channel_are_applied_as_discord_does() -> None:
    view, send = NEEDED["View Channels"], NEEDED["Send Messages"]
    guild = {"id": "1", "roles": [{"id": "1", "permissions": str(view)}, {"id": "2", "permissions": str(send)}]}
    member = {"roles": ["2"], "user": {"id": "9"}}

    def may(*overwrites: tuple[str, int, int]) -> int:
        listed = [{"id": id, "allow": str(allow), "deny": str(deny)} for id, allow, deny in overwrites]
        return granted(guild, member, {"permission_overwrites": listed})

    assert may() == view | send
    assert may(("1", 0, view)) == send
    assert may(("1", 0, view), ("2", view, send)) == view
    assert may(("1", 0, view), ("2", view, send), ("9", send, view)) == send
    assert may(("3", 0, view | send)) == view | send


def test_page_has_the_invitation_and_names_every_permission() -> None:
    page = (ROOT / "docs" / "discord.md").read_text()
    assert invitation("YOUR-APPLICATION-ID") in page
    assert [name for name in NEEDED | WANTED if name not in page] == []
