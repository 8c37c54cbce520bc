"""Fuzzing of IRC's text: whatever bytes come, nothing but `BadLine` is raised, and what is written reads the same.

`python -m tests.bridges.irc.wire.fuzz -max_total_time=60` lets atheris look for bytes that break it, and `make bench`
does. The test beside it looks with hypothesis.
"""

import importlib
import sys

from bridges.irc.wire import lines, masks, modes, names, split, tags
from bridges.irc.wire.lines import BadLine, Line

SEEDS = (
    b"@+typing=active;label=1 :nick!user@host PRIVMSG #general :hello\r\n",
    b"MODE #c +ov-bk alice bob *!*@host key",
    b"MODE #c +b m:$a:bob",
    b"@a=\\:\\s\\\\\\r\\n\\ JOIN #a,#b k1,k2",
    "NOTICE #c :\u00e9\u0301\U0001f468\u200d\U0001f469".encode(),
    b"PRIVMSG #c :\xff\xfe",
)


def check(data: bytes) -> None:
    """Put `data` through everything that reads what clients send.

    Raises:
        AssertionError: a property does not hold.
    """
    try:
        line = lines.parse(data, body_limit=1 << 20)
    except BadLine as error:
        if error.line is not None:
            _check_line(error.line)
        return
    _check_line(line)


def _check_line(line: Line) -> None:
    written = lines.format(line)
    assert written.endswith(b"\r\n")
    assert not set(written[:-2]) & set(b"\r\n\0")
    read = lines.parse(written, body_limit=1 << 21)
    assert read.params == line.params
    assert read.command == ("0" + line.command if line.command.startswith("@") else line.command)
    assert read.tags == {key: value for key, value in line.tags.items() if tags.write({key: ""})}
    assert read.source == (line.source or (None if line.source is None else "*"))
    assert tags.client_only(read.tags) == tags.client_only(line.tags)
    asked = modes.parse(line.params[1:], modes.CHANNEL)
    assert modes.parse(modes.format(asked.changes), modes.CHANNEL).changes == asked.changes
    for param in line.params:
        _check_text(param)


def _check_text(text: str) -> None:
    mask = masks.parse(text)
    assert masks.parse(str(mask)) == mask
    mask.fits("nick!user@host", "account")
    parts = split.pieces(text, 16)
    assert "".join(parts) == text
    assert all(len(part.encode()) <= 16 for part in parts)
    if names.is_channel(text):
        assert names.irc_channel_name(names.hub_channel_name(text), {"irc_name": text}) == text
    assert not set(names.user_name(text)) & set(" !@\r\n\0")
    if names.is_nick(text):
        assert not set(text) & set(" !@\r\n\0")


def main() -> None:
    """Let atheris call `check` until it finds something or is told to stop; it never returns."""
    atheris = importlib.import_module("atheris")  # there on Linux alone
    atheris.instrument_all()
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
