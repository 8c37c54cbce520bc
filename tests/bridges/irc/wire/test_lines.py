"""Lines: the public vectors of IRC parsers, told in the server's terms, and what no field may ever do."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.wire import lines
from bridges.irc.wire.lines import BadLine, Empty, InvalidUtf8, Line, TooLong, parse, text

SPLIT = [
    ("foo bar baz asdf", Line("FOO", ("bar", "baz", "asdf"))),
    (":coolguy foo bar baz asdf", Line("FOO", ("bar", "baz", "asdf"), source="coolguy")),
    ("foo bar baz :asdf quux", Line("FOO", ("bar", "baz", "asdf quux"))),
    ("foo bar baz :", Line("FOO", ("bar", "baz", ""))),
    ("foo bar baz ::asdf", Line("FOO", ("bar", "baz", ":asdf"))),
    (":coolguy foo bar baz :  asdf quux ", Line("FOO", ("bar", "baz", "  asdf quux "), source="coolguy")),
    (":coolguy PRIVMSG bar :lol :) ", Line("PRIVMSG", ("bar", "lol :) "), source="coolguy")),
    (":coolguy foo bar baz :  ", Line("FOO", ("bar", "baz", "  "), source="coolguy")),
    ("@a=b;c=32;k;rt=ql7 foo", Line("FOO", tags={"a": "b", "c": "32", "k": "", "rt": "ql7"})),
    (r"@a=b\\and\nk;c=72\s45;d=gh\:764 foo", Line("FOO", tags={"a": "b\\and\nk", "c": "72 45", "d": "gh;764"})),
    ("@c;h=;a=b :quux ab cd", Line("AB", ("cd",), {"c": "", "h": "", "a": "b"}, "quux")),
    (":src JOIN #chan", Line("JOIN", ("#chan",), source="src")),
    (":src JOIN :#chan", Line("JOIN", ("#chan",), source="src")),
    (":src AWAY", Line("AWAY", source="src")),
    (":src AWAY ", Line("AWAY", source="src")),
    (":cool\tguy foo bar baz", Line("FOO", ("bar", "baz"), source="cool\tguy")),
    (
        ":a!b@n\x02et\x0305w\x0fk PRIVMSG foo :bar baz",
        Line("PRIVMSG", ("foo", "bar baz"), source="a!b@n\x02et\x0305w\x0fk"),
    ),
    ("@v1/t=1;v2/t= :x.y CMD p1 p2 :p3 p3", Line("CMD", ("p1", "p2", "p3 p3"), {"v1/t": "1", "v2/t": ""}, "x.y")),
    ("COMMAND", Line("COMMAND")),
    (r"@foo=\\\\\:\\s\s\r\n COMMAND", Line("COMMAND", tags={"foo": "\\\\;\\s \r\n"})),
    (
        ":g.org 432  #momo :Erroneous Nickname: Illegal",
        Line("432", ("#momo", "Erroneous Nickname: Illegal"), source="g.org"),
    ),
    (":g.org MODE #tckk +n ", Line("MODE", ("#tckk", "+n"), source="g.org")),
    (":s.net MODE #foo-bar +o foobar  ", Line("MODE", ("#foo-bar", "+o", "foobar"), source="s.net")),
    (r"@tag1=value\\ntest COMMAND", Line("COMMAND", tags={"tag1": "value\\ntest"})),
    (r"@tag1=value\1 COMMAND", Line("COMMAND", tags={"tag1": "value1"})),
    ("@tag1=value1\\ COMMAND", Line("COMMAND", tags={"tag1": "value1"})),
    ("@tag1=1;tag2=3;tag1=5;v/tag2=8 COMMAND", Line("COMMAND", tags={"tag1": "5", "tag2": "3", "v/tag2": "8"})),
    (":SomeOp MODE #channel :+i", Line("MODE", ("#channel", "+i"), source="SomeOp")),
    (
        ":SomeOp MODE #channel +oo SomeUser :AnotherUser",
        Line("MODE", ("#channel", "+oo", "SomeUser", "AnotherUser"), source="SomeOp"),
    ),
    ("@k   :src   privmsg   a   :b  c", Line("PRIVMSG", ("a", "b  c"), {"k": ""}, "src")),
    (" \0 @a=b ping x", Line("PING", ("x",), {"a": "b"})),
    ("  ping x", Line("PING", ("x",))),
    ("privmsg #a b:c :d", Line("PRIVMSG", ("#a", "b:c", "d"))),
    ("ßtraße x", Line("ßtraße", ("x",))),
]

JOIN = [
    (Line("foo", ("bar", "baz", "asdf")), "foo bar baz asdf"),
    (Line("AWAY", source="src"), ":src AWAY"),
    (Line("AWAY", ("",), source="src"), ":src AWAY :"),
    (Line("foo", ("bar", "baz", "asdf quux"), source="coolguy"), ":coolguy foo bar baz :asdf quux"),
    (Line("foo", ("bar", "baz", "")), "foo bar baz :"),
    (Line("foo", ("bar", "baz", ":asdf")), "foo bar baz ::asdf"),
    (Line("foo", ("bar", "  asdf quux ")), "foo bar :  asdf quux "),
    (Line("PRIVMSG", ("bar", "lol :) "), source="coolguy"), ":coolguy PRIVMSG bar :lol :) "),
    (Line("foo", ("b\tar", "baz"), source="coolguy"), ":coolguy foo b\tar baz"),
    (Line("foo", ("bar", "  "), {"asd": ""}, "coolguy"), "@asd :coolguy foo bar :  "),
    (Line("foo", ("par1", "par2"), {"a": "b\\and\nk", "d": "gh;764"}), r"@a=b\\and\nk;d=gh\:764 foo par1 par2"),
    (Line("COMMAND", tags={"foo": "\\\\;\\s \r\n"}), r"@foo=\\\\\:\\s\s\r\n COMMAND"),
    (Line("PRIVMSG", ("#c", "word")), "PRIVMSG #c :word"),
    (Line("PART", ("#c",)), "PART #c"),
    (Line("PART", ("#c", "bye")), "PART #c :bye"),
    (Line("353", ("me", "=", "#c", "@me")), "353 me = #c :@me"),
    (Line("401", ("", "::1", "a b", "No such nick")), "401 * 0::1 a_b :No such nick"),
    (Line("PRIVMSG", ("#c\r\nQUIT", "a\r\nQUIT\0b")), "PRIVMSG #c__QUIT :a  QUIT b"),
    (Line("NOTICE\nQUIT", ("x",), source="a b\r\nQUIT"), ":a_b__QUIT NOTICE_QUIT x"),
    (Line("JOIN", ("#c",), {"a b": "1", "x\r\nQUIT": "", "ok": "\0"}), r"@ok=\s JOIN #c"),
    (Line("JOIN", ("#c",), {"a b": "1"}), "JOIN #c"),
    (Line("@cmd", ("@a", "@b")), "0@cmd @a @b"),
    (Line("x", source=":@a"), "::@a x"),
    (Line("x", source=""), ":* x"),
]

FIELDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    alphabet="\r\n\0: ;=@\\aé#", max_size=12
)
WORDS = FIELDS.filter(lambda word: word != "" and word[0] != ":" and not set(word) & set("\r\n\0 "))
TEXTS = FIELDS.filter(lambda word: not set(word) & set("\r\n\0"))
KEYS = st.from_regex(r"\A\+?([a-z0-9.-]{1,5}/)?[A-Za-z0-9-]{1,8}\Z")
COMMANDS = st.from_regex(r"\A([A-Z]{1,9}|[0-9]{3})\Z")


@pytest.mark.parametrize(("raw", "line"), SPLIT)
def test_line_is_split(raw: str, line: Line) -> None:
    assert parse(raw.encode()) == line
    assert parse(raw.encode() + b"\r\n") == line


@pytest.mark.parametrize(("line", "raw"), JOIN)
def test_line_is_joined(line: Line, raw: str) -> None:
    assert lines.format(line) == raw.encode() + b"\r\n"


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"   ", b":prefix", b":prefix  ", b"@tags", b"@tags ", b"@t :p", b" :x", b":p :x", b"\0"]
)
def test_line_without_command_is_empty(raw: bytes) -> None:
    with pytest.raises(Empty) as caught:
        parse(raw)
    assert caught.value.command == "*"


def test_invalid_utf8_tells_the_command() -> None:
    with pytest.raises(InvalidUtf8) as caught:
        parse(b"@label=x privmsg #a :caf\xe9")
    assert caught.value.command == "PRIVMSG"
    assert caught.value.line == Line("PRIVMSG", ("#a", "caf\N{REPLACEMENT CHARACTER}"), {"label": "x"})
    with pytest.raises(InvalidUtf8) as caught:
        parse(b"@label=\xff")
    assert caught.value.command == "*"


def test_line_of_512_bytes_is_taken() -> None:
    head = b"PRIVMSG #a :"
    body = head + b"x" * (510 - len(head))
    assert parse(body + b"\r\n").params == ("#a", "x" * (510 - len(head)))
    with pytest.raises(TooLong) as caught:
        parse(body + b"x\r\n")
    assert caught.value.command == "PRIVMSG"
    assert parse(body + b"x", body_limit=511).command == "PRIVMSG"


def test_tags_of_4096_bytes_are_taken() -> None:
    tags = b"@+a=" + b"x" * 4091
    head = b"PRIVMSG #a :"
    body = head + b"x" * (510 - len(head))
    assert len(tags) == 4095
    assert parse(tags + b" " + body).tags == {"+a": "x" * 4091}
    with pytest.raises(TooLong) as caught:
        parse(tags + b"x " + body)
    assert caught.value.line == Line("PRIVMSG", ("#a", "x" * (510 - len(head))))
    with pytest.raises(TooLong):
        parse(tags + b" " + body + b"x")


def test_ends_inside_a_line_are_spaces() -> None:
    assert parse(b"PRIVMSG #a :one\rtwo\0three\nfour\r\n") == Line("PRIVMSG", ("#a", "one two three four"))


@given(
    COMMANDS,
    st.lists(WORDS, max_size=5),
    TEXTS,
    st.dictionaries(KEYS, FIELDS.map(lambda value: value.replace("\0", "")), max_size=4),
    st.none() | WORDS,
)
def test_what_is_written_reads_the_same(
    command: str, words: list[str], last: str, tags: dict[str, str], source: str | None
) -> None:
    line = Line(command, (*words, last), tags, source)
    assert parse(lines.format(line), body_limit=9999) == line


@given(FIELDS, st.lists(FIELDS, max_size=5), st.dictionaries(FIELDS, FIELDS, max_size=4), st.none() | FIELDS)
def test_no_field_becomes_a_command_or_moves_another(
    command: str, params: list[str], tags: dict[str, str], source: str | None
) -> None:
    written = lines.format(Line(command, tuple(params), tags, source))
    assert written.endswith(b"\r\n")
    assert not set(written[:-2]) & set(b"\r\n\0")
    expected = [name for name in tags if name.isascii() and all(c.isalnum() or c in "+-./" for c in name)]
    read = parse(written, body_limit=9999)
    assert len(read.params) == len(params)
    assert (read.source is None) == (source is None)
    assert set(read.tags) <= set(expected)
    if params:
        assert read.params[-1] == params[-1].translate({0: " ", 10: " ", 13: " "})


@given(st.binary(max_size=80) | st.text(alphabet="@+a=;\\: \r\n#é", max_size=60).map(str.encode))
def test_any_bytes_are_a_line_or_a_bad_one(data: bytes) -> None:
    with contextlib.suppress(BadLine):
        line = parse(data)
        assert line.command
        assert not any(set(word) & set("\r\n\0 ") for word in (line.command, *line.params[:-1]))
        assert not any("\n" in word for word in line.params)


def test_half_a_surrogate_pair_is_a_question_mark() -> None:
    assert lines.format(Line("PRIVMSG", ("#a", "x\ud800y"))) == b"PRIVMSG #a :x?y\r\n"
    assert lines.encode(text("PING", "x"), lines.tags_prefix({"a": "b"})) == b"@a=b PING x\r\n"
    assert lines.tags_prefix({}) == ""
