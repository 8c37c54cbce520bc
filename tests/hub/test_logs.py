import json
import logging
import sys

from hub.logs import JsonLines


def line(message: str, *arguments: object, failed: bool = False) -> dict[str, str]:
    error = sys.exc_info() if failed else None
    record = logging.LogRecord("hub.api", logging.WARNING, "file.py", 1, message, arguments, error)
    record.created = 1_767_225_600.25
    text = JsonLines().format(record)
    assert "\n" not in text
    loaded: dict[str, str] = json.loads(text)
    return loaded


def test_record_is_one_line_of_json() -> None:
    assert line("serving at %s\n%s", "x", "\ud800") == {
        "event": "serving at x\n?",
        "level": "warning",
        "logger": "hub.api",
        "timestamp": "2026-01-01T00:00:00.250000Z",
    }


def test_exception_is_told_with_its_place() -> None:
    try:
        raise ValueError("no such\nthing")
    except ValueError:
        told = line("failed", failed=True)
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["exception"].endswith("ValueError: no such\nthing")
