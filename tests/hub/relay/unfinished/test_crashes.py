"""The hub dies while an answer is shown as being written, and it is there once, and finished."""

from pathlib import Path

import pytest

from hub.relay.outward.outlet import Outlet
from tests.hanging import hang
from tests.hub.relay.rooms import make_rooms
from tests.hub.relay.unfinished.question import Rigid, Watched, asked, begin, bridge, edit, newest, nothing_open, shows
from tests.waiting import eventually


@pytest.mark.parametrize(("owner", "name"), [(Rigid, "post"), (Outlet, "record")])
async def test_crash_while_it_is_posted_when_it_is_finished_leaves_it_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    async with asked(make_rooms(tmp_path, ("east",), create=lambda name, platform: Rigid(platform, name))) as rooms:
        message = await begin(rooms)
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, 0)
            await edit(rooms, message, "done")
            await eventually(reached.is_set)
            await rooms.hub.stop()
        await rooms.hub.start()
        await rooms.same(2)


# Where the hub stops for ever, the call before which it does so (0: the first), and what that is.
POINTS = [
    pytest.param(Watched, "post", 0, id="before it is begun"),
    pytest.param(Outlet, "record", 0, id="after it is begun, before that is recorded"),
    pytest.param(Watched, "change", 0, id="before it is renewed"),
    pytest.param(Outlet, "save_pair", 1, id="after it is renewed, before that is recorded"),
    pytest.param(Watched, "change", 1, id="between renewing and finishing"),
    pytest.param(Outlet, "save_pair", 3, id="after it is finished, before that is recorded"),
]


@pytest.mark.parametrize(("owner", "name", "skip"), POINTS)
async def test_crash_leaves_one_answer_that_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, skip: int
) -> None:
    async with asked(make_rooms(tmp_path, ("east",), create=bridge)) as rooms:
        with monkeypatch.context() as patch:
            reached = hang(patch, owner, name, skip)
            message = await begin(rooms)
            for text in ("working", "further"):
                await eventually(lambda text=text: reached.is_set() or newest(rooms).text == text)  # type: ignore[misc]
                await edit(rooms, message, "further" if text == "working" else "done", still=text == "working")
            await eventually(reached.is_set)
            await rooms.hub.stop()
        await rooms.hub.start()
        await shows(rooms, "done", still=False)
        await rooms.same(2)
        await eventually(lambda: nothing_open(rooms))
