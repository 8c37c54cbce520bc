"""The story behind the table: in every place somebody does everything once; then it is looked at everywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.stories.parity.places import THUMB, Agent, Place, plain
from tests.stories.parity.table import AGENT, CLIENT, DISCORD, NETWORK, OPERATIONS, SLACK, Cell, sources
from tests.waiting import eventually

LENGTHS = {SLACK: 200, DISCORD: 80, NETWORK: 15, CLIENT: 15, AGENT: 200}
"""How many words somebody can say at once."""

CODE = "```python\nprint({mark})\n```"


@dataclass
class Story:
    """The places by name."""

    places: dict[str, Place]

    async def play(self) -> None:
        """Do everything."""
        for operation in ("message", "delete", "mention", "long text", "code", "file"):
            for source in sources(operation):
                await self._begin(operation, source)
        for source in self.places:
            await self._everywhere(f"{mark('message', source)}")
            await self._everywhere(f"{mark('delete', source)}")
        # A person corrects on IRC what they said last.
        for operation in ("thread reply", "reaction", "delete", "edit"):
            for source in sources(operation):
                await self._go_on(operation, source)

    async def check(self, cell: Cell) -> None:
        """Wait until the cell is as the table says; fail when it does not come to be."""
        look = _CHECKS[cell.operation]
        try:
            await eventually(lambda: look(self, cell), what=cell.id)
        except AssertionError as error:
            seen = await self.places[cell.target].seen(mark(cell.operation, cell.source))
            raise AssertionError(f"{cell.id}: {seen}") from error

    async def _begin(self, operation: str, source: str) -> None:
        place, word = self.places[source], mark(operation, source)
        if operation == "mention":
            await place.say(f"@otter {word}")
        elif operation == "long text":
            await place.say(" ".join([word, *(f"{word}-{number}" for number in range(1, LENGTHS[source] + 1))]))
        elif operation == "code":
            single = source == NETWORK
            await place.say(f"`print({word})`" if single else CODE.format(mark=word))
        elif operation == "file":
            await place.share(f"{word}.txt", "")
        else:
            await place.say(word)

    async def _go_on(self, operation: str, source: str) -> None:
        place = self.places[source]
        if operation == "edit":
            word = f"{mark('edit', source)}-before"
            said = await place.say(word)
            await self._everywhere(word)
            await place.edit(said, f"{mark('edit', source)}-after")
        elif operation == "delete":
            await place.delete(await place.find(mark("delete", source)))
        elif operation == "reaction":
            # on what was said elsewhere, which is the harder thing
            await place.react(await place.find(mark("message", source)))
        else:
            await place.reply(await place.find(mark("message", source)), mark(operation, source))

    async def _everywhere(self, word: str) -> None:
        async def there() -> bool:
            return all([await place.seen(word) is not None for place in self.places.values()])

        await eventually(there, what=f"{word} everywhere")


async def _message(story: Story, cell: Cell) -> bool:
    return await story.places[cell.target].seen(mark("message", cell.source)) is not None


async def _edit(story: Story, cell: Cell) -> bool:
    word, place = mark("edit", cell.source), story.places[cell.target]
    after = await place.seen(f"{word}-after")
    if cell.target == NETWORK:  # s/before/after/ is a correction as well
        return after is not None and "corrects" in after.text
    if after is None:
        return False
    return "(edited)" in after.text or await place.seen(f"{word}-before") is None


async def _delete(story: Story, cell: Cell) -> bool:
    return await story.places[cell.target].seen(mark("delete", cell.source)) is None


async def _reaction(story: Story, cell: Cell) -> bool:
    seen = await story.places[cell.target].seen(mark("message", cell.source))
    if seen is None:
        return False
    if cell.target == NETWORK:
        return any(THUMB in line and mark("message", cell.source) in line for line in seen.lines)
    return THUMB in seen.reactions


async def _reply(story: Story, cell: Cell) -> bool:
    seen = await story.places[cell.target].seen(mark("thread reply", cell.source))
    root = mark("message", cell.source)
    if seen is None:
        return False
    return "(re " in seen.text or "> #" in seen.text if cell.target == NETWORK else root in (seen.thread or "")


async def _file(story: Story, cell: Cell) -> bool:
    seen, name = await story.places[cell.target].seen(mark("file", cell.source)), f"{mark('file', cell.source)}.txt"
    if seen is None:
        return False
    if cell.target in {SLACK, DISCORD, AGENT}:
        return seen.files == (name,)
    return name in seen.text and (cell.target != NETWORK or "https://hub.example/" in seen.text)


async def _mention(story: Story, cell: Cell) -> bool:
    place, word = story.places[cell.target], mark("mention", cell.source)
    seen = await place.seen(word)
    if seen is None or "@otter" not in plain(seen.text):
        return False
    return await place.called(word) if isinstance(place, Agent) else True


async def _long_text(story: Story, cell: Cell) -> bool:
    place, word, length = story.places[cell.target], mark("long text", cell.source), LENGTHS[cell.source]
    seen = await place.seen(f"{word} {word}-1")
    if seen is None:
        return False
    if cell.target == NETWORK and length > LENGTHS[DISCORD]:
        return await place.seen(f"{word}-{length}") is None and "https://hub.example/" in " ".join(seen.lines)
    return await place.seen(f"{word}-{length}") is not None


async def _code(story: Story, cell: Cell) -> bool:
    seen = await story.places[cell.target].seen(f"print({mark('code', cell.source)})")
    return seen is not None and (cell.target in {NETWORK, CLIENT} or "`" in seen.text + "".join(seen.lines))


_CHECKS: dict[str, Callable[[Story, Cell], Awaitable[bool]]] = {
    "message": _message,
    "edit": _edit,
    "delete": _delete,
    "reaction": _reaction,
    "thread reply": _reply,
    "file": _file,
    "mention": _mention,
    "long text": _long_text,
    "code": _code,
}
assert list(_CHECKS) == list(OPERATIONS)


def mark(operation: str, source: str) -> str:
    """Return the word by which something is recognised wherever it comes."""
    return f"{operation}-{source}".lower().replace(" ", "-")
