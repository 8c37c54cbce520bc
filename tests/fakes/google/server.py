"""FakeGoogle: the Gemini API on loopback."""

from typing import Any

from aiohttp import web

from tests.fakes.google.wire import as_messages, event, response
from tests.fakes.model import FakeModel, Step, stream


class FakeGoogle(FakeModel):
    """A model on loopback; `model.url` is what GOOGLE_GEMINI_BASE_URL takes."""

    def listen(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1beta/models/{model}:streamGenerateContent", self._answer)

    def failure(self, status: int, text: str) -> web.Response:
        return web.json_response({"error": {"code": status, "message": text, "status": "UNAVAILABLE"}}, status=status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        model = request.match_info["model"]

        async def send(step: Step, number: int) -> web.StreamResponse:
            return await stream(request, [event(response(step, number, model))], number)

        return await self.answer(request, as_messages(body, model), send)
