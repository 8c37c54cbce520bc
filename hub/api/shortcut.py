"""The short way to operations with a plain path: past aiohttp's router and middlewares, which cost a send a tenth.

Nothing else is different: errors are answered and headers set as on the usual way, which everything else takes.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from hub.api.answer import Answer
from hub.api.errors import answered, finish_headers


class Shortcut:
    """A server's handler: `handlers` by method and path, `otherwise` for whatever is not among them."""

    def __init__(
        self,
        handlers: Mapping[tuple[str, str], Handler],
        otherwise: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> None:
        self._handlers = handlers
        self._otherwise = otherwise

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        path = request.rel_url.raw_path
        handler = self._handlers.get((request.method, path))
        if handler is None or not isinstance(request, web.Request) or hdrs.EXPECT in request.headers:
            return await self._otherwise(request)
        response = await answered(request, handler, path)
        if not isinstance(response, Answer):
            await finish_headers(request, response)
        return response
