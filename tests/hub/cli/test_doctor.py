import http.server
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.cli.checks import data
from tests.hub.cli.conftest import Run
from tests.hub_process import HubProcess


def findings(run: Run) -> dict[str, tuple[str, str]]:
    """What is not in order: check -> (state, detail and fix)."""
    return {
        row["check"]: (row["state"], f"{row['detail']} | {row['fix']}")
        for row in run("doctor", "--json").json
        if row["state"] != "ok"
    }


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def test_nothing_is_wrong_and_nothing_is_made(run: Run, state_dir: Path) -> None:
    result = run("doctor")
    assert result.code == 0
    assert [line.split(":")[0].split(maxsplit=1) for line in result.out.splitlines()] == [
        ["ok", check]
        for check in (
            "settings",
            "state directory",
            "disk",
            "store",
            "http",
            "irc",
            "exposure",
            "mail",
            "links",
            "slack",
            "discord",
            "irc networks",
            "clock",
        )
    ]
    assert not state_dir.exists()


def test_unknown_setting_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text("[http]\nprot = 1\n")
    result = run("doctor", "--config", str(path))
    assert result.code == 1
    assert f"broken   settings: {path}: [http] prot: unknown setting\n         Fix: " in result.out


def test_irc_port_of_a_stranger_is_broken(run: Run, variable: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        variable.setenv("AIRCHAT_HUB__IRC__PORT", str(stranger.getsockname()[1]))
        state, text = findings(run)["irc"]
    assert (state, "irc.port" in text) == ("broken", True)


def test_port_of_a_stranger_is_broken_wherever_irc_listens(
    run: Run, variable: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).touch()
        variable.setenv(f"AIRCHAT_HUB__IRC__TLS_{name.upper()}", str(tmp_path / name))
    with socket.create_server(("127.0.0.1", 0)) as tls, socket.create_server(("127.0.0.1", 0)) as websocket:
        variable.setenv("AIRCHAT_HUB__IRC__TLS_HOST", "127.0.0.1")
        variable.setenv("AIRCHAT_HUB__IRC__TLS_PORT", str(tls.getsockname()[1]))
        variable.setenv("AIRCHAT_HUB__IRC__WEBSOCKET_PORT", str(websocket.getsockname()[1]))
        state, text = findings(run)["irc"]
    assert state == "broken"
    assert text.endswith("or set another irc.tls_host or irc.tls_port or irc.websocket_host or irc.websocket_port")


def test_port_of_a_stranger_is_none_of_a_hub_without_http(
    run: Run, variable: pytest.MonkeyPatch, stranger: int
) -> None:
    variable.setenv("AIRCHAT_HUB__HTTP__PORT", str(stranger))
    variable.setenv("AIRCHAT_HUB__HTTP__ENABLED", "false")
    assert "http" not in findings(run)


def test_mail_server_that_does_not_answer_is_broken(run: Run, variable: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
    variable.setenv("AIRCHAT_HUB__MAIL__HOST", "127.0.0.1")
    variable.setenv("AIRCHAT_HUB__MAIL__PORT", str(port))
    state, text = findings(run)["mail"]
    assert (state, f"127.0.0.1:{port}: [Errno" in text, "[mail]" in text) == ("broken", True, True)


def test_missing_certificate_is_broken(run: Run, tmp_path: Path, variable: pytest.MonkeyPatch) -> None:
    variable.setenv("AIRCHAT_HUB__IRC__TLS_CERT", str(tmp_path / "no.pem"))
    state, text = findings(run)["irc"]
    assert (state, "no.pem" in text) == ("broken", True)


def test_irc_in_the_clear_beyond_this_machine_is_warned_of(run: Run, variable: pytest.MonkeyPatch) -> None:
    variable.setenv("AIRCHAT_HUB__IRC__HOST", "0.0.0.0")
    state, text = findings(run)["exposure"]
    assert (state, "irc.tls_host" in text) == ("warning", True)


def test_unreachable_postgres_is_broken(run: Run, variable: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://hub:hunter2@127.0.0.1:{nobody.getsockname()[1]}/airchat"
        variable.setenv("AIRCHAT_HUB__STORE__URL", url)
        state, text = findings(run)["store"]
    assert state == "broken"
    assert "refused" in text
    assert "check store.url" in text
    assert "hunter2" not in text


def test_store_that_nobody_brings_is_broken(run: Run, variable: pytest.MonkeyPatch) -> None:
    variable.setenv("AIRCHAT_HUB__STORE__URL", "oracle://db")
    state, text = findings(run)["store"]
    assert (state, "There is no store for oracle: URLs" in text) == ("broken", True)


def test_newer_schema_is_broken(run: Run, state_dir: Path) -> None:
    run("db", "migrate")
    with closing(sqlite3.connect(state_dir / "hub.db")) as connection, connection:
        connection.execute("UPDATE schema_migrations SET number = 900, compat = 900 WHERE number = 1")
    state, text = findings(run)["store"]
    assert (state, "by a newer release" in text) == ("broken", True)
    assert "run the newer release again" in text


def test_state_directory_that_others_can_read_is_a_warning(run: Run, state_dir: Path) -> None:
    run("db", "migrate")
    state_dir.chmod(0o755)
    assert findings(run) == {
        "state directory": ("warning", f"others can look into {state_dir} | chmod 700 {state_dir}")
    }
    assert run("doctor").code == 0


def test_state_directory_that_cannot_be_written_is_broken(
    run: Run, state_dir: Path, variable: pytest.MonkeyPatch
) -> None:
    state_dir.mkdir(mode=0o700)
    variable.setattr(os, "access", lambda path, _: Path(path) != state_dir)  # root may write everywhere
    state, text = findings(run)["state directory"]
    assert (state, text.startswith(f"{state_dir} cannot be written")) == ("broken", True)


def test_state_directory_that_is_a_file_is_broken(run: Run, state_dir: Path) -> None:
    state_dir.touch()
    state, text = findings(run)["state directory"]
    assert (state, text) == ("broken", f"{state_dir} is no folder | name another one in hub.state_dir")


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a web server that is no hub."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_port_taken_by_something_else_is_broken(run: Run, variable: pytest.MonkeyPatch, stranger: int) -> None:
    variable.setenv("AIRCHAT_HUB__HTTP__PORT", str(stranger))
    state, text = findings(run)["http"]
    assert state == "broken"
    assert f"cannot listen on 127.0.0.1:{stranger}" in text
    serve = run("serve")
    assert (serve.code, serve.err.splitlines()[-1]) == (
        1,
        f"airchat-hub: 127.0.0.1:{stranger} is taken; stop what listens there, or set another http.port",
    )


@pytest.mark.slow
def test_running_hub_has_its_port(run: Run, variable: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        variable.setenv("AIRCHAT_HUB__HTTP__PORT", str(hub.port))
        assert f"ok       http: a hub answers at 127.0.0.1:{hub.port}\n" in run("doctor").out


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"BOT_TOKEN": "xoxb-1"}, "without slack.app_token"),
        ({"APP_TOKEN": "xapp-1"}, "without slack.bot_token"),
        ({"BOT_TOKEN": "xapp-1", "APP_TOKEN": "xapp-1"}, "slack.bot_token is no bot token"),
    ],
)
def test_missing_slack_token_is_broken(
    run: Run, variable: pytest.MonkeyPatch, settings: dict[str, str], told: str
) -> None:
    for name, text in settings.items():
        variable.setenv(f"AIRCHAT_HUB__SLACK__{name}", text)
    state, text = findings(run)["slack"]
    assert (state, told in text) == ("broken", True)


def test_linked_channel_without_tokens_is_broken(run: Run, tmp_path: Path) -> None:
    path = tmp_path / ".config" / "airchat-hub" / "hub.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[[links]]\nchannel = "general"\nplatform = "slack"\nremote = "#general"\n')
    state, text = findings(run)["slack"]
    assert state == "broken"
    assert "without slack.bot_token" in text
    assert "without slack.app_token or slack.signing_secret" in text
    path.write_text(path.read_text() + "[slack]\nenabled = false\n")
    assert findings(run) == {}


def test_linked_channel_of_discord_without_a_token_is_broken(run: Run, tmp_path: Path) -> None:
    path = tmp_path / ".config" / "airchat-hub" / "hub.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[[links]]\nchannel = "general"\nplatform = "discord"\nremote = "#general"\n')
    assert findings(run)["discord"][0] == "broken"
    path.write_text(path.read_text() + "[discord]\nenabled = false\n")
    assert findings(run) == {}


def test_discord_that_cannot_be_reached_is_warned_of(run: Run, variable: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        variable.setenv("AIRCHAT_HUB__DISCORD__TOKEN", "secret-token")
        variable.setenv("AIRCHAT_HUB__DISCORD__API_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        state, text = findings(run)["discord"]
    assert (state, "discord.api_url" in text, "secret-token" in text) == ("warning", True, False)


def test_clock_behind_the_data_is_broken(run: Run, state_dir: Path, variable: pytest.MonkeyPatch) -> None:
    run("db", "migrate")
    written = (state_dir / "hub.db").stat().st_mtime
    variable.setattr(time, "time", lambda: written - 3600)
    assert findings(run)["clock"][0] == "broken"
    variable.setattr(time, "time", lambda: written + 3600)
    assert findings(run) == {}


def test_hub_open_to_the_network_without_tls_is_a_warning(run: Run, variable: pytest.MonkeyPatch) -> None:
    variable.setenv("AIRCHAT_HUB__HTTP__HOST", "0.0.0.0")
    assert findings(run)["exposure"][0] == "warning"
    variable.setenv("AIRCHAT_HUB__HUB__PUBLIC_URL", "https://chat.example.org")
    assert findings(run) == {}


def test_full_disk_is_a_warning(run: Run, variable: pytest.MonkeyPatch) -> None:
    variable.setattr(data, "ROOM_BYTES", 2**80)
    assert findings(run)["disk"][0] == "warning"
