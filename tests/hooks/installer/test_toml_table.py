import tomllib

import pytest

from hooks.installer.toml_table import put, take

TABLE = ("mcp_servers", "airchat")
CODEX = """\
model = "o5" # the big one

[mcp_servers.git] # mine
command = "uvx"
args = ["mcp-server-git"]

[projects."/work"]
trust_level = "trusted"
"""


@pytest.mark.parametrize("text", ["", "model = 1", "model = 1\n", CODEX, CODEX.rstrip("\n")])
def test_table_comes_and_goes(text: str) -> None:
    changed = put(text, TABLE, "command", '/opt/a "b"\\airchat-mcp')
    assert changed.startswith(text)
    assert tomllib.loads(changed)["mcp_servers"]["airchat"] == {"command": '/opt/a "b"\\airchat-mcp'}
    assert put(changed, TABLE, "command", '/opt/a "b"\\airchat-mcp') == changed
    assert take(changed, TABLE).strip() == text.strip()


def test_what_else_a_table_says_stays() -> None:
    text = (
        '[mcp_servers.airchat]\ncommand = "old"\nargs = ["-x"]\nstartup_timeout_sec = 9 # slow\n'
        '[mcp_servers.airchat.env]\nAIRCHAT_PROJECT = "web"\n[other]\na = 1\n'
    )
    changed = put(text, TABLE, "command", "new")
    assert tomllib.loads(changed) == {
        "mcp_servers": {
            "airchat": {"command": "new", "startup_timeout_sec": 9, "env": {"AIRCHAT_PROJECT": "web"}},
        },
        "other": {"a": 1},
    }
    assert "# slow" in changed
    assert tomllib.loads(take(changed, TABLE)) == {"other": {"a": 1}}


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        'mcp_servers = { git = { command = "uvx" } }\n',
        'mcp_servers.airchat.command = "old"\n',
        '[mcp_servers]\nairchat = { command = "old" }\n',
        '[mcp_servers.airchat]\nargs = [\n"a",\n]\n',
    ],
)
def test_form_that_cannot_be_changed_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        put(text, TABLE, "command", "new")
