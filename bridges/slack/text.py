"""Slack's message text: entities such as `<@U1>` and three escaped characters, to and from plain text with `@names`.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable

_ENTITY = re.compile(r"<([^<>]+)>")
_NAME = re.compile(r"(?<![\w.+-])@([a-z0-9][a-z0-9-]{1,99})", re.IGNORECASE)
_SPECIAL = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}


def mentioned_users(text: str) -> list[str]:
    """Return the ids of the users that Slack's text mentions, each once."""
    entities = (match.group(1) for match in _ENTITY.finditer(text))
    return list(dict.fromkeys(entity[1:].partition("|")[0] for entity in entities if entity.startswith("@")))


def from_slack(text: str, name_of: Callable[[str], str]) -> str:
    """Return Slack's text with entities replaced and escapes undone; `name_of` turns a user's id into a hub name."""

    def entity(match: re.Match[str]) -> str:
        body, _, label = match.group(1).partition("|")
        if body.startswith("@"):
            return f"@{name_of(body[1:])}"
        if body.startswith("#"):
            return f"#{label or body[1:]}"
        if body.startswith("mailto:"):
            return label or body.removeprefix("mailto:")
        if body.startswith("!"):
            return _SPECIAL.get(body[1:].partition("^")[0], label or body[1:])
        return f"[{label}]({body})" if label and label not in body else body

    return _ENTITY.sub(entity, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def to_slack(text: str, id_of: Callable[[str], str | None]) -> str:
    """Return plain text as Slack's: escaped, so that it can address nobody but those whose id `id_of` knows."""

    def mention(match: re.Match[str]) -> str:
        name = match.group(1).rstrip("-")
        user = id_of(name.lower())
        return match.group(0) if user is None else f"<@{user}>{match.group(1)[len(name) :]}"

    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _NAME.sub(mention, escaped)
