from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bridges.irc.server import IrcHub, running_irc_server


@pytest.fixture
async def irc(tmp_path: Path) -> AsyncIterator[IrcHub]:
    """A hub in memory whose IRC server takes guests."""
    async with running_irc_server(tmp_path) as running:
        yield running
