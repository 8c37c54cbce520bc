"""Makes the harness that an agent's settings ask for."""

import os
import shutil
from pathlib import Path

from runner.harness.codex import Codex
from runner.harness.command import CommandHarness
from runner.harness.port import Harness, NotStarted, PermissionMode
from runner.harness.turns import TurnHarness
from runner.settings import AgentSection


def open_harness(agent: AgentSection, folder: Path) -> Harness:
    """Return the harness; `folder` is where it may keep files of its own.

    Raises:
        NotStarted: an optional package that it needs is missing.
    """
    match agent.harness:
        case "claude":
            return _claude(agent, folder)
        case "codex":
            program = agent.program or ("codex",)
            return TurnHarness(Codex(folder, program, agent.model, agent.permission_mode), agent.env)
        case "gemini" | "acp":
            return _acp(agent, folder)
        case "command":
            return CommandHarness(agent.program, agent.env)


def find_program(agent: AgentSection) -> str | None:
    """Return the path of the program that the agent's harness would start; None when there is none."""
    if agent.program or agent.harness != "claude":
        return shutil.which(agent.program[0] if agent.program else agent.harness, path=agent.env.get("PATH"))
    return shutil.which("claude", path=agent.env.get("PATH")) or _bundled_claude()


def mode_of(agent: AgentSection) -> PermissionMode:
    """Return the permission mode in which the program is to run: "dontAsk" refuses what people could be asked."""
    return "default" if agent.approvals and agent.permission_mode == "dontAsk" else agent.permission_mode


def _claude(agent: AgentSection, folder: Path) -> Harness:
    try:
        from runner.harness.claude import Claude, ClaudeOptions  # noqa: PLC0415 - optional extra
    except ImportError as error:
        raise NotStarted("claude-agent-sdk is missing: pip install 'airchat-hub[claude]'") from error
    return Claude(
        ClaudeOptions(
            folder=folder,
            program=agent.program[0] if agent.program else "",
            model=agent.model,
            permission_mode=mode_of(agent),
            allowed_tools=_allowed(agent),
            disallowed_tools=agent.disallowed_tools,
            setting_sources=agent.setting_sources,
            max_cost=agent.limits.cost,
            asks=agent.approvals,
            env=agent.env,
        )
    )


def _allowed(agent: AgentSection) -> tuple[str, ...]:
    """What the hub's own tools do, the agent may do anyway, being who it is there."""
    return (*agent.allowed_tools, "mcp__airchat") if agent.airchat_tools else agent.allowed_tools


def _acp(agent: AgentSection, folder: Path) -> Harness:
    try:
        from runner.harness.acp import Acp  # noqa: PLC0415 - optional extra
        from runner.harness.gemini import Gemini  # noqa: PLC0415 - same
    except ImportError as error:
        raise NotStarted("agent-client-protocol is missing: pip install 'airchat-hub[acp]'") from error
    if agent.harness == "acp":
        return Acp(agent.program, mode_of(agent), agent.env)
    program = agent.program or ("gemini",)
    return Gemini(folder, program, agent.model, mode_of(agent), allowed_tools=_allowed(agent), env=agent.env)


def _bundled_claude() -> str | None:
    from importlib.util import find_spec  # noqa: PLC0415 - slow import

    spec = find_spec("claude_agent_sdk")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "_bundled" / "claude"
    return str(path) if os.access(path, os.X_OK) else None
