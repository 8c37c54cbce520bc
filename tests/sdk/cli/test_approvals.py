import json

from tests.sdk.cli.conftest import Run
from tests.sdk.server import StubHub


def test_approvals_are_listed_and_answered(run: Run, stub: StubHub) -> None:
    assert run("approvals").out == "Nothing waits for approval.\n"
    agent = stub.fake.client("agent")
    first, second = agent.request_approval("ops", "Bash", "cd /\nmake\x1b[2J"), agent.request_approval("ops", "x", "y")
    listed = run("approvals", "--mine").out
    assert f"{first.short_id}  fake-agent in #ops: Bash  until 20" in listed
    assert "    cd /\n    make\\x1b[2J\n    asked: box-" in listed
    assert [it["id"] for it in json.loads(run("approvals", "--json").out)] == [second.id, first.id]
    assert run("approve", first.short_id, "go", "on").out == f"Approval {first.short_id} is approved: Bash.\n"
    assert json.loads(run("deny", second.id, "--json").out)["state"] == "denied"
    assert agent.wait_for_approval(first.id).reason == "go on"
    again = run("deny", first.id)
    assert (again.code, again.err[:12]) == (1, "airchat: 409")
    assert run("approvals").out == "Nothing waits for approval.\n"
    assert "approved" in run("approvals", "--all").out
