"""Over a hundred hostile texts, in every place where others may write: none leaves the boundary of what hooks say."""

import re
from dataclasses import replace
from typing import Any

import pytest

from airchat.boundary import CLOSING, OPENING, neutral
from airchat.types import InboxItem, Message
from hooks import wait
from hooks.digest import LONGEST, digest
from hooks.greeting import introduction
from tests.mcp_server.injections import INJECTIONS

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e01ef]")


def work(text: str) -> dict[str, Any]:
    mention = {"mention_id": "m", "from": text, "from_project": text, "channel": "general", "content": text}
    task = {"id": "t", "title": text, "result": text, "capability_tags": ["a" * 50] * 10, "channels": {"name": "x"}}
    return {"mentions": [mention] * 20} | {
        kind: [task] * 50 for kind in ("open_matching", "mine_claimed", "completed_for_me")
    }


def inside(said: str) -> list[str]:
    """Return the lines inside the boundary, after checking that there is one and that it holds."""
    lines = said.split("\n")
    [start] = [at for at, line in enumerate(lines) if OPENING.fullmatch(line)]
    [end] = [at for at, line in enumerate(lines) if CLOSING.fullmatch(line)]
    begins, ends = OPENING.fullmatch(lines[start]), CLOSING.fullmatch(lines[end])
    assert begins
    assert ends
    assert begins[1] == ends[1]
    assert not UNSEEN.search(said)
    within = lines[start + 1 : end]
    assert "\n".join(within).splitlines() == within
    assert neutral("\n".join(within)) == "\n".join(within)
    return within


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_nothing_leaves_the_boundary(text: str) -> None:
    said = digest(work(text))
    assert len(said) <= LONGEST
    lines = inside(said)
    kinds = [line.split(" ")[0] for line in lines]
    assert set(kinds) == {"Mention", "Open", "Claimed", "Finished", "(and"}
    assert kinds.count("(and") == 4
    message = Message("i", "c", "a", text, text, "2026-01-31T08:15:00+00:00", trust="outside")
    item = InboxItem("i", "mention", "queued", 0, message.created_at, "general", message)
    lines = inside(wait.describe("box-shop", [item, replace(item, kind="direct")]))
    assert [line.split(",")[0] for line in lines] == ["Mention", "Direct message"]
    assert len(inside(introduction("box-shop", [{"name": text, "online": True}]))) == 1
