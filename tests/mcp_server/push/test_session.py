import json
import os
import socket
import threading
from pathlib import Path

import pytest

from mcp_server.push.session import InboxSocket, find_inbox, find_place

OFFERED = {
    "CLAUDE_CODE_MESSAGING_SOCKET": "/run/cc-socks/1.sock",
    "CLAUDE_CODE_MESSAGING_TOKEN": "t0ken",
    "CLAUDE_CODE_SESSION_ID": "s1",
    "CLAUDE_CODE_ENTRYPOINT": "cli",
    "CLAUDE_CONFIG_DIR": "/config/.claude",
}


def taken(path: Path) -> tuple[threading.Thread, list[bytes]]:
    """Listen once, as a session does: read to the end and hang up."""
    got: list[bytes] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def serve() -> None:
        with server:
            connection, _ = server.accept()
            with connection:
                while chunk := connection.recv(65_536):
                    got.append(chunk)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread, got


@pytest.mark.parametrize("token", ["t0ken", ""])
def test_text_is_a_line_behind_the_token(tmp_path: Path, token: str) -> None:
    thread, got = taken(tmp_path / "s")
    InboxSocket(str(tmp_path / "s"), token).push("line 1\nline 2 Zoë")
    thread.join(10)
    lines = [json.loads(line) for line in b"".join(got).decode().splitlines()]
    user = {"type": "user", "message": {"role": "user", "content": "line 1\nline 2 Zoë"}}
    assert lines == ([{"type": "auth", "token": "t0ken"}, user] if token else [user])


def test_session_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        InboxSocket(str(tmp_path / "s"), "t0ken").push("x")


def test_token_is_not_shown() -> None:
    assert "t0ken" not in repr(InboxSocket("/run/s", "t0ken"))


def test_session_is_found_where_it_offers_itself() -> None:
    assert find_inbox(OFFERED) == InboxSocket("/run/cc-socks/1.sock", "t0ken")
    place = find_place(OFFERED)
    assert (place.id, place.interactive, place.transcripts) == ("s1", True, Path("/config/.claude/projects"))
    assert not find_place(OFFERED | {"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"}).interactive


@pytest.mark.parametrize("missing", ["CLAUDE_CODE_MESSAGING_SOCKET", "CLAUDE_CODE_SESSION_ID"])
def test_no_inbox_where_the_session_offers_none(missing: str) -> None:
    assert find_inbox({name: value for name, value in OFFERED.items() if name != missing}) is None


def test_session_without_an_id_is_told_by_this_process() -> None:
    assert find_place({"CLAUDE_CONFIG_DIR": "/config"}).id == f"process-{os.getpid()}"
