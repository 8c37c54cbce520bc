"""A table in a TOML text: put in, changed and taken out without touching the lines around it."""

import re
import tomllib
from typing import Any

_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)


def put(text: str, path: tuple[str, ...], key: str, value: str) -> str:
    """Return the text with one string in the table at a path of bare keys; what else is in there stays, but `args`.

    Raises:
        ValueError: the text is no TOML, or has that table in a form that this cannot change.
    """
    old = _at(tomllib.loads(text), path)
    wanted = {name: kept for name, kept in (old or {}).items() if name != "args"} | {key: value}
    if old == wanted:
        return text
    line = f"{key} = {_string(value)}\n"
    header = _header(path).search(text)
    if header is None:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        changed = f"{text}{gap}[{'.'.join(path)}]\n{line}"
    else:
        end = _end(text, header.end())
        block = re.sub(
            rf"^[ \t]*(?:{re.escape(key)}|args)[ \t]*=.*\n?", "", text[header.end() : end], flags=re.MULTILINE
        )
        start = text[: header.end()]
        changed = start + ("" if start.endswith("\n") else "\n") + line + block + text[end:]
    try:
        found = _at(tomllib.loads(changed), path)
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        name = ".".join(path)
        raise ValueError(f"only you can change what is there of {name}: it is to say {line.strip()}, and no args")
    return changed


def take(text: str, path: tuple[str, ...]) -> str:
    """Return the text without the table at a path and those below it."""
    header = _header(path, below=True)
    while (found := header.search(text)) is not None:
        end = _end(text, found.end())
        before = text[: found.start()]
        text = (before.rstrip("\n") + "\n" if before.strip() and not text[end:] else before) + text[end:]
    return text


def _header(path: tuple[str, ...], *, below: bool = False) -> re.Pattern[str]:
    name = r"[ \t]*\.[ \t]*".join(rf"""["']?{re.escape(key)}["']?""" for key in path)
    inner = r"(?:\.[^\]\n]*)?" if below else ""
    return re.compile(rf"^[ \t]*\[[ \t]*{name}[ \t]*{inner}\][^\n]*\n?", re.MULTILINE)


def _end(text: str, start: int) -> int:
    """Return where a table ends whose lines begin there."""
    following = _HEADER.search(text, start)
    return following.start() if following else len(text)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'
