"""Programs that run at a hub: they come in with a token of their own, which is nowhere shown and ends with them."""

import json
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.cli.programs import Pass
from hub.cli.workspace import irssi_config
from hub.sections import IrcSection
from tests.hub_process import SCRIPTS, HubProcess, free_port
from tests.waiting import SECONDS

NAMES = ("ann", "bob")
TALKER = textwrap.dedent("""\
    import os, socket, sys, time
    peer = socket.create_connection((os.environ["AIRCD_HOST"], int(os.environ["AIRCD_PORT"])))
    token, nick, channels = (os.environ[f"AIRCD_{name}"] for name in ("TOKEN", "NICK", "CHANNELS"))
    assert token == os.environ["AIRCHAT_TOKEN"]
    assert not any(name.startswith("AIRCHAT_HUB__") for name in os.environ)
    peer.sendall(f"PASS {token}\\r\\nNICK {nick}\\r\\nUSER {nick} 0 * :aircd agent\\r\\n".encode())
    peer.sendall(f"JOIN {channels}\\r\\nPING done\\r\\n".encode())
    lines = peer.makefile("r")
    first = lines.readline()
    print(first.split()[:3], os.getcwd(), flush=True)
    while "PONG" not in (line := lines.readline()):
        assert line, f"the hub closed the connection: {first}"
    time.sleep(float(sys.argv[1]))
    sys.exit(3)
    """)


@pytest.fixture
def talker(tmp_path: Path) -> Path:
    path = tmp_path / "talker.py"
    path.write_text(TALKER)
    return path


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    folder = tmp_path / "home"
    folder.mkdir()
    yield (hub := HubProcess(folder, {"IRC__PORT": str(free_port())}))
    hub.stop()


def live_tokens(hub: HubProcess, name: str) -> list[str]:
    return [one["label"] for one in hub.admin("tokens", "list", name) if one["revoked_at"] is None]


@pytest.mark.slow
def test_an_agent_runs_with_a_token_that_ends_with_it(hub: HubProcess, talker: Path, tmp_path: Path) -> None:
    hub.start()
    command = [str(SCRIPTS / "airchat-hub"), "run", "builder", "--channels", "#work", "--folder", str(tmp_path)]
    done = subprocess.run(
        [*command, "--", sys.executable, str(talker), "0"], env=hub.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == f"[':aircd', '001', 'builder'] {tmp_path}\n"
    assert live_tokens(hub, "builder") == []
    assert [agent["name"] for agent in hub.admin("agents", "list")] == ["builder"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_workspace_ends_as_a_whole(hub: HubProcess, talker: Path, tmp_path: Path, how: signal.Signals) -> None:
    with workspace(hub, talker, "60") as process:
        logs = tmp_path / "home" / "hub" / "logs"
        until(lambda: all((logs / f"{name}.log").exists() and (logs / f"{name}.log").read_text() for name in NAMES))
        until(lambda: live_tokens(hub, "ann") == ["run"] == live_tokens(hub, "bob"))
        for path in logs.iterdir():
            assert path.stat().st_mode & 0o77 == 0
            assert "act_" not in path.read_text()
        assert "act_" not in Path(f"/proc/{process.pid}/cmdline").read_text()
        process.send_signal(how)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [*NAMES, "IRC:"]
    assert f"{tmp_path}\n" in (logs / "bob.log").read_text()
    assert live_tokens(hub, "ann") == live_tokens(hub, "bob") == []
    assert alive(str(talker)) == []


@pytest.mark.slow
def test_when_one_agent_ends_all_do(hub: HubProcess, talker: Path, tmp_path: Path) -> None:
    with workspace(hub, talker, "0") as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err in {f"airchat-hub: {name} ended with code 3; so do the others\n" for name in NAMES}
    assert alive(str(talker)) == []


def test_irssi_gets_its_password_from_a_file() -> None:
    config = irssi_config(IrcSection(), Pass("ada", "id", 'act_"1"', "http://127.0.0.1:3003"), "#work, #general")
    assert 'address = "127.0.0.1"; port = "6667"; chatnet = "hub"; password = "act_\\"1\\"";' in config
    assert '{ name = "#work"; chatnet = "hub"; autojoin = "yes"; }, { name = "#general";' in config
    assert 'nick = "ada"' in config
    assert "cmdspeed = 100; cmdmax = 50;" in config  # else it waits 2.2 s between its commands


@pytest.mark.slow
def test_irssi_runs_in_a_home_of_its_own_as_a_person(hub: HubProcess, tmp_path: Path) -> None:
    hub.start()
    fake = tmp_path / "irssi"
    seen = tmp_path / "seen.json"
    fake.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        "config = pathlib.Path(sys.argv[1].partition('=')[2], 'config')\n"
        f"pathlib.Path({str(seen)!r}).write_text(json.dumps([os.environ['HOME'], str(config.parent),\n"
        "    config.stat().st_mode & 0o777, config.read_text(), ' '.join(sys.argv)]))\n"
    )
    fake.chmod(0o700)
    hub.command("irssi", "ada", "--channels", "#work", "--program", str(fake))
    home, folder, mode, config, argv = json.loads(seen.read_text())
    assert home == folder
    assert mode == 0o600
    assert not Path(folder).exists()
    assert "act_" in config
    assert "act_" not in argv
    assert [person["name"] for person in hub.admin("people", "list")] == ["ada"]
    assert live_tokens(hub, "ada") == []


def workspace(hub: HubProcess, talker: Path, seconds: str) -> "subprocess.Popen[str]":
    arguments = (
        f"workspace --agent ann --agent bob:{talker.parent} --channels #work -- {sys.executable} {talker} {seconds}"
    )
    return subprocess.Popen(
        [str(SCRIPTS / "airchat-hub"), *shlex.split(arguments)],
        env=hub.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def alive(text: str) -> list[str]:
    """Return the command lines of processes that have the text in theirs."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_text()
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
