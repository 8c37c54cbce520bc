"""How Gemini CLI is set up; what it does is in `test_contract`."""

import stat
import tomllib
from pathlib import Path

import pytest

from runner.harness.gemini import Gemini
from runner.harness.port import McpServer, PermissionRequest, Place, Verdict
from tests.runner.harness.conftest import ROOT, fake


async def refuse(_request: PermissionRequest) -> Verdict:
    return Verdict(allowed=False)


async def test_policy_lets_it_use_the_tools_that_are_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    allowed = ("glob", "run_shell_command(git log)", "mcp__airchat", "mcp__git__log")
    gemini = Gemini(tmp_path / "state", fake("acp_agent"), allowed_tools=allowed)
    session = await gemini.start(Place(tmp_path, refuse, (McpServer("airchat", "airchat-mcp"),)))
    await session.close()
    policy = tmp_path / "state" / "gemini-policy.toml"
    assert stat.S_IMODE(policy.stat().st_mode) == 0o600
    allow = {"decision": "allow", "priority": 900}
    assert tomllib.loads(policy.read_text())["rule"] == [
        {"toolName": "glob", **allow},
        {"toolName": "run_shell_command", "commandPrefix": "git log", **allow},
        {"mcpName": "airchat", "toolName": "*", **allow},
        {"mcpName": "git", "toolName": "log", **allow},
    ]
