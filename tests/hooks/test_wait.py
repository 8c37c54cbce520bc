import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airchat.boundary import OPENING
from airchat.protocol.inbox import InboxState
from airchat.stream import StreamEvent
from airchat.wake import lock_path, wake_lock
from hooks import wait
from hooks.told import Told
from tests.hooks.conftest import Desk
from tests.sdk.server import until

TERMINAL = {"CLAUDE_CODE_ENTRYPOINT": "cli"}
ITEMS = "/api/v2/inbox"


@pytest.fixture
def event(tmp_path: Path) -> dict[str, Any]:
    return {"session_id": "s-1", "transcript_path": str(tmp_path / "transcript.jsonl"), "hook_event_name": "Stop"}


def states(desk: Desk) -> list[str]:
    return [item.state.value for item in desk.hub.fake.state.inbox.values()]


def seen(event: dict[str, Any], text: str, kind: str = "user") -> None:
    with Path(event["transcript_path"]).open("a") as file:
        file.write(json.dumps({"type": kind, "message": {"content": text}}) + "\n")


def test_somebody_who_waits_wakes_the_session_and_is_acknowledged_when_it_has_seen(
    desk: Desk, event: dict[str, Any]
) -> None:
    sent = desk.other().send_message("general", "@box-shop can you help?\nIt burns.")
    ran = desk.run("wait", event, TERMINAL)
    assert (ran.code, ran.out) == (2, "")
    head, opening, line, _, _ = ran.err.splitlines()
    assert head == "In AirChat, somebody has addressed @box-shop:"
    assert OPENING.fullmatch(opening)
    assert line.startswith(f"Mention, message {sent.id}, from far-ann (")
    assert line.endswith('in #general: "@box-shop can you help?\\nIt burns."')
    assert states(desk) == ["delivered"]
    seen(event, ran.err, kind="queue-operation")
    desk.other().send_direct_message("box-shop", "psst")
    second = desk.run("wait", event, TERMINAL)
    assert (second.code, states(desk)) == (2, ["delivered", "delivered"]), "what only waits to be shown was not seen"
    assert "can you help" not in second.err
    assert "Direct message, message " in second.err
    assert 'psst"' in second.err
    seen(event, ran.err)
    seen(event, second.err)
    with desk.start("wait", TERMINAL) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(event))
        process.stdin.close()
        until(lambda: states(desk) == ["acked", "acked"])
        process.kill()


def test_what_was_never_seen_is_shown_again(desk: Desk, event: dict[str, Any]) -> None:
    desk.other().send_message("general", "@box-shop can you help?")
    assert desk.run("wait", event, TERMINAL).code == 2
    shown = Told(desk.agent, "wake", "s-1")
    assert len(shown.notes) == 1
    [path] = (Path(desk.agent.home) / "cache").glob("told-wake-*")
    os.utime(path, (1, 1))
    inbox = desk.hub.fake.state.inbox
    inbox.update({id: replace(item, state=InboxState.QUEUED, delivered_at=None) for id, item in inbox.items()})
    assert "can you help" in desk.run("wait", event, TERMINAL).err


def test_session_that_was_cleared_is_the_same(desk: Desk, event: dict[str, Any], tmp_path: Path) -> None:
    """It has another id and another transcript then; its process, its waiter and what that has shown are the same."""
    process = TERMINAL | {"CLAUDE_PID": str(os.getpid())}
    desk.other().send_message("general", "@box-shop can you help?")
    first = desk.run("wait", event, process)
    assert first.code == 2
    seen(event, first.err)
    cleared = event | {"session_id": "s-2", "transcript_path": str(tmp_path / "other.jsonl")}
    with desk.start("wait", process) as waiter:
        assert waiter.stdin is not None
        waiter.stdin.write(json.dumps(cleared))
        waiter.stdin.close()
        until(lambda: states(desk) == ["acked"])
        key = f"process-{os.getpid()}"
        until(lambda: not is_free(desk, key))
        assert desk.run("wait", event, process).code == 0, "there is one waiter for both"
        waiter.kill()


@pytest.mark.parametrize("entrypoint", ["", "sdk-cli", "sdk-py"])
def test_session_that_nobody_sits_at_has_no_waiter(desk: Desk, event: dict[str, Any], entrypoint: str) -> None:
    desk.other().send_message("general", "@box-shop can you help?")
    ran = desk.run("wait", event, {"CLAUDE_CODE_ENTRYPOINT": entrypoint})
    assert (ran.code, ran.err) == (0, "")
    assert desk.asked(ITEMS) == []


def test_session_that_another_wakes_is_left_alone(desk: Desk, event: dict[str, Any]) -> None:
    desk.other().send_message("general", "@box-shop can you help?")
    with wake_lock(Path(desk.agent.home), "box-shop", "s-1") as taken:
        assert taken
        assert desk.run("wait", event, TERMINAL).code == 0
    assert states(desk) == ["queued"]


def test_what_another_session_is_dealing_with_wakes_no_second_one(desk: Desk, event: dict[str, Any]) -> None:
    """The first is at it for longer than the hub waits before it hands out again."""
    desk.other().send_message("general", "@box-shop can you help?")
    assert desk.run("wait", event, TERMINAL).code == 2
    inbox = desk.hub.fake.state.inbox
    inbox.update({id: replace(item, state=InboxState.QUEUED, delivered_at=None) for id, item in inbox.items()})
    other, told = desk.hub.fake.client("shop", machine="box"), Told(desk.agent, "wake", "s-2")
    assert wait._take(other, told) == []
    Told(desk.agent, "stop", "s-2").save()
    stopped = desk.run("stop", event | {"session_id": "s-2"}, TERMINAL)
    assert (stopped.code, stopped.out) == (0, ""), "nor is it told at the end of that one's turn"
    [note] = (Path(desk.agent.home) / "cache").glob("wake-box-shop-*.json")
    note.unlink()
    assert [item.kind for item in wait._take(other, told)] == ["mention"]


def test_offers_of_tasks_are_not_worth_a_turn(desk: Desk) -> None:
    me = desk.hub.fake.client("shop", machine="box", card={"capabilities": ["pears"]})
    me.set_card({"capabilities": ["pears"]})
    desk.other().post_task("general", "Wash the pears", capability_tags=["pears"])
    assert states(desk) == ["queued"]
    desk.other().send_message("general", "@box-shop hello")
    items = wait.wait(me, Told(desk.agent, "wake", "s-1"), pause=0.05)
    assert [item.kind for item in items] == ["mention"]


@pytest.mark.parametrize("shown", [True, False])
def test_however_much_waits_that_is_not_worth_a_turn_a_mention_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, shown: bool
) -> None:
    monkeypatch.setattr(wait, "PAGE", 5)
    me = desk.hub.fake.client("shop", machine="box", card={"capabilities": ["pears"]})
    me.set_card({"capabilities": ["pears"]})
    ann, told = desk.hub.fake.client("ann"), Told(desk.agent, "wake", "s-1")
    for number in range(13):
        if shown:
            ann.send_message("general", f"@box-shop {number}")
        else:
            ann.post_task("general", "Wash the pears", capability_tags=["pears"])
    if shown:
        told.notes = dict.fromkeys(desk.hub.fake.state.inbox, "code id")
    sent = ann.send_message("general", "@box-shop hello")
    items = wait.wait(me, told, pause=0.05)
    assert [item.message.id for item in items if item.message] == [sent.id]
    assert states(desk) == ["queued"] * 13 + ["delivered"]


def test_waiter_ends_with_its_session(desk: Desk, event: dict[str, Any], tmp_path: Path) -> None:
    """The waiter's parent dies; it goes, too, and with it the lock."""
    (tmp_path / "event").write_text(json.dumps(event))
    script = f'"{sys.executable}" -m hooks.main wait < "{tmp_path}/event" & echo $!; wait'
    parent = subprocess.Popen(
        ["/bin/sh", "-c", script], cwd=desk.folder, env=desk.env | TERMINAL, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    lock = lock_path(Path(desk.agent.home), "box-shop", "s-1")
    until(lambda: lock.exists() and len(desk.asked(ITEMS)) > 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until(lambda: is_free(desk))


def is_free(desk: Desk, key: str = "s-1") -> bool:
    with wake_lock(Path(desk.agent.home), "box-shop", key) as taken:
        return taken


@pytest.mark.parametrize(
    ("kind", "channel", "content", "concerns"),
    [
        ("message.created", "general", "ask @Box-Shop, please", True),
        ("message.created", "general", "ask @somebody", False),
        ("message.created", "direct-messages", "psst", True),
        ("inbox.queued", "general", "", True),
    ],
)
def test_only_what_may_be_for_us_is_looked_up(kind: str, channel: str, content: str, concerns: bool) -> None:
    event = StreamEvent(1, kind, "2026-01-31T08:15:00+00:00", None, channel, {"content": content})
    assert wait._concerns(event, "box-shop") is concerns
