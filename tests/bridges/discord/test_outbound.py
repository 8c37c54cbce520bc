"""What the relay asks for, as people on Discord see it."""

import time
from collections.abc import AsyncIterator, Callable

import pytest

from bridges.discord.bridge import DiscordBridge
from hub.relay.contract.errors import CannotCarry, ConfigError, Gone, NotReady, OutcomeUnknown, Refused, SlowDown
from hub.relay.contract.outbound import Author, Delete, Edit, File, Post, React, Reference, Topic, Working
from tests.bridges.discord.people import People
from tests.fakes.discord import BOT_TOKEN, FakeDiscord, Line

PLACE = "#general"
WREN = Author("w", "wren", "https://hub.example/wren.png")
HOOKS = "POST /webhooks/*"


def refer(remote_id: str, excerpt: str = "question") -> Reference:
    return Reference("m0", remote_id, "Alice", excerpt)


def content(data: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def read() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 1_000):
            yield data[at : at + 1_000]

    return read


def file(name: str, data: bytes, url: str | None = "https://hub.example/f") -> File:
    return File(name, "text/plain", len(data), url, content(data))


@pytest.fixture
def home(discord: FakeDiscord) -> str:
    return discord.channel(PLACE).id


def post(home: str, text: str, **more: object) -> Post:
    fields: dict[str, object] = {"token": "m1:0", "author": WREN, "attempted_at": time.time_ns() // 1000}
    return Post(remote_channel=home, text=text, **(fields | more))  # type: ignore[arg-type]


async def test_author_has_name_and_picture_and_the_webhook_is_made_once(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    await bridge.post(post(home, "one"), People())
    again = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await again.connect()
    await again.post(post(home, "two"), People())
    assert [line[:2] for line in discord.transcript(PLACE)] == [("wren", "one"), ("wren", "two")]
    assert discord.messages(PLACE)[0].author.avatar == "https://hub.example/wren.png"
    assert [hook.name for hook in discord.guild.webhooks.values()] == ["AirChat"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Clyde", "\u0421lyd\u0435"),
        ("my Discord bot", "my Dis\u0441ord bot"),
        ("everyone", "\u0435v\u0435ryon\u0435"),
        ("  a\n\x00b```  ", "a b'''"),
        ("\u200d Ann 👩\u200d💻", "Ann 👩\u200d💻"),
        ("x" * 200, "x" * 80),
        ("\u202e\n", "somebody"),
        ("@here", "@here"),
    ],
)
async def test_names_are_such_that_discord_takes_them(
    discord: FakeDiscord, bridge: DiscordBridge, home: str, name: str, shown: str
) -> None:
    await bridge.post(post(home, "hi", author=Author("a", name)), People())
    assert discord.transcript(PLACE)[0].author == shown


@pytest.mark.parametrize(
    "text",
    [
        "@everyone @here <@&1>",
        "<@{bob}> <@!{bob}>",
        "\\<@{bob}>",
        "`<@{bob}>` @bob-discord",
        "[@everyone](https://x.example)",
        "@\u200beveryone <@\u200b{bob}>",
        "> @everyone\n\n- <@{bob}>",
    ],
)
async def test_nobody_is_notified_who_was_not_meant(
    discord: FakeDiscord, bridge: DiscordBridge, home: str, text: str
) -> None:
    bob = discord.person("bob")
    await bridge.post(post(home, text.format(bob=bob.id)), People())
    await bridge.post(post(home, text.format(bob=bob.id), author=None), People())
    assert [message.pings for message in discord.messages(PLACE)] == [set(), set()]


async def test_who_is_named_by_their_hub_name_is_notified(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    bob, other = discord.person("bob"), discord.create_channel("#other")
    key = discord.guild.add_emoji("parrot")
    people = People({"bob-discord": bob.id}, {other.id: "work"})
    fresh = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await fresh.connect()
    await fresh.post(post(home, "@bob-discord and @nobody in #work :parrot: :tada:"), people)
    [message] = discord.messages(PLACE)
    assert message.content == f"<@{bob.id}> and @\u200bnobody in <#{other.id}> <:{key}> 🎉"
    assert message.pings == {bob.id}


async def test_answer_begins_a_thread_at_the_message(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    root = await discord.person("alice").say(PLACE, "question")
    one = await bridge.post(post(home, "one", thread=refer(root.id), reply_to=refer(root.id)), People())
    await bridge.post(post(home, "two", thread=refer(root.id), reply_to=refer(one, "*one*")), People())
    lines = discord.transcript(PLACE)
    assert lines[1] == Line("wren", "one", "question", None)
    assert lines[2].thread == "question"
    link = f"https://discord.com/channels/{discord.guild.id}/{root.id}/{one.partition('@')[0]}"
    assert lines[2].text == f"> Alice: *one* <{link}>\ntwo"
    assert discord.guild.channels[root.id].name == "question"


@pytest.mark.parametrize("lost", ["permission", "message", "thread", "locked"])
async def test_answer_whose_thread_cannot_be_had_shows_what_it_answers(
    discord: FakeDiscord, bridge: DiscordBridge, home: str, lost: str
) -> None:
    alice = discord.person("alice")
    root = await alice.say(PLACE, "question")
    if lost == "permission":
        discord.deny(PLACE, "CREATE_PUBLIC_THREADS")
    elif lost == "message":
        await alice.delete(root)
    else:
        await bridge.post(post(home, "first", thread=refer(root.id)), People())
        thread = discord.guild.channels[root.id]
        if lost == "thread":
            del discord.guild.channels[root.id]
        else:
            discord.timeline.archive(thread, locked=True)
    remote_id = await bridge.post(post(home, "answer", thread=refer(root.id)), People())
    line = next(line for line in discord.transcript(PLACE) if line.text.endswith("answer"))
    assert (line.thread, line.text.split(" <")[0], "@" in remote_id) == (None, "> Alice: question", False)


async def test_message_in_a_forum_is_a_post_and_its_answer_in_there(discord: FakeDiscord) -> None:
    forum = discord.create_forum("ideas")
    forum.tags = [{"id": "77", "name": "idea", "moderated": False, "emoji_id": None, "emoji_name": None}]
    forum.flags = 1 << 4
    bridge = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await bridge.connect()
    root = await bridge.post(post(forum.id, "# A *title*\nand a body"), People())
    answer = await bridge.post(post(forum.id, "answer", thread=refer(root), reply_to=refer(root)), People())
    assert (discord.guild.channels[root].name, discord.guild.channels[root].applied_tags) == ("A title", ["77"])
    assert answer == f"{discord.find('ideas', 'answer').id}@{root}"
    await bridge.change(Edit(forum.id, refer(root), WREN, "changed"), People())
    await bridge.change(React(forum.id, refer(root), "👍", (WREN,)), People())
    assert discord.messages("ideas")[0].content == "changed"
    assert discord.messages("ideas")[0].reactions == {"👍": [discord.app.bot.id]}
    found = await bridge.find_sent(post(forum.id, "# A *title*\nand a body", token="other", attempted_at=0))
    assert found is None


async def test_what_has_no_author_is_said_by_the_bot_silently(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    wanted = post(home, "notice", author=None, notice=True)
    await bridge.post(wanted, People())
    await bridge.post(wanted, People())
    [message] = discord.messages(PLACE)
    assert (message.author.username, message.flags) == ("airchat", 1 << 12)


async def test_files_are_streamed_and_what_is_too_large_is_linked_to(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    small, large = b"0123456789" * 5_000, b"x" * (11 * 1024 * 1024)
    files = (file("a b\r\n.txt", small), file("big.bin", large), file("c.txt", b""))
    await bridge.post(post(home, "see", files=files), People())
    [message] = discord.messages(PLACE)
    assert [(it.filename, it.content) for it in message.attachments] == [("a b\r\n.txt", small), ("c.txt", b"")]
    assert message.embeds == [{"description": "big.bin (11.0 MiB): https://hub.example/f"}]


async def test_files_that_discord_finds_too_large_are_linked_to(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    discord.settings.upload_bytes = 10
    await bridge.post(post(home, "", files=(file("a.txt", b"0123456789ab"),)), People())
    [message] = discord.messages(PLACE)
    assert (message.attachments, message.content) == ([], "")
    assert message.embeds == [{"description": "a.txt (0.0 MiB): https://hub.example/f"}]


async def test_edit_and_delete_of_own_posts_in_threads_too(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    root = await bridge.post(post(home, "root"), People())
    first = await bridge.post(post(home, "one", thread=refer(root)), People())
    second = await bridge.post(post(home, "two", thread=refer(root), reply_to=refer(first, "one")), People())
    for _ in range(2):
        await bridge.change(Edit(home, refer(root), WREN, "**new** root"), People())
        edit = Edit(home, refer(second), WREN, "2", before="two", thread=refer(root))
        await bridge.change(edit, People())
        await bridge.change(Delete(home, refer(first), WREN, refer(root)), People())
    lines = discord.transcript(PLACE)
    assert [line.text.split("\n")[-1] for line in lines] == ["**new** root", "2"]
    assert lines[1].text.startswith("> Alice: one <")
    with pytest.raises(Gone):
        await bridge.change(Edit(home, refer(first), WREN, "late", thread=refer(root)), People())


async def test_edit_takes_no_quote_of_the_author_for_the_line_that_shows_what_is_answered(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    root = (await discord.person("alice").say(PLACE, "question")).id
    before = "> see https://discord.com/channels/1/2/3\n\nas told"
    remote_id = await bridge.post(post(home, before, thread=refer(root), reply_to=refer(root)), People())
    edit = Edit(home, refer(remote_id), WREN, "never mind", before, thread=refer(root))
    await bridge.change(edit, People())
    assert [line.text for line in discord.transcript(PLACE)][-1] == "never mind"


async def test_others_messages_can_be_deleted_but_not_edited(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    said = await discord.person("alice").say(PLACE, "hers")
    with pytest.raises(CannotCarry):
        await bridge.change(Edit(home, refer(said.id), WREN, "mine"), People())
    await bridge.change(Delete(home, refer(said.id), WREN), People())
    assert discord.messages(PLACE) == []
    kept = await discord.person("alice").say(PLACE, "hers")
    discord.deny(PLACE, "MANAGE_MESSAGES")
    with pytest.raises(CannotCarry):
        await bridge.change(Delete(home, refer(kept.id), WREN), People())


async def test_reactions_come_and_go_once(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    key = discord.guild.add_emoji("parrot")
    fresh = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
    await fresh.connect()
    said = await discord.person("alice").say(PLACE, "hm")
    for emoji in ("👍", ":parrot:"):
        for _ in range(2):
            await fresh.change(React(home, refer(said.id), emoji, (WREN,)), People())
    assert said.reactions == {"👍": [discord.app.bot.id], key: [discord.app.bot.id]}
    for _ in range(2):
        await fresh.change(React(home, refer(said.id), "👍", (), added=False), People())
    assert list(said.reactions) == [key]
    calls = len(discord.calls())
    for emoji in (":unheard-of:", "..", "👍/../@me", "x"):
        with pytest.raises(CannotCarry):
            await fresh.change(React(home, refer(said.id), emoji, (WREN,)), People())
    assert len(discord.calls()) == calls
    await discord.person("alice").delete(said)
    with pytest.raises(Gone):
        await fresh.change(React(home, refer(said.id), "👍", (WREN,)), People())


async def test_topic_is_set_twice_in_ten_minutes_and_then_told(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    for topic in ("one", "two", "two"):
        await bridge.change(Topic(home, WREN, topic), People())
    assert discord.channel(PLACE).topic == "two"
    with pytest.raises(CannotCarry):  # who does not listen has no memory of it, but Discord says so
        await bridge.change(Topic(home, WREN, "three"), People())


async def test_webhook_that_somebody_deleted_is_made_again(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    remote_id = await bridge.post(post(home, "one"), People())
    discord.guild.webhooks.clear()
    with pytest.raises(NotReady):
        await bridge.post(post(home, "two"), People())
    await bridge.post(post(home, "two"), People())
    assert [line.text for line in discord.transcript(PLACE)] == ["one", "two"]
    with pytest.raises(CannotCarry):
        await bridge.change(Edit(home, refer(remote_id), WREN, "late"), People())


async def test_channel_that_is_closed_to_the_bot_waits(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    discord.deny(PLACE, "MANAGE_WEBHOOKS")
    with pytest.raises(NotReady):
        await bridge.post(post(home, "one"), People())
    with pytest.raises(ConfigError, match="Manage Webhooks"):
        await bridge.resolve(PLACE)


@pytest.mark.parametrize("fault", ["lost", "after", "before"])
async def test_post_of_an_unclear_outcome_is_made_once_and_found_if_it_is_there(
    discord: FakeDiscord, bridge: DiscordBridge, home: str, fault: str
) -> None:
    root = await discord.person("alice").say(PLACE, "question")
    people = People({"bob-discord": discord.person("bob").id})
    for thread in (None, refer(root.id)):
        arm = {
            "lost": discord.faults.lose_response,
            "after": discord.faults.fail_after,
            "before": discord.faults.fail_before,
        }[fault]
        arm(HOOKS)
        wanted = post(home, "**hello** @bob-discord", token=f"m:{thread is None}", thread=thread)
        with pytest.raises(OutcomeUnknown):
            await bridge.post(wanted, people)
        made = [it for it in discord.messages(PLACE) if it.webhook_id]
        fresh = DiscordBridge(BOT_TOKEN, api_url=discord.api_url)
        await fresh.connect()
        found = await fresh.find_sent(wanted)
        assert (found is None) == (fault == "before")
        assert len(made) == (0 if fault == "before" else 1 if thread is None else 2)
        if found is not None:
            assert found.partition("@")[0] == made[-1].id


async def test_slowing_down_is_told_with_its_time(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    await bridge.post(post(home, "one"), People())
    discord.faults.rate_limit(HOOKS, retry_after=0.5)
    with pytest.raises(SlowDown) as caught:
        await bridge.post(post(home, "two"), People())
    assert (caught.value.retry_after, caught.value.everywhere) == (0.5, False)
    discord.faults.cloudflare(HOOKS, retry_after=7)
    with pytest.raises(SlowDown) as caught:
        await bridge.post(post(home, "two"), People())
    assert (caught.value.retry_after, caught.value.everywhere) == (7.0, True)


async def test_what_discord_will_never_take_is_refused(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    with pytest.raises(Refused):
        await bridge.post(post(home, "x" * 2_001), People())


async def test_long_text_is_divided_into_what_discord_takes(
    discord: FakeDiscord, bridge: DiscordBridge, home: str
) -> None:
    bob = discord.person("bob").id
    text = "```python\n" + "print('@bob-discord')\n" * 300 + "```\n" + "@bob-discord " * 300 + "👩‍👩‍👧 " * 300
    pieces = bridge.divide(text, WREN)
    for piece in pieces:
        await bridge.post(post(home, piece), People({"bob-discord": bob}))
    shown = [message.content for message in discord.messages(PLACE)]
    assert len(shown) == len(pieces) > 3
    assert all(text.count("```") % 2 == 0 for text in shown)
    assert sum(text.count(f"<@{bob}>") for text in shown) == 300
    assert bridge.divide(text, WREN) == pieces
    assert bridge.divide("  ", WREN) == []


async def test_working_shows_as_typing_and_never_fails(discord: FakeDiscord, bridge: DiscordBridge, home: str) -> None:
    await bridge.show_working(Working(home, WREN, "thinking"))
    assert [it.call for it in discord.calls("POST")] == [f"POST /channels/{home}/typing"]
    discord.deny(PLACE, "VIEW_CHANNEL")
    await bridge.show_working(Working(home, WREN, "thinking"))
    await bridge.show_working(Working(home, WREN))
