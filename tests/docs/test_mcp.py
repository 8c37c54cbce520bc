"""The MCP page lists the tools that there are, and says what names from elsewhere stand for."""

import re

from airchat.testing import FakeHub
from mcp_server.desk import Desk
from mcp_server.names import translated
from mcp_server.server import AgentServer, agent_server, setup_server
from tests.docs.pages import page, table_rows


def server() -> AgentServer:
    desk = Desk(FakeHub().async_client("laptop"))
    return agent_server(lambda: desk, "laptop")


def rows_of(head: str) -> list[list[str]]:
    """Return the rows of the table whose first column has the head."""
    rows = table_rows(page("mcp.md"))
    heads = [number for number, row in enumerate(rows) if "`" not in row[0]]
    begin = next(number for number in heads if rows[number][0] == head)
    end = next((number for number in heads if number > begin), len(rows))
    return rows[begin + 1 : end]


async def test_every_tool_is_listed() -> None:
    offered = [tool.name for tool in [*await server().list_tools(), *await setup_server().list_tools()]]
    assert [row[0].strip("`") for row in rows_of("tool")] == list(dict.fromkeys(offered))


async def test_names_from_elsewhere_can_be_called() -> None:
    agent = server()
    for row in rows_of("aircd"):
        for name, parameters in re.findall(r"`(\w+)\(([^)]*)\)`", row[0]):
            given = {parameter: "x" for parameter in parameters.split(", ") if parameter}
            result = await agent.call_tool(name, given)
            assert "Unknown tool" not in str(result), name
            meant, _ = translated(name, given)
            assert meant == name or f"`{meant}`" in row[1] or meant in row[1], name
