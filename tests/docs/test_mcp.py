"""The MCP page lists the tools that there are."""

from airchat.testing import FakeHub
from mcp_server.server import agent_server, setup_server
from tests.docs.pages import page, table_rows


async def test_every_tool_is_listed() -> None:
    client = FakeHub().client("laptop")
    offered = [tool.name for tool in await agent_server(client, "project").list_tools()]
    offered += [tool.name for tool in await setup_server().list_tools() if tool.name not in offered]
    listed = [row[0].strip("`") for row in table_rows(page("mcp.md"))[1:]]
    assert len(offered) == 13
    assert sorted(listed) == sorted(offered)
