"""FakeAnthropic: the Messages API on loopback, whose model does what the prompt spells out."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.anthropic.request import Request
from tests.fakes.anthropic.script import Step, answer, read_script
from tests.fakes.anthropic.wire import events, message
from tests.waiting import SECONDS

POLL = 0.01

T = TypeVar("T")


class FakeAnthropic:
    """A model on loopback. Used as `async with FakeAnthropic() as model`; `model.url` is what ANTHROPIC_BASE_URL takes.

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
        site.router.add_post("/v1/messages", self._answer)
        site.router.add_post("/v1/messages/count_tokens", self._count)
        site.router.add_route("*", "/{path:.*}", self._refuse)
        self._runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

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
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (result := condition()):
            if loop.time() > deadline:
                shown = "\n".join(f"- {request.newest[-2000:]}" for request in self.requests[-3:])
                raise AssertionError(f"not within {timeout} s: {what or condition}\n{shown or 'no request came'}")
            await asyncio.sleep(POLL)
        return result

    def next_step(self, request: Request) -> Step:
        """Return what the model does: the newest script goes on, a prompt's or a rule's; else it is done."""
        for said, shown, answers in request.shown():
            if steps := read_script(said) or self._rule(shown):
                return answer(steps, answers)
        return answer([], 0)

    def _rule(self, text: str) -> list[Step]:
        return next((steps for pattern, steps in reversed(self._rules) if pattern.search(text)), [])

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = Request(request.path, {k.lower(): v for k, v in request.headers.items()}, await request.json())
        self.requests.append(asked)
        number = len(self.requests)
        step = self.next_step(asked)
        self.answering += 1
        try:
            await asyncio.sleep(step.sleep)
            return await self._send(request, asked, step, number)
        except (asyncio.CancelledError, ConnectionError):
            self.dropped += 1
            raise
        finally:
            self.answering -= 1

    async def _send(self, request: web.Request, asked: Request, step: Step, number: int) -> web.StreamResponse:
        if step.error is not None:
            return _failure(step.error, "api_error", "as the script says")
        whole = message(step, number, asked.model)
        if not asked.body.get("stream"):
            return web.json_response(whole)
        response = web.StreamResponse(headers={"content-type": "text/event-stream", "request-id": f"req_{number:06}"})
        await response.prepare(request)
        for chunk in events(whole):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def _count(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        return web.json_response({"input_tokens": len(json.dumps(body)) // 4})

    async def _refuse(self, request: web.Request) -> web.Response:
        self.others.append(f"{request.method} {request.path}")
        return _failure(404, "not_found_error", request.path)


def _failure(status: int, kind: str, text: str) -> web.Response:
    return web.json_response({"type": "error", "error": {"type": kind, "message": text}}, status=status)
