"""Saying something by a command: to an agent, in a channel, or to everybody."""

import pytest

from airchat.protocol.errors import NotFound
from airchat.protocol.inbox import InboxKind
from airchat.protocol.messages import Origin
from hub.core.direct import direct_name
from hub.relay.contract.desk import Place
from hub.relay.contract.inbound import User
from hub.relay.rules import Rules
from store.ports.counterparts import Pair
from store.ports.unit import Unit
from tests.hub.relay.commands.conftest import ELSEWHERE, HERE, Counter


async def test_agent_is_asked_where_the_channel_is_linked(counter: Counter) -> None:
    reply = await counter.say("@wren: run the\ntests")
    assert reply.text.startswith("Sent to `@wren`. They'll be notified on their next prompt. It answers in the thread.")
    assert not reply.public
    [message] = await counter.written()
    assert (message.author_name, message.author_display) == ("alice-slack", "Alice")
    assert message.content == "@wren run the\ntests"
    assert message.origin == Origin("slack", verified=True)
    assert "relay_link" not in message.metadata  # nobody typed it into the channel, so it is to be shown there too
    wren = counter.hub.directory.principal_by_name("wren")
    assert wren is not None
    async with counter.hub.store.read() as unit:
        items = await unit.inbox.pending(wren.id, 10)
    assert [(item.kind, item.message_id) for item in items] == [(InboxKind.MENTION, message.id)]


async def test_agent_is_asked_directly_where_nothing_is_linked_and_its_answer_can_be_read(counter: Counter) -> None:
    reply = await counter.say("@wren hello", ELSEWHERE)
    assert reply.public
    assert reply.text == (
        "Sent to `@wren` in #direct-messages. They'll be notified on their next prompt. "
        "Read the answer with `/airchat read @wren`."
    )
    with pytest.raises(NotFound):
        await counter.hub.messages.direct(counter.owner, "alice-slack", "out of the blue")
    wren, alice = (counter.hub.directory.principal_by_name(name) for name in ("wren", "alice-slack"))
    assert wren is not None
    assert alice is not None
    await counter.hub.messages.direct(wren, "alice-slack", "hello *yourself*")
    shown = (await counter.say("read @wren", ELSEWHERE)).text.splitlines()
    assert [line for line in shown if line.startswith(">")] == ["> @wren hello", "> @alice-slack hello *yourself*"]
    assert [it.content for it in await counter.written(direct_name([wren.id, alice.id]))] == [
        "@wren hello",
        "@alice-slack hello *yourself*",
    ]


async def test_what_begins_with_no_agent_is_told_whom_there_is(counter: Counter) -> None:
    assert (await counter.say("@wern hello")).text == (
        "There is no agent wern; nothing was sent. Did you mean `@wren`? `/airchat agents` lists them."
    )
    assert (await counter.say("@wren")).text == "Say what it shall do: `/airchat @wren please …`"
    assert await counter.written() == []


async def test_channels_are_posted_to_and_only_accounts_make_them(counter: Counter) -> None:
    assert (await counter.say("#general hello")).text == "Posted to `#general`."
    assert (await counter.say("#project-x hello")).text.startswith("There is no channel project\\-x for you.")
    assert (await counter.say("#general")).text == "Say what to post: `/airchat #general your words`"
    await counter.person("ann")
    assert await counter.say("#project-x hello") == await counter.say("#project-x hello")
    assert [it.content for it in await counter.written("project-x")] == ["hello", "hello"]
    assert [it.content for it in await counter.written()] == ["hello"]


async def test_private_channels_stay_hidden(counter: Counter) -> None:
    await counter.hub.channels.open(counter.owner, "secret", modes={"secret": True})
    assert (await counter.say("#secret hello")).text.startswith("There is no channel secret for you.")
    assert "secret" not in (await counter.say("channels")).text
    assert await counter.desk.complete(HERE, "read #") == ["read #general"]


async def test_plain_words_go_to_the_linked_channel_or_to_everybody(counter: Counter) -> None:
    assert (await counter.say("status of the build?")).text == "Posted to `#general`."
    reply = await counter.say("anybody there?", ELSEWHERE)
    assert (reply.text, reply.public) == ("Posted to `#human-messages`.", True)
    assert [it.content for it in await counter.written()] == ["status of the build?"]
    assert [it.content for it in await counter.written("human-messages")] == ["anybody there?"]


async def test_nothing_asks_for_a_form_and_the_form_does_the_same(counter: Counter) -> None:
    form = (await counter.say("  ")).form
    assert form is not None
    assert form.id == "say"
    assert [field.name for field in form.fields] == ["to", "text"]
    assert form.fields[0].choices == (("everybody", "Everybody here"), ("#general", "#general"))
    counter.hub.presence.touch(await counter.hub.agent("seen"))
    form = (await counter.say("")).form
    assert form is not None
    await counter.submit("say", to="@wren", text="by form")
    await counter.submit("say", to="#general", text="to all")
    await counter.submit("say", to="everybody", text="@wren is no addressee here")
    assert (await counter.submit("say", to="@wren", text=" ")).text == "Say what: the text is empty."
    assert [it.content for it in await counter.written()] == [
        "@wren by form",
        "to all",
        "@wren is no addressee here",
    ]


async def test_shortcut_on_a_message_answers_it(counter: Counter) -> None:
    root = (await counter.hub.messages.post(counter.owner, "general", "the build is red")).message

    async def pair(unit: Unit) -> None:
        await unit.counterparts.add(Pair(counter.link.id, root.id, 0, "100.1", inbound=False, created_at=1))

    await counter.hub.store.write(pair)
    form = (await counter.say("the build is red", about="100.1")).form
    assert form is not None
    assert (form.id, form.title, form.fields[1].value) == ("say 100.1", "Send to an agent", "")
    await counter.submit(form.id, to="@wren", text="have a look")
    answer = (await counter.written())[-1]
    assert (answer.content, answer.parent_id) == ("@wren have a look", root.id)


async def test_shortcut_where_nothing_is_linked_quotes_the_message(counter: Counter) -> None:
    form = (await counter.say("red\nagain", ELSEWHERE, about="100.1")).form
    assert form is not None
    assert form.fields[1].value == "> red\n> again\n"


@pytest.mark.parametrize("name", ["<!channel>", "*bold* `x`", "@everyone", "[a](https://b)"])
async def test_what_was_typed_comes_back_as_nothing_but_words(counter: Counter, name: str) -> None:
    text = (await counter.say(f"@{name.replace(' ', '')} hello")).text
    for sign in "<>*`[]@":
        assert all(text[at - 1] == "\\" for at, it in enumerate(text.partition(";")[0]) if it == sign)


async def test_too_many_commands_are_refused(counter: Counter) -> None:
    for _ in range(30):
        await counter.say("status")
    assert (await counter.say("@wren once more")).text.startswith("That was too much at once; try again in ")
    assert (await counter.say("status", user=User("U2", "Bob"))).text.startswith("- The bridge")
    assert await counter.written() == []


async def test_what_fails_is_answered_all_the_same(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(counter.hub.messages, "post", broken)
    assert (await counter.say("hello", HERE)).text == "The hub failed at that; its log says why."


async def test_commands_complete(counter: Counter) -> None:
    assert await counter.desk.complete(HERE, "st") == ["status"]
    assert await counter.desk.complete(HERE, "@w") == ["@wren"]
    assert await counter.desk.complete(HERE, "read #g") == ["read #general"]
    assert "agents" in await counter.desk.complete(HERE, "")


async def test_where_there_is_no_slash_the_hub_is_spoken_to(counter: Counter) -> None:
    reply = await counter.say("@wern hello", Place("libera", "libera", "#ops"))
    assert reply.text.endswith("Did you mean `@wren`? `agents` lists them.")


async def test_who_is_not_heard_in_a_channel_does_nothing_by_commands_either(counter: Counter) -> None:
    async def rule(rules: Rules, direction: str = "both") -> None:
        await counter.cases.links.change(counter.link.id, direction, rules)

    await rule(Rules(ignore=("Alice",)))
    for answer in (
        await counter.say("hello"),
        await counter.say("@wren hello"),
        await counter.say("#general hello"),
        await counter.submit("say", to="everybody", text="hello"),
        await counter.press("task.claim", "0123"),
    ):
        assert answer.text.startswith("You are not heard from here")
    assert (await counter.say("@wren hello", ELSEWHERE)).text.startswith("You are not heard from here")
    assert (await counter.say("hello", user=User("U2", "Bob"))).text == "Posted to `#general`."
    await rule(Rules(allow=("U1",)), "out")
    assert (await counter.say("hello", user=User("U2", "Bob"))).text.startswith("You are not heard from here")
    for words in ("hello", "@wren hello", "#general hello"):
        assert (await counter.say(words)).text.startswith("Nothing goes to the hub from here")
    assert (await counter.say("status")).text.startswith("- The bridge")
    assert [it.content for it in await counter.written()] == ["hello"]
