"""A model on loopback that does what the prompt spells out, whatever API it is asked by."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.model.request import Request
from tests.fakes.model.script import Step, answer, read_script
from tests.waiting import SECONDS, found

T = TypeVar("T")
Send = Callable[[Step, int], Awaitable[web.StreamResponse]]
"""Sends an answer; the number makes its ids unique."""


class FakeModel(ABC):
    """One API of a model. Used as `async with`; `url` is where it listens.

    `requests` are those for an answer of the model, in order of arrival; `others` names everything else that was asked.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.others: list[str] = []
        self.answering = 0
        self.dropped = 0
        self._rules: list[tuple[re.Pattern[str], list[Step]]] = []
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        site = web.Application(client_max_size=1 << 28)
        self.listen(site.router)
        site.router.add_route("*", "/{path:.*}", self._refuse)
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @abstractmethod
    def listen(self, router: web.UrlDispatcher) -> None:
        """Add what the API answers to."""

    @abstractmethod
    def failure(self, status: int, text: str) -> web.Response:
        """Return a failure as the API tells it."""

    @property
    def url(self) -> str:
        """Where the fake listens, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    def on(self, pattern: str, script: str) -> None:
        """Let the model follow `script` when what it is shown matches `pattern`: for prompts that no test writes.

        A prompt's own script goes before; results of tools are not looked at; of several rules the newest counts.
        """
        self._rules.append((re.compile(pattern, re.DOTALL), read_script(script)))

    def asked(self, text: str) -> list[Request]:
        """Return the requests in which the model was newly shown `text`."""
        return [request for request in self.requests if text in request.newest]

    async def wait_for(self, condition: Callable[[], T], *, timeout: float = SECONDS, what: str = "") -> T:  # noqa: ASYNC109 - callers expect this word
        """Wait until the condition is true (or returns something truthy, which is returned).

        Raises AssertionError that shows the newest requests when the time (seconds) is over.
        """
        told = f"not within {timeout} s: {what or condition}"
        return await found(condition, lambda: f"{told}\n{self._newest() or 'no request came'}", timeout)

    def _newest(self) -> str:
        return "\n".join(f"- {request.newest[-2000:]}" for request in self.requests[-3:])

    def next_step(self, request: Request) -> Step:
        """Return what the model does: the newest script goes on, a prompt's or a rule's; else it is done."""
        for said, shown, answers in request.shown():
            if steps := read_script(said) or self._rule(shown):
                return answer(steps, answers)
        return answer([], 0)

    async def answer(self, request: web.Request, body: dict[str, Any], send: Send) -> web.StreamResponse:
        """Answer a request; `body` has the form of the Messages API."""
        asked = Request(request.path, {k.lower(): v for k, v in request.headers.items()}, body)
        self.requests.append(asked)
        number = len(self.requests)
        step = self.next_step(asked)
        self.answering += 1
        try:
            await asyncio.sleep(step.sleep)
            return self.failure(step.error, "as the script says") if step.error else await send(step, number)
        except (asyncio.CancelledError, ConnectionError):
            self.dropped += 1
            raise
        finally:
            self.answering -= 1

    def _rule(self, text: str) -> list[Step]:
        return next((steps for pattern, steps in reversed(self._rules) if pattern.search(text)), [])

    async def _refuse(self, request: web.Request) -> web.Response:
        self.others.append(f"{request.method} {request.path}")
        await request.read()  # else the connection, which the caller means to use again, is closed
        return self.failure(404, request.path)


async def stream(request: web.Request, chunks: Iterable[bytes], number: int) -> web.StreamResponse:
    """Send server-sent events."""
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "request-id": f"req_{number:06}"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response
