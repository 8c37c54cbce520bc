from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hub.api.site import Caller, Site, running_site, settings_for


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
