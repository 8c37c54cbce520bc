"""Whatever people do on several platforms, whatever fails: at rest everybody reads the same, each thing once."""

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from airchat.protocol.timestamps import SECOND
from bridges.loopback.bridge import US
from bridges.loopback.platform import LoopbackPlatform
from hub.relay import supervisor, waits
from hub.relay.inward import inbox
from hub.relay.outward import lanes, outlet, unfinished
from tests.hub.relay.rooms import ROOM, Rooms, Shown, make_rooms
from tests.hub.relay.weather import Inward, Outward, Weather, WeatherBridge

Result = TypeVar("Result")

PLATFORMS = ("east", "west", "north")
HUB = "hub"
EMOJI = ("👍", "🎉")
STEPS = 60
REST_SECONDS = 60.0
QUIET = 10

_QUOTE = re.compile(r"^> .*\n\n")

places = st.sampled_from((*PLATFORMS, HUB))
picks = st.integers(0, 1_000)


@dataclass
class Said:
    """A message as it should be: `id` is its own on the place where it was written."""

    place: str
    author: str
    id: str
    text: str
    thread: "Said | None" = None
    files: tuple[str, ...] = ()
    deleted: bool = False
    unfinished: bool = False
    reactions: set[tuple[str, str, str]] = field(default_factory=set)

    def shown(self) -> Shown:
        root = self.thread
        thread = root.text if root is not None and not root.deleted else None
        return Shown(self.author, self.text, thread, frozenset(emoji for _, _, emoji in self.reactions), self.files)


class Everywhere(RuleBasedStateMachine):
    """Three platforms and a hub with agents; `teardown` waits until all is quiet and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.weather = {name: Weather() for name in PLATFORMS}
        self.rooms: Rooms = make_rooms(Path(self.folder.name), PLATFORMS, create=self._bridge)
        self.said: list[Said] = []
        self.count = 0
        self._do(self._start())
        for place in (*PLATFORMS, HUB):
            self._do(self._say(place, 0, -1, 9))

    def _bridge(self, name: str, platform: LoopbackPlatform) -> WeatherBridge:
        return WeatherBridge(platform, name, self.weather[name])

    async def _start(self) -> None:
        await self.rooms.hub.start()
        await self.rooms.connected()

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    @rule(place=places, who=picks, root=picks, files=st.integers(0, 9))
    def say(self, place: str, who: int, root: int, files: int) -> None:
        self._do(self._say(place, who, root, files))

    @rule(place=places, who=picks)
    def say_plainly(self, place: str, who: int) -> None:
        self._do(self._say(place, who, -1, 9))

    @rule(who=picks, root=picks)
    def begin(self, who: int, root: int) -> None:
        self._do(self._say(HUB, who, 2 * root, 9, unfinished=True))

    @rule(pick=picks)
    def edit(self, pick: int) -> None:
        said = self._pick(pick)
        if said is not None:
            self.count += 1
            said.text, said.unfinished = f"text {self.count} edited", False
            self._do(self._edit(said))

    @rule(pick=picks, finishes=st.booleans())
    def go_on(self, pick: int, finishes: bool) -> None:
        begun = [said for said in self.said if said.unfinished and not said.deleted]
        if begun:
            said = begun[pick % len(begun)]
            self.count += 1
            said.text, said.unfinished = f"text {self.count} {'done' if finishes else 'begun'}", not finishes
            self._do(self._edit(said))

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        said = self._pick(pick)
        if said is not None and pick % 3 == 0:
            said.deleted = True
            self._do(self._delete(said))

    @rule(place=places, pick=picks, emoji=st.sampled_from(EMOJI))
    def react(self, place: str, pick: int, emoji: str) -> None:
        said = self._pick(pick)
        if said is not None:
            self._do(self._react(said, place, f"fan-{pick % 2}", emoji))

    @rule(place=st.sampled_from(PLATFORMS), fault=st.sampled_from(("before", "after", "slow down")))
    def fail_outward(self, place: str, fault: Outward) -> None:
        self.weather[place].outward.append(fault)

    @rule(place=st.sampled_from(PLATFORMS), fault=st.sampled_from(("twice", "swapped", "missed", "cut")))
    def fail_inward(self, place: str, fault: Inward) -> None:
        self.weather[place].inward.append(fault)

    @rule(pause=st.sampled_from((0.0, 0.01, 0.1)))
    def wait(self, pause: float) -> None:
        self._do(asyncio.sleep(pause))

    @rule()
    def restart(self) -> None:
        self._do(self.rooms.hub.restart())

    def teardown(self) -> None:
        try:
            for weather in self.weather.values():
                weather.clear()
            # What a connection swallowed is found when it is made anew, which each is in the end.
            self._do(self.rooms.hub.restart())
            self._do(self._same())
        finally:
            self._do(self.rooms.hub.stop())
            self.loop.close()
            self.folder.cleanup()

    def _pick(self, pick: int) -> Said | None:
        there = [said for said in self.said if not said.deleted]
        return there[pick % len(there)] if there else None

    async def _say(self, place: str, who: int, root: int, files: int, *, unfinished: bool = False) -> None:
        self.count += 1
        text = f"text {self.count}"
        roots = [it for it in self.said if it.thread is None and not it.deleted] if root % 2 == 0 else []
        thread = roots[root % len(roots)] if roots else None
        names = (f"file {self.count}.txt",) if files < 2 and place != HUB else ()
        author = f"{place}-{who % 2}"
        if place == HUB:
            parent = None if thread is None else await self._hub_message(thread)
            if thread is not None and parent is None:
                thread = None
            posted = await self.rooms.hub.post(author, text, parent=parent, unfinished=unfinished)
            self.said.append(Said(place, author, posted.message.id, text, thread, unfinished=unfinished))
            return
        thread_id = None if thread is None else self._copy(place, thread)
        content = tuple((name, name.encode()) for name in names)
        post = self.rooms.platforms[place].write(ROOM, author, text, thread_id=thread_id, files=content)
        self.said.append(Said(place, author, post.id, text, thread if thread_id else None, names))

    async def _edit(self, said: Said) -> None:
        if said.place == HUB:
            author = await self.rooms.hub.agent(said.author)
            await self.rooms.hub.messages.edit(author, said.id, said.text, unfinished=said.unfinished)
        else:
            self.rooms.platforms[said.place].edit(said.id, said.text, said.author)

    async def _delete(self, said: Said) -> None:
        if said.place == HUB:
            await self.rooms.hub.messages.delete(await self.rooms.hub.agent(said.author), said.id)
        else:
            self.rooms.platforms[said.place].delete(said.id, said.author)

    async def _react(self, said: Said, place: str, who: str, emoji: str) -> None:
        """Hang an emoji on a message, or take it back, where it has arrived."""
        mark = (place, who, emoji)
        added = mark not in said.reactions
        if place == HUB:
            message = await self._hub_message(said)
            if message is None:
                return
            reactions, fan = self.rooms.hub.reactions, await self.rooms.hub.agent(who)
            await (reactions.add if added else reactions.remove)(fan, message.id, emoji)
        else:
            copy = self._copy(place, said)
            if copy is None:
                return
            self.rooms.platforms[place].react(copy, who, emoji, added=added)
        (said.reactions.add if added else said.reactions.remove)(mark)

    def _copy(self, place: str, said: Said) -> str | None:
        """Return the id of a message on a platform."""
        if said.place == place:
            return said.id
        number = said.text.split()[1]
        posts = self.rooms.platforms[place].posts
        return next((it.id for it in posts if _plain(it.text).split()[1:2] == [number]), None)

    async def _hub_message(self, said: Said) -> Any:
        number = said.text.split()[1]
        written = await self.rooms.hub.written()
        return next((it for it in written if it.content.split()[1:2] == [number]), None)

    async def _same(self) -> None:
        """Wait until everybody reads what was said, then see that it stays so, and in which order."""
        wanted = Counter(said.shown() for said in self.said if not said.deleted)
        everywhere = dict.fromkeys((*PLATFORMS, HUB), wanted)
        deadline, quiet = self.loop.time() + REST_SECONDS, 0
        while quiet < QUIET and self.loop.time() < deadline:  # what would come twice, comes meanwhile
            quiet = quiet + 1 if await self._read() == everywhere and not self._open() else 0
            await asyncio.sleep(0.02)
        for place, shown in (await self._read()).items():
            assert shown == wanted, f"{place}: lost {wanted - shown}, too much {shown - wanted}"
        assert self._open() == []
        for place in PLATFORMS:
            texts = [_plain(post.text) for post in self.rooms.platforms[place].posts]
            for origin in {said.place for said in self.said}:
                order = [it.text for it in self.said if it.place == origin and not it.deleted]
                assert [text for text in texts if text in order] == order, f"order of {origin} on {place}"
            assert all(
                by == US for post in self.rooms.platforms[place].posts for by, _ in _foreign(post.reactions, place)
            )

    def _open(self) -> list[str]:
        """Return what is shown as being written."""
        return [post.text for place in PLATFORMS for post in self.rooms.platforms[place].posts if post.unfinished]

    async def _read(self) -> dict[str, Counter[Shown]]:
        read = {place: Counter(_unquoted(self.rooms.shown(place))) for place in PLATFORMS}
        return read | {HUB: Counter(_unquoted(await self.rooms.hub_shows()))}


def _foreign(reactions: frozenset[tuple[str, str]], place: str) -> list[tuple[str, str]]:
    return [(by, emoji) for by, emoji in reactions if not by.startswith("fan-")]


def _plain(text: str) -> str:
    return _QUOTE.sub("", text)


def _unquoted(shown: list[Shown]) -> list[Shown]:
    """Take quotes of roots that were gone before the reply came out of the texts."""
    return [it._replace(text=_plain(it.text), thread=_plain(it.thread) if it.thread else None) for it in shown]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits longer than they have to."""
    for module in (supervisor, lanes, inbox):
        monkeypatch.setattr(module, "backoff", lambda _: 0.02)
    monkeypatch.setattr(unfinished, "OPEN_FOR", SECOND // 2)
    monkeypatch.setattr(unfinished, "_AGAIN", SECOND // 20)
    monkeypatch.setattr(lanes, "_IDLE_SECONDS", 0.1)
    monkeypatch.setattr(waits, "MAX_BACKOFF_SECONDS", 0.05)
    monkeypatch.setattr(outlet, "SETTLE_SECONDS", 0.02)
    monkeypatch.setattr(inbox, "_SETTLE_SECONDS", 0.02)
    monkeypatch.setattr(supervisor, "_LOOK_FOR_LINKS_SECONDS", 0.02)


@pytest.mark.timeout(1_200)
def test_everybody_reads_the_same_after_many_things(quick: None) -> None:
    run_state_machine_as_test(
        Everywhere,
        settings=settings(
            max_examples=settings().max_examples // 8,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
