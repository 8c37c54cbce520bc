import pytest

from bridges.irc.accounts.scope import only_reads
from bridges.irc.commands.all_commands import COMMANDS
from bridges.irc.wire.lines import parse


@pytest.mark.parametrize(
    "text",
    ["TOPIC #one", "MODE #one", "WHO #one", "METADATA * GET key", "TASK LIST", "MARKREAD #one", "CHATHISTORY"],
)
def test_a_token_for_reading_may_ask(text: str) -> None:
    assert only_reads(parse(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "TOPIC #one :new",
        "MODE #one +m",
        "METADATA GET SET key :value",
        "METADATA *",
        "TASK CREATE list",
        "MARKREAD #one timestamp=2026-01-01T00:00:00.000Z",
        "NONSENSE",
    ],
)
def test_and_change_nothing(text: str) -> None:
    assert not only_reads(parse(text.encode()))


def test_commands_that_are_not_known_to_read_count_as_writing() -> None:
    writing = {name for name in COMMANDS if not only_reads(parse(name.encode()))}
    assert {"PRIVMSG", "NOTICE", "TAGMSG", "JOIN", "PART", "KICK", "REGISTER"} <= writing
