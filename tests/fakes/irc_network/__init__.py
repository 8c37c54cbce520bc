"""A small IRC network: a server that behaves as real ones do, with people on it, and faults on demand."""

from .people import Person
from .server import FakeIrcNetwork
from .settings import CAPABILITIES, Settings

__all__ = ["CAPABILITIES", "FakeIrcNetwork", "Person", "Settings"]
