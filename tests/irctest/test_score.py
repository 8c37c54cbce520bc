"""The score counts what the recorder wrote, and gives every failure and skip its reason."""

import json
from pathlib import Path

import pytest

from tests.irctest import score

ROWS = [
    {"id": "irctest/server_tests/join.py::T::testJoin", "outcome": "passed", "marks": ["RFC1459", "modern"]},
    {"id": "irctest/server_tests/join.py::T::testKey", "outcome": "failed", "reason": "475 | <none>", "marks": []},
    {"id": "irctest/server_tests/cap.py::T::testReq", "outcome": "skipped", "reason": "Skipped: no caps", "marks": []},
    {"id": "irctest/server_tests/cap.py::T::testOld", "outcome": "xfailed", "reason": "x" * 300, "marks": ["modern"]},
]


def outcomes(folder: Path) -> list[score.Outcome]:
    file = folder / "results.jsonl"
    file.write_text("".join(json.dumps({"reason": "", "seconds": 0.5} | row) + "\n" for row in ROWS))
    return score.read(file)


def test_summary_counts_by_specification_and_file(tmp_path: Path) -> None:
    summary = score.summary(outcomes(tmp_path))

    assert summary["total"] == {"passed": 1, "failed": 1, "skipped": 2}
    assert summary["specifications"] == {
        "RFC1459": {"passed": 1, "failed": 0, "skipped": 0},
        "modern": {"passed": 1, "failed": 0, "skipped": 1},
    }
    assert summary["files"] == {
        "cap.py": {"passed": 0, "failed": 0, "skipped": 2},
        "join.py": {"passed": 1, "failed": 1, "skipped": 0},
    }
    assert [(each["test"], each["outcome"], each["reason"][:10]) for each in summary["open"]] == [
        ("cap.py::T::testOld", "xfailed", "xxxxxxxxxx"),
        ("cap.py::T::testReq", "skipped", "no caps"),
        ("join.py::T::testKey", "failed", "475 | <non"),
    ]


def test_markdown_escapes_reasons_and_cuts_long_ones(tmp_path: Path) -> None:
    text = score.markdown(outcomes(tmp_path))

    assert text.startswith("1 passed, 1 failed, 2 skipped of 4.\n")
    assert "| join.py | 1 | 1 | 0 |" in text
    assert r"| `join.py::T::testKey` | failed | 475 \| &lt;none> |" in text
    assert f"| `cap.py::T::testOld` | xfailed | {'x' * 240}… |" in text


def test_markdown_of_a_clean_run_lists_nothing(tmp_path: Path) -> None:
    passed = [each for each in outcomes(tmp_path) if each.outcome == "passed"]

    assert "Reason" not in score.markdown(passed)


def test_a_page_gets_the_score_in_place_of_the_one_before(tmp_path: Path) -> None:
    found = outcomes(tmp_path)
    page = f"# Page\n\n{score.BEGIN}\nold\n{score.END}\n\nMore.\n"
    once = score.inserted(page, found)
    assert score.inserted(once, found) == once
    assert once.startswith(f"# Page\n\n{score.BEGIN}\n1 passed, 1 failed, 2 skipped of 4.\n\n| Specification |")
    assert once.endswith(f"\n{score.END}\n\nMore.\n")
    assert "old" not in once
    with pytest.raises(ValueError, match="no lines"):
        score.inserted("# Page\n", found)
