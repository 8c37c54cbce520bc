"""`airchat-hub bridges` beside a hub that may run or not."""

from pathlib import Path

from tests.hub.cli.conftest import Run


def test_link_is_asked_for_shown_and_taken_back(run: Run) -> None:
    assert run("bridges", "status").out == "No bridge has run.\nNo channel is linked.\n"
    made = run(
        *("bridges", "link", "project-*", "slack", "#proj-*", "--direction", "in", "--backfill", "5", "--json"),
        *("--mirror", "edits, joins", "--ignore", "U1,U2", "--no-bots"),
    ).json
    assert (made["channel"], made["remote"], made["direction"]) == ("project-*", "#proj-*", "in")
    assert made["rules"] == {
        "mirror": ["edits", "joins"],
        "allow": [],
        "ignore": ["U1", "U2"],
        "commanders": [],
        "bots": False,
        "backfill": 5,
    }
    assert run("bridges", "status", "--json").json == {"bridges": [], "links": [], "wanted": [made]}
    told, head, row = run("bridges", "status").out.splitlines()[2:]
    assert told == "Asked for; what fits is linked while the bridge runs:"
    assert head.split() == ["id", "channel", "platform", "remote", "bridge"]
    assert row.split() == [made["id"], "project-*", "slack", "#proj-*", "has", "not", "run"]
    assert "already; unlink it first" in run("bridges", "link", "project-*", "slack", "#proj-*").err
    assert run("bridges", "unlink", made["id"]).out == "It is unlinked.\n"
    assert run("bridges", "unlink", made["id"]).err == "airchat-hub: There is no such link\n"


def test_link_to_a_platform_without_a_bridge_says_what_is_missing(run: Run) -> None:
    said = run("bridges", "link", "general", "myspace", "#x").out
    assert said.startswith(
        "general will be linked to #x once there is a bridge to myspace: none has run yet; see `bridges status`."
    )


def test_wrong_links_are_refused_by_name_of_the_field(run: Run) -> None:
    refused = {
        ("Bad Name", "slack", "#x"): "channel must be",
        ("general", "My Space", "#x"): "platform must be",
        ("general", "slack", "#*"): "remote must have a *",
    }
    for words, told in refused.items():
        assert told in run("bridges", "link", *words).err
    assert "'all' is none of them" in run("bridges", "link", "general", "slack", "#x", "--mirror", "all").err


def test_nothing_is_dead_at_first(run: Run) -> None:
    assert run("bridges", "dead").out == "Everything was carried.\n"
    assert run("bridges", "replay", "--json").json == {"replayed": 0}
    assert run("bridges", "replay", "x:out:1").err == "airchat-hub: There is no dead letter x:out:1\n"
    assert run("bridges", "pause", "x").err == "airchat-hub: There is no such link\n"


def test_links_to_platforms_without_a_bridge_are_found(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "strange.toml"
    path.write_text('[[links]]\nchannel = "general"\nplatform = "myspace"\nremote = "x"\n')
    found = {row["check"]: row for row in run("doctor", "--json", "--config", str(path)).json}
    assert (found["links"]["state"], "myspace" in found["links"]["detail"]) == ("broken", True)
