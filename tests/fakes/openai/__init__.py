"""A fake of the Responses API, by which Codex CLI asks; see `tests.fakes.model`."""

from tests.fakes.openai.server import FakeOpenAI

__all__ = ["FakeOpenAI"]
