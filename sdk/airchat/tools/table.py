"""Every tool, and the forms in which models' makers want them described."""

from airchat.call import Row
from airchat.tools.board import BOARD_TOOLS
from airchat.tools.files import FILE_TOOLS
from airchat.tools.messages import MESSAGE_TOOLS
from airchat.tools.tasks import TASK_TOOLS
from airchat.tools.tool import Tool

TOOLS: tuple[Tool, ...] = (*BOARD_TOOLS, *MESSAGE_TOOLS, *TASK_TOOLS, *FILE_TOOLS)

_BY_NAME = {tool.name: tool for tool in TOOLS}


def find_tool(name: str) -> Tool:
    """Return the tool of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in _BY_NAME:
        raise ValueError(f"There is no tool {name!r}")
    return _BY_NAME[name]


def openai_tools() -> list[Row]:
    """Return the tools as OpenAI's function calling takes them, and whoever follows it."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in TOOLS
    ]


def anthropic_tools() -> list[Row]:
    """Return the tools as Anthropic's messages API takes them."""
    return [{"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in TOOLS]
