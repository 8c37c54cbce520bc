"""Application commands: what people can type and choose, and how that becomes the text of a command of the hub's.

`/airchat` takes anything the hub's commands understand; `/ask` is the same for one agent.

https://docs.discord.com/developers/interactions/application-commands
"""

from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]

SLASH, MENU = 1, 3
SEND_TO_AGENT = "Send to agent"
_STRING = 3
_GUILD = 0

_TEXT_LENGTH = 2_000
_CHOICE_LENGTH = 100


def definitions() -> list[Body]:
    """Return all commands, as they are registered."""
    everywhere: Body = {"contexts": [_GUILD], "integration_types": [_GUILD]}
    agent = _option("agent", "Which agent", required=True, complete=True)
    text = _option("text", "What to say", required=True)
    anything = _option("text", "A command, @agent or #channel and a text, or nothing for a form", complete=True)
    return [
        {"name": "airchat", "type": SLASH, "description": "Talk to the hub", "options": [anything]} | everywhere,
        {"name": "ask", "type": SLASH, "description": "Ask an agent", "options": [agent, text]} | everywhere,
        {"name": SEND_TO_AGENT, "type": MENU} | everywhere,
    ]


def text_of(data: Body) -> str:
    """Return the command of the hub's that was typed."""
    given = {it["name"]: str(it.get("value", "")) for it in data.get("options") or []}
    if data["name"] == "ask":
        return f"@{given['agent'].strip().lstrip('@')} {given['text']}"
    return given.get("text", "")


def begun(data: Body) -> tuple[str, str]:
    """Return what was typed so far in the option that is being typed, as a command of the hub's, and its sign.

    What the hub suggests begins with the sign; the option leaves it out.
    """
    focused: Body = next((it for it in data.get("options") or [] if it.get("focused")), {})
    typed = str(focused.get("value", ""))
    return (f"@{typed.strip().lstrip('@')}", "@") if focused.get("name") == "agent" else (typed, "")


def choices(suggested: list[str], sign: str) -> Iterator[Body]:
    """Yield suggestions that Discord takes."""
    for words in suggested[:25]:
        shown = words.removeprefix(sign)
        if words.startswith(sign) and 0 < len(shown) <= _CHOICE_LENGTH:
            yield {"name": shown, "value": shown}


def _option(name: str, description: str, *, required: bool = False, complete: bool = False) -> Body:
    body: Body = {"type": _STRING, "name": name, "description": description, "required": required}
    return body | ({"autocomplete": True} if complete else {"max_length": _TEXT_LENGTH})
