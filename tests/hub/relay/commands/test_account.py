"""Linking an account, and what it changes."""

from airchat.protocol.principals import Kind, Role
from airchat.protocol.timestamps import MINUTE
from hub.relay.contract.inbound import User
from tests.hub.relay.commands.conftest import ALICE, ELSEWHERE, Counter

BOB = User("U2", "Bob")


async def test_code_makes_the_user_the_person_everywhere_in_the_workspace(counter: Counter) -> None:
    await counter.say("hello")
    ann = await counter.person("ann")
    await counter.say("hello again")
    await counter.say("#general from elsewhere", ELSEWHERE)
    assert [it.author_name for it in await counter.written()] == ["alice-slack", "ann", "ann"]
    identities = await counter.cases.workspaces.of("slack", "T1")
    assert await identities.principal_of(ALICE) == ann
    assert identities.remote_id_of("ann") == "U1"
    ghost = counter.hub.directory.principal_by_name("alice-slack")
    assert ghost is not None
    assert not ghost.active


async def test_other_nodes_learn_who_it_is(counter: Counter) -> None:
    await counter.say("hello")
    other = type(counter.cases.workspaces)(
        counter.hub.store, counter.hub.directory, counter.cases.links, counter.hub.clock
    )
    identities = await other.of("slack", "T1")
    assert (await identities.principal_of(ALICE)).name == "alice-slack"
    await counter.person("ann")
    assert (await identities.principal_of(ALICE)).name == "ann"


async def test_wrong_codes_are_refused_and_counted(counter: Counter) -> None:
    for _ in range(5):
        assert (await counter.say("link AAAA-BBBB-CCCC")).text.startswith("The code is not valid")
    assert (await counter.say("link AAAA-BBBB-CCCC")).text.startswith("That was too much at once")
    assert (await counter.say("link AAAA-BBBB-CCCC", user=BOB)).text.startswith("The code is not valid")


async def test_code_that_is_used_or_over_is_good_for_nothing(counter: Counter) -> None:
    await counter.people.create(counter.owner, "ann")
    code = await counter.cases.link_codes.create(counter.owner, "ann")
    assert (
        await counter.say(f"link {code.replace('-', ' ')}")
    ).text == "From now on you are `ann` on the hub, with the role member."
    assert (await counter.say(f"link {code}", user=BOB)).text.startswith("The code is not valid")
    assert (await counter.say(f"link {code}")).text.startswith("You are known as `ann` already")
    late = await counter.cases.link_codes.create(counter.owner, "ann")
    counter.hub.clock.forward(16 * MINUTE)
    assert (await counter.say(f"link {late}", user=BOB)).text.startswith("The code is not valid")


async def test_code_is_never_posted(counter: Counter) -> None:
    for text in ("link", "link A B C D", "link AAAA-BBBB-CCCC please now ok"):
        assert "Usage" in (await counter.say(text)).text or "is one word too many" in (await counter.say(text)).text
    assert await counter.written() == []


async def test_unlinked_user_is_a_stranger_again(counter: Counter) -> None:
    assert (await counter.say("unlink")).text == "No account on the hub is known to be yours."
    await counter.person("ann")
    assert (await counter.say("unlink")).text == "You are not `ann` here any more."
    await counter.say("hello")
    [message] = await counter.written()
    author = counter.hub.directory.principal(message.author_id)
    assert author is not None
    assert (author.kind, author.display_name, author.active) == (Kind.GHOST, "Alice", True)


async def test_deactivated_person_can_do_nothing(counter: Counter) -> None:
    await counter.person("ann")
    await counter.people.set_active(counter.owner, "ann", active=False)
    assert (await counter.say("hello")).text.startswith("Your account on the hub is deactivated")
    assert await counter.written() == []


async def test_status_tells_where_one_stands(counter: Counter) -> None:
    assert (await counter.say("status")).text.splitlines() == [
        "- The bridge to Slack is running",
        "- This channel is linked to `#general`, both ways",
        "- 1 channel is linked in this workspace",
        "- You are `alice-slack`, without an account (`/airchat link CODE` tells which is yours)",
    ]
    await counter.person("ann", Role.ADMIN)
    await counter.cases.links.pause(counter.link.id, paused=True)
    rows = (await counter.say("status")).text.splitlines()
    assert rows[1] == "- This channel is linked to `#general`, both ways, paused"
    assert rows[3] == "- You are `ann`, an account with the role admin"
