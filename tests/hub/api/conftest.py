from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from hub.core.passwords import SHORTEST, Passwords
from tests.hub.api.site import Caller, Site, running_site, settings_for


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost next to nothing, with the rules of the real ones."""
    monkeypatch.setattr("hub.cases.Passwords", partial(Passwords.cheap, SHORTEST))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(settings_for(tmp_path / "state")) as site:
        yield site


@pytest.fixture
async def ann(site: Site) -> Caller:
    return await site.caller("ann")


@pytest.fixture
async def bob(site: Site) -> Caller:
    return await site.caller("bob")
