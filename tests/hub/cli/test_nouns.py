"""Machines, people, tokens, channels, agents: each command does what it says, in words and in JSON."""

import re
from io import StringIO
from pathlib import Path

import pytest

from airchat.enrol import parse_target
from hub.cli.machines import join_command
from tests.hub.cli.conftest import KEY, OTHER_KEY, Run


def test_machines_are_added_listed_and_revoked(run: Run) -> None:
    assert run("machines", "list").out == "No machines yet: airchat-hub machines invite\n"
    assert run("machines", "list", "--json").json == []

    added = run("machines", "add", "laptop", KEY.upper(), "--json").json
    run("machines", "add", "laptop", OTHER_KEY)
    run("machines", "add", "server", KEY)
    told = run("machines", "revoke", "laptop").out
    again = run("machines", "revoke", "laptop", "--json").json

    assert (added["name"], added["active"]) == ("laptop", True)
    assert told == "laptop is revoked; its agents can no longer call the hub.\n"
    assert (again["name"], again["active"]) == ("laptop", False)
    listed = run("machines", "list", "--json").json
    assert [(row["name"], row["active"]) for row in listed] == [("laptop", False), ("server", True)]
    table = [line.split() for line in run("machines", "list").out.splitlines()]
    assert [line[:2] for line in table] == [["name", "active"], ["laptop", "no"], ["server", "yes"]]


def test_invitation_is_the_line_to_type(run: Run) -> None:
    made = run("machines", "invite", "laptop", "--minutes", "5", "--json").json
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", made["code"])
    assert re.fullmatch(rf"airchat join {made['code']}@127\.0\.0\.1:\d+", made["command"])
    assert made["minutes"] == 5
    assert "airchat join " in run("machines", "invite").out


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:3003",
        "http://[::1]:3003",
        "http://chat.lan",
        "http://chat.lan:80/hub",
        "https://chat.lan:8443",
    ],
)
def test_line_to_type_leads_to_the_hub(address: str) -> None:
    code = "ABCD-EFGH-JKMN"
    program, verb, target = join_command(code, address).split()
    assert (program, verb, parse_target(target)) == ("airchat", "join", (code, address))


def test_people_get_accounts_links_and_roles(run: Run) -> None:
    added = run(
        "people", "add", "ada", "--role", "admin", "--display-name", "Ada L.", "--email", "a@b.c", "--json"
    ).json
    run("people", "add", "bob")
    taken = run("people", "add", "ada")
    link = run("people", "login", "ada", "--json").json
    changed = run("people", "role", "bob", "guest", "--json").json

    assert (added["name"], added["role"], added["display_name"]) == ("ada", "admin", "Ada L.")
    assert (taken.code, taken.err.count("\n")) == (1, 1)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/login/[\w-]{43}", link["url"])
    assert changed["role"] == "guest"
    assert run("people", "role", "bob", "member").out == "bob is now member.\n"
    listed = run("people", "list", "--json").json
    assert [(row["name"], row["role"]) for row in listed] == [("ada", "admin"), ("bob", "member")]


def test_password_is_read_from_where_nobody_else_sees_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("people", "add", "ada")
    file = tmp_path / "password"
    file.write_text("battery staple\nand more\n")
    assert run("people", "password", "ada", "--password-file", str(file)).out == "ada has a new password.\n"
    monkeypatch.setattr("sys.stdin", StringIO("correct horse\n"))
    assert run("people", "password", "ada", "--json").json["name"] == "ada"
    monkeypatch.setattr("sys.stdin", StringIO(""))
    short = run("people", "password", "ada")
    assert (short.code, short.err) == (1, "airchat-hub: password must have 8-1000 characters\n")
    assert run("people", "password", "ada", "battery staple").code == 2
    kinds = [row["kind"] for row in run("tokens", "list", "ada", "--json").json if row["revoked_at"] is None]
    assert sorted(kinds) == ["password", "scram"]


def test_last_owner_stays_one(run: Run) -> None:
    run("people", "add", "ada", "--role", "owner")
    result = run("people", "role", "ada", "member")
    assert (result.code, result.err) == (1, "airchat-hub: The last active owner stays one\n")


def test_token_is_shown_once_and_revoked(run: Run) -> None:
    run("people", "add", "ada")
    made = run("tokens", "create", "ada", "scripts", "--scope", "read", "--days", "90", "--json").json
    assert re.fullmatch(r"act_[0-9a-f]{64}", made["secret"])
    assert (made["label"], made["scope"]) == ("scripts", "read")
    assert made["expires_at"] > made["created_at"]

    listed = run("tokens", "list", "ada")
    assert made["id"] in listed.out
    assert made["secret"] not in listed.out
    assert run("tokens", "list", "ada", "--json").json == [{key: made[key] for key in made if key != "secret"}]

    revoked = run("tokens", "revoke", made["id"], "--json").json
    assert revoked["revoked_at"] is not None
    assert run("tokens", "revoke", made["id"], "--json").json == revoked
    assert run("tokens", "list", "ada", "--json").json == [revoked]


def test_channels_are_made_archived_and_opened(run: Run) -> None:
    assert run("channels", "list").out == "No channels yet.\n"
    made = run("channels", "create", "project-x", "--json").json
    assert (made["name"], made["type"], made["archived"]) == ("project-x", "project", False)
    assert run("channels", "archive", "project-x").out == "#project-x is archived.\n"
    assert run("channels", "list", "--json").json[0]["archived"] is True
    assert run("channels", "unarchive", "project-x", "--json").json["archived"] is False


def test_names_cannot_move_the_cursor(run: Run) -> None:
    run("people", "add", "ada", "--display-name", "A\u202eda")
    assert "\u202e" not in run("people", "list").out
