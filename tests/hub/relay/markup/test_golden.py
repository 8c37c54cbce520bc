"""The texts of tests/golden/markup; `AIRCHAT_TEST_GOLDEN=write` writes anew how they look."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.relay.markup import (
    Document,
    parse_commonmark,
    parse_discord,
    parse_irc,
    parse_slack,
    render_commonmark,
    render_discord,
    render_irc,
    render_rich_text,
    render_slack,
)
from tests.hub.relay.markup.texts import PEOPLE

FOLDER = Path(__file__).parents[3] / "golden" / "markup"
SHOWN = {"\u200b": "¦", "\x02": "^B", "\x1d": "^]"}

PARSERS: dict[str, Callable[[str], Document]] = {
    "commonmark": parse_commonmark,
    "discord": lambda text: parse_discord(text, PEOPLE),
    "slack": lambda text: parse_slack(text, PEOPLE),
    "irc": lambda text: parse_irc(text, PEOPLE),
}
RENDERERS: dict[str, Callable[[Document], str]] = {
    "commonmark": render_commonmark,
    "discord": lambda document: render_discord(document, PEOPLE),
    "slack": lambda document: render_slack(document, PEOPLE),
    "blocks": lambda document: "\n".join(blocks(render_rich_text(document, PEOPLE))),
    "irc": lambda document: render_irc(document, PEOPLE),
}


def blocks(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for element in found:
        if "elements" in element:
            kind = element["type"].removeprefix("rich_text_")
            details = [f"{key}={element[key]}" for key in ("style", "indent", "offset") if key in element]
            lines += [" ".join(["#", kind, *details])] if kind != "rich_text" else []
            lines += blocks(element["elements"])
        else:
            style = ",".join(element.get("style", {}))
            text = [repr(value) for key, value in element.items() if key not in {"type", "style"}]
            lines.append(" ".join([element["type"], *text, *([f"({style})"] if style else [])]))
    return lines


def shown(text: str) -> str:
    for char, sign in SHOWN.items():
        text = text.replace(char, sign)
    return text


def meant(text: str) -> str:
    for char, sign in SHOWN.items():
        text = text.replace(sign, char)
    return text


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_text_looks_as_it_should(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    first, *others = re.split(r"^== ", path.read_text(), flags=re.MULTILINE)[1:]
    platform, source = first.rstrip("\n").split("\n", 1)
    document = PARSERS[platform](meant(source))
    looks = {name: shown(render(document)) for name, render in RENDERERS.items()}
    if os.environ.get("AIRCHAT_TEST_GOLDEN") == "write":
        sections = [f"== {platform}\n{source}", *(f"== {name}\n{text}" for name, text in looks.items())]
        path.write_text("\n".join(sections) + "\n")
        return
    assert {it.split("\n", 1)[0]: it.split("\n", 1)[1].rstrip("\n") for it in others} == looks
