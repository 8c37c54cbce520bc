"""What a server logs as an error while clients do their worst."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def failures() -> Iterator[list[str]]:
    """Collect what is logged as an error."""
    found: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(logging.Formatter().format(record))

    collector = Collector(logging.ERROR)
    logging.getLogger().addHandler(collector)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(collector)
