"""Words that follow one another without waiting: nothing is lost, doubled or out of order because of it."""

import asyncio

from bridges.irc.speech.flight import Flight
from tests.bridges.irc.server import IrcHub, nick_of

_MANY = 150


async def test_words_refusals_and_the_end_come_in_the_order_in_which_they_were_sent(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", "echo-message"), await irc.client("bob")
    await ann.join("#room")
    await bob.join("#room")
    await ann.sync()
    words = [f"PRIVMSG #room :{number}" for number in range(_MANY)]
    ann.send(*words[:100], "PRIVMSG #nowhere :lost", *words[100:])
    seen = [line.params[-1] if line.command == "PRIVMSG" else line.command for line in await ann.sync()]
    numbers = [str(number) for number in range(_MANY)]
    assert seen == [*numbers[:100], "403", *numbers[100:]]
    assert [(nick_of(line), line.params[-1]) for line in await bob.sync()] == [("ann", text) for text in numbers]


async def test_who_hangs_up_after_the_last_word_has_said_all_of_them(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    await bob.join("#room")
    await ann.join("#room")
    ann.send(*(f"PRIVMSG #room :{number}" for number in range(_MANY)))
    await ann.close()
    heard = [(await bob.expect("PRIVMSG")).params[-1] for _ in range(_MANY)]
    assert heard == [str(number) for number in range(_MANY)]


async def test_a_label_is_answered_in_its_place(irc: IrcHub) -> None:
    ann = await irc.client("ann", "echo-message", "labeled-response", "message-tags", "batch")
    await ann.join("#room")
    ann.send("PRIVMSG #room :one", "@label=two PRIVMSG #room :two", "PRIVMSG #room :three")
    found = [(line.params[-1], line.tags.get("label")) for line in await ann.sync()]
    assert found == [("one", None), ("two", "two"), ("three", None)]


async def test_only_so_much_is_under_way_at_once() -> None:
    flight, gate, begun = Flight(), asyncio.Event(), []

    async def work(number: int) -> None:
        begun.append(number)
        await gate.wait()

    async def begin() -> None:
        for number in range(100):
            await flight.room()
            flight.begin(work(number))

    beginning = asyncio.create_task(begin())
    await asyncio.sleep(0.01)
    assert begun == list(range(64))
    gate.set()
    await beginning
    await flight.landed()
    assert begun == list(range(100))


async def test_a_line_that_cannot_be_read_is_answered_with_its_label(irc: IrcHub) -> None:
    ann = await irc.client("ann", "labeled-response", "message-tags", "batch")
    ann.send_bytes(b"@label=one PRIVMSG ann :\xff\r\n@label=two PRIVMSG ann :" + b"x" * 600 + b"\r\n")
    found = [(line.command, line.tags.get("label")) for line in await ann.sync()]
    assert found == [("FAIL", "one"), ("417", "two")]
