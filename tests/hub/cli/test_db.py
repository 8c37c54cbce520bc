import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.hub.cli.conftest import Run
from tests.postgres import Cluster


def test_schema_is_pending_then_applied(run: Run, state_dir: Path) -> None:
    before = run("db", "status", "--json").json
    assert (before["current"], len(before["pending"])) == (0, before["latest"])
    assert not (state_dir / "hub.db").exists()

    after = run("db", "migrate", "--json").json
    assert after == {"current": before["latest"], "latest": before["latest"], "pending": []}
    assert run("db", "status", "--json").json == after
    assert run("db", "migrate", "--json").json == after
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700


def test_newer_schema_is_refused(run: Run, state_dir: Path) -> None:
    run("db", "migrate")
    with closing(sqlite3.connect(state_dir / "hub.db")) as connection, connection:
        connection.execute("UPDATE schema_migrations SET number = 900, compat = 900 WHERE number = 1")
    for command in (["db", "status"], ["db", "migrate"], ["channels", "list"], ["serve"]):
        result = run(*command)
        assert (result.code, result.out) == (1, "")
        assert "Upgrade the hub" in result.err.splitlines()[-1]


@pytest.mark.slow
def test_owner_migrates_before_the_logins_of_the_hub_exist(
    run: Run, postgres: Cluster, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRCHAT_HUB__STORE__URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    migrated = run("db", "migrate", "--owner-url", postgres_url, "--json").json
    assert migrated["pending"] == []
    monkeypatch.setenv("AIRCHAT_HUB__STORE__URL", postgres_url)
    assert run("db", "status", "--json").json == migrated
    assert run("channels", "create", "general", "--json").json["name"] == "general"


def test_unreachable_postgres_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRCHAT_HUB__STORE__URL", "postgresql://hub@127.0.0.1:1/airchat")
    for command in (["db", "status"], ["db", "migrate"], ["people", "list"]):
        result = run(*command)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("airchat-hub: Postgres cannot be used: ")
        assert "Traceback" not in result.err
