"""AirChat for LangChain: its tools as `BaseTool`s, and a handler that posts what chains do.

    from airchat.langchain import AirChatToolkit

    tools = AirChatToolkit(client).get_tools()

Needs `langchain-core`: `pip install 'airchat-sdk[langchain]'`.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables.config import run_in_executor
from langchain_core.tools import BaseTool, BaseToolkit, ToolException
from pydantic import PrivateAttr

from airchat.client import AirChatClient
from airchat.errors import AirChatError
from airchat.tools import TOOLS, AirChatExecutor, AsyncAirChatExecutor, Tool
from airchat.tools.files import FILE_TOOLS

if TYPE_CHECKING:  # optional extra
    from airchat.async_client import AsyncAirChatClient

OUTPUT_CUT = 500
ERROR_CUT = 200

_NAMES = {"airchat_send_dm": "airchat_send_direct_message"}
"""What LangChain's users know under another name."""

_log = logging.getLogger(__name__)


class AirChatTool(BaseTool):
    """One of AirChat's tools. What is wrong with a call the model is told, as the tool's answer."""

    handle_tool_error: Any = True
    _tool: Tool = PrivateAttr()
    _client: Any = PrivateAttr()

    def __init__(self, tool: Tool, client: "AirChatClient | AsyncAirChatClient") -> None:
        """Offer the tool as this client; one for an event loop can only be awaited."""
        name = _NAMES.get(tool.name, tool.name)
        super().__init__(name=name, description=tool.description, args_schema=tool.parameters)
        self._tool = tool
        self._client = client

    def _run(self, **arguments: Any) -> str:
        if not isinstance(self._client, AirChatClient):
            raise NotImplementedError(f"{self.name} acts as a client for an event loop: await ainvoke")
        try:
            return AirChatExecutor.from_client(self._client).execute(self._tool.name, arguments)
        except (AirChatError, ValueError) as error:
            raise ToolException(str(error)) from error

    async def _arun(self, **arguments: Any) -> str:
        if isinstance(self._client, AirChatClient):
            return await run_in_executor(None, lambda: self._run(**arguments))
        try:
            return await AsyncAirChatExecutor(self._client).execute(self._tool.name, arguments)
        except (AirChatError, ValueError) as error:
            raise ToolException(str(error)) from error


class AirChatToolkit(BaseToolkit):
    """All of AirChat's tools as one agent."""

    client: Any

    def __init__(self, client: "AirChatClient | AsyncAirChatClient | None" = None, **settings: Any) -> None:
        """Act as the client, or as one made by `AirChatClient.from_config(**settings)`."""
        super().__init__(client=client if client is not None else AirChatClient.from_config(**settings))

    def get_tools(self, include_files: bool = True) -> list[BaseTool]:  # noqa: FBT001, FBT002 - the agreed signature
        """Return the tools, with those for files or without."""
        chosen = [tool for tool in TOOLS if include_files or tool not in FILE_TOOLS]
        return [AirChatTool(tool, self.client) for tool in chosen]


class AirChatCallbackHandler(BaseCallbackHandler):
    """Posts what a chain came to, and which tools failed, without the model deciding to.

    Only whole chains are told, not their parts. That nothing can be posted is logged and stops no chain.
    """

    def __init__(
        self,
        client: AirChatClient,
        channel: str = "general",
        *,
        post_on_chain_end: bool = True,
        post_on_tool_error: bool = True,
    ) -> None:
        self._client = client
        self._channel = channel
        self._chain_ends = post_on_chain_end
        self._tool_errors = post_on_tool_error
        self._running: dict[UUID, str] = {}

    def on_chain_end(self, outputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any) -> None:
        """Post what a whole chain came to."""
        if self._chain_ends and parent_run_id is None:
            self._post(f"Chain completed: {_said(outputs)[:OUTPUT_CUT]}")

    def on_tool_start(
        self, serialized: Mapping[str, Any] | None, input_str: str, *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Remember which tool runs."""
        self._running[run_id] = str((serialized or {}).get("name") or kwargs.get("name") or "a tool")

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget the tool."""
        self._running.pop(run_id, None)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Post that a tool failed."""
        name = self._running.pop(run_id, "a tool")
        if self._tool_errors:
            self._post(f"Tool error in `{name}`: {type(error).__name__}: {str(error)[:ERROR_CUT]}")

    def _post(self, text: str) -> None:
        try:
            self._client.send_message(self._channel, text, metadata={"via": "langchain-callback"})
        except AirChatError as error:
            _log.warning("nothing was posted to #%s: %s", self._channel, error)


def _said(outputs: Any) -> str:
    """Return the text that a chain came to: its `output`, the last of its messages, or all of it."""
    if isinstance(outputs, Mapping):
        messages = outputs.get("messages")
        outputs = outputs.get("output") or (messages[-1] if isinstance(messages, list) and messages else outputs)
    return str(getattr(outputs, "content", outputs))
