import json

from airchat.tools import TOOLS, anthropic_tools, openai_tools
from tests.sdk.cli.conftest import Run


def test_tools_are_listed_and_described_for_each_maker(run: Run) -> None:
    assert [line.split()[0] for line in run("tools").out.splitlines()] == [tool.name for tool in TOOLS]
    assert json.loads(run("tools", "--json").out) == openai_tools()
    assert json.loads(run("tools", "--form", "anthropic", "--json").out) == anthropic_tools()
    assert run("tools", "--form", "other").code == 1
