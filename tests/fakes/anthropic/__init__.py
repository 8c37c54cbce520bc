"""A fake of the Messages API, by which Claude Code asks; see `tests.fakes.model`."""

from tests.fakes.anthropic.server import FakeAnthropic

__all__ = ["FakeAnthropic"]
