"""Who writes a secret on a platform is told that the hub took it out, once for each text, also when a file held it."""

from pathlib import Path

from tests.hub.relay.rooms import ROOM, make_rooms
from tests.waiting import eventually

KEY = "AKIA" + "ABCDEFGHIJKLMNOP"
TOLD = "@ann-east What looks like a secret was taken out here, and still stands on east: AWS key"


async def test_author_of_a_secret_is_told_below_the_message(tmp_path: Path) -> None:
    async with make_rooms(tmp_path, ("east",)) as rooms:
        east = rooms.platforms["east"]
        post = east.write(ROOM, "ann", f"key {KEY}")
        await eventually(lambda: len(east.posts) == 2)
        east.edit(post.id, f"keys {KEY}", "ann")
        await eventually(lambda: len(east.posts) == 3)
        east.write(ROOM, "ann", "see", files=(("a.txt", f"id={KEY}".encode()), ("b.txt", KEY.encode())))
        await eventually(lambda: len(east.posts) == 5)
        east.write(ROOM, "ann", "clean", files=(("c.txt", b"harmless"),))
        await eventually(lambda: rooms.hub_has(6))

        said = [(shown.text, shown.thread) for shown in await rooms.hub_shows()]
        changed = "keys [redacted: AWS key]"
        assert said == [
            (changed, None),
            (TOLD, changed),
            (TOLD, changed),
            ("see", None),
            (TOLD, "see"),
            ("clean", None),
        ]
        assert [post.text for post in east.posts if post.author != "ann"] == [TOLD] * 3
