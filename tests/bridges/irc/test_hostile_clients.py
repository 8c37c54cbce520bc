"""Whatever clients send in whatever order: nothing fails inside, everybody is answered, and no secret gets out."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridges.irc.commands.all_commands import COMMANDS
from bridges.irc.wire.lines import Line
from tests.bridges.irc.failures import failures
from tests.bridges.irc.server import Client, running_irc_server

PASSWORD = "swordfish"
SECRET = "#cellar"
CLOSING = frozenset({"QUIT", "KILL"})

words = st.sampled_from(
    [
        *("ann", "bob", "eve", "hub", "NickServ", "*", "#", "#lobby", SECRET, "#new", "@#lobby", "#lobby,#new", "0"),
        *("+b", "-o+v", "+k", "+l", "+im-t", "+beI", "LS", "302", "END", "REQ", "LATEST", "BETWEEN", "TARGETS"),
        *("timestamp=2026-01-01T00:00:00.000Z", "timestamp=*", "msgid=event-1", "msgid=x", "PLAIN", "SCRAM-SHA-256"),
        *("GET", "SET", "SUB", "SYNC", "LIST", "+", "-", "C", "L", "S", "1", "100", "-1", "9" * 20, "%tcuihsnfdlaor"),
        *("CREATE", "CLAIM", "DONE", "help", "search", "+draft/multiline", "*!*@*", "~a:ann", "m:bob", "ann,bob"),
    ]
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
tags = st.sampled_from(["", "@label=1 ", "@+typing=active ", "@+draft/react=x;+reply=y ", "@batch=b ", "@a\\:b;;=;= "])
commands = st.sampled_from(sorted(set(COMMANDS) - CLOSING))
spoken = st.builds(
    lambda tag, command, middle, last: f"{tag}{command} {' '.join(middle)}{f' :{last}' if last is not None else ''}",
    tags,
    commands,
    st.lists(words, max_size=4),
    st.none() | texts | words,
).map(lambda text: text.encode(errors="replace"))
said = spoken | spoken | spoken | st.binary(max_size=80) | st.binary(min_size=600, max_size=900)
scripts = st.lists(st.tuples(st.integers(0, 2), said), min_size=1, max_size=40)


@given(scripts)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_fails_and_no_secret_gets_out(script: list[tuple[int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder, failures() as found:
        heard = asyncio.run(play(Path(folder), script))
    assert found == []
    assert [line for line in heard if PASSWORD in " ".join(line.params)] == []


async def play(folder: Path, script: list[tuple[int, bytes]]) -> list[Line]:
    """Let bob, eve and somebody unregistered send what the script says; return what eve and the last one heard."""
    async with running_irc_server(folder, registration="open") as hub:
        ann = await hub.client("ann", "message-tags")
        await ann.join(SECRET, "#lobby")
        await ann.ask(f"MODE {SECRET} +ik key")
        await ann.ask(f"PRIVMSG {SECRET} :the password is {PASSWORD}")
        await ann.ask(f"TOPIC {SECRET} :{PASSWORD}")
        clients = [
            await hub.client("bob", "message-tags", "labeled-response", "batch", "echo-message", "draft/chathistory"),
            await hub.client("eve", "message-tags", "batch", "draft/chathistory", "draft/event-playback"),
            await hub.connect(),
        ]
        await clients[0].join("#lobby")
        for number, data in script:
            clients[number].send_bytes(data.replace(b"\n", b" ") + b"\r\n")
        heard = [line for client in clients for line in await last_words(client)]
        assert (await ann.ask("PING here"))[-1] == ("PONG", "airchat.hub", "here")
        return heard


async def last_words(client: Client) -> list[Line]:
    """Return what a client heard; one that was let go is told so."""
    try:
        return await client.sync()
    except (EOFError, ConnectionError):
        return []
