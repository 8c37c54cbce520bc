from pathlib import Path

import pytest

from runner.config import SettingsError, load_settings
from runner.settings import Settings

AGENT = '[agents.helper]\nworking_dir = "/tmp"\n'


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "runner.toml"
    file.write_text(text)
    return load_settings(file, environ)


def refused(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text, **environ)
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[agents.a]\n", "agents.a.working_dir: Field required"),
        (AGENT + "modle = 1", "agents.helper.modle: unknown setting"),
        (AGENT + 'harness = "emacs"', "agents.helper.harness: Input should be"),
        (AGENT + 'harness = "acp"', 'agents.helper: program must name what the harness "acp" is to start'),
        (AGENT + 'harness = "codex"\nallowed_tools = ["Read"]', "agents.helper: allowed_tools means nothing"),
        (AGENT + 'harness = "gemini"\nlimits = { cost = 1.0 }', "agents.helper: limits.cost means nothing"),
        (AGENT + "[agents.helper.limits]\nturn_seconds = 0", "agents.helper.limits.turn_seconds: Input should be"),
        (AGENT + 'channels = ["a b"]', "agents.helper.channels: 'a b' is no channel"),
        ('[agents."Not A Name"]\nworking_dir = "/"', "agents.Not A Name: must have 1-64 lower-case letters"),
        ("[hub]\nurl = 'ftp://x'", "hub.url: must be an address such as https://"),
        ("[runner", "not valid TOML"),
        (AGENT + 'token = "a"\ntoken_file = "b"', "[agents.helper] has both token and token_file"),
        (AGENT + 'token_file = "none"', "[agents.helper] token_file: none cannot be read"),
        (
            AGENT + '[[agents.helper.schedules]]\nname = "a"\nprompt = "x"\nchannel = "general"',
            "agents.helper.schedules.0: cron or every says when",
        ),
        (
            AGENT + '[[agents.helper.schedules]]\nname = "a"\nprompt = "x"\nchannel = "general"\ncron = "99 * * * *"',
            "agents.helper.schedules.0.cron: cron cannot be understood",
        ),
        (
            AGENT + '[[agents.helper.schedules]]\nname = "a"\nprompt = "x"\nchannel = "general"\nevery = 5',
            "agents.helper.schedules.0.every: Input should be greater than or equal to 60",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    assert told in refused(tmp_path, text)


def test_missing_file_is_told_how_to_make() -> None:
    with pytest.raises(SettingsError, match="airchat-runner init"):
        load_settings(Path("/nowhere/runner.toml"), {})


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        AGENT.replace("helper", "my-helper") + 'model = "a"\n',
        AIRCHAT_RUNNER__AGENTS__MY_HELPER__MODEL="b",
        AIRCHAT_RUNNER__AGENTS__MY_HELPER__CHANNELS="#one, two",
        AIRCHAT_RUNNER__AGENTS__MY_HELPER__LIMITS__TOOL_CALLS="7",
        AIRCHAT_RUNNER__AGENTS__MY_HELPER__PROGRESS="false",
        AIRCHAT_RUNNER__RUNNER__STOP_SECONDS="3",
        AIRCHAT_HUB__HTTP__PORT="1",
    )
    agent = settings.agents["my-helper"]
    assert (agent.model, agent.channels, agent.limits.tool_calls, agent.progress) == ("b", ("one", "two"), 7, False)
    assert settings.runner.stop_seconds == 3.0


def test_variable_that_is_wrong_is_named(tmp_path: Path) -> None:
    told = refused(tmp_path, AGENT, AIRCHAT_RUNNER__AGENTS__HELPER__LIMITS__ATTEMPTS="many")
    assert told.startswith("AIRCHAT_RUNNER__AGENTS__HELPER__LIMITS__ATTEMPTS: Input should be")
    assert "is called AIRCHAT_RUNNER__SECTION__KEY" in refused(tmp_path, AGENT, AIRCHAT_RUNNER__MODEL="x")


def test_token_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "helper.token").write_text("act_secret\n")
    settings = loaded(tmp_path, AGENT + 'token_file = "helper.token"')
    token = settings.agents["helper"].token
    assert token is not None
    assert token.get_secret_value() == "act_secret"
    assert "act_secret" not in repr(settings)
