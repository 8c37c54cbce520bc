import pytest

from bridges.irc.speech import batches
from tests.bridges.irc.server import Client, IrcHub

CAPS = ("batch", "message-tags", "labeled-response", "echo-message", "draft/multiline")


async def talkers(irc: IrcHub) -> tuple[Client, Client]:
    """Return ann, who sends batches, and bob, who knows nothing of them."""
    ann, bob = await irc.client("ann", *CAPS), await irc.client("bob")
    for client in (ann, bob):
        await client.join("#work")
    await ann.sync()
    return ann, bob


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["@batch=1 NOTICE #work :b"], ["MULTILINE_INVALID"]),
        (["@batch=1 TAGMSG #work"], ["MULTILINE_INVALID"]),
        (["@batch=2 PRIVMSG #work :b"], ["MULTILINE_INVALID"]),
        (["@batch=1;draft/multiline-concat PRIVMSG #work :"], ["MULTILINE_INVALID"]),
        (["@batch=1 PRIVMSG #else :b"], ["MULTILINE_INVALID_TARGET", "#work", "#else"]),
        (["@batch=1 PRIVMSG #work :b"] * 32, ["MULTILINE_MAX_LINES", "32"]),
        ([f"@batch=1 PRIVMSG #work :{'x' * 455}"] * 9, ["MULTILINE_MAX_BYTES", "4096"]),
    ],
)
async def test_a_mistake_is_told_once_with_the_label_and_nothing_is_said(
    irc: IrcHub, lines: list[str], words: list[str]
) -> None:
    ann, bob = await talkers(irc)
    ann.send("@label=x BATCH +1 draft/multiline #work", "@batch=1 PRIVMSG #work :a", *lines)
    ann.send("@batch=1 PRIVMSG #work :rest", "BATCH -1")
    [answer] = await ann.sync()
    assert (answer.command, answer.tags.get("label")) == ("FAIL", "x")
    assert list(answer.params[:-1]) == ["BATCH", *words]
    assert await bob.seen() == []
    ann.send("BATCH +1 draft/multiline #work", "@batch=1 PRIVMSG #work :again", "BATCH -1")
    await ann.sync()
    assert await bob.seen() == [("ann", "PRIVMSG", "#work", "again")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("BATCH -1", ["INVALID_REFTAG", "-1"]),
        ("BATCH +a_b draft/multiline #work", ["INVALID_REFTAG", "a_b"]),
        ("BATCH +1 netsplit #work", ["UNKNOWN_TYPE", "1", "netsplit"]),
        ("BATCH +1 draft/multiline", ["MULTILINE_INVALID_TARGET", "*", "*"]),
        ("@batch=1 PRIVMSG #work :a", ["MULTILINE_INVALID"]),
    ],
)
async def test_what_is_no_batch_is_refused(irc: IrcHub, line: str, words: list[str]) -> None:
    ann, bob = await talkers(irc)
    [(command, *params)] = await ann.ask(line)
    assert (command, params[:-1]) == ("FAIL", ["BATCH", *words])
    assert await bob.seen() == []


async def test_blank_lines_alone_are_no_message(irc: IrcHub) -> None:
    ann, _ = await talkers(irc)
    ann.send("BATCH +1 draft/multiline #work", "@batch=1 PRIVMSG #work :", "@batch=1 PRIVMSG #work : ", "BATCH -1")
    [answer] = await ann.sync()
    assert answer.params[:2] == ("BATCH", "MULTILINE_INVALID")


async def test_a_batch_that_is_not_closed_ends(irc: IrcHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SECONDS", 0.01)
    ann, bob = await talkers(irc)
    ann.send("@label=x BATCH +1 draft/multiline #work", "@batch=1 PRIVMSG #work :a")
    answer = await ann.expect("FAIL")
    assert (answer.params[:3], answer.tags["label"]) == (("BATCH", "TIMEOUT", "1"), "x")
    assert await ann.ask("BATCH -1") == []
    assert await bob.seen() == []


async def test_after_a_batch_that_ended_by_itself_another_can_be_opened(
    irc: IrcHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await talkers(irc)
    with monkeypatch.context() as patch:
        patch.setattr(batches, "SECONDS", 0.01)
        ann.send("BATCH +1 draft/multiline #work")
        await ann.expect("FAIL")
    ann.send("BATCH +2 draft/multiline #work", "@batch=2 PRIVMSG #work :a", "BATCH -2")
    assert [line.command for line in await ann.sync() if line.command == "FAIL"] == []
    assert await bob.seen() == [("ann", "PRIVMSG", "#work", "a")]


async def test_a_message_without_an_echo_is_acknowledged(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann", *(cap for cap in CAPS if cap != "echo-message")), await irc.client("bob")
    for client in (ann, bob):
        await client.join("#work")
    ann.send("@label=x BATCH +1 draft/multiline #work", "@batch=1 PRIVMSG #work :a", "@batch=1 PRIVMSG #work :b")
    assert [line for line in await ann.sync() if line.command != "JOIN"] == []
    ann.send("BATCH -1")
    [ack] = await ann.sync()
    assert (ack.command, ack.tags["label"]) == ("ACK", "x")
    assert await bob.seen() == [("ann", "PRIVMSG", "#work", "a"), ("ann", "PRIVMSG", "#work", "b")]


async def test_what_is_said_to_those_with_a_voice_is_lines_too(irc: IrcHub) -> None:
    ann, bob = await talkers(irc)
    await ann.ask("MODE #work +v bob")
    await bob.sync()
    ann.send("BATCH +1 draft/multiline +#work", "@batch=1 PRIVMSG +#work :a", "@batch=1 PRIVMSG +#work :b", "BATCH -1")
    await ann.sync()
    assert await bob.seen() == [("ann", "PRIVMSG", "+#work", "a"), ("ann", "PRIVMSG", "+#work", "b")]
