"""What people do in Slack, as the relay hears it."""

from dataclasses import replace

from bridges.slack.bridge import SlackBridge
from hub.relay.contract import inbound
from tests.bridges.slack.conftest import PLACE, World
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN


async def test_messages_threads_and_broadcasts(world: World) -> None:
    alice, bob = world.slack.person("alice"), world.slack.person("bob")
    async with world.running():
        root = await alice.say(PLACE, f"hello {bob.mention} &amp; *all*")
        reply = await bob.say(PLACE, "reply", thread=root)
        shown = await bob.say(PLACE, "for all", thread=root, broadcast=True)
        first, second, third = await world.heard(3)
    assert isinstance(first, inbound.Message)
    assert (first.remote_id, first.text, first.thread_id) == (root.ts, "hello @bob-slack & **all**", None)
    assert (first.author.name, first.author.email) == ("Alice", None)
    assert first.author.avatar_url == f"{world.slack.url}/avatars/{alice.id}.png"
    assert isinstance(second, inbound.Message)
    assert (second.remote_id, second.thread_id, second.reply_to, second.broadcast) == (
        reply.ts,
        root.ts,
        root.ts,
        False,
    )
    assert isinstance(third, inbound.Message)
    assert (third.remote_id, third.thread_id, third.broadcast) == (shown.ts, root.ts, True)


async def test_edits_and_deletions(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        said = await alice.say(PLACE, "one")
        await alice.edit(said, "two *bold*")
        await alice.delete(said)
        _, edit, delete = await world.heard(3)
    assert edit == inbound.Edit(said.ts, "two **bold**", said.edited.ts if said.edited else "")
    assert delete == inbound.Delete(said.ts)


async def test_what_changes_a_message_without_an_edit_is_nothing(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        said = await alice.say(PLACE, "see https://example.org")
        world.slack.unfurl(said, "Example")
        await alice.edit(said, "see https://example.org")
        assert len(await world.heard(1)) == 1


async def test_root_of_a_thread_that_is_deleted_leaves_a_tombstone(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        root = await alice.say(PLACE, "root")
        await alice.say(PLACE, "reply", thread=root)
        await alice.delete(root)
        assert (await world.heard(3))[2] == inbound.Delete(root.ts)


async def test_reactions_by_their_characters_and_own_emoji_by_name(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        said = await alice.say(PLACE, "one")
        await alice.react(said, "tada")
        await alice.react(said, "wave::skin-tone-3")
        await alice.react(said, "partyparrot")
        await alice.unreact(said, "tada")
        _, *reactions = await world.heard(5)
    assert [(it.emoji, it.added) for it in reactions if isinstance(it, inbound.React)] == [
        ("🎉", True),
        ("👋🏼", True),
        (":partyparrot:", True),
        ("🎉", False),
    ]


async def test_files_with_and_without_words(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        await alice.upload(PLACE, "numbers.csv", b"1,2", text="here")
        await alice.upload(PLACE, "picture.png", b"png")
        first, second = await world.heard(2)
    assert isinstance(first, inbound.Message)
    assert isinstance(second, inbound.Message)
    assert (first.text, second.text) == ("here", "")
    [file] = first.files
    assert (file.name, file.content_type, file.size) == ("numbers.csv", "text/csv", 3)
    assert b"".join([chunk async for chunk in world.bridge.download(file)]) == b"1,2"


async def test_topic_name_archive_and_members(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        await alice.say(PLACE, "first")
        await alice.set_topic(PLACE, "a &amp; b")
        await alice.rename_channel(PLACE, "#general-2")
        await alice.rename_channel("#general-2", PLACE)
        await alice.archive(PLACE)
        await alice.archive(PLACE, archived=False)
        await world.slack.person("carol").join(PLACE)
        await world.slack.person("carol").leave(PLACE)
        _, *told = await world.heard(8)
    assert [it for it in told if isinstance(it, inbound.ChannelState)] == [
        inbound.ChannelState(name="#general-2"),
        inbound.ChannelState(name="#general"),
        inbound.ChannelState(archived=True),
        inbound.ChannelState(archived=False),
    ]
    [topic] = [it for it in told if isinstance(it, inbound.Topic)]
    assert (topic.user.name, topic.text) == ("Alice", "a & b")
    members = [(it.user.name, it.joined) for it in told if isinstance(it, inbound.Member)]
    assert members == [("Carol", True), ("Carol", False)]


async def test_other_bots_are_told_apart_by_the_names_they_show(world: World) -> None:
    other = world.slack.install("ci", "xoxb-ci", "xapp-ci")
    other.user.bot_id = other.bot_id
    async with world.running():
        await world.slack.person("alice").say(PLACE, "by a robot", subtype="bot_message")
        [message] = await world.heard(1)
    assert isinstance(message, inbound.Message)
    assert message.text == "by a robot"


async def test_roles_are_groups_and_rights_in_the_workspace(world: World) -> None:
    alice = world.slack.person("alice")
    world.slack.workspace.groups["S1"] = [alice.id]
    async with world.running():
        await alice.say(PLACE, "one")
        [message] = await world.heard(1)
    assert isinstance(message, inbound.Message)
    assert message.author.roles == frozenset({"S1"})


async def test_new_name_of_a_member_is_used_from_then_on(world: World) -> None:
    alice = world.slack.person("alice")
    async with world.running():
        await alice.say(PLACE, "one")
        await world.heard(1)
        await alice.set_display_name("Queen Alice")
        await alice.say(PLACE, "two")
        second = (await world.heard(2))[1]
    assert isinstance(second, inbound.Message)
    assert second.author.name == "Queen Alice"


async def test_what_is_not_as_documented_is_dropped_and_acknowledged(world: World) -> None:
    async with world.running():
        message = await world.slack.person("alice").say(PLACE, "fine")
        broken = await world.slack.person("alice").say(PLACE, "broken")
        await world.heard(2)
        broken.edited = None
        world.slack.timeline.edit(message, {"extra": {"files": "no list"}}, "U1")
        await world.slack.settled()
    assert all(delivery.state == "acked" for delivery in world.slack.deliveries)


async def test_addresses_of_members_are_told_where_people_are_known_by_them(world: World) -> None:
    bridge = SlackBridge(BOT_TOKEN, APP_TOKEN, world.slack.api_url, ping_seconds=0.5, emails=True)
    await bridge.connect()
    world = replace(world, bridge=bridge)
    async with world.running():
        await world.slack.person("alice").say(PLACE, "from here")
        [ours] = await world.heard(1)
        world.slack.workspace.team_id = "T9OTHER"
        await world.slack.person("mallory").say(PLACE, "from elsewhere")
        theirs = (await world.heard(2))[1]
    assert isinstance(ours, inbound.Message)
    assert isinstance(theirs, inbound.Message)
    assert (ours.author.email, theirs.author.email) == ("alice@example.com", None)
