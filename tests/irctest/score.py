"""The score of a suite run: a table by specification and one by file, and every failure or skip with its reason."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIFICATIONS = ("RFC1459", "RFC2812", "modern", "ircdocs", "IRCv3", "services")
FOLDER = "irctest/server_tests/"
LONGEST_REASON = 240
BEGIN = "<!-- score: written by make irctest -->"
END = "<!-- end of score -->"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test came to: `passed`, `failed`, `skipped` or `xfailed` (a known fault of the suite)."""

    file: str
    name: str
    outcome: str
    reason: str
    seconds: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How many tests came to what."""

    passed: int
    failed: int
    skipped: int

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "Score":
        """Count them; an expected failure is no pass, it is counted with the skipped."""
        found = Counter(outcome.outcome for outcome in outcomes)
        return cls(found["passed"], found["failed"], found["skipped"] + found["xfailed"])


def read(file: Path) -> list[Outcome]:
    """Return the outcomes that a recorder wrote, in the order of their names."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted((_outcome(row) for row in rows), key=lambda outcome: (outcome.file, outcome.name))


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the score as JSON: in total, by specification, by file, and what did not pass."""
    return {
        "total": _row(Score.of(outcomes)),
        "specifications": {name: _row(score) for name, score in by_mark(outcomes).items()},
        "files": {name: _row(score) for name, score in by_file(outcomes).items()},
        "open": [
            {"test": f"{each.file}::{each.name}", "outcome": each.outcome, "reason": each.reason}
            for each in outcomes
            if each.outcome != "passed"
        ],
    }


def markdown(outcomes: list[Outcome]) -> str:
    """Return the score as a section of a page."""
    total = Score.of(outcomes)
    head = f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped of {len(outcomes)}.\n"
    parts = [head, _table("Specification", by_mark(outcomes)), _table("File", by_file(outcomes))]
    if unfinished := [each for each in outcomes if each.outcome != "passed"]:
        parts.append(_reasons(unfinished))
    return "\n".join(parts)


def inserted(page: str, outcomes: list[Outcome]) -> str:
    """Return a page of the documentation with this score between its two comments, in place of the one before.

    Raises:
        ValueError: the page has no such comments.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN} and {END}")
    total = Score.of(outcomes)
    head = f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped of {len(outcomes)}.\n"
    parts = [head, _table("Specification", by_mark(outcomes))]
    if unfinished := [each for each in outcomes if each.outcome != "passed"]:
        parts.append(_reasons(unfinished))
    return "".join((before, begin, "\n", "\n".join(parts), end, after))


def by_mark(outcomes: list[Outcome]) -> dict[str, Score]:
    """Return the scores by the suite's marks: specifications first, then capabilities and tokens."""
    marks = {mark for outcome in outcomes for mark in outcome.marks}
    order = [name for name in SPECIFICATIONS if name in marks] + sorted(marks - set(SPECIFICATIONS))
    return _scores(order, outcomes, lambda outcome: outcome.marks)


def by_file(outcomes: list[Outcome]) -> dict[str, Score]:
    """Return the scores by the suite's files."""
    return _scores(sorted({outcome.file for outcome in outcomes}), outcomes, lambda outcome: (outcome.file,))


def _outcome(row: dict[str, Any]) -> Outcome:
    path, _, name = row["id"].partition("::")
    reason = " ".join(row["reason"].removeprefix("Skipped: ").split())
    if len(reason) > LONGEST_REASON:
        reason = reason[:LONGEST_REASON] + "…"
    return Outcome(path.removeprefix(FOLDER), name, row["outcome"], reason, row["seconds"], tuple(row["marks"]))


def _scores(
    names: Iterable[str], outcomes: list[Outcome], names_of: Callable[[Outcome], tuple[str, ...]]
) -> dict[str, Score]:
    return {name: Score.of(outcome for outcome in outcomes if name in names_of(outcome)) for name in names}


def _row(score: Score) -> dict[str, int]:
    return {"passed": score.passed, "failed": score.failed, "skipped": score.skipped}


def _table(title: str, scores: Mapping[str, Score]) -> str:
    lines = [f"| {title} | Passed | Failed | Skipped |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | {score.passed} | {score.failed} | {score.skipped} |" for name, score in scores.items()]
    return "\n".join(lines) + "\n"


def _reasons(outcomes: list[Outcome]) -> str:
    lines = ["| Test | Outcome | Reason |", "| --- | --- | --- |"]
    for each in outcomes:
        reason = each.reason.replace("|", r"\|").replace("<", "&lt;")
        lines.append(f"| `{each.file}::{each.name}` | {each.outcome} | {reason} |")
    return "\n".join(lines) + "\n"
