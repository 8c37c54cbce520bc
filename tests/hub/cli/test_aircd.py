import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.cli import aircd
from hub.settings import load_settings
from tests.hub_process import SCRIPTS, free_port
from tests.waiting import SECONDS

PROGRAM = (sys.executable, "-c", "from hub.cli.aircd import main; main()")


def test_variables_of_aircd_become_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(
        None,
        aircd.variables(
            {
                "AIRCD_BIND": "[::1]:6677",
                "AIRCD_DB": "chat.sqlite3",
                "AIRCD_TASK_LEASE_SECONDS": "1",
                "AIRCD_TLS_CERT": "c.pem",
                "AIRCD_TLS_KEY": "k.pem",
                "AIRCD_TLS_BIND": "0.0.0.0:6698",
                "AIRCHAT_HUB__IRC__NETWORK": "Ours",
                "AIRCHAT_HUB__IRC__PORT": "1",
            }
        ),
    )
    irc = settings.irc
    assert (irc.host, irc.port, irc.tls_host, irc.tls_port) == ("::1", 6677, "0.0.0.0", 6698)
    assert (irc.tls_cert, irc.tls_key) == (Path("c.pem"), Path("k.pem"))
    assert (irc.task_lease_seconds, irc.network, irc.demo_logins) == (1, "Ours", False)
    assert settings.store_url == f"sqlite:///{tmp_path / 'chat.sqlite3'}"
    assert settings.hub.state_dir == tmp_path / "chat.sqlite3.state"
    assert settings.http.enabled is False
    assert settings.hub.default_channels == ()


def test_without_variables_it_is_as_aircd_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, aircd.variables({}))
    irc = settings.irc
    assert (irc.host, irc.port, irc.task_lease_seconds, irc.tls_cert) == ("127.0.0.1", 6667, 300, None)
    assert settings.store_url == f"sqlite:///{tmp_path / 'aircd.sqlite3'}"


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"AIRCD_TLS_KEY": "k.pem"}, "AIRCD_TLS_CERT and AIRCD_TLS_KEY belong together; set both, or neither"),
        ({"AIRCD_BIND": "6667"}, "AIRCD_BIND must be HOST:PORT, such as 127.0.0.1:6667"),
        ({"AIRCD_TASK_LEASE_SECONDS": "0"}, "AIRCD_TASK_LEASE_SECONDS must be a number from 1 to 86400"),
        ({"AIRCHAT_HUB__IRC__NOISE": "1"}, "AIRCHAT_HUB__IRC__NOISE: unknown setting"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(variables: dict[str, str], error: str, tmp_path: Path) -> None:
    done = subprocess.run(
        PROGRAM, env={"HOME": str(tmp_path), **variables}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"aircd: {error}\n")
    assert list(tmp_path.iterdir()) == []


def test_it_takes_no_arguments(tmp_path: Path) -> None:
    done = subprocess.run([*PROGRAM, "--port", "1"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "aircd: takes no arguments; aircd --help lists its variables\n")
    helped = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=False)
    assert helped.returncode == 0
    assert "AIRCD_DB" in helped.stdout


@pytest.mark.slow
def test_an_agent_comes_with_a_token_of_the_hub(tmp_path: Path) -> None:
    state = {
        "HOME": str(tmp_path),
        "AIRCHAT_HUB__STORE__URL": f"sqlite:///{tmp_path / 'aircd.sqlite3'}",
        "AIRCHAT_HUB__HUB__STATE_DIR": str(tmp_path / "aircd.sqlite3.state"),
    }

    def administer(*arguments: str) -> str:
        program = str(SCRIPTS / "airchat-hub")
        return subprocess.run([program, *arguments], env=state, capture_output=True, text=True, check=True).stdout

    port = free_port()
    with running(tmp_path, port) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"aircd listening on 127.0.0.1:{port}\n"
        process.send_signal(signal.SIGHUP)
        administer("agents", "add", "agent-a")
        words = administer("tokens", "create", "agent-a", "aircd").split()
        token = next(word for word in words if word.startswith("act_"))
        with socket.create_connection(("127.0.0.1", port)) as agent, agent.makefile("rb") as lines:
            agent.settimeout(SECONDS)
            agent.sendall(f"PASS {token}\r\nNICK x\r\nUSER x 0 * :aircd agent\r\n".encode())
            assert lines.readline().startswith(b":aircd 001 agent-a ")
        with socket.create_connection(("127.0.0.1", port)) as stranger, stranger.makefile("rb") as lines:
            stranger.settimeout(SECONDS)
            stranger.sendall(b"PASS agent-a-token\r\nNICK x\r\nUSER x 0 * :aircd agent\r\n")
            assert b" 464 " in lines.readline()


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the command, which writes its first line when it serves."""
    env = {"HOME": str(folder), "AIRCD_BIND": f"127.0.0.1:{port}"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(PROGRAM, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        with process.stdout:
            yield process
    finally:
        process.terminate()
        assert process.wait(10) == 0, (folder / "log").read_text()
