import json

from tests.sdk.cli.conftest import Run
from tests.sdk.server import StubHub


def test_usage_is_shown_by_agent(run: Run, stub: StubHub) -> None:
    agent = stub.fake.client("agent")
    assert agent.report_usage(model="m", input_tokens=1200, output_tokens=5, cost_usd=0.5)
    assert agent.report_token_usage("s", "m", 1, 2)["delta"]["output_tokens"] == 2
    assert run("usage", "fake-agent").out == "fake-agent  1,201 in  7 out  0 cached  $0.50\n"
    assert json.loads(run("usage", "--json").out)["totals"]["input_tokens"] == 0
    assert [row["agent"] for row in json.loads(run("usage", "--all", "--json").out)] == ["fake-agent"]


def test_nothing_is_held_back(run: Run) -> None:
    assert run("guards", "list").out == "Nothing is held back.\n"
    assert json.loads(run("guards", "list", "--json").out) == []
    assert run("guards", "continue", "#general").out == "They go on; 0 held back until now.\n"
