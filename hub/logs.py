"""How the hub logs: one line of JSON per record."""

import logging
import sys
from datetime import UTC, datetime

import orjson


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: what happened, how bad it is, where and when, and the exception if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; whatever the message holds, it stays one line."""
        line = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(_storable(line)).decode()


def log_as_json() -> None:
    """Write every log record as one line of JSON to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _storable(line: dict[str, str]) -> dict[str, str]:
    """Return the line with halves of surrogate pairs, which no UTF-8 has, as question marks."""
    return {key: text.encode("utf-8", "replace").decode() for key, text in line.items()}
