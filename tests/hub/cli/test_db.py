import sqlite3
import stat
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from airchat import AirChatClient
from airchat.config import load_config
from airchat.enrol import join
from tests.hub.cli.conftest import Run
from tests.hub_process import HubProcess
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


@pytest.mark.slow
def test_hub_runs_with_logins_that_own_nothing(run: Run, postgres_url: str, tmp_path: Path) -> None:
    """The set-up of docs/operations.md: the owner migrates, and the hub has one login for each of its roles."""
    run("db", "migrate", "--owner-url", postgres_url)
    mark = uuid.uuid4().hex[:12]
    roles = {f"api_{mark}": "airchat_agent_api", f"registrar_{mark}": "airchat_registrar"}
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        for login, role in roles.items():
            owner.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'x' IN ROLE {role}".encode())
        try:
            api, registrar = (as_login(postgres_url, login) for login in roles)
            with HubProcess(tmp_path, {"STORE__URL": api, "STORE__REGISTRAR_URL": registrar}) as hub:
                joined = join(hub.invite("laptop"), hub.url, machine_name="laptop", home=tmp_path / "home")
                config = load_config(config_path=str(joined.config_path))
                with AirChatClient(config, project="web") as client:
                    assert client.send_message("general", "hello").number == 1
                assert hub.admin("db", "status")["pending"] == []
                assert [row["name"] for row in hub.admin("agents", "list")] == ["laptop-web"]
        finally:
            for login in roles:
                owner.execute(f"DROP ROLE {login}".encode())


def as_login(url: str, login: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}:x@{parts.netloc.rpartition('@')[2]}"))
