"""Says on the terminal what is being measured, in one line that is written over; in a file, line by line."""

import sys
import time


class Progress:
    """Writes to standard error, so that standard output has nothing but results."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0
        self._title = ""
        self._begin = time.monotonic()
        self._live = sys.stderr.isatty()

    def begin(self, title: str) -> None:
        """The next benchmark begins."""
        self._number += 1
        self._title = title
        self.say("")

    def say(self, what: str) -> None:
        """Tell what it is doing."""
        elapsed = int(time.monotonic() - self._begin)
        text = f"[{self._number}/{self._total}] {elapsed // 60}:{elapsed % 60:02} {self._title}"
        text = f"{text}: {what}" if what else text
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text[:150]}")
        elif not what:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        """Make room for a result."""
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
