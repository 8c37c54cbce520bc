"""Lines of IRC: bytes to `Line` and back.

A line that is written holds no CR, LF or NUL but its own end, whatever its fields hold, so that no text can become
a command.

https://modern.ircdocs.horse/#message-format, https://ircv3.net/specs/extensions/message-tags

    BadLine               nothing can be done with the line
    ├── Empty             it has no command
    ├── InvalidUtf8       some byte is not UTF-8
    └── TooLong           the tags or the rest exceed their limit
"""

import re
from collections.abc import Mapping
from dataclasses import field

from airchat.protocol.record import record
from bridges.irc.wire import tags as tag_text

BODY_LIMIT = 510
"""Bytes of a line without tags and CRLF."""

TAGS_LIMIT = 4094
"""Bytes of a client's tags, without the `@` before and the space behind them."""

_ENDS = {0: " ", 10: " ", 13: " "}
_END = re.compile(r"[\0\r\n]")
_END_BYTES = bytes.maketrans(b"\0\r\n", b"   ")
_WORD = re.compile(r"[^\0\r\n :][^\0\r\n ]*")
_UNFIT = re.compile(r"[\0\r\n ]")

_TEXT_AT = {
    "AWAY": 1,
    "ERROR": 1,
    "KICK": 3,
    "NOTICE": 2,
    "PART": 2,
    "PRIVMSG": 2,
    "QUIT": 1,
    "TOPIC": 2,
    "302": 2,
    "303": 2,
    "319": 3,
    "332": 3,
    "353": 4,
    "372": 2,
}
"""Commands whose last parameter is a text, always written with a colon, and how many parameters they have with it.

Some clients read it no other way.
"""


@record
class Line:
    """A line: an upper-case command, its parameters, its tags (unescaped) and its source, such as `nick!user@host`."""

    command: str
    params: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None


class BadLine(ValueError):
    """A line that cannot be taken; `line` is what could be read of it, if there is a command at all."""

    def __init__(self, text: str, line: Line | None = None) -> None:
        super().__init__(text)
        self.line = line

    @property
    def command(self) -> str:
        """The command as far as it is known, else `*`."""
        return "*" if self.line is None else self.line.command


class Empty(BadLine):
    """There is no command in the line; RFC 1459 has such lines ignored."""


class InvalidUtf8(BadLine):
    """The line is not UTF-8; in `line`, U+FFFD stands for what could not be read."""


class TooLong(BadLine):
    """The line is longer than may be; its answer is numeric 417."""


def parse(data: bytes, body_limit: int = BODY_LIMIT) -> Line:
    """Return the line in `data`, with or without its end.

    CR, LF and NUL inside it count as spaces.

    Args:
        data: one line as it came.
        body_limit: most bytes of the line without tags and end; dialects exist that send longer ones.

    Raises:
        Empty: there is no command.
        TooLong: the tags or the rest exceed their limit.
        InvalidUtf8: some byte is not UTF-8.
    """
    data = data.rstrip(b"\r\n")
    if b"\r" in data or b"\0" in data or b"\n" in data:
        data = data.translate(_END_BYTES)
    data = data.lstrip(b" ")
    if data.startswith(b"@"):
        end = data.find(b" ")
        tags_size = (len(data) if end < 0 else end) - 1
        body_size = len(data) - tags_size - 2
    else:
        tags_size, body_size = 0, len(data)
    if tags_size > TAGS_LIMIT:
        raise TooLong("The tags are too long", _lenient(data[tags_size + 2 :]))
    if body_size > body_limit:
        raise TooLong("The line is too long", _lenient(data))
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidUtf8("The line is not UTF-8", _lenient(data)) from error
    line = _read(decoded)
    if line is None:
        raise Empty("The line has no command")
    return line


def _lenient(data: bytes) -> Line | None:
    return _read(data.decode(errors="replace"))


def _read(text: str) -> Line | None:
    tags: dict[str, str] = {}
    source = None
    if text.startswith("@"):
        head, _, text = text[1:].partition(" ")
        tags = tag_text.read(head)
    text = text.lstrip(" ")
    if text.startswith(":"):
        source, _, text = text[1:].partition(" ")
    head, colon, last = text.partition(" :")
    words = [word for word in head.split(" ") if word]
    if not words or words[0].startswith(":"):
        return None
    command = words[0]
    if colon:
        words.append(last)
    return Line(command.upper() if command.isascii() else command, tuple(words[1:]), tags, source)


def text(command: str, *params: str, source: str | None = None) -> str:
    """Return a line without tags and end.

    A field that cannot stand where it is told to is changed as little as makes it safe: in the last parameter, CR, LF
    and NUL become spaces; elsewhere they and spaces become `_`, an empty parameter becomes `*`, and one that begins
    with a colon gets `0` in front, as IPv6 addresses do.
    """
    fits = _WORD.fullmatch
    words = [] if source is None else [":" + (_UNFIT.sub("_", source) or "*")]
    words.append(command if command.isalnum() else _word(command))
    if params:
        words += [param if fits(param) else _word(param) for param in params[:-1]]
        last = params[-1]
        if len(params) < _TEXT_AT.get(command, len(params) + 1) and fits(last):
            words.append(last)
        else:
            words.append(":" + one_line(last))
    return " ".join(words)


def opening(command: str, *params: str, source: str) -> str:
    """Return a line up to where its text begins, which goes on with what `one_line` returns of that."""
    return text(command, *params, "", source=source)


def one_line(last: str) -> str:
    """Return a text as it can stand at the end of a line."""
    return last.translate(_ENDS) if _END.search(last) else last


def _word(field_text: str) -> str:
    cleaned = _UNFIT.sub("_", field_text) or "*"
    return "0" + cleaned if cleaned.startswith((":", "@")) else cleaned


def tags_prefix(tags: Mapping[str, str]) -> str:
    """Return what stands before a line that has these tags: `@key=value;... ` with its space, or nothing."""
    written = tag_text.write(tags) if tags else ""
    return f"@{written} " if written else ""


def encode(line_text: str, prefix: str = "") -> bytes:
    """Return what `text` and `tags_prefix` gave as bytes with CRLF; half a surrogate pair becomes `?`."""
    return f"{prefix}{line_text}\r\n".encode(errors="replace")


def format(line: Line) -> bytes:
    """Return the line as bytes that end in CRLF."""
    return encode(text(line.command, *line.params, source=line.source), tags_prefix(line.tags))
