import json
from pathlib import Path

from mcp_server.push.transcript import CHUNK, Transcript


def write(path: Path, *lines: object) -> None:
    with path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def test_only_what_is_new_counts(transcripts: Path) -> None:
    own = transcripts / "-shop" / "s1.jsonl"
    write(own, {"type": "user", "text": "aaaa"})
    transcript = Transcript(transcripts, "s1")
    assert transcript.seen({"aaaa", "bbbb"}) == set()
    write(own, {"type": "user", "text": "bbbb"}, {"type": "assistant", "text": "cccc"})
    assert transcript.seen({"aaaa", "bbbb"}) == {"bbbb"}
    assert transcript.seen({"aaaa", "bbbb"}) == set()


def test_what_waits_does_not_count(transcripts: Path) -> None:
    transcript = Transcript(transcripts, "s1")
    own = transcripts / "-shop" / "s1.jsonl"
    write(own, {"type": "queue-operation", "content": "aaaa"})
    assert transcript.seen({"aaaa"}) == set()
    write(own, {"type": "user", "content": "aaaa"})
    assert transcript.seen({"aaaa"}) == {"aaaa"}


def test_half_a_line_waits_for_its_end(transcripts: Path) -> None:
    own = transcripts / "-shop" / "s1.jsonl"
    own.write_text("")
    transcript = Transcript(transcripts, "s1")
    own.write_text('{"type": "user", "text": "aa')
    assert transcript.seen({"aaaa"}) == set()
    own.write_text('{"type": "user", "text": "aaaa"}\n')
    assert transcript.seen({"aaaa"}) == {"aaaa"}


def test_session_that_begins_another_transcript_is_followed(transcripts: Path) -> None:
    write(transcripts / "-shop" / "s1.jsonl", {"type": "user"})
    transcript = Transcript(transcripts, "s1")
    write(transcripts / "-shop" / "s2.jsonl", {"type": "user", "text": "aaaa"})
    (transcripts / "-other").mkdir()
    write(transcripts / "-other" / "s3.jsonl", {"type": "user", "text": "bbbb"})
    assert transcript.seen({"aaaa", "bbbb"}) == {"aaaa"}


def test_very_long_line_is_passed_by(transcripts: Path) -> None:
    own = transcripts / "-shop" / "s1.jsonl"
    own.write_text("")
    transcript = Transcript(transcripts, "s1")
    own.write_text("x" * (CHUNK + 10) + "\n" + json.dumps({"type": "user", "text": "aaaa"}) + "\n")
    assert transcript.seen({"aaaa"}) | transcript.seen({"aaaa"}) == {"aaaa"}


def test_no_transcripts_is_no_error(tmp_path: Path) -> None:
    assert Transcript(tmp_path / "nowhere", "s1").seen({"aaaa"}) == set()


def test_session_with_an_odd_name_stays_in_the_folder(transcripts: Path) -> None:
    (transcripts.parent / "x.jsonl").write_text('{"type": "user", "text": "aaaa"}\n')
    assert Transcript(transcripts, "../../x").seen({"aaaa"}) == set()
