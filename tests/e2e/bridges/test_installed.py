"""The bridge that the documentation shows, installed beside a hub in a process of its own, by the page's own words."""

import asyncio
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.distributions import install
from tests.docs.pages import ROOT, blocks
from tests.e2e.callers import Caller, Line, enrol, until
from tests.e2e.database import Database
from tests.hub_process import UNLIMITED, HubProcess

PAGE = ROOT / "docs" / "writing-bridges.md"


class Paper:
    """The folder, and a hub that has the bridge to it."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "paper"
        self.place.mkdir()
        self._file = self.place / "kitchen.jsonl"
        [code], [project], [self._settings] = (list(blocks(PAGE, kind)) for kind in ("python", "", "toml"))
        points = tomllib.loads(project)["project"]["entry-points"]["airchat_hub.bridges"]
        assert points == {"paper": "airchat_paper:make"}
        packages = folder / "packages"
        packages.mkdir()
        install(packages, "paper", code)
        self.config = folder / "hub.toml"
        self.configure("/srv/paper", str(self.place))
        self.hub = HubProcess(folder, UNLIMITED | {"IRC__ENABLED": "false"})
        self.hub.env["PYTHONPATH"] = str(packages)
        self.database = Database(folder / "hub" / "hub.db")

    def configure(self, old: str, new: str) -> None:
        """Write the page's settings, with one thing changed."""
        assert old in self._settings
        self.config.write_text(self._settings.replace(old, new), encoding="utf-8")

    def write(self, by: str, text: str) -> None:
        """Let somebody write a line."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": time.time(), "by": by, "text": text}) + "\n")

    def there(self) -> list[tuple[str, str]]:
        """Return what stands in the room."""
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        found: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [(line["by"], line["text"]) for line in found]

    def here(self) -> list[tuple[str, str]]:
        """Return what the hub has."""
        return self.database.rows("SELECT COALESCE(author_display, author_name), content FROM messages ORDER BY seq")


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


async def test_bridge_of_the_documentation_carries_both_ways(paper: Paper, session: aiohttp.ClientSession) -> None:
    await asyncio.to_thread(paper.hub.start, paper.config)
    try:
        line = Line(session, paper.hub.url)
        wren = await (await enrol(paper.hub, line)).register(line, "wren")
        await until(lambda: paper.database.rows("SELECT 1 FROM relay_links") != [])
        paper.write("Ann", "the printer is **out of paper**")
        await until(lambda: paper.here() == [("Ann", "the printer is **out of paper**")])
        said = await _post(wren, "I have *ordered* some")
        await until(lambda: ("wren", "I have *ordered* some") in paper.there())
        answer = await wren.ask("PATCH", f"/api/v2/messages/{said}", {"content": "it has come"})
        assert answer.status == 200, answer
        await until(lambda: ("wren", "corrected: it has come") in paper.there())

        await asyncio.to_thread(paper.hub.kill)
        paper.write("Bob", "who has the key?")
        await asyncio.to_thread(paper.hub.start, paper.config, program=True)  # which alone sees what is installed
        await until(lambda: ("Bob", "who has the key?") in paper.here())
        await _post(wren, "Ann has")
        await until(lambda: ("wren", "Ann has") in paper.there())
        assert [text for _, text in paper.there()] == [
            *("the printer is **out of paper**", "I have *ordered* some", "corrected: it has come"),
            *("who has the key?", "Ann has"),
        ]
        assert len(paper.here()) == 4
        assert "Traceback" not in paper.hub.log
    finally:
        assert await asyncio.to_thread(paper.hub.stop) == 0


def test_hub_says_which_setting_of_a_bridge_is_wrong(paper: Paper) -> None:
    paper.configure('folder = "/srv/paper"', 'colour = "red"')
    with pytest.raises(RuntimeError, match=r"airchat-hub: \[bridges.paper\]: there is no setting colour"):
        paper.hub.start(paper.config)


async def _post(caller: Caller, text: str) -> str:
    answer = await caller.ask("POST", "/api/v2/messages", {"channel": "general", "content": text})
    return str(answer.data["message"]["id"])
