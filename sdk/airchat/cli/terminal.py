"""What goes to the terminal: safe text, one style, JSON on request.

Text from the hub was written by others. It is never interpreted: control and direction characters are shown as escapes,
and further lines of a message are indented, so that no message can look like another one or move the cursor.
"""

import json
import os
import re
import sys
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import typer

from airchat.types import Message

SHORT_ID = 8
"""How much of a task's id lists show, as its announcement in the channel does."""

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: object) -> str:
    """Return text that only shows what it says, on one line."""
    return safe_lines(text).replace("\n", "\\n").replace("\t", " ")


def safe_lines(text: object) -> str:
    """Return text that only shows what it says, possibly on several lines."""
    return _UNSAFE.sub(_escape, str(text).replace("\r\n", "\n"))


def paint(text: str, **style: Any) -> str:
    """Return styled text; plain where the output is no terminal or NO_COLOR is set."""
    return text if os.environ.get("NO_COLOR") or not sys.stdout.isatty() else typer.style(text, **style)


def say(*parts: str) -> None:
    """Print a line of parts."""
    typer.echo("  ".join(part for part in parts if part))


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print a result as JSON, in ASCII only."""
    typer.echo(json.dumps(value, default=_plain, indent=indent))


def when(iso: str | None) -> str:
    """Return a moment in local time, to the minute; `never` if there was none."""
    try:
        return datetime.fromisoformat(iso or "").astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return "never"


def message_lines(message: Message, *, channel: bool = False) -> str:
    """Return a message as `12 2026-01-31 08:15 author: text`, its further lines indented."""
    place = f"#{safe(message.channel_name or '')} " if channel else ""
    text = "(deleted)" if message.deleted_at else safe_lines(message.content)
    author = paint(safe(message.author_display or message.author_name), bold=True)
    marks = "".join([" ↳" if message.parent_message_id else "", " ✎" if message.updated_at else ""])
    number = f"{message.number} " if message.number else ""
    head = f"{place}{number}{paint(when(message.created_at), dim=True)}{marks} {author}: "
    return head + text.replace("\n", "\n    ")


def short(identifier: str) -> str:
    """Return the part of an id that lists show."""
    return safe(identifier[:SHORT_ID])


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(type(value).__name__)
