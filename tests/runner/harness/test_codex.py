"""How Codex CLI is set up; what it does is in `test_contract`."""

import os
import stat
import subprocess
import tomllib
from pathlib import Path

from runner.harness.codex import Codex, Sums
from runner.harness.port import McpServer, PermissionRequest, Place, Verdict


async def refuse(_request: PermissionRequest) -> Verdict:
    return Verdict(allowed=False)


def test_what_a_server_needs_is_neither_on_the_command_line_nor_in_codexs_environment(tmp_path: Path) -> None:
    secret = 'it\'s "$HOME" `id`\nand more'
    server = McpServer("airchat", "sh", ("-c", 'printf %s "$AIRCHAT_TOKEN|$1"', "_", "x y"), {"AIRCHAT_TOKEN": secret})
    command = Codex(tmp_path / "state").command(Place(tmp_path, refuse, (server,)), "the-session")
    assert not any(secret in word for word in command)
    assert list(command[-3:]) == ["resume", "the-session", "-"]
    settings = [word for word in command if word.startswith("mcp_servers.airchat.")]
    told = tomllib.loads("\n".join(settings))["mcp_servers"]["airchat"]
    server_command = [told["command"], *told["args"]]
    done = subprocess.run(server_command, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    assert done.stdout.decode() == f"{secret}|x y"
    assert stat.S_IMODE((tmp_path / "state" / "codex-airchat.env").stat().st_mode) == 0o600


def test_sums_are_those_of_each_session_and_outlive_the_runner(tmp_path: Path) -> None:
    file = tmp_path / "state" / "codex-usage.json"
    assert Sums(file).since("one", [100, 10, 5]) == [100, 10, 5]
    assert Sums(file).since("two", [7, 0, 1]) == [7, 0, 1]
    assert Sums(file).since("one", [130, 10, 9]) == [30, 0, 4]
    file.write_text("nonsense")
    assert Sums(file).since("one", [140, 10, 9]) == [140, 10, 9]
