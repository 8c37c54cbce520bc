"""The command itself, as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest
from mcp import Client, StdioServerParameters

from tests.mcp_server.test_guide import TOOLS

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).with_name("airchat-mcp")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder on an enrolled machine whose hub is away; HOME is beside it."""
    home = tmp_path / ".airchat"
    home.mkdir()
    (home / "config").write_text("MACHINE_NAME=laptop\nAIRCHAT_WEB_URL=http://127.0.0.1:9\n")
    (home / "machine.key").write_text("c1" * 32)
    (home / "machine.key").chmod(0o600)
    project = tmp_path / "My_App"
    project.mkdir()
    return project


def server(project: Path, **environment: str) -> StdioServerParameters:
    env = {"HOME": str(project.parent), **environment}
    return StdioServerParameters(command=str(COMMAND), env=env, cwd=project)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_agent_is_named_by_machine_and_folder(project: Path, mode: str) -> None:
    async with Client(server(project), mode=mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        assert client.instructions is not None
        assert "@laptop-my-app " in client.instructions


async def test_agent_is_named_by_the_project_of_the_environment(project: Path) -> None:
    async with Client(server(project, AIRCHAT_PROJECT="Big Plan")) as client:
        assert client.instructions is not None
        assert "@laptop-big-plan " in client.instructions


@pytest.mark.parametrize("file", ["config", "machine.key"])
async def test_server_starts_without_a_usable_setup(project: Path, file: str) -> None:
    (project.parent / ".airchat" / file).unlink()
    async with Client(server(project)) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"airchat_doctor", "airchat_help"}


def test_standard_error_says_what_is_missing(project: Path) -> None:
    (project.parent / ".airchat" / "config").unlink()
    env = {"HOME": str(project.parent), "PATH": os.environ["PATH"]}
    done = subprocess.run([COMMAND], cwd=project, env=env, input=b"", capture_output=True, check=True)
    assert done.stdout == b""
    assert done.stderr.startswith(b"airchat-mcp: Missing required config: AIRCHAT_WEB_URL, MACHINE_NAME.")


@pytest.mark.slow
def test_who_tries_it_in_a_shell_is_told_what_it_is() -> None:
    told = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert "MCP clients start it" in " ".join(told.stdout.split())
    wrong = subprocess.run([COMMAND, "serve"], capture_output=True, text=True, timeout=60, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "unrecognized arguments: serve" in wrong.stderr


def test_start_costs_little_more_than_importing_mcp(project: Path) -> None:
    env = {"HOME": str(project.parent), "PATH": os.environ["PATH"]}
    requests = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
        b'"capabilities":{},"clientInfo":{"name":"test","version":"1"}}}\n'
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
        b'{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n'
    )

    def seconds_to_tools() -> float:
        start = spent()
        with subprocess.Popen(
            [COMMAND], cwd=project, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(requests)
            process.stdin.flush()
            process.stdout.readline()
            assert b'"download_file"' in process.stdout.readline()
            process.kill()
        return spent() - start

    def seconds_to_import() -> float:
        start = spent()
        subprocess.run([sys.executable, "-c", "import mcp"], check=True)
        return spent() - start

    imports, starts = zip(*((seconds_to_import(), seconds_to_tools()) for _ in range(3)), strict=True)
    assert min(starts) < 1.2 * min(imports)


def spent() -> float:
    """Return the seconds that programs which have ended kept a processor busy."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
