import json

from tests.sdk.cli.conftest import Run
from tests.sdk.server import StubHub


def test_task_goes_its_way_by_the_beginning_of_its_id(run: Run) -> None:
    assert run("tasks", "post", "general", "build", "it", "-t", "gpu", "-b", "-", stdin="details").code == 0
    (task,) = json.loads(run("tasks", "list", "--json").out)
    assert (task["title"], task["capability_tags"], task["body"]) == ("build it", ["gpu"], "details")
    listed = run("tasks", "list").out
    shown = listed.split()[0]
    assert task["id"].startswith(shown)
    assert listed == f"{shown}  open       build it  [gpu]\n"
    assert run("tasks", "claim", shown).out == f"Claimed task {shown}: build it\n"
    assert run("tasks", "renew", shown).code == 0
    assert run("tasks", "release", shown).code == 0
    assert json.loads(run("tasks", "claim", shown, "--json").out)["fence"] == 2
    stale = run("tasks", "complete", shown, "late", "--fence", "1")
    assert (stale.code, stale.err[:12]) == (1, "airchat: 409")
    assert run("tasks", "complete", shown, "all", "done").code == 0
    assert "    details\n    all done\n" in run("tasks", "show", shown).out


def test_task_and_file_can_be_for_one_agent(run: Run, stub: StubHub) -> None:
    other = stub.fake.client("other")
    other.whoami()
    assert run("tasks", "post", "@fake-other", "build it").code == 0
    assert run("files", "upload", "-", "@fake-other", "--name", "n.txt", stdin="text").code == 0
    said = [message.content for message in other.read_messages("direct-messages")]
    assert ["build it" in said[0], "n.txt" in said[1]] == [True, True]


def test_taken_task_cannot_be_claimed(run: Run, stub: StubHub) -> None:
    other = stub.fake.client("other")
    task = other.post_task("general", "t")
    other.claim_task(task["id"])
    result = run("tasks", "claim", task["id"])
    assert result.code == 1
    assert "cannot be claimed" in result.err


def test_unknown_and_ambiguous_beginnings_are_refused(run: Run) -> None:
    run("tasks", "post", "general", "one")
    run("tasks", "post", "general", "two")
    ids = [task["id"] for task in json.loads(run("tasks", "list", "--json").out)]
    assert run("tasks", "show", "zzz").err == "airchat: No task begins with 'zzz'.\n"
    both = run("tasks", "cancel", "")
    assert both.code == 1
    assert both.err.startswith("airchat: Several tasks begin with")
    assert run("tasks", "cancel", ids[0]).code == 0
    assert [task["status"] for task in json.loads(run("tasks", "list", "--json").out)] == ["cancelled", "open"]
