"""The fake Codex prints what the real one does: both are held by a recording."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.harness.codex import Codex, CodexReader, Sums
from runner.harness.port import Done, Event, McpServer, Place, Stop, Text, ToolCall, ToolResult, Usage, Verdict
from tests.agent_programs import program

ROOT = Path(__file__).parents[3]
RECORD = ROOT / "tests" / "golden" / "agents" / "codex-exec.jsonl"
ECHO = """
from mcp.server import MCPServer
server = MCPServer("tiny")
@server.tool(structured_output=False)
def echo(text: str) -> str:
    return text
server.run()
"""


async def refuse(_request: object) -> Verdict:
    return Verdict(allowed=False)


async def printed(codex: Codex, folder: Path, env: Mapping[str, str], prompt: str) -> list[dict[str, Any]]:
    """Return the rows that a prompt leads to, started as the harness starts it."""
    tiny = McpServer("tiny", sys.executable, ("-c", ECHO))
    command = codex.command(Place(folder, refuse, (tiny,)), None)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(prompt.encode())
    return [json.loads(line) for line in output.splitlines()]


def shapes(rows: Sequence[Mapping[str, Any]]) -> list[object]:
    """Return of each row its kind and its fields, without warnings."""
    return [
        (row["type"], sorted(row), item.get("type"), sorted(item))
        for row in rows
        for item in [row.get("item") or row.get("usage") or {}]
        if item.get("type") != "error"
    ]


def record() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORD.read_text().splitlines()]


def script(shell: str, mcp: str) -> str:
    return f"Look around.\n@@say let me see\n{shell}\n{mcp}\n@@say it is fine"


async def test_fake_prints_as_recorded(tmp_path: Path) -> None:
    codex = Codex(tmp_path, (sys.executable, "-m", "tests.fakes.agents.codex"))
    prompt = script('@@tool Bash {"command": "ls"}', '@@tool mcp__tiny__echo {"text": "x"}')
    rows = await printed(codex, tmp_path, os.environ | {"PYTHONPATH": str(ROOT)}, prompt)
    assert shapes(rows) == shapes(record())


async def test_real_program_prints_as_recorded(tmp_path: Path) -> None:
    async with program("codex", tmp_path) as it:
        codex = Codex(tmp_path, (it.path,), permission_mode="acceptEdits")
        prompt = script(it.shell("echo hi"), it.mcp("tiny", "echo", {"text": "x"}))
        rows = await printed(codex, it.folder, it.env, prompt)
    if os.environ.get("UPDATE_GOLDEN"):
        RECORD.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert shapes(rows) == shapes(record())


def test_reader_understands_the_record(tmp_path: Path) -> None:
    reader = CodexReader(Sums(tmp_path / "sums.json"))
    events: list[Event] = [event for row in record() for event in reader.read(row)]
    shell, call = [event for event in events if isinstance(event, ToolCall)]
    assert events == [
        Text("let me see"),
        shell,
        ToolResult(shell.id),
        call,
        ToolResult(call.id),
        Text("it is fine"),
        Usage(30, 15),
        Done(Stop.END),
    ]
    assert (shell.name, shell.input) == ("Bash", {"command": "/bin/bash -lc 'echo hi'"})
    assert (call.name, call.input) == ("mcp__tiny__echo", {"text": "x"})
    assert reader.session_id is not None
