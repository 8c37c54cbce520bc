from pathlib import Path

from bridges.irc.capabilities import offered
from bridges.irc.config import IrcConfig
from bridges.irc.transport.connection import Peer
from tests.bridges.irc.server import IrcHub, running_irc_server


async def test_a_client_that_reads_one_line_of_the_list_reads_all_of_it(tmp_path: Path) -> None:
    async with running_irc_server(tmp_path) as irc:
        client = await irc.connect()
        client.send("CAP LS 302")
        answer = await client.expect("CAP")
        assert answer.params[:2] == ("*", "LS")
        assert len(answer.params) == 3
        names = [word.partition("=")[0] for word in answer.params[2].split()]
        assert {"sasl", "message-tags", "server-time", "draft/chathistory"} <= set(names)
        assert names[0] == "sasl"


async def test_what_cannot_be_had_takes_the_rest_with_it(irc: IrcHub) -> None:
    client = await irc.connect()
    await client.ask("CAP LS 302")
    assert await client.ask("CAP REQ :batch sts") == [("CAP", "*", "NAK", "batch sts")]
    assert await client.ask("CAP REQ :-cap-notify") == [("CAP", "*", "NAK", "-cap-notify")]
    assert await client.ask("CAP REQ :batch setname") == [("CAP", "*", "ACK", "batch setname")]
    assert await client.ask("CAP REQ :-batch") == [("CAP", "*", "ACK", "-batch")]
    assert await client.ask("CAP LIST") == [("CAP", "*", "LIST", "cap-notify setname")]


def test_only_clients_from_elsewhere_are_told_to_keep_to_tls() -> None:
    config = IrcConfig(sts_port=6697, sts_seconds=600)
    told = [
        offered(config, Peer(address, 1, secure)).get("sts")  # type: ignore[arg-type]  # a peer says what is asked
        for address, secure in (("10.0.0.1", False), ("10.0.0.1", True), ("127.0.0.1", False), ("::1", True))
    ]
    assert told == ["port=6697", "duration=600", None, None]
