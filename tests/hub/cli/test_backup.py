import json
import shutil
import sqlite3
import stat
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.hub.cli.conftest import Run
from tests.hub_process import HubProcess


def test_copy_holds_everything_and_is_private(run: Run, state_dir: Path, tmp_path: Path) -> None:
    run("channels", "create", "general")
    blob = state_dir / "files" / "ab" / "cdef"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"shared")
    blob.chmod(0o644)
    incoming = state_dir / "files" / "incoming"
    incoming.mkdir()
    (incoming / "half").write_bytes(b"sha")

    copy = tmp_path / "copies" / "monday"
    assert run("backup", str(copy), "--json").json == {"folder": str(copy)}

    kept = {path.relative_to(copy).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in copy.rglob("*")}
    assert kept == {
        "hub.db": 0o600,
        "links.secret": 0o600,
        "files": 0o700,
        "files/ab": 0o700,
        "files/ab/cdef": 0o600,
    }
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    with closing(sqlite3.connect(copy / "hub.db")) as connection:
        assert connection.execute("SELECT name FROM channels").fetchall() == [("general",)]


def test_files_that_go_while_they_are_copied_are_left_out(
    run: Run, state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("channels", "create", "general")
    blobs = [state_dir / "files" / "ab" / name for name in ("stays", "goes")]
    blobs[0].parent.mkdir(parents=True)
    for blob in blobs:
        blob.write_bytes(b"shared")
    copy = shutil.copy2

    def late(source: Path, target: Path) -> object:
        blobs[1].unlink(missing_ok=True)  # its message was deleted
        return copy(source, target)

    monkeypatch.setattr(shutil, "copy2", late)
    assert run("backup", str(tmp_path / "copy")).code == 0
    assert [path.name for path in (tmp_path / "copy" / "files").rglob("*") if path.is_file()] == ["stays"]


@pytest.mark.parametrize("place", ["state/copy", "state"])
def test_copy_cannot_lie_in_what_is_copied(run: Run, tmp_path: Path, place: str) -> None:
    run("channels", "create", "general")
    result = run("backup", str(tmp_path / place))
    assert result.code == 2
    assert "lies in the state directory" in result.err
    assert not (tmp_path / "state" / "copy").exists()


def test_existing_folder_is_refused(run: Run, tmp_path: Path) -> None:
    run("channels", "create", "general")
    (tmp_path / "copy").mkdir()
    result = run("backup", str(tmp_path / "copy"))
    assert result.code == 2
    assert f"{tmp_path / 'copy'} exists already; name a folder that does not" in " ".join(result.err.split())


def test_nothing_is_left_of_a_copy_that_failed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no data" in run("backup", str(tmp_path / "copy")).err
    monkeypatch.setenv("AIRCHAT_HUB__STORE__URL", "postgresql://hub@127.0.0.1:1/airchat")
    assert f"--file={tmp_path / 'copy'}.sql" in run("backup", str(tmp_path / "copy")).err
    assert not (tmp_path / "copy").exists()


@pytest.mark.slow
def test_copy_of_a_running_hub_is_a_hub(tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        hub.admin("people", "add", "ada", "--role", "owner")
        secret = hub.admin("tokens", "create", "ada", "test")["secret"]
        post(hub.url, secret, "before")
        hub.admin("backup", str(tmp_path / "copy"))
        post(hub.url, secret, "after")
    with HubProcess(tmp_path, {"HUB__STATE_DIR": str(tmp_path / "copy")}) as restored:
        assert restored.admin("channels", "list")[0]["messages"] == 1
        post(restored.url, secret, "again")
        assert restored.admin("db", "status")["pending"] == []


def post(url: str, secret: str, text: str) -> None:
    body = json.dumps({"channel": "alerts", "content": text}).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/api/v2/messages", body, headers), timeout=10) as reply:  # noqa: S310 - the hub under test
        assert reply.status == 200
