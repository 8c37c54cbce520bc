import json
from pathlib import Path

from tests.hooks.conftest import Desk, feedback
from tests.sdk.server import Handler

SESSION = {"session_id": "s-1", "stop_hook_active": False}


def test_agent_hears_once_what_it_still_holds(desk: Desk) -> None:
    task = desk.other().post_task("general", "Wash the pears")
    desk.me().claim_task(task["id"])
    said = feedback(desk.run("stop", SESSION))
    assert said["hookEventName"] == "Stop"
    assert said["additionalContext"].startswith("Waiting for you in AirChat: 1 task you claimed.\n")
    assert "Wash the pears" in said["additionalContext"]
    assert desk.run("stop", SESSION).out == ""
    desk.other().send_message("general", "@box-shop and the plums?")
    assert "and the plums?" in feedback(desk.run("stop", SESSION))["additionalContext"]
    assert desk.run("stop", SESSION).out == ""
    assert "Wash the pears" in desk.run("stop", SESSION | {"session_id": "s-2"}).out


def test_what_has_woken_the_session_is_not_told_again(desk: Desk, tmp_path: Path) -> None:
    event = SESSION | {"transcript_path": str(tmp_path / "transcript.jsonl")}
    desk.other().send_message("general", "@box-shop is it done?")
    woken = desk.run("wait", event, {"CLAUDE_CODE_ENTRYPOINT": "cli"})
    assert woken.code == 2
    assert desk.run("stop", event).out == "", "it is still on its way"
    (tmp_path / "transcript.jsonl").write_text(json.dumps({"type": "user", "message": {"content": woken.err}}) + "\n")
    assert desk.run("stop", event).out == "", "it was seen, and counts as read"
    assert desk.me().check_mentions() == []


def test_open_tasks_of_others_keep_nobody_from_resting(desk: Desk) -> None:
    desk.other().post_task("general", "Wash the pears")
    assert desk.run("stop", SESSION).out == ""


def test_agent_that_goes_on_because_of_a_hook_may_rest(desk: Desk) -> None:
    desk.other().send_message("general", "@box-shop hello")
    assert desk.run("stop", SESSION | {"stop_hook_active": True}).out == ""
    assert desk.asked("/api/v2/work") == []


def test_finished_tasks_are_left_for_the_prompt(desk: Desk) -> None:
    task = desk.me().post_task("general", "Count the apples")
    desk.other().claim_task(task["id"])
    desk.other().complete_task(task["id"], "42")
    assert desk.run("stop", SESSION).out == ""
    assert "1 task of yours was finished" in desk.run("prompt").out


def test_hub_that_is_away_is_left_alone_for_a_while(desk: Desk) -> None:
    asked: list[str] = []

    def fail(handler: Handler) -> bool:
        asked.append(handler.path)
        handler.drop()
        return True

    desk.hub.faults.append(fail)
    for _ in range(2):
        ran = desk.run("stop", SESSION)
        assert (ran.out, ran.err, ran.code) == ("", "", 0)
        assert len(asked) == 1


def test_event_that_is_none_is_silent(desk: Desk) -> None:
    desk.other().send_message("general", "@box-shop hello")
    for text in ("{", "[1]", "nonsense"):
        ran = desk.run("stop", text)
        assert (ran.err, ran.code) == ("", 0)
