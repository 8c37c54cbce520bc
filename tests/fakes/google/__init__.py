"""A fake of the Gemini API, by which Gemini CLI asks; see `tests.fakes.model`."""

from tests.fakes.google.server import FakeGoogle

__all__ = ["FakeGoogle"]
