"""Errors the fake answers with, in Slack's own words (https://docs.slack.dev/reference/methods)."""


class SlackError(Exception):
    """A refused call: becomes ``{"ok": false, "error": code, **details}``."""

    def __init__(self, code: str, **details: object) -> None:
        """Refuse with Slack's error word ``code``; ``details`` are extra fields of the answer."""
        super().__init__(code)
        self.code = code
        self.details = details
