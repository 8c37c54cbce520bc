import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from airchat.protocol.reservations import Reservation
from airchat.protocol.rows import reservation_row
from hooks import copy, guard
from hooks.guard import path_in_project, refusal
from tests.hooks.conftest import Desk, feedback
from tests.sdk.server import Handler, once, refused, until

PATH = "/api/v2/reservations"


@pytest.mark.parametrize(
    ("row", "refused"),
    [({}, True), ({"holder": "box-shop"}, False), ({"until": 1_000.0}, False), ({"until": "soon"}, False)],
)
def test_only_what_others_hold_now_is_refused(row: dict[str, Any], refused: bool) -> None:
    given = {"pattern": "src/**", "holder": "far-ann", "until": 1_130.0} | row
    said = refusal("src/db.py", [given], "box-shop", 1_000.0)
    assert bool(said) is refused
    assert not refused or said == (
        f"src/db.py is reserved by @far-ann until {time.strftime('%H:%M', time.localtime(1_130))}, for 2 more minutes. "
        "Write to them in AirChat, or work elsewhere until then."
    )


def test_paths_are_those_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop" / "src").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shop" / "src")
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", str(tmp_path / "shop"))
    assert path_in_project(f"{tmp_path}/shop/src/../src/new.py") == "src/new.py"
    assert path_in_project("src/new.py") == "src/new.py"
    assert path_in_project(f"{tmp_path}/link/new.py") == "src/new.py"
    assert path_in_project(f"{tmp_path}/shop2/src/new.py") is None


class Reserved:
    """Reservations at the hub; counts how often somebody asks for them."""

    def __init__(self, desk: Desk) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[str] = []
        desk.hub.faults.append(self.answer)

    def add(self, pattern: str, minutes: float = 10) -> None:
        end = int((time.time() + 60 * minutes) * 1_000_000)
        reservation = Reservation("r", "shop", pattern, "a", "far-ann", 600, 0, end)
        self.rows.append(reservation_row(reservation))

    def answer(self, handler: Handler) -> bool:
        if not handler.path.startswith(PATH):
            return False
        self.asked.append(handler.path)
        body = {"_airchat": "response", "data": {"reservations": self.rows}}
        reply = refused(200, "")
        handler.reply(type(reply)(200, {}, json.dumps(body).encode()))
        return True


@pytest.fixture
def reserved(desk: Desk) -> Reserved:
    return Reserved(desk)


def edit(desk: Desk, path: str, tool: str = "Edit", key: str = "file_path") -> dict[str, Any]:
    return {"tool_name": tool, "tool_input": {key: f"{desk.folder}/{path}"}}


def test_edit_is_refused_from_what_a_session_learnt_at_its_start(desk: Desk, reserved: Reserved) -> None:
    reserved.add("src/*.py")
    desk.run("session-start")
    assert reserved.asked == [f"{PATH}?project=shop"]
    for tool, key in [("Edit", "file_path"), ("Write", "file_path"), ("NotebookEdit", "notebook_path")]:
        said = feedback(desk.run("guard", edit(desk, "src/db.py", tool, key)))
        assert (said["hookEventName"], said["permissionDecision"]) == ("PreToolUse", "deny")
        assert re.fullmatch(
            r"src/db\.py is reserved by @far-ann until \d\d:\d\d, for (9|10) more minutes\. .*",
            said["permissionDecisionReason"],
        )
    for event in [edit(desk, "docs/db.md"), edit(desk, "src/db.py", "Read"), {"tool_name": "Edit"}, {}, "nonsense"]:
        ran = desk.run("guard", event)
        assert (ran.out, ran.err, ran.code) == ("", "", 0)
    assert len(reserved.asked) == 1, "the decision asks nobody"


def test_what_is_known_is_brought_up_to_date_in_the_background(desk: Desk, reserved: Reserved) -> None:
    assert desk.run("guard", edit(desk, "src/db.py", "Read")).out == ""
    until(lambda: len(reserved.asked) == 1 and guard.known(desk.agent) == [] and file(desk).read_text() == "[]")
    reserved.add("src")
    assert desk.run("guard", edit(desk, "src/db.py")).out == "", "that is not known yet"
    past = time.time() - copy.FRESH - 1
    os.utime(file(desk), (past, past))
    desk.run("guard", edit(desk, "src/db.py", "Read"))
    until(lambda: len(guard.known(desk.agent)) == 1)
    assert "deny" in desk.run("guard", edit(desk, "src/db.py")).out
    assert len(reserved.asked) == 2


def test_hostile_patterns_take_no_time(desk: Desk, reserved: Reserved) -> None:
    reserved.rows += [
        reservation_row(Reservation("r", "shop", "/".join(["**", "*a*a*a*b"] * 19), "a", "x", 600, 0, 9**18))
    ] * 200
    desk.run("refresh")
    began = time.monotonic()
    desk.run("--help")
    start, began = time.monotonic() - began, time.monotonic()
    assert desk.run("guard", edit(desk, "/".join(["a" * 40] * 30))).out == ""
    assert time.monotonic() - began < 2.0 + 5 * start, "the guard would have been given up"


def test_hub_that_is_away_changes_nothing_of_what_is_known(desk: Desk, reserved: Reserved) -> None:
    reserved.add("src")
    desk.run("session-start")
    desk.hub.faults.insert(0, once(lambda handler: handler.reply(refused(503, "busy")), PATH))
    desk.run("refresh")
    assert len(reserved.asked) == 1
    assert "deny" in desk.run("guard", edit(desk, "src/db.py")).out


def test_hub_that_knows_no_reservations_is_fine(desk: Desk) -> None:
    desk.run("refresh")
    assert file(desk).read_text() == "[]"
    assert desk.run("guard", edit(desk, "src/db.py")).out == ""


def file(desk: Desk) -> Path:
    return Path(copy.path(desk.agent))
