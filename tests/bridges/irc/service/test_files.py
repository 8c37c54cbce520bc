from collections.abc import AsyncIterator
from pathlib import Path

from tests.bridges.irc.service.asking import WEB, ask, hub_on_the_web


async def content() -> AsyncIterator[bytes]:
    yield b"x" * 1500


async def test_files_have_links_that_open_them(tmp_path: Path) -> None:
    async with hub_on_the_web(tmp_path) as irc:
        files = irc.hub.cases.files
        ann, bob = await irc.client("ann"), await irc.client("bob")
        await ann.join("#ops")
        await files.put(irc.hub.actor, "ops", "plan one.txt", content())
        await files.put(irc.hub.actor, "den", "other.txt", content())
        await ann.sync()
        [row] = await ask(ann, "files")
        about, _, link = row[17:].rpartition(" ")
        assert about == "#ops <system> plan one.txt, 1.5 kB"
        place, _, query = link.removeprefix(f"{WEB}/signed/files/").partition("?")
        signed = dict(part.split("=") for part in query.split("&"))
        found = await files.find_signed(place, int(signed["expires"]), signed["signature"])
        assert found.name == "plan one.txt"
        assert len(await ask(bob, "files #den")) == 1
        assert await ask(bob, "files") == ["No files were shared in your channels"]
