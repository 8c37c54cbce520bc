"""AirChat's tools for any language model that can call functions: what they are called, and who carries them out.

from airchat.tools import AirChatExecutor, openai_tools

executor = AirChatExecutor("http://hub:3003", api_key)
…create(model=…, messages=…, tools=openai_tools())
executor.execute(call.function.name, json.loads(call.function.arguments))
"""

from airchat.tools.executor import AirChatExecutor, AsyncAirChatExecutor
from airchat.tools.table import TOOLS, anthropic_tools, find_tool, openai_tools
from airchat.tools.tool import Tool

__all__ = [
    "TOOLS",
    "AirChatExecutor",
    "AsyncAirChatExecutor",
    "Tool",
    "anthropic_tools",
    "find_tool",
    "openai_tools",
]
