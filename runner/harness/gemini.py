"""Gemini CLI, by the Agent Client Protocol, which it speaks as `gemini --acp`.

What it may do unasked stands in a policy file of the agent's own. Its MCP servers are told over the protocol: settings
that come by a file of one's own it takes from root alone.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from airchat.identity import make_private_folder, write_private
from runner.harness.acp import Acp
from runner.harness.port import PermissionMode, Place, Session

_TOOL = re.compile(r"(?P<name>[^()]+?)\s*(?:\((?P<command>.*)\))?", re.DOTALL)
_PRIORITY = 900
"""Of a file's rules from 0 to 999; what else the user has decided comes by other files."""


class Gemini:
    """Starts Gemini CLI. `folder` is where its policy is written.

    `allowed_tools` are its own, for commands with their beginning in brackets; or `mcp__SERVER`, `mcp__SERVER__TOOL`.
    """

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = ("gemini",),
        model: str = "",
        permission_mode: PermissionMode = "dontAsk",
        *,
        allowed_tools: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._policy = folder / "gemini-policy.toml"
        self._allowed_tools = allowed_tools
        command = [*program, "--acp", "--skip-trust", "--policy", str(self._policy), *(("-m", model) if model else ())]
        self._acp = Acp(command, permission_mode, env)

    async def start(self, place: Place, resume: str | None = None) -> Session:
        """Start a session; see the port."""
        make_private_folder(self._policy.parent)
        write_private(self._policy, "\n".join(self._rules()))
        return await self._acp.start(place, resume)

    def _rules(self) -> Iterator[str]:
        for allowed in self._allowed_tools:
            found = _TOOL.fullmatch(allowed.strip())
            if found is None:
                continue
            kind, _, of_server = found["name"].partition("__")
            if kind == "mcp" and of_server:
                server, _, tool = of_server.partition("__")
                yield from _rule(mcpName=server, toolName=tool or "*")
            else:
                only = {"commandPrefix": found["command"]} if found["command"] else {}
                yield from _rule(toolName=found["name"], **only)


def _rule(**conditions: str) -> Iterator[str]:
    yield "[[rule]]"
    for name, text in conditions.items():
        yield f"{name} = {json.dumps(text)}"  # a TOML string is written as a JSON one
    yield f'decision = "allow"\npriority = {_PRIORITY}\n'
