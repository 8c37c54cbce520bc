"""FakeAnthropic: the Messages API on loopback, whose model does what the prompt spells out."""

import json
from typing import Any

from aiohttp import web

from tests.fakes.anthropic.wire import events, message
from tests.fakes.model import FakeModel, Step, stream


class FakeAnthropic(FakeModel):
    """A model on loopback; `model.url` is what ANTHROPIC_BASE_URL takes."""

    def listen(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/messages", self._answer)
        router.add_post("/v1/messages/count_tokens", self._count)

    def failure(self, status: int, text: str) -> web.Response:
        kind = "not_found_error" if status == 404 else "api_error"
        return web.json_response({"type": "error", "error": {"type": kind, "message": text}}, status=status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()

        async def send(step: Step, number: int) -> web.StreamResponse:
            whole = message(step, number, body.get("model", ""))
            return await stream(request, events(whole), number) if body.get("stream") else web.json_response(whole)

        return await self.answer(request, body, send)

    async def _count(self, request: web.Request) -> web.Response:
        body: Any = await request.json()
        return web.json_response({"input_tokens": len(json.dumps(body)) // 4})
