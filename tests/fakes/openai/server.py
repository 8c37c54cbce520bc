"""FakeOpenAI: the Responses API on loopback."""

from typing import Any

from aiohttp import web

from tests.fakes.model import FakeModel, Step, stream
from tests.fakes.openai.wire import as_messages, events, response


class FakeOpenAI(FakeModel):
    """A model on loopback; `model.url + "/v1"` is what a provider's `base_url` takes."""

    def listen(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v1/responses", self._answer)

    def failure(self, status: int, text: str) -> web.Response:
        return web.json_response({"error": {"message": text, "type": "api_error", "code": None}}, status=status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()

        async def send(step: Step, number: int) -> web.StreamResponse:
            return await stream(request, events(response(step, number, body["model"])), number)

        return await self.answer(request, as_messages(body), send)
