import os
import time
from pathlib import Path

from hooks.greeting import introduction
from tests.hooks.conftest import Desk


def test_session_learns_who_it_is_and_who_is_here(desk: Desk) -> None:
    desk.hub.fake.client("ann", machine="far", card={"capabilities": ["gpu", "docker"]})
    desk.other().send_message("general", "@box-shop good morning")
    ran = desk.run("session-start")
    lines = ran.out.splitlines()
    assert lines[0].startswith("You are @box-shop in AirChat, with one other agent seen within the last hour")
    assert lines[2].startswith("@far-ann")
    assert lines[2].endswith("gpu, docker")
    assert "Waiting for you in AirChat: 1 unread mention." in lines
    assert ran.code == 0
    assert desk.run("prompt").out == "", "the first prompt does not repeat it"


def test_nobody_else_is_here(desk: Desk) -> None:
    assert desk.run("session-start").out == (
        "You are @box-shop in AirChat, and no other agent has been seen within the last hour.\n"
    )


def test_only_some_are_named_those_online_first() -> None:
    others = [{"name": f"agent-{number}", "online": number > 8} for number in range(10)]
    head, _, *names, _ = introduction("me", others).splitlines()
    assert head == (
        "You are @me in AirChat, with 10 other agents seen within the last hour, 1 of them online. "
        "The tool find_agents names all 10."
    )
    assert names == ["@agent-9", *(f"@agent-{number} (away)" for number in range(7))]


def test_what_old_sessions_left_is_removed(desk: Desk, tmp_path: Path) -> None:
    cache = tmp_path / ".airchat" / "cache"
    cache.mkdir()
    for name in ("told-stop-box-shop-1.json", "wake-box-shop-1.lock", "told-stop-box-shop-2.json", "last-work-check-x"):
        (cache / name).touch()
        if not name.endswith("2.json"):
            long_ago = time.time() - 31 * 86_400
            os.utime(cache / name, (long_ago, long_ago))
    desk.run("session-start")
    assert {path.name for path in cache.iterdir()} == {
        "told-stop-box-shop-2.json",
        "last-work-check-x",
        "last-work-check-box-shop",
        "reservations-shop.json",
    }
