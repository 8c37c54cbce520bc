"""The real Codex CLI, Gemini CLI and OpenCode with what `airchat setup` puts into them; see `tests.agent_programs`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from airchat.enrol import join
from tests.agent_programs import NAMES, Program, program
from tests.hub_process import SCRIPTS, UNLIMITED, HubProcess

pytestmark = pytest.mark.slow

SETTINGS = {
    "codex": ".codex/config.toml",
    "gemini": ".gemini/settings.json",
    "opencode": ".config/opencode/opencode.json",
}
TITLES = {"codex": "Codex CLI", "gemini": "Gemini CLI", "opencode": "OpenCode"}
ONCE = {
    "codex": ("exec", "--json", "--skip-git-repo-check"),
    "gemini": ("--skip-trust", "--approval-mode", "yolo", "-p"),
    "opencode": ("run",),
}
COMMAND = {"codex": "$airchat-read general 5", "gemini": "/airchat-read general 5", "opencode": "general 5"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    with HubProcess(tmp_path_factory.mktemp("hub"), UNLIMITED) as hub:
        yield hub


async def run(it: Program, command: str, *arguments: str) -> str:
    """Run a command where the program works; returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        env=it.env,
        cwd=it.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, output.decode() + errors.decode()
    return output.decode()


@pytest.mark.parametrize("name", NAMES)
async def test_set_up_program_has_tools_instructions_and_commands(tmp_path: Path, hub: HubProcess, name: str) -> None:
    async with program(name, tmp_path) as it:
        machine = f"box-{name}"
        code = await asyncio.to_thread(hub.invite, machine)
        await asyncio.to_thread(join, code, hub.url, machine_name=machine, home=it.home / ".airchat")
        settings = it.home / SETTINGS[name]
        before = settings.read_text()
        airchat = str(SCRIPTS / "airchat")
        told = json.loads(await run(it, airchat, "setup", "--for", name, "--json"))
        assert {step["level"] for step in told} == {"ok"}, told
        findings = [found["text"] for found in json.loads(await run(it, airchat, "doctor", "--json"))]
        assert f"{TITLES[name]}: the MCP server is registered and can be started" in findings
        wait = it.shell("sleep 5") if name == "codex" else ""  # it does not wait for MCP servers before it begins
        prompt = f"hello\n{wait}\n{it.mcp('airchat', 'airchat_help')}\n@@say done"
        assert "done" in await run(it, it.path, *ONCE[name], prompt)
        shown = [result for request in it.model.requests for result in request.results]
        assert any(f"you are @{machine}-work" in result for result in shown), shown
        assert "AirChat" in it.model.requests[-1].text, "its instructions"
        asked = ("run", "--command", "airchat-read") if name == "opencode" else ONCE[name]
        await run(it, it.path, *asked, COMMAND[name])
        assert [one for one in it.model.requests if "general 5" in one.newest and "read_messages" in one.newest]
        await run(it, airchat, "setup", "--uninstall", "--for", name, "--yes")
        after = settings.read_text()
        if name == "opencode":  # which has written its file anew meanwhile
            after = json.dumps({key: value for key, value in json.loads(after).items() if key != "$schema"})
        assert after == before
        assert not [*it.home.rglob("airchat-read*")]
