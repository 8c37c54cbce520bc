"""Progress: a message that says that an agent is at work, edited now and then, which in the end becomes the answer."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from airchat import AirChatError
from airchat.boundary import cut
from runner.answers import Answers, quiet
from runner.clock import Clock
from runner.harness.port import Event, Permission, Text, ToolCall
from runner.state import Target

FIRST_SECONDS = 4.0
"""A turn that is done sooner tells of no progress: its answer is enough."""

EVERY_SECONDS = 8.0
LONGEST_SECONDS = 60.0
_SAID = 500
_TOOLS = 8

_log = logging.getLogger(__name__)


class Progress:
    """Tells of one turn. `saw` takes its events; `run` posts, and is cancelled when the turn is over."""

    def __init__(self, answers: Answers, clock: Clock, target: Target, key: str, cause: str | None) -> None:
        self._answers = answers
        self._clock = clock
        self._target = target
        self._key = key
        self._cause = cause
        self._tools: Counter[str] = Counter()
        self._said = ""
        self._asking: list[str] = []
        self._news = asyncio.Event()
        self._started = clock.steady()
        self.message_id: str | None = None

    def saw(self, event: Event) -> None:
        """Take note of what happens in the turn."""
        match event:
            case ToolCall():
                self._tools[event.name] += 1
            case Text():
                self._said = event.text.strip()
            case Permission():
                self._said = f"{event.request.tool} was {'allowed' if event.allowed else 'refused'}."
            case _:
                pass

    @contextmanager
    def asking(self, tool: str) -> Iterator[None]:
        """Tell, meanwhile, that people are asked whether the tool may be used; that is told at once."""
        self._asking.append(tool)
        self._news.set()
        try:
            yield
        finally:
            self._asking.remove(tool)
            self._news.set()

    async def run(self) -> None:
        """Post after a while, and edit while there is news; each wait is longer, as the hub counts what one writes."""
        pause, told = EVERY_SECONDS, ""
        await self._clock.sleep(FIRST_SECONDS)
        while True:
            if (text := self._text()) != told:
                told = text
                if not await self._tell(f"{text}\n_{self._clock.steady() - self._started:.0f} s_"):
                    return
            await self._clock.wait(self._news, pause)
            self._news.clear()
            pause = min(LONGEST_SECONDS, pause * 1.3)

    async def _tell(self, text: str) -> bool:
        """Post or edit; False when the hub does not want to hear of it."""
        try:
            if self.message_id is None:
                told = await self._answers.post(self._target, text, self._key, self._cause, unfinished=True)
                self.message_id = told.id
            else:
                await self._answers.edit(self.message_id, text, unfinished=True)
        except AirChatError as error:
            _log.info("progress is not told: %s", error)
            return error.transient
        return True

    def _text(self) -> str:
        lines = ["⏳ working"]
        if self._asking:
            lines = [f"⏳ waiting for a person's approval of {', '.join(dict.fromkeys(map(quiet, self._asking)))}"]
        if self._said:
            lines.append(quiet(cut(self._said, _SAID)))
        newest = list(self._tools.items())[-_TOOLS:]
        if newest:
            lines.append(", ".join(name if count == 1 else f"{name} ({count})" for name, count in newest))
        return "\n".join(lines)
