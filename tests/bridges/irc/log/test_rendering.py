from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from bridges.irc.log.rendering import CONCAT, MULTILINE, Rendering, Spoken, corrected, spoken_cuts, spoken_text
from bridges.irc.outgoing import Outgoing, Signature, signature_of
from bridges.irc.session import Session
from bridges.irc.wire.lines import BODY_LIMIT, Line, parse

MASK = "ann-of-a-long-name!person@ann.person"
TAGS = {"msgid": "01", "account": "ann", "+reply": "00"}
TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\r\n\0 :\x01@")), min_size=1, max_size=900)


def client(*capabilities: str, aircd: bool = False) -> Session:
    """Stand in for a session: only its capabilities are asked for."""
    signature = Signature.AIRCD if aircd else signature_of(set(capabilities))
    return cast("Session", SimpleNamespace(signature=signature, has=capabilities.__contains__))


PLAIN = client()
TAGGED = client("message-tags")
MANY = client("message-tags", "batch", MULTILINE)
AIRCD = client(aircd=True)


def spoken(text: str, *, action: bool = False, cuts: tuple[int, ...] = ()) -> Spoken:
    return Spoken(MASK, "PRIVMSG", "#work", text, TAGS, 1_000_000, 7, action=action, cuts=cuts)


def shown(one: Spoken, to: Session) -> list[Line]:
    """Return what the client reads of it, each line parsed by itself."""
    return [read(out, to) for out in Rendering(one).lines_for(to)]


def read(out: Outgoing, to: Session) -> Line:
    data = out.encode(to.signature)
    assert data.endswith(b"\r\n")
    assert not any(end in data[:-2] for end in (b"\r", b"\n", b"\0"))
    return parse(data, 70_000)


def joined(found: list[Line]) -> str:
    """Return the text that a batch of many lines means."""
    text = ""
    for number, line in enumerate(found[1:-1]):
        text += line.params[1] if CONCAT in line.tags or not number else "\n" + line.params[1]
    return text


@given(TEXTS, st.booleans())
def test_no_text_gets_out_of_its_line(text: str, action: bool) -> None:
    for to in (PLAIN, TAGGED, MANY, AIRCD):
        for line in shown(spoken(text, action=action), to):
            assert line.source == MASK
            assert line.command in ("PRIVMSG", "BATCH")
            assert line.command == "BATCH" or line.params[0] == "#work"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=900), st.data())
def test_a_batch_is_the_text_again_and_its_lines_fit(text: str, data: st.DataObject) -> None:
    cuts = tuple(sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=3))))
    found = shown(spoken(text, cuts=cuts), MANY)
    bodies = [out.body for out in Rendering(spoken(text, cuts=cuts)).lines_for(MANY)]
    assert all(len(body.encode()) <= BODY_LIMIT for body in bodies)
    if len(found) == 1:
        assert found[0].params[1] == text
        return
    assert (found[0].tags["msgid"], ["msgid" in line.tags for line in found[1:]]) == ("01", [False] * len(found[1:]))
    assert joined(found) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=900))
def test_single_lines_are_the_text_without_its_blank_lines(text: str) -> None:
    found = shown(spoken(text), TAGGED)
    assert "".join(line.params[1] for line in found) == text.replace("\n", "")
    assert [line.tags.get("msgid") for line in found] == ["01", *[None] * (len(found) - 1)][: len(found)]


def test_lines_of_many_carry_what_went_with_the_message() -> None:
    first, second = shown(spoken("one\n\ntwo"), TAGGED)
    assert (first.tags["+reply"], second.tags["+reply"], second.params[1]) == ("00", "00", "two")


def test_a_cut_of_the_author_stays_where_it_was() -> None:
    texts = [line.params[1] for line in shown(spoken("\nhow is everyone?", cuts=(8,)), MANY)[1:-1]]
    assert texts == ["", "how is ", "everyone?"]
    assert [line.params[1] for line in shown(spoken("\nhow is everyone?", cuts=(8,)), TAGGED)] == [
        "how is ",
        "everyone?",
    ]
    assert spoken_cuts({"metadata": {"irc": {"cuts": [8]}}, "updated_at": None}) == [8]
    assert spoken_cuts({"metadata": {"irc": {"cuts": [8]}}, "updated_at": "2026-01-01T00:00:00Z"}) == ()


def test_each_line_of_an_action_is_dressed() -> None:
    texts = [line.params[1] for line in shown(spoken("waves\nand goes", action=True), PLAIN)]
    assert texts == ["\x01ACTION waves\x01", "\x01ACTION and goes\x01"]


def test_a_direct_text_loses_the_name_before_it_and_nothing_else() -> None:
    assert spoken_text({"content": "@bob  code"}, "bob") == " code"
    assert spoken_text({"content": "@bob hi"}, None) == "@bob hi"


def test_a_correction_is_marked_and_answers_the_message() -> None:
    [line] = shown(corrected(spoken("new words"), "event-9"), TAGGED)
    assert line.params == ("#work", "* new words (edited)")
    assert line.tags == {"msgid": "event-9", "+reply": "01", "+draft/reply": "01"}


def test_clients_of_the_dialect_get_ids_of_their_own_for_each_line() -> None:
    found = [line.tags["msg-id"] for line in shown(spoken("one\n\ntwo"), AIRCD)]
    assert found == ["01", "01.2"]


def test_of_very_many_lines_the_first_are_shown() -> None:
    texts = [line.params[1] for line in shown(spoken("a\n" * 16_000), TAGGED)]
    assert texts == ["a"] * 999 + ["[15002 more lines]"]
    assert (
        len(b"".join(out.encode(MANY.signature) for out in Rendering(spoken("\n" * 31_999 + "a")).lines_for(MANY)))
        < 2**18
    )
